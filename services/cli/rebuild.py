"""``rebuild``: a new index from the records, or from another model."""

import argparse

from services.cli.output import Output
from services.cli.parser import UsageError
from services.cli.workspace import open_workbench, say_note
from services.domain.model_change import Cost
from services.domain.words import count, duration, model
from services.workbench import Workbench


def run(args: argparse.Namespace, out: Output) -> int:
    """Rebuild; 1 where scripts had to be left out."""
    _check(args)
    with open_workbench(args) as workbench:
        if args.dry_run:
            return _tell_cost(args, workbench, out)
        if args.back:
            built = workbench.go_back(out.progress)
        else:
            built = workbench.rebuild(args.embedder, out.progress, everything=args.all)
        say_note(workbench, out)
    size = f"{count(built.records, 'script')} as {count(built.passages, 'passage')} in {built.seconds:.1f} s"
    lines = [f"{size}; {count(built.embedded, 'passage')} embedded anew."]
    lines += [f"  {script} was left out. {reason}" for script, reason in built.left_out.items()]
    out.answer(built.as_json(), lines)
    return 1 if built.left_out else 0


def _check(args: argparse.Namespace) -> None:
    usage = "usage: python -m services rebuild [--embedder NAME [--all] [--dry-run] | --back [--dry-run]]\n"
    if args.back and (args.embedder or args.all):
        raise UsageError("--back names its model itself.", "Leave out --embedder and --all.", usage)
    if (args.all or args.dry_run) and not (args.embedder or args.back):
        raise UsageError("--all and --dry-run need a model.", "Name it with --embedder.", usage)


def _tell_cost(args: argparse.Namespace, workbench: Workbench, out: Output) -> int:
    models = workbench.models
    back, everything = args.back, args.all
    target = models.before() if back else models.named(args.embedder)
    cost = models.cost_of_going_back() if back else models.cost(target, everything=everything)
    out.answer(cost.as_json(), cost_lines(cost, model(models.identity(target))))
    return 0


def cost_lines(cost: Cost, name: str) -> list[str]:
    """What a change to the model of this name would take, for people."""
    where = "on this machine" if cost.local else "sent to a server"
    size = f"{count(cost.scripts, 'script')} as {count(cost.passages, 'passage')}, {count(cost.tokens, 'token')}"
    lines = [
        f"{name}, {cost.stamp.dimensions:,} dimensions, {where}.",
        f"{size}; {count(cost.cached, 'passage')} embedded before.",
        f"To embed: {count(cost.to_embed, 'passage')}, {count(cost.tokens_to_embed, 'token')}.",
    ]
    if not cost.local:
        price = "not known" if cost.dollars is None else f"at most ${cost.dollars:.4f}, by the prices of {cost.priced}"
        lines.append(f"{count(cost.requests, 'request')}. Price: {price}.")
    return [
        *lines,
        f"Time: {duration(cost.seconds) if cost.seconds is not None else 'not known'}. Nothing was changed.",
    ]
