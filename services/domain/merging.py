"""Two edits of one text brought together: what only one of them changed is taken, the rest a person settles."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from services.domain.aligned import Block, aligned

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*|[^\w\s]|\s+")
_ENDS = tuple(".!?…\"'”\u2019)]")
# Words and what stands between them that are a fixed point of long texts: five words or so; where every sentence was
# changed, two.
_RUNS = (9, 3)

_Value = TypeVar("_Value")


class Whose(StrEnum):
    """Where a stretch of merged text is from."""

    SAME = "same"
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    # Both changed it, each in another way.
    CONFLICT = "conflict"


class Choice(StrEnum):
    """How a person settles a conflict."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True)
class Part:
    """A stretch of text as it was in the base, and as it is in either edit."""

    whose: Whose
    base: str
    mine: str
    theirs: str

    def text(self, choice: Choice = Choice.MINE) -> str:
        """What of it goes into the merged text; ``choice`` is for a conflict."""
        if self.whose is Whose.THEIRS or (self.whose is Whose.CONFLICT and choice is Choice.THEIRS):
            return self.theirs
        if self.whose is Whose.CONFLICT and choice is Choice.BOTH:
            return _joined(self.theirs, self.mine)
        return self.mine


@dataclass(frozen=True)
class Merge:
    """The parts in reading order: their ``base``, ``mine`` and ``theirs`` each give that text whole."""

    parts: tuple[Part, ...]

    @property
    def conflicts(self) -> tuple[Part, ...]:
        """What a person has to settle."""
        return tuple(part for part in self.parts if part.whose is Whose.CONFLICT)

    def count(self, whose: Whose) -> int:
        """Number of changes that are from there."""
        return sum(part.whose is whose for part in self.parts)

    def text(self, choices: Sequence[Choice] = ()) -> str:
        """The merged text; a conflict without a choice keeps mine."""
        left = iter(choices)
        return "".join(
            part.text(next(left, Choice.MINE)) if part.whose is Whose.CONFLICT else part.text() for part in self.parts
        )


@dataclass(frozen=True)
class _Change:
    """``units[start:end]`` of the base became ``new``. ``sentences`` are those that it touches, first and last."""

    start: int
    end: int
    new: str
    sentences: tuple[int, int]


@dataclass(frozen=True)
class _Text:
    """The base: its words and what stands between them, the sentence of each, and where each sentence begins."""

    units: list[str]
    sentences: list[int]
    starts: Mapping[int, int]

    @classmethod
    def of(cls, text: str) -> "_Text":
        """A text in parts."""
        units = _WORD.findall(text)
        sentences = _sentences(units)
        # The first place of each, because the last one wins.
        starts = {number: place for place, number in reversed(list(enumerate(sentences)))}
        return cls(units, sentences, starts)


def merge(base: str, mine: str, theirs: str) -> Merge:
    """Merge word by word, very long texts as ``aligned`` does.

    Two edits within one sentence are a conflict of that whole sentence, unless they agree. Changes of different
    sentences are taken from both, also where the two then say the same thing twice: a person looks at the result
    before it is saved.
    """
    if mine == theirs:
        return Merge(_short(Part(Whose.SAME if mine == base else Whose.BOTH, base, mine, theirs)))
    text = _Text.of(base)
    return Merge(tuple(_parts(text, _changes(text, mine), _changes(text, theirs))))


def merge_value(base: _Value, mine: _Value, theirs: _Value) -> tuple[_Value, bool]:
    """One detail merged, and whether both changed it, each in another way; then it is mine for the time being."""
    if mine in (base, theirs):
        return theirs, False
    return mine, theirs != base


