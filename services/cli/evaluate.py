"""``evaluate``: all questionnaires asked, measured, kept, and held against the gate."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from services.cli.altered import Altered
from services.cli.output import INTERRUPTED, Output, table
from services.cli.stopping import Stop, stoppable
from services.cli.workspace import open_workbench, say_note
from services.domain.measures import Figures, Interval, measures
from services.domain.methods import Mode, Nearest, Passages
from services.domain.runs import Outcome, Run
from services.domain.scripts import BrokenRecord
from services.domain.settings import MAX_TOP_K, Paths, Settings, read_settings
from services.errors import Cancelled, InvalidInput, StorageFailed, WorkspaceBusy
from services.gate import Gated
from services.workbench import Workbench

# What a trial is called by: not by the names of the settings, which stand beside it.
_CALLED: Mapping[str, Mapping[Any, str]] = {
    "mode": {Mode.DENSE: "By meaning", Mode.LEXICAL: "By words", Mode.HYBRID: "By meaning and words"},
    "passages": {
        Passages.BOTH: "Card and text",
        Passages.CARD: "Card only",
        Passages.BODY: "Text only",
        Passages.START: "Beginning only",
    },
    "nearest": {Nearest.BEST: "Nearest part", Nearest.MEAN: "Mean of all parts"},
}
_SHOWN = ("success@5", "recall@5", "reciprocal_rank", "nDCG@5", "nDCG@10")
_MOST_NAMED = 20


def run(args: argparse.Namespace, out: Output) -> int:
    """Evaluate; 1 where not everything could be asked or stored, or the gate was asked for and closes.

    2 where nothing could be asked, and nothing is kept; 130 where Ctrl-C kept some from being asked: what was asked is
    told and kept.
    """
    with stoppable(out.progress) as stop, open_workbench(args) as workbench:
        # Before any work: a run that is not there is no baseline, and a folder that is no workspace has no limits.
        if args.baseline:
            workbench.baseline(args.baseline)
        rule = read_settings(Paths(Path(args.gate_of))).gate if args.gate_of else None
        made = _made(workbench, args, stop)
        # Before anything is said of it: whatever fails then, nobody asks a thousand questions again.
        kept, file = _keep(workbench, made, out), _write(workbench, made, args.trec_run, out)
        told = _Told(
            made,
            workbench.gate(made, args.baseline, rule, report=out.progress),
            likely=workbench.unknown_judged(thorough=True),
            broken=workbench.unread,
            altered=Altered.of(workbench, made, args.baseline),
            kept=kept,
            file=file,
        )
        out.note(_unindexed(workbench, made))
        say_note(workbench, out)
        out.answer(told.as_json(), told.lines())
        if stop.wanted and not made.complete:
            out.note("Stopped. The figures are of what was asked until then.")
            return INTERRUPTED
        stored = (told.kept or not workbench.writable) and told.file == args.trec_run
        return _exit_code(told, gate=args.gate, stored=stored)


def _made(workbench: Workbench, args: argparse.Namespace, stop: Stop) -> Run:
    try:
        trial = _trial(args, workbench.settings)
        return workbench.try_out(stop.report, trial=trial, embedder=args.embedder, name=args.name)
    except Cancelled:
        # Nothing was asked yet: there is nothing to tell.
        raise KeyboardInterrupt from None


def _trial(args: argparse.Namespace, settings: Settings) -> Settings:
    if args.top_k > MAX_TOP_K:
        raise InvalidInput(f"--top-k {args.top_k:,} is more than is shown.", f"Give a number from 1 to {MAX_TOP_K}.")
    given = {
        "mode": Mode(args.mode) if args.mode else None,
        "passages": Passages(args.passages) if args.passages else None,
        "nearest": Nearest(args.nearest) if args.nearest else None,
    }
    chosen: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    name = " · ".join(_CALLED[key][value] for key, value in chosen.items()) or settings.method.name
    method = replace(settings.method, **chosen, name=name)
    return replace(settings, method=method, top_k=args.top_k or settings.top_k)


def _keep(workbench: Workbench, made: Run, out: Output) -> bool:
    if not made.any_asked:
        out.note(f"Not one questionnaire could be asked, so the run is not kept. {_cause(made)}")
        return False
    if not workbench.writable:
        out.note("The workspace is read-only: the run is not kept.")
        return False
    try:
        workbench.keep(made)
    except (WorkspaceBusy, StorageFailed) as error:
        out.note(f"{error} The run is not kept; its figures follow.")
        return False
    return True


def _cause(made: Run) -> str:
    """Why nothing was asked, if it is one and the same for all."""
    causes = {f"{a.cause} {a.next_step}".strip() for a in made.answers if a.outcome is Outcome.FAILED}
    return causes.pop() if len(causes) == 1 else "Why is told of each."


def _write(workbench: Workbench, made: Run, file: str, out: Output) -> str:
    """The file that the rankings were written to; empty where none was, or could be, or there are none."""
    try:
        if file and made.any_asked:
            workbench.write_trec_run(Path(file), made)
    except StorageFailed as error:
        out.note(f"{error} The rankings are not written; the figures follow.")
        return ""
    return file if made.any_asked else ""


def _unindexed(workbench: Workbench, made: Run) -> str:
    """What should be known of scripts that no vector finds, such as those that were written by hand."""
    stored = made.setup.method.stored and made.setup.embedder == workbench.settings.embedder.name
    count = len(workbench.report.left_out)
    if not count or not stored or made.setup.method.mode is Mode.LEXICAL:
        return ""
    named = "1 script has" if count == 1 else f"{count:,} scripts have"
    return f"{named} no vectors of this model and cannot be found. See: python -m services health"


@dataclass(frozen=True, eq=False)
class _Told:
    """A run and what is said of it."""

    made: Run
    gated: Gated
    # Against the baseline.
    altered: Altered
    # By questionnaire, the scripts that it names and that are gone, each with the likely new id.
    likely: Mapping[str, Mapping[str, str]]
    broken: Sequence[BrokenRecord]
    kept: bool
    # The TREC run file; empty where none is written.
    file: str

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/command-line.md``."""
        made = self.made
        return {
            "run": made.id,
            "kept": self.kept,
            "seconds": made.seconds,
            "embedder": made.setup.embedder,
            "model_digest": made.setup.model_digest,
            "method": made.setup.method.as_json(),
            "top_k": made.setup.top_k,
            "questionnaires": {outcome.value: count for outcome, count in made.outcomes.items()},
            "measures": _figures(made.figures.overall),
            "sections": {name: _figures(figures) for name, figures in made.figures.sections.items()},
            "coverage": {name: asdict(covered) for name, covered in made.figures.coverage.items()},
            "not_answered": [
                {"id": a.questionnaire, "outcome": a.outcome.value, "reason": a.cause, "next_step": a.next_step}
                for a in made.answers
                if a.outcome is not Outcome.ANSWERED
            ],
            "unknown": {q: {s: self._likely(q, s) for s in scripts} for q, scripts in made.unknown.items()},
            "without_scripts": list(made.without_scripts),
            "refused": dict(made.refused),
            "broken": [{"file": b.path, "reason": b.cause, "next_step": b.next_step} for b in self.broken],
            "trec_run": self.file,
            "altered": self.altered.as_json(),
            "gate": self.gated.as_json(),
        }

    def lines(self) -> Iterator[str]:
        """The same for people."""
        made = self.made
        ended = (f"{count:,} {_words(outcome)}" for outcome, count in made.outcomes.items() if count)
        yield f"Run {made.id}{'' if self.kept else ' (not kept)'}: {', '.join(ended)}."
        method = made.setup.method
        by = "" if method.mode is Mode.LEXICAL else f" with {made.setup.embedder}"
        yield f"{method.name}: mode {method.mode.value}{by}, {made.seconds:.1f} s."
        if self.file:
            yield f"Rankings written to {self.file}."
        yield from self._left_out()
        yield ""
        yield from _table(made.figures, made.setup.top_k)
        yield ""
        yield from self.altered.lines()
        yield from _verdict(self.gated)

    def _left_out(self) -> Iterator[str]:
        for section, why in self.made.refused.items():
            yield f"Not asked: {section}. {why}"
        for section in self.made.without_scripts:
            yield f"Nothing to be found: {section}, which counts 0 where something is judged there."
        for answer in self.made.answers:
            if answer.outcome in (Outcome.FAILED, Outcome.NOT_RUN):
                why = f"{answer.questionnaire}. {answer.cause} {answer.next_step}"
                yield f"{_words(answer.outcome).capitalize()}: {why}"
        for questionnaire, scripts in self.made.unknown.items():
            named = ", ".join(
                f"{s}{f' (now {new}?)' if (new := self._likely(questionnaire, s)) else ''}" for s in scripts
            )
            yield f"Not in the corpus, and named by {questionnaire}: {named}."
        for broken in self.broken:
            yield f"Not read: {broken.cause} {broken.next_step}"

    def _likely(self, questionnaire: str, script: str) -> str:
        return self.likely.get(questionnaire, {}).get(script, "")


