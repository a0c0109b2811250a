"""``retrieve``: the nearest scripts of each section."""

import argparse
from collections.abc import Iterator, Mapping, Sequence

from services.cli.output import Output, shorten, table
from services.cli.parser import UsageError
from services.cli.workspace import open_workbench, say_note
from services.domain.methods import Method, Mode
from services.domain.questionnaires import Questionnaire, make_questionnaire
from services.domain.results import Ranking, Retrieval
from services.domain.scripts import Script, Status
from services.domain.separation import Separation
from services.domain.words import MODES, state, verdict
from services.errors import NotFound
from services.ranking import by_distance
from services.retrieve import Options
from services.workbench import Workbench

_ANSWERS = ("focus_area", "challenge_context", "desired_feeling")
_WIDTH = 60
# Words that no script has, named.
_MOST_UNKNOWN = 6
_NUMBERS = {"rank", "by meaning", "by words", "distance", "score", "grade"}
_MADE_OF = {Mode.DENSE: ("by meaning",), Mode.LEXICAL: ("by words",), Mode.HYBRID: ("by meaning", "by words")}
# Reciprocal ranks that are added differ late.
_DECIMALS = {Mode.DENSE: 3, Mode.LEXICAL: 3, Mode.HYBRID: 5}


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
    yield f"With:  {retrieval.embedder} ({retrieval.stamp.model_digest[:12]}), {_how(retrieval)}"
    for ranking in retrieval.sections.values():
        yield ""
        yield f"{ranking.section}  {state(ranking.state)}  {_scored(ranking)}"
        if ranking.scored and by_distance(retrieval.method):
            yield f"  {_separation(ranking.separation)}"
        yield from (f"  {line}" for line in _section(ranking, ranking.followed(retrieval.method)))
    if retrieval.unknown_expected:
        yield ""
        yield f"Expected, and not in the corpus: {', '.join(retrieval.unknown_expected[:10])}"


def _scored(ranking: Ranking) -> str:
    """How many were ranked; of how many, where not all were."""
    found, asked = len(ranking.scored), ranking.candidates
    return f"{found:,} of {asked:,} scored" if found < asked else f"{found:,} scored"


def _how(retrieval: Retrieval) -> str:
    mode, varied = retrieval.method.mode, any(ranking.varied for ranking in retrieval.sections.values())
    return f"{MODES[mode]} ({mode.value}){', varied' if varied else ''}"


def _separation(found: Separation) -> str:
    if found.value is None or found.margin is None:
        return verdict(found)
    return f"{verdict(found)}  (nearness {found.value:.1f}, margin {found.margin:.1f} above an unrelated question)"


def _title(script: Script) -> str:
    """The title, marked where the script is not approved."""
    mark = "" if script.status is Status.APPROVED else f" [{script.status.value}]"
    return shorten(script.title, _WIDTH) + mark


def _section(ranking: Ranking, method: Method) -> Iterator[str]:
    if not ranking.answered:
        yield f"{ranking.refusal} {ranking.next_step}"
        return
    if ranking.without_distances:
        yield f"Found by words, without distances. {ranking.without_distances}"
    if not ranking.hits:
        yield (
            "No script can be retrieved here."
            if method.mode is not Mode.LEXICAL
            else "No script shares a word with it."
        )
        yield from _unknown(ranking)
    else:
        yield from _hits(ranking, method)
    if ranking.left_out:
        yield f"{ranking.left_out:,} more of this section are not in the index; `health` names them."
    if ranking.expected:
        yield "expected"
        yield from _expected(ranking, measured=by_distance(method))


def _expected(ranking: Ranking, *, measured: bool) -> list[str]:
    """Where the expected scripts came; how far away they are only where that ranked them."""
    columns = {
        "rank": [e.reason if e.rank is None else str(e.rank) for e in ranking.expected],
        "distance": [_number(e.distance) for e in ranking.expected],
        "grade": [str(e.grade) for e in ranking.expected],
        "id": [e.script for e in ranking.expected],
    }
    return _table(columns, ("rank", *(["distance"] if measured else []), "grade", "id"))


def _unknown(ranking: Ranking) -> Iterator[str]:
    """The words that no script has, with what may have been meant."""
    for found in ranking.unknown[:_MOST_UNKNOWN]:
        yield f"No script has '{found.word}'." + (f" Did you mean '{found.meant}'?" if found.meant else "")
    if len(ranking.unknown) > _MOST_UNKNOWN:
        yield f"Nor {len(ranking.unknown) - _MOST_UNKNOWN} more of its words."


def _hits(ranking: Ranking, method: Method) -> list[str]:
    """The hits with what ranked them."""
    hits = ranking.hits
    columns = {
        "rank": [str(h.rank) for h in hits],
        "by meaning": [_place(h.meaning_rank) for h in hits],
        "by words": [_place(h.words_rank) for h in hits],
        "distance": [_number(h.distance) for h in hits],
        "score": [_number(h.score, _DECIMALS[method.mode]) for h in hits],
        "id": [h.script.id for h in hits],
        "title": [_title(h.script) for h in hits],
        "words in common": [shorten(", ".join(h.words), _WIDTH) for h in hits],
    }
    return _table(columns, _heads(method))


def _heads(method: Method) -> Sequence[str]:
    """The distance where it ranked; else the score, the ranks that it was made of, and the words where they count."""
    if by_distance(method):
        return ("rank", "distance", "id", "title")
    made_of = _MADE_OF[method.mode] if method.mode is Mode.HYBRID or method.variety else ()
    return ("rank", *made_of, "score", "id", "title", *(() if method.mode is Mode.DENSE else ("words in common",)))


def _table(columns: Mapping[str, Sequence[str]], heads: Sequence[str]) -> list[str]:
    """These columns as a table; numbers stand to the right."""
    rows = zip(*(columns[head] for head in heads), strict=True)
    return table(heads, rows, right=[place for place, head in enumerate(heads) if head in _NUMBERS])


def _place(rank: int | None) -> str:
    return "-" if rank is None else str(rank)


def _number(value: float | None, decimals: int = 3) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"
