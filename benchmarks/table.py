"""The rows that come out, as text and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.timing import Pairs, typical

HEAD = ("what", "ours", "bare", "ratio", "target", "held")


@dataclass(frozen=True)
class Row:
    """One line of the table, and the sentence that says what it means."""

    name: str
    meaning: str
    ours: str
    bare: str = "-"
    ratio: str = "-"
    target: str = "-"
    held: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        held = {True: "yes", False: "NO", None: "-"}[self.held]
        return (self.name, self.ours, self.bare, self.ratio, self.target, held)


def paired(name: str, meaning: str, pairs: Pairs, at_most: float | None = None, note: str = "") -> Row:
    """A ratio, and whether its median is within the target."""
    ratios = pairs.ratios
    middle = median(ratios)
    return Row(
        name=name,
        meaning=meaning,
        ours=typical(pairs.ours) + (f" ({note})" if note else ""),
        bare=typical(pairs.bare),
        ratio=f"{middle:.2f} [{min(ratios):.2f}..{max(ratios):.2f}]",
        target="-" if at_most is None else f"ratio <= {at_most:g}",
        held=None if at_most is None else middle <= at_most,
    )


def limited(row: Row, milliseconds: float, times: Sequence[float]) -> Row:
    """The same row with a limit on our own median, for what no bare counterpart bounds."""
    return Row(**{**vars(row), "target": f"< {milliseconds:g} ms", "held": median(times) * 1e3 < milliseconds})


def as_text(rows: Sequence[Row]) -> str:
    cells = [HEAD, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def as_markdown(rows: Sequence[Row]) -> str:
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
