"""Files of the Text REtrieval Conference: judgements (qrels, four columns) and runs (six columns).

https://trec.nist.gov/data/qrels_eng/ and https://github.com/usnistgov/trec_eval. Line by line: a file may be of any
length. That no document stands twice under a topic is for whoever holds the lines to see.
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
# Four or six words: a longer line is none.
_LONGEST = 64 * 1024
# The tools of the field compare scores as numbers of 32 bits, which end at 3.4e38.
_MAX_SCORE = 1e38


def read_qrels(path: Path, source: str) -> Iterator[JudgedLine | Rejected]:
    """The judgements of a file, and the lines that are none.

    A negative grade, as TREC gives to spam, is 0.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it cannot be read, or has no line.
    """
    wrong = 0
    for number, cells in _rows(path, source):
        named = f"{source} line {number}"
        try:
            yield _judged(cells, named)
        except InvalidInput as error:
            wrong += 1
            if wrong <= _MAX_NAMED:
                yield refused(named, error)
    if wrong > _MAX_NAMED:
        more = f"{wrong - _MAX_NAMED:,} further lines are no judgements either. Check that it is a file of judgements."
        yield Rejected(source, more)


def _judged(cells: list[bytes], named: str) -> JudgedLine:
    topic, _, document, given = _cells(cells, _QRELS, named)
    return JudgedLine(named, topic, document, _grade(given, named))


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
    """The lines that are not blank, by their columns; none of one that is too long."""
    if not path.is_file():
        raise NotFound(f"{source} is no file.", "Check the spelling, and the folder that you are in.")
    empty = True
    for number, line in lines(path, source, max_bytes=None, cut_at=_LONGEST):
        cells = line.removeprefix(_BOM).split() if len(line) <= _LONGEST else []
        if cells or len(line) > _LONGEST:
            empty = False
            yield number, cells
    if empty:
        raise InvalidInput(f"{source} is empty.", "Check that it is the right file.")


def _cells(cells: list[bytes], columns: tuple[str, ...], named: str) -> list[str]:
    if not cells:
        told = f"{named} is longer than {_LONGEST:,} bytes."
        raise InvalidInput(told, f"Check that it is the right file. A line is: {' '.join(columns)}")
    if len(cells) != len(columns):
        raise InvalidInput(
            f"{named} has {len(cells)} column{'s' if len(cells) > 1 else ''} and not {len(columns)}.",
            f"Write: {' '.join(columns)}",
        )
    try:
        return [one_line(cell.decode()) for cell in cells]
    except UnicodeDecodeError:
        raise InvalidInput(f"{named} is no UTF-8 text.", "Save the file as UTF-8.") from None
