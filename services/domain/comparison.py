"""Two runs side by side: what became better or worse, by how much, and whether there is enough to tell."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.domain.distinctions import Distinction
from services.domain.measures import Figures, Interval
from services.domain.statistics import LEVEL


@dataclass(frozen=True)
class Change:
    """One measure of one questionnaire in both runs. ``section`` is empty where it is the mean over its sections."""

    questionnaire: str
    section: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        """Above 0 where it became better; 0 where the two differ by no more than the rounding of sums."""
        return rounded(self.after - self.before)


@dataclass(frozen=True)
class Shift:
    """What became of the ranking of one section for one questionnaire; judged or not."""

    questionnaire: str
    section: str
    # Among the first scripts shown: best first, as they stand in the run that has them.
    entered: tuple[str, ...]
    left: tuple[str, ...]
    # Rank-biased overlap of both rankings, from 0 to 1.
    overlap: float


@dataclass(frozen=True)
class Test:
    """One measure over all questionnaires that both runs have it for."""

    measure: str
    before: Interval
    after: Interval
    # Of the mean difference.
    difference: Interval
    # Of a paired randomisation test; corrected by Holm for there being ``corrected_for`` measures.
    p: float
    corrected_p: float
    corrected_for: int
    improved: int
    worsened: int
    unchanged: int
    # What p, and p corrected, can fall to at best with so many that changed.
    least_p: float
    least_corrected_p: float

    # Nothing that pytest should collect.
    __test__ = False

    @property
    def changed(self) -> int:
        """How many questionnaires became better or worse."""
        return self.improved + self.worsened

    @property
    def too_few(self) -> bool:
        """Whether so few changed that no difference, however large, could be told from chance."""
        return self.least_corrected_p > LEVEL

    @property
    def significant(self) -> bool:
        """Whether chance alone would seldom bring such a difference, corrected for the number of measures."""
        return self.corrected_p <= LEVEL

    @property
    def says(self) -> str:
        """What can be told from it, in a sentence or two."""
        if not self.difference.n:
            return "No questionnaire is measured in both runs, so there is nothing to compare."
        if not self.changed:
            return f"None of {_count(self.difference.n)} changed."
        if self.too_few:
            return self._why_too_few()
        way = "better" if (self.difference.value or 0.0) > 0 else "worse"
        if self.significant:
            return f"It became {way}, and by more than chance would explain (corrected p = {_p(self.corrected_p)})."
        return f"Chance could explain the difference (corrected p = {_p(self.corrected_p)})."

    def _why_too_few(self) -> str:
        few = f"Too few to tell: {self.changed} of {_count(self.difference.n)} changed"
        if self.least_p > LEVEL:
            return f"{few}, and even if all had changed the same way, p could not fall below {_p(self.least_p)}."
        return (
            f"{few}. With so few, p can fall to {_p(self.least_p)}, and corrected for {self.corrected_for} measures to "
            f"{_p(self.least_corrected_p)}."
        )

    def as_json(self) -> dict[str, Any]:
        """Every field under its name, and what follows from it."""
        return {
            "before": asdict(self.before),
            "after": asdict(self.after),
            "difference": asdict(self.difference),
            "p": self.p,
            "corrected_p": self.corrected_p,
            "improved": self.improved,
            "worsened": self.worsened,
            "unchanged": self.unchanged,
            "least_p": self.least_p,
            "least_corrected_p": self.least_corrected_p,
            "too_few": self.too_few,
            "significant": self.significant,
            "says": self.says,
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two runs, by the same judgements, over the questionnaires and sections that both have answers for."""

    # The ids of the two runs.
    before: str
    after: str
    # How many scripts of a ranking are shown, as the run after has it.
    top_k: int
    # By measure, in their order.
    tests: Mapping[str, Test]
    # Over the common questionnaires only: not what the runs say of themselves where they differ in these.
    figures_before: Figures
    figures_after: Figures
    shifts: tuple[Shift, ...]
    distinctions: tuple[Distinction, ...]
    # Questionnaires that one of the runs does not have.
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    # In both, and failed or not run in one of them.
    left_out: tuple[str, ...]
    # Sections that only one of the runs asked; nothing of them is compared.
    left_out_sections: tuple[str, ...]
    # In both, and asked in other words.
    reworded: tuple[str, ...] = ()

    @property
    def measured(self) -> int:
        """How many questionnaires are judged, and compared by measures."""
        return len(self.figures_after.values)

    def changes(self, measure: str, section: str = "") -> Sequence[Change]:
        """Per questionnaire, the largest change first, of equal ones the worse; of one section, or of their mean."""
        found = (self._change(name, section, measure) for name in self.figures_after.values)
        there = (change for change in found if change)
        return sorted(there, key=lambda c: (-abs(c.difference), c.difference, c.questionnaire))

    def _change(self, questionnaire: str, section: str, measure: str) -> Change | None:
        figures = (self.figures_before, self.figures_after)
        before, after = (_value(of_run, questionnaire, section, measure) for of_run in figures)
        if before is None or after is None:
            return None
        return Change(questionnaire, section, before, after)

    @property
    def overlap(self) -> float | None:
        """The mean rank-biased overlap; a questionnaire counts once. None where nothing was ranked in both."""
        found = self.overlaps
        return sum(found.values()) / len(found) if found else None

    @property
    def overlaps(self) -> Mapping[str, float]:
        """The mean over its sections, by questionnaire, the least alike first."""
        by_name: dict[str, list[float]] = {}
        for shift in self.shifts:
            by_name.setdefault(shift.questionnaire, []).append(shift.overlap)
        means = {name: sum(found) / len(found) for name, found in by_name.items()}
        return dict(sorted(means.items(), key=lambda item: (item[1], item[0])))

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/measures.md``."""
        return {
            "before": self.before,
            "after": self.after,
            "top_k": self.top_k,
            "measured": self.measured,
            "measures": {n: {**test.as_json(), "changes": self._changes_json(n)} for n, test in self.tests.items()},
            "overlap": self.overlap,
            "shifts": [asdict(shift) for shift in self.shifts],
            "distinctions": [asdict(distinction) for distinction in self.distinctions],
            "only_before": list(self.only_before),
            "only_after": list(self.only_after),
            "left_out": list(self.left_out),
            "left_out_sections": list(self.left_out_sections),
            "reworded": list(self.reworded),
        }

    def _changes_json(self, measure: str) -> list[dict[str, Any]]:
        return [
            {"questionnaire": c.questionnaire, "before": c.before, "after": c.after, "difference": c.difference}
            for c in self.changes(measure)
            if c.difference
        ]


def rounded(difference: float) -> float:
    """The difference, or 0 where it is only that of sums in another order."""
    return difference if abs(difference) > 1e-9 else 0.0  # noqa: PLR2004  far below what any measure can change by


def _value(figures: Figures, questionnaire: str, section: str, measure: str) -> float | None:
    if not section:
        return figures.of(questionnaire, measure)
    return figures.values.get(questionnaire, {}).get(section, {}).get(measure)


def _count(questionnaires: int) -> str:
    return "1 questionnaire" if questionnaires == 1 else f"{questionnaires:,} questionnaires"


def _p(p: float) -> str:
    return f"{p:.2g}"
