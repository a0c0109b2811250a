"""Files of the Text REtrieval Conference: judgements (qrels, four columns) and runs (six columns).

https://trec.nist.gov/data/qrels_eng/ and https://github.com/usnistgov/trec_eval. As there, a document that is judged
twice under one topic is refused.
"""

from collections.abc import Iterator
from pathlib import Path

from services.domain.drafts import refused
from services.domain.questionnaires import MAX_GRADE
from services.domain.reports import Rejected
from services.domain.trec import JudgedLine, RankedLine
from services.errors import InvalidInput, NotFound
from services.ground.text import one_line
from services.readers.decoding import lines

_QRELS = ("topic", "0", "document", "grade")
_RUN = ("topic", "Q0", "document", "rank", "score", "tag")
# Lines that are named one by one: a file of another kind has nothing but wrong ones.
_MAX_NAMED = 20
_BOM = b"\xef\xbb\xbf"
_SHOWN = 40
# The tools of the field compare scores as numbers of 32 bits, which end at 3.4e38.
_MAX_SCORE = 1e38


def read_qrels(path: Path, source: str) -> Iterator[JudgedLine | Rejected]:
    """The judgements of a file, and the lines that are none.

    A negative grade, as TREC gives to spam, is 0.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it cannot be read, or has no line.
    """
    seen: dict[tuple[str, str], int] = {}
    wrong = 0
    for number, cells in _rows(path, source):
        named = f"{source} line {number}"
        try:
            yield _judged(cells, named, number, seen)
        except InvalidInput as error:
            wrong += 1
            if wrong <= _MAX_NAMED:
                yield refused(named, error)
    if wrong > _MAX_NAMED:
        more = f"{wrong - _MAX_NAMED:,} further lines are no judgements either. Check that it is a file of judgements."
        yield Rejected(source, more)


def _judged(cells: list[bytes], named: str, number: int, seen: dict[tuple[str, str], int]) -> JudgedLine:
    topic, _, document, given = _cells(cells, _QRELS, named)
    grade = _grade(given, named)
    _once(seen, topic, document, number, named)
    return JudgedLine(named, topic, document, grade)


def _grade(given: str, named: str) -> int:
    try:
        number = float(_plain(given))
        grade = int(number)
    except (ValueError, OverflowError):
        grade, number = 0, 0.5
    if grade != number:
        raise InvalidInput(f"{named}: '{given[:_SHOWN]}' is no grade.", "Write a whole number.")
    if grade > MAX_GRADE:
        raise InvalidInput(
            f"{named} has the grade {grade}.",
            f"Grades go from 0 to {MAX_GRADE}: bring the whole file onto that scale and import it again.",
        )
    return max(grade, 0)


def read_run(path: Path, source: str) -> Iterator[RankedLine]:
    """The lines of a run, one at a time. One wrong line refuses it: a gap gives figures that only look right.

    That no document stands twice under a topic is for whoever holds the lines to see.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it cannot be read, has no line, or has one that is none of a run.
    """
    for number, cells in _rows(path, source):
        named = f"{source} line {number}"
        topic, _, document, _, score, tag = _cells(cells, _RUN, named)
        yield RankedLine(named, topic, document, _score(score, named), tag)


def _score(given: str, named: str) -> float:
    try:
        score = float(_plain(given))
    except ValueError:
        raise InvalidInput(f"{named}: '{given[:_SHOWN]}' is no score.", "Write a number.") from None
    # NaN is below nothing.
    if not abs(score) <= _MAX_SCORE:
        raise InvalidInput(f"{named}: the score '{given[:_SHOWN]}' cannot be ordered.", "Write a number below 1e38.")
    return score


def _plain(given: str) -> str:
    """The cell, if no language but this one could read another number from it."""
    if "_" in given or not given.isascii():
        raise ValueError
    return given


def _rows(path: Path, source: str) -> Iterator[tuple[int, list[bytes]]]:
    if not path.is_file():
        raise NotFound(f"{source} is no file.", "Check the spelling, and the folder that you are in.")
    empty = True
    for number, line in lines(path, source, max_bytes=None):
        cells = line.removeprefix(_BOM).split()
        if cells:
            empty = False
            yield number, cells
    if empty:
        raise InvalidInput(f"{source} is empty.", "Check that it is the right file.")


def _cells(cells: list[bytes], columns: tuple[str, ...], named: str) -> list[str]:
    if len(cells) != len(columns):
        raise InvalidInput(
            f"{named} has {len(cells)} column{'s' if len(cells) > 1 else ''} and not {len(columns)}.",
            f"Write: {' '.join(columns)}",
        )
    try:
        return [one_line(cell.decode()) for cell in cells]
    except UnicodeDecodeError:
        raise InvalidInput(f"{named} is no UTF-8 text.", "Save the file as UTF-8.") from None


def _once(seen: dict[tuple[str, str], int], topic: str, document: str, number: int, named: str) -> None:
    first = seen.setdefault((topic, document), number)
    if first != number:
        shown = f"'{document[:_SHOWN]}' under '{topic[:_SHOWN]}'"
        raise InvalidInput(f"{named} names {shown} a second time, after line {first}.", "Keep one of the two.")
