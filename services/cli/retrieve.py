"""``retrieve``: the nearest scripts of each section."""

import argparse
from collections.abc import Iterator

from services.cli.output import Output, shorten, table
from services.cli.parser import UsageError
from services.cli.workspace import open_workbench, say_note
from services.domain.methods import Mode
from services.domain.questionnaires import Questionnaire, make_questionnaire
from services.domain.results import Ranking, Retrieval
from services.domain.scripts import Script, Status
from services.domain.separation import Separation
from services.domain.words import MODES, state, verdict
from services.errors import NotFound
from services.retrieve import Options
from services.workbench import Workbench

_ANSWERS = ("focus_area", "challenge_context", "desired_feeling")
_WIDTH = 60
# Words that no script has, named.
_MOST_UNKNOWN = 6


def run(args: argparse.Namespace, out: Output) -> int:
    """Ask; 1 where some section was refused, 2 where all were."""
    with open_workbench(args) as workbench:
        retrieval = workbench.retrieve(_questionnaire(args, workbench), _options(args, workbench), args.embedder)
        say_note(workbench, out)
    if any(r.answered and r.random for r in retrieval.sections.values()):
        out.note("The model that asks did not make some of these vectors: distances marked so mean nothing.")
    out.answer(retrieval.as_json(), _lines(retrieval))
    if retrieval.refused:
        return 2
    return 0 if all(ranking.answered for ranking in retrieval.sections.values()) else 1


def _questionnaire(args: argparse.Namespace, workbench: Workbench) -> Questionnaire:
    answers = {name: getattr(args, name) for name in _ANSWERS}
    ways = [bool(args.questionnaire), bool(args.query), any(answers.values())]
    if sum(ways) > 1:
        raise UsageError(
            "A stored questionnaire, a raw query and answers exclude each other.",
            "Give --questionnaire, or --query, or the answers.",
            "",
        )
    if not args.questionnaire:
        return make_questionnaire(**answers, query=args.query)
    known = workbench.all_questionnaires
    if args.questionnaire not in known:
        some = ", ".join(sorted(known)[:5])
        raise NotFound(
            f"There is no questionnaire '{args.questionnaire[:80]}'.",
            f"Some that there are: {some}." if some else "The workspace has none yet; import or save one.",
        )
    return known[args.questionnaire]


def _options(args: argparse.Namespace, workbench: Workbench) -> Options:
    return Options(
        top_k=args.top_k or workbench.settings.top_k,
        sections=tuple(dict.fromkeys(args.section)),
        statuses=tuple(Status(status) for status in args.filter_status) or (Status.APPROVED,),
        focus_areas=tuple(area.strip().lower() for area in args.filter_focus),
        allow_mismatch=args.allow_mismatch,
        mode=Mode(args.mode) if args.mode else None,
    )


def _lines(retrieval: Retrieval) -> Iterator[str]:
    yield f"Asked: {shorten(retrieval.query, 100)}"
    yield f"With:  {retrieval.embedder} ({retrieval.stamp.model_digest[:12]}), {_how(retrieval.method.mode)}"
    for ranking in retrieval.sections.values():
        yield ""
        yield f"{ranking.section}  {state(ranking.state)}  {_scored(ranking)}"
        if ranking.scored and retrieval.method.mode is Mode.DENSE:
            yield f"  {_separation(ranking.separation)}"
        yield from (f"  {line}" for line in _section(ranking, retrieval.method.mode))
    if retrieval.unknown_expected:
        yield ""
        yield f"Expected, and not in the corpus: {', '.join(retrieval.unknown_expected[:10])}"


def _scored(ranking: Ranking) -> str:
    """How many were ranked; of how many, where not all were."""
    found, asked = len(ranking.scored), ranking.candidates
    return f"{found:,} of {asked:,} scored" if found < asked else f"{found:,} scored"


def _how(mode: Mode) -> str:
    return f"{MODES[mode]} ({mode.value})"


def _separation(found: Separation) -> str:
    if found.value is None or found.margin is None:
        return verdict(found)
    return f"{verdict(found)}  (nearness {found.value:.1f}, margin {found.margin:.1f} above an unrelated question)"


def _title(script: Script) -> str:
    """The title, marked where the script is not approved."""
    mark = "" if script.status is Status.APPROVED else f" [{script.status.value}]"
    return shorten(script.title, _WIDTH) + mark


def _section(ranking: Ranking, mode: Mode) -> Iterator[str]:
    if not ranking.answered:
        yield f"{ranking.refusal} {ranking.next_step}"
        return
    if ranking.without_distances:
        yield f"Found by words, without distances. {ranking.without_distances}"
    if not ranking.hits:
        yield "No script can be retrieved here." if mode is not Mode.LEXICAL else "No script shares a word with it."
        yield from _unknown(ranking)
    else:
        yield from _hits(ranking, mode)
    if ranking.left_out:
        yield f"{ranking.left_out:,} more of this section are not in the index; `health` names them."
    if ranking.expected:
        yield "expected"
        yield from table(
            ("rank", "distance", "grade", "id"),
            [
                (
                    e.reason if e.rank is None else str(e.rank),
                    _far(e.distance),
                    str(e.grade),
                    e.script,
                )
                for e in ranking.expected
            ],
            right=(0, 1, 2),
        )


def _unknown(ranking: Ranking) -> Iterator[str]:
    """The words that no script has, with what may have been meant."""
    for found in ranking.unknown[:_MOST_UNKNOWN]:
        yield f"No script has '{found.word}'." + (f" Did you mean '{found.meant}'?" if found.meant else "")
    if len(ranking.unknown) > _MOST_UNKNOWN:
        yield f"Nor {len(ranking.unknown) - _MOST_UNKNOWN} more of its words."


def _hits(ranking: Ranking, mode: Mode) -> Iterator[str]:
    """The hits; where words count, with those that they share with the question, and the ranks that were merged."""
    rows = [(str(h.rank), _far(h.distance), h.script.id, _title(h.script)) for h in ranking.hits]
    if mode is Mode.DENSE:
        yield from table(("rank", "distance", "id", "title"), rows, right=(0, 1))
        return
    shared = [shorten(", ".join(h.words), _WIDTH) for h in ranking.hits]
    named = [(*row, words) for row, words in zip(rows, shared, strict=True)]
    if mode is Mode.LEXICAL:
        yield from table(("rank", "distance", "id", "title", "words in common"), named, right=(0, 1))
        return
    merged = [
        (r[0], _place(h.meaning_rank), _place(h.words_rank), *r[1:]) for r, h in zip(named, ranking.hits, strict=True)
    ]
    heads = ("rank", "by meaning", "by words", "distance", "id", "title", "words in common")
    yield from table(heads, merged, right=(0, 1, 2, 3))


def _place(rank: int | None) -> str:
    return "-" if rank is None else str(rank)


def _far(distance: float | None) -> str:
    return "-" if distance is None else f"{distance:.3f}"
