"""What people say of a script as an answer to a questionnaire, and the grade that follows from what several say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median_low

from services.domain.questionnaires import MAX_GRADE, Questionnaire
from services.errors import InvalidInput
from services.ground import text

MAX_NOTE = 2_000
# The judge of judgements that came in a file of the field. Nobody here: whoever judges outranks it.
IMPORTED = "qrels"
# What a grade says, from 0 on.
GRADES = ("Does not fit", "Would do", "Fits well", "Just right")


@dataclass(frozen=True)
class Judgement:
    """One person's grade, from 0 (does not fit) to 3 (just right), of one script for one questionnaire."""

    script: str
    judge: str
    grade: int
    note: str = ""
    # When, as ``services.ground.clock.now`` writes it; empty where nobody knows.
    time: str = ""


def make_judgement(*, script: str, judge: str, grade: int, note: str = "", time: str = "") -> Judgement:
    """What a person says, normalised and checked.

    Raises:
        InvalidInput: no script's id, nobody who judges, a name that is reserved, a grade outside 0 to 3, an endless
            note.
    """
    if text.one_line(judge) == IMPORTED:
        raise InvalidInput(
            f"'{IMPORTED}' is the name that judgements from imported files have.", "Sign with another name."
        )
    return checked(script=script, judge=judge, grade=grade, note=note, time=time)


def checked(*, script: str, judge: str, grade: int, note: str = "", time: str = "") -> Judgement:
    """One of a person or of a file of the field. Raises as ``make_judgement``, but for the reserved name."""
    judge, note = text.one_line(judge), note.strip()
    if not text.is_slug(script):
        raise InvalidInput(f"'{script[:80]}' is no script's id.", "Name the script by its id.")
    if not judge:
        raise InvalidInput("Nobody is named as the judge.", "Sign with a name first.")
    if not isinstance(grade, int) or isinstance(grade, bool) or not 0 <= grade <= MAX_GRADE:
        raise InvalidInput(f"'{script}' has the grade {grade}.", f"Grades go from 0 to {MAX_GRADE}.")
    if len(note) > MAX_NOTE:
        raise InvalidInput(f"The note on '{script}' is too long.", f"Keep it under {MAX_NOTE:,} characters.")
    return Judgement(script, judge, grade, note, time)


def grades(questionnaire: Questionnaire, judgements: Iterable[Judgement]) -> Mapping[str, int]:
    """The grade of each judged script, 0 to 3, by id.

    People outrank what came in a file, and both what the questionnaire expects; of several people the median counts,
    of the two in the middle the lower one.
    """
    by_script: dict[str, list[int]] = {}
    brought = {}
    for judgement in judgements:
        if judgement.judge == IMPORTED:
            brought[judgement.script] = judgement.grade
        else:
            by_script.setdefault(judgement.script, []).append(judgement.grade)
    expected = {e.script: e.grade for e in questionnaire.expected}
    return {**expected, **brought, **{script: median_low(given) for script, given in by_script.items()}}
