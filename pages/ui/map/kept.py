"""What was begun by itself for the map of a workspace, on the server: what has failed is not begun over and over."""

from dataclasses import dataclass

from services.domain.maps import Map
from services.domain.moved import Side
from services.ports import Catalogue


@dataclass(frozen=True, eq=False)
class Read:
    """Scripts as a model reads them."""

    catalogue: Catalogue
    model_digest: str

    def same(self, other: "Read | None") -> bool:
        """Whether these are the very scripts, read by the very model."""
        return other is not None and self.catalogue is other.catalogue and self.model_digest == other.model_digest


@dataclass(eq=False)
class Begun:
    """What each piece of work was begun for last."""

    placing: Read | None = None
    # Of these scripts none can be placed, as this model reads them.
    nothing: Read | None = None
    # The key of the map that a full one was begun from.
    drawing: str = ""
    looking: Map | None = None
    # The two sides that were drawn last.
    comparing: tuple[Side, Side] | None = None
