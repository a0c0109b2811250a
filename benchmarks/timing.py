"""Two ways of doing the same, timed in turns: on a busy machine only their ratio means something."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Pairs:
    """Seconds of both, round by round."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Ours divided by bare, of the same round."""
        return [a / b for a, b in zip(self.ours, self.bare, strict=True)]


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleave(
    ours: Callable[[int], object], bare: Callable[[int], object], rounds: int, *, warm: bool = True
) -> Pairs:
    """Both in every round, the first of one round being the second of the next. Each is told the round, from 0."""
    if warm:
        ours(0)
        bare(0)
    pairs = Pairs()
    for number in range(rounds):
        turns = [(pairs.ours, ours), (pairs.bare, bare)]
        for times, work in turns if number % 2 else reversed(turns):
            times.append(seconds(lambda work=work: work(number)))  # type: ignore[misc]  # noqa: B023  called at once
    return pairs


def typical(times: list[float]) -> str:
    """The median, in the unit that reads best."""
    middle = median(times)
    return f"{middle:.1f} s" if middle >= 1 else f"{middle * 1e3:.1f} ms"
