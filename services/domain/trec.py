"""A line of a file of the Text REtrieval Conference: a judgement, or a place in somebody's ranking."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JudgedLine:
    """A line of judgements (qrels). ``source`` is the file and the line, as messages call it; the grade is 0 to 3."""

    source: str
    topic: str
    document: str
    grade: int


@dataclass(frozen=True)
class RankedLine:
    """A line of a run. Its column of ranks is not read: the scores order, as in every tool of the field."""

    source: str
    topic: str
    document: str
    score: float
    tag: str
