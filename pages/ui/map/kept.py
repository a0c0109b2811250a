"""What was begun by itself for the map of a workspace, on the server: what has failed is not begun over and over."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.domain.maps import Map
from services.domain.moved import Side
from services.ports import Catalogue


@dataclass(eq=False)
class Begun:
    """What each piece of work was begun for last."""

    placing: Catalogue | None = None
    # Of these scripts none can be placed.
    nothing: Catalogue | None = None
    # Why some of the scripts that were placed last have no place.
    left_out: Mapping[str, str] = field(default_factory=dict)
    # The key of the map that a full one was begun from.
    drawing: str = ""
    looking: Map | None = None
    # The two sides that were drawn last.
    comparing: tuple[Side, Side] | None = None
