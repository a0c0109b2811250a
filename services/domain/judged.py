"""What is judged, held against the scripts that there are; and which script an id meant that there is no more."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process

from services.domain.judgements import Judgement, grades
from services.domain.questionnaires import Questionnaire
from services.domain.runs import Grades
from services.domain.scripts import Record, Script
from services.ground import text

# Of 100. One letter in ten may be another: `getting-to-perth` and `geting-to-perth` are 97 alike.
_ALIKE = 88
# More ids than this are no slips of the hand but of another corpus: no nearest one is looked for.
_MOST_NEAREST = 200
_DIGITS = frozenset("0123456789")


def by_section(
    questionnaires: Mapping[str, Questionnaire],
    judgements: Mapping[str, Sequence[Judgement]],
    records: Mapping[str, Record],
) -> Grades:
    """The grades by questionnaire, the section that the script is in, and script. Scripts that are gone are left out.

    A questionnaire without any is not there.
    """
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name, questionnaire in questionnaires.items():
        for script, grade in grades(questionnaire, judgements.get(name, ())).items():
            if script in records:
                section = records[script].script.section
                found.setdefault(name, {}).setdefault(section, {})[script] = grade
    return found


def unknown(
    questionnaires: Mapping[str, Questionnaire],
    judgements: Mapping[str, Sequence[Judgement]],
    records: Mapping[str, Record],
) -> Mapping[str, tuple[str, ...]]:
    """By questionnaire, the scripts that it expects or that somebody judged for it, and that there are no more."""
    found = {}
    for name, questionnaire in questionnaires.items():
        gone = tuple(s for s in grades(questionnaire, judgements.get(name, ())) if s not in records)
        if gone:
            found[name] = gone
    return found


def likely(
    missing: Iterable[str], records: Mapping[str, Record], former: Mapping[str, Script] | None = None
) -> Mapping[str, str]:
    """By each missing id, the script that it most likely means by now; empty where none comes near.

    ``former`` is what some of them held once. The first of these that fits one script and no other decides: the id that
    a script has at its source; the same text as it held; its title; an id that differs in a letter or so, and in no
    number.
    """
    wanted = list(dict.fromkeys(missing))
    if not wanted:
        return {}
    once, scripts = former or {}, [record.script for record in records.values()]
    by_source = _unique((key, s.id) for s in scripts if s.source_id for key in {s.source_id, _slug(s.source_id)})
    by_text = _unique((s.text, s.id) for s in scripts) if once else {}
    by_title = _unique((key, s.id) for s in scripts for key in {_title(s.title), _slug(s.title)})
    found = {}
    for script in wanted:
        held = once.get(script)
        candidates = [by_source.get(script, "")]
        if held is not None:
            candidates += [
                by_source.get(held.source_id, ""),
                by_text.get(held.text, ""),
                by_title.get(_title(held.title), ""),
            ]
        candidates.append(by_title.get(script, ""))
        found[script] = next(filter(None, candidates), "")
    return {**found, **_nearest([script for script in wanted if not found[script]], records)}


def _nearest(missing: Sequence[str], ids: Collection[str]) -> dict[str, str]:
    known = list(ids)
    return {script: _near(script, known) for script in missing} if len(missing) <= _MOST_NEAREST else {}


def _near(script: str, ids: Sequence[str]) -> str:
    """The one id that is nearest; two that are as near are none."""
    number = _number(script)
    near = [
        (score, other)
        for other, score, _ in process.extract(script, ids, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=10)
        if _number(other) == number
    ]
    best = [other for score, other in near if score == near[0][0]]
    return best[0] if len(best) == 1 else ""


def _number(script: str) -> str:
    """`session-1` and `session-2` are nearly the same text, and two scripts."""
    return "".join(letter for letter in script if letter in _DIGITS)


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Scripts by what only one of them has; empty for what several have."""
    found: dict[str, str] = {}
    for key, script in pairs:
        if key:
            found[key] = script if found.get(key, script) == script else ""
    return found


def _title(title: str) -> str:
    return text.one_line(title).casefold()


def _slug(title: str) -> str:
    return text.slug(title, otherwise="")