def _exit_code(told: _Told, *, gate: bool, stored: bool) -> int:
    ended = told.made.outcomes
    if not told.made.any_asked:
        return 2
    partly = ended[Outcome.FAILED] or told.made.refused or not told.made.complete or told.broken or not stored
    return 1 if partly or (gate and not told.gated.passed) else 0


def _words(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


def _figures(figures: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: asdict(interval) for name, interval in figures.items()}


def _table(figures: Figures, top_k: int) -> Iterator[str]:
    if not any(interval.n for interval in figures.overall.values()):
        yield "Nothing is measured: no questionnaire that was answered names or was given a script that fits."
        return
    shown = [one.name for one in measures(top_k) if one.name in _SHOWN or one.name.endswith(f"@{top_k}")]
    columns = {"overall": figures.overall, **figures.sections}
    rows = [(name, *(_cell(by[name]) for by in columns.values())) for name in shown]
    counts = [f"{by[shown[0]].n:,}" for by in columns.values()]
    yield from table(("measure", *columns), [*rows, ("questionnaires", *counts)])
    share = figures.covered.share
    if share is not None:
        yield f"{share:.0%} of the scripts that are shown are judged; the others count as not fitting."


def _cell(interval: Interval) -> str:
    if interval.value is None:
        return "not measured"
    if interval.low is None or interval.high is None:
        return f"{interval.value:.3f}"
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _verdict(gated: Gated) -> Iterator[str]:
    if gated.passed:
        yield "Gate: passed."
        return
    yield f"Gate: closed. {' '.join(gated.reasons)}"
    for questionnaire in gated.failing[:_MOST_NAMED]:
        value = gated.figures[questionnaire]
        yield f"  {questionnaire}: {'no figure' if value is None else f'{value:.3f}'}"
    if len(gated.failing) > _MOST_NAMED:
        yield f"  and {len(gated.failing) - _MOST_NAMED:,} more; --json names them all"
