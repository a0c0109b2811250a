"""Colours that colour-blind people tell apart, by Okabe and Ito, light and dark; and shapes that need no colour."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """What is drawn with."""

    # In the order of the sections, or of what else is told apart. Further ones begin again.
    groups: tuple[str, ...]
    ink: str
    paper: str
    # The darker and the lighter of the two greys.
    quiet: str
    faint: str
    # The one colour that is no group's.
    accent: str
    # From little to much, in even steps for the eye: little is near the paper, much stands out.
    scale: tuple[str, ...]

    def group(self, number: int) -> str:
        """The colour of the group of this number, from 0 on."""
        return self.groups[number % len(self.groups)]


# Cividis (Nuñez, Anderton and Renslow 2018), without the end that the paper would swallow.
_BLUE_TO_YELLOW = ("#00224E", "#1F3769", "#434E6C", "#5F636E", "#7A7B78", "#968F76", "#B4A76C", "#D2C060", "#F1DA49")

LIGHT = Colours(
    ("#0072B2", "#D98200", "#009E73", "#CC79A7", "#56B4E9", "#A85400", "#8C8C00"),
    ink="#23262B",
    paper="#FCFBF8",
    quiet="#6B6F76",
    faint="#B9B5AB",
    accent="#5B3A6E",
    scale=tuple(reversed(_BLUE_TO_YELLOW[:-1])),
)
DARK = Colours(
    ("#56B4E9", "#F2B04C", "#35C79A", "#E39CC6", "#9AD1F2", "#E08E45", "#D6D65C"),
    ink="#E9E6DF",
    paper="#191A1D",
    quiet="#A3A7AE",
    faint="#5A5E66",
    accent="#8F62AB",
    scale=_BLUE_TO_YELLOW[2:],
)
