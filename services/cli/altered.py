"""Which scripts are not in a run what they were in its baseline, as ``evaluate`` tells it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from services.domain.between import Between
from services.domain.runs import Run
from services.errors import InvalidInput
from services.ground import text
from services.workbench import Workbench

_MOST_NAMED = 12


@dataclass(frozen=True)
class Altered:
    """The scripts that differ; ``baseline`` is empty where there is no run to compare with."""

    baseline: str = ""
    between: Between = field(default_factory=Between)

    @classmethod
    def of(cls, workbench: Workbench, made: Run, baseline: str) -> Self:
        """Against this run, else the workspace's own baseline."""
        try:
            before = workbench.baseline(baseline)
        except InvalidInput:
            # The gate says why the workspace's own cannot be had, and closes.
            return cls()
        return cls(before.id, workbench.changed_between(before, made)) if before else cls()

    def as_json(self) -> dict[str, Any] | None:
        """The shape promised in ``docs/command-line.md``; None where there is nothing to compare with."""
        return {"baseline": self.baseline, **self.between.as_json()} if self.baseline else None

    def lines(self) -> Iterator[str]:
        """The same for people; nothing where the scripts are the same."""
        if self.between.problem:
            yield f"Which scripts changed since {self.baseline} cannot be told. {self.between.problem}"
        elif sentence := self.between.sentence():
            names = [one.id for one in self.between.reworded]
            yield f"Since {self.baseline}, {sentence}: {text.named(names, _MOST_NAMED)}."