def merge_labels(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    """Labels that either edit added, without those that either one took away: theirs first, then mine that are new."""
    gone = (set(base) - set(mine)) | (set(base) - set(theirs))
    kept = [label for label in (*theirs, *mine) if label not in gone]
    return tuple(dict.fromkeys(kept))


def merge_details(
    base: Mapping[str, object], mine: Mapping[str, object], theirs: Mapping[str, object]
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Every detail merged, and the names of those that both changed, each in another way."""
    merged: dict[str, object] = {}
    open_: list[str] = []
    for name, was in base.items():
        one, other = mine[name], theirs[name]
        if isinstance(was, tuple) and isinstance(one, tuple) and isinstance(other, tuple):
            merged[name] = merge_labels(was, one, other)
            continue
        merged[name], conflict = merge_value(was, one, other)
        if conflict:
            open_.append(name)
    return merged, tuple(open_)


def _changes(text: _Text, edited: str) -> list[_Change]:
    """What stands between the runs of words that both have."""
    new, found, reached, other = _WORD.findall(edited), list[_Change](), 0, 0
    for start, at, length in (*_alike(text.units, new), (len(text.units), len(new), 0)):
        if (reached, other) != (start, at):
            touched = (text.sentences[reached], text.sentences[max(reached, start - 1)])
            found.append(_Change(reached, start, "".join(new[other:at]), touched))
        reached, other = start + length, at + length
    return found


def _alike(units: list[str], new: list[str]) -> tuple[Block, ...]:
    for run in _RUNS:
        found = aligned(units, new, run=run)
        if found.whole:
            break
    return found.blocks


def _sentences(units: list[str]) -> list[int]:
    """The number of the sentence that each unit stands in, white space with the one before; one more at the end."""
    numbers, number = [], 0
    for place, unit in enumerate(units):
        numbers.append(number)
        ended = place > 0 and units[place - 1].endswith(_ENDS)
        if "\n" in unit or (unit.isspace() and ended):
            number += 1
    return [*numbers, number + (1 if units else 0)]


def _parts(text: _Text, mine: list[_Change], theirs: list[_Change]) -> Iterator[Part]:
    units, reached = text.units, 0
    for ours, others in _groups(mine, theirs):
        start, end = _span(text, ours, others)
        yield from _short(_same("".join(units[reached:start])))
        base = "".join(units[start:end])
        one, other = _edited(units, start, end, ours), _edited(units, start, end, others)
        yield from _short(Part(_whose(base, one, other), base, one, other))
        reached = end
    yield from _short(_same("".join(units[reached:])))


def _groups(mine: list[_Change], theirs: list[_Change]) -> Iterator[tuple[list[_Change], list[_Change]]]:
    """Changes of both edits that touch the same sentences, together; every other change alone."""
    group: tuple[list[_Change], list[_Change]] = ([], [])
    last = -1
    marked = sorted([(c, 0) for c in mine] + [(c, 1) for c in theirs], key=lambda m: (m[0].sentences, m[0].start))
    for change, side in marked:
        if change.sentences[0] > last and any(group):
            yield from _apart(group)
            group = ([], [])
        group[side].append(change)
        last = max(last, change.sentences[1])
    if any(group):
        yield from _apart(group)


def _apart(group: tuple[list[_Change], list[_Change]]) -> Iterator[tuple[list[_Change], list[_Change]]]:
    """Changes of one edit alone are no group: each stands for itself."""
    if all(group):
        yield group
        return
    yield from (([change], []) for change in group[0])
    yield from (([], [change]) for change in group[1])


def _span(text: _Text, mine: list[_Change], theirs: list[_Change]) -> tuple[int, int]:
    """Where a group begins and ends: at its change where there is one, around whole sentences where there are more."""
    changes = [*mine, *theirs]
    if len(changes) == 1:
        return changes[0].start, changes[0].end
    first, last = min(c.sentences[0] for c in changes), max(c.sentences[1] for c in changes)
    start = min(text.starts[first], *(c.start for c in changes))
    end = text.starts.get(last + 1, len(text.units))
    return start, max(end, *(c.end for c in changes))


def _edited(units: list[str], start: int, end: int, changes: list[_Change]) -> str:
    told, reached = [], start
    for change in sorted(changes, key=lambda c: c.start):
        told += ["".join(units[reached : change.start]), change.new]
        reached = change.end
    return "".join([*told, *units[reached:end]])


def _whose(base: str, mine: str, theirs: str) -> Whose:
    if mine == theirs:
        return Whose.SAME if mine == base else Whose.BOTH
    if mine == base:
        return Whose.THEIRS
    return Whose.MINE if theirs == base else Whose.CONFLICT


def _same(text: str) -> Part:
    return Part(Whose.SAME, text, text, text)


def _short(part: Part) -> tuple[Part, ...]:
    """The part, unless it is empty in all three texts."""
    return (part,) if part.base or part.mine or part.theirs else ()


def _joined(first: str, second: str) -> str:
    """Both, with white space between them."""
    apart = first[-1:].isspace() or second[:1].isspace() or not (first and second)
    return first + second if apart else f"{first} {second}"
