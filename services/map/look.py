"""How a map is looked at: what its colours mean, one picture or one for each section, and what is drawn on top."""

from dataclasses import dataclass
from enum import StrEnum

from services.domain.colours import LIGHT, Colours
from services.domain.landscape import AskedOnMap, Landscape


class Colouring(StrEnum):
    """What the colours of the points mean."""

    SECTION = "section"
    FOCUS = "focus"
    STATUS = "status"
    AUTHOR = "author"
    CLUSTER = "cluster"
    WORDS = "words"
    # The true distance to what was asked.
    DISTANCE = "distance"


TITLES = {
    Colouring.SECTION: "Section",
    Colouring.FOCUS: "Focus area",
    Colouring.STATUS: "Status",
    Colouring.AUTHOR: "Author",
    Colouring.CLUSTER: "Cluster",
    Colouring.WORDS: "Words",
    Colouring.DISTANCE: "Distance to the question",
}


class Texts(StrEnum):
    """What of a script is told where one points at it."""

    NONE = "none"
    TITLES = "titles"
    BEGINNINGS = "beginnings"


@dataclass(frozen=True)
class Look:
    """How it is drawn."""

    # In the workspace's order, which gives each its colour.
    sections: tuple[str, ...]
    colouring: Colouring = Colouring.SECTION
    colours: Colours = LIGHT
    # A small map for each section, all on the same scale, instead of one for all.
    by_section: bool = False
    texts: Texts = Texts.BEGINNINGS
    # Above so many points nothing is told of each: a page would be slow by it.
    most_texts: int = 2_000
    # Pixels; 0 leaves it to where the picture is shown.
    height: int = 0


@dataclass(frozen=True, eq=False)
class Layers:
    """What is drawn besides the points; each only where it is given."""

    asked: AskedOnMap | None = None
    # Its clusters' names, near-duplicates and gaps.
    landscape: Landscape | None = None
    names: bool = True
    joined: bool = True
    gaps: bool = True


NO_LAYERS = Layers()
