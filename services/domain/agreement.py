"""How far people who judged the same scripts agree.

Krippendorff's alpha for ordinal grades (Content Analysis: An Introduction to Its Methodology, 4th edition, 2019): 1
where all agree, 0 where they agree as much as chance would have it, below 0 where less. It leaves out what one person
alone has judged, and takes any number of people.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from services.domain.judgements import IMPORTED, Judgement
from services.domain.questionnaires import MAX_GRADE

_GRADES = range(MAX_GRADE + 1)


@dataclass(frozen=True)
class Unit:
    """A script for a questionnaire, as several people graded it."""

    questionnaire: str
    script: str
    # By judge.
    grades: Mapping[str, int]

    @property
    def spread(self) -> int:
        """From the lowest grade to the highest."""
        return max(self.grades.values()) - min(self.grades.values())


@dataclass(frozen=True)
class Pair:
    """Two judges. ``shared`` is what both have graded, ``equal`` how much of it the same."""

    judges: tuple[str, str]
    shared: int
    equal: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where they share nothing."""
        return self.equal / self.shared if self.shared else None


@dataclass(frozen=True)
class Agreement:
    """What several people have graded."""

    units: tuple[Unit, ...]
    # None where nothing is graded twice, or everything with the same grade: nothing then tells agreement from habit.
    alpha: float | None
    # Those who share something, most first.
    pairs: tuple[Pair, ...]

    @property
    def disagreements(self) -> Sequence[Unit]:
        """Those that are not of one grade, the widest apart first."""
        apart = (unit for unit in self.units if unit.spread)
        return sorted(apart, key=lambda unit: (-unit.spread, unit.questionnaire, unit.script))

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/measures.md``."""
        return {
            "alpha": self.alpha,
            "units": len(self.units),
            "pairs": [{"judges": list(p.judges), "shared": p.shared, "equal": p.equal} for p in self.pairs],
            "disagreements": [
                {"questionnaire": u.questionnaire, "script": u.script, "grades": dict(sorted(u.grades.items()))}
                for u in self.disagreements
            ],
        }


def agreement(judgements: Mapping[str, Iterable[Judgement]]) -> Agreement:
    """Over all scripts that two people or more have graded, by questionnaire; what came in a file is nobody's."""
    units = tuple(_units(judgements))
    return Agreement(units, _alpha(units), _pairs(units))


def _units(judgements: Mapping[str, Iterable[Judgement]]) -> Iterable[Unit]:
    for questionnaire, given in sorted(judgements.items()):
        by_script: dict[str, dict[str, int]] = {}
        for judgement in given:
            if judgement.judge != IMPORTED:
                by_script.setdefault(judgement.script, {})[judgement.judge] = judgement.grade
        yield from (Unit(questionnaire, s, grades) for s, grades in sorted(by_script.items()) if len(grades) > 1)


def _alpha(units: Sequence[Unit]) -> float | None:
    counts = [Counter(unit.grades.values()) for unit in units]
    if len(set().union(*counts)) < 2:  # noqa: PLR2004  grades of two kinds at least
        return None
    # Most that look at judgements have one judge, and need none of it.
    import krippendorff  # noqa: PLC0415

    table = [[count[grade] for grade in _GRADES] for count in counts]
    found = krippendorff.alpha(value_counts=table, value_domain=list(_GRADES), level_of_measurement="ordinal")
    return float(found)


def _pairs(units: Sequence[Unit]) -> tuple[Pair, ...]:
    shared: Counter[tuple[str, str]] = Counter()
    equal: Counter[tuple[str, str]] = Counter()
    for unit in units:
        for one, other in combinations(sorted(unit.grades), 2):
            shared[one, other] += 1
            equal[one, other] += unit.grades[one] == unit.grades[other]
    pairs = (Pair(judges, count, equal[judges]) for judges, count in shared.items())
    return tuple(sorted(pairs, key=lambda pair: (-pair.shared, pair.judges)))
