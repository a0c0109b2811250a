"""Colours that colour-blind people tell apart, light and dark."""

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

# Any two of these, and each and a grey, are 15 or more apart in CIELAB, also as protans, deutans and tritans see them;
# the test has how that is known, and the one pair that falls short. Behind the three of the first sections they are
# purple, sky blue, vermilion and yellow, as near to those of Okabe and Ito (2008) as that allows: what is yellow in the
# dark is brown on light paper.
LIGHT = Colours(
    ("#0072B2", "#D98200", "#009E73", "#883080", "#8090C0", "#C04000", "#4A2000"),
    ink="#23262B",
    paper="#FCFBF8",
    quiet="#6B6F76",
    faint="#B9B5AB",
    accent="#5B3A6E",
    scale=tuple(reversed(_BLUE_TO_YELLOW[:-1])),
)
DARK = Colours(
    ("#56B4E9", "#F2B04C", "#35C79A", "#B058A8", "#B8DCF4", "#D85820", "#F8E840"),
    ink="#E9E6DF",
    paper="#191A1D",
    quiet="#8E9299",
    faint="#5A5E66",
    accent="#8F62AB",
    scale=_BLUE_TO_YELLOW[2:],
)
