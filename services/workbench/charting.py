"""The map of an open workspace."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services import wiring
from services.domain.maps import Map, Points
from services.domain.model_digest import Stamp
from services.errors import MapNotKept, StorageFailed
from services.ground.progress import Report, silent
from services.map import drawing, later
from services.map.points import Gathering
from services.ports import Catalogue
from services.ports.maps import Fitter
from services.workbench.asking import Asking


@dataclass(frozen=True, eq=False)
class _Charted:
    """A map as it was made of a catalogue for a model, and of which points."""

    catalogue: Catalogue
    points: Points
    # None where there is no point at all.
    made: Map | None
    # Whether a fit would bring nothing out.
    too_few: bool

    def is_of(self, catalogue: Catalogue, stamp: Stamp) -> bool:
        return self.catalogue is catalogue and self.points.model_digest == stamp.model_digest


class Charting(Asking):
    """What the map shows. Only maps are stored, and they are derived."""

    def __init__(self, root: Path, secrets: Mapping[str, str] | None = None) -> None:
        self._charting = threading.Lock()
        self._gathering = Gathering()
        self._charted: _Charted | None = None
        # The last full fit of this process: also where it could not be kept.
        self._drawn: Map | None = None
        super().__init__(root, secrets)

    def _open_stores(self) -> None:
        super()._open_stores()
        self.maps = wiring.map_store(self.paths, writable=self.writable)

    def map_of(self) -> Map | None:
        """What can be shown now without a fit; None where no script has vectors of the workspace's model.

        That is the last full fit with what has changed since placed among its neighbours, else a stand-in. It may take
        a second at 20,000 scripts: for a job. Kept in memory until a script or the model changes.
        """
        return self._chart().made

    def map_shown(self) -> Map | None:
        """What ``map_of`` has answered for the scripts and the model of now; None where it was not asked. Free."""
        charted = self._charted
        return charted.made if charted is not None and charted.is_of(self.catalogue, self._stamp()) else None

    def map_last(self) -> tuple[Map, Mapping[str, str]] | None:
        """The last full fit that was kept for the model that asks, and in which section each script lies now, by id.

        For as long as the scripts are being read, which of very many takes its time. None where none was kept; 0.2 s
        for 20,000.
        """
        kept = self.maps.last(self._stamp().model_digest)
        return (kept, self.records.filed()) if kept else None

    def map_points(self) -> Points:
        """What ``map_of`` places: the vectors of the scripts, and which are left out with the reason. For a job."""
        return self._chart().points

    def map_left_out(self) -> Mapping[str, str]:
        """Why some of the scripts of now have no place, by id; nothing while ``map_of`` was not asked. Free."""
        charted = self._charted
        there = charted is not None and charted.is_of(self.catalogue, self._stamp())
        return charted.points.left_out if charted is not None and there else {}

    def map_due(self, shown: Map) -> str:
        """Why a full fit is worth while, as a sentence; empty if it is not. Free for the map that is shown."""
        charted = self._charted
        return later.why_due(shown, too_few=charted is not None and charted.made is shown and charted.too_few)

    def draw_map(self, report: Report | None = None, *, anew: bool = False) -> Map | None:
        """The map with all scripts fitted together, kept, and shown from then on; None where there is no script.

        It begins from the last map, so that everything stays about where it was. Where that very map is kept, it is
        that one. ``anew``: from the beginning, which is worth while after many changes, and then turned to lie on the
        last one as far as it can.

        Raises:
            MapFailed, Cancelled, StorageFailed: what is shown is as before.
            MapNotKept: it is shown, and could not be kept.
        """
        told = report or silent
        told("Reading the vectors", 0, 0)
        charted = self._chart()
        points, key = charted.points, later.key_of(charted.points)
        if charted.too_few or (not anew and self._fit_of(key) is not None):
            return charted.made
        last = self._last(points, but="" if anew else key)
        drawn = self._drawn = drawing.draw(points, last, self._make_fitter(), told, anew=anew)
        # It may be of other scripts than those of now, which have a fit already: it is kept all the same.
        made = self._chart(again=True).made
        try:
            self.maps.put(drawn)
        except StorageFailed as error:
            cause = f"The map is drawn, and could not be kept for the next time: {error.cause}"
            raise MapNotKept(cause, "It has to be drawn again then, unless derived/map can be written to.") from error
        return made

    def _chart(self, *, again: bool = False) -> _Charted:
        """The map of now; ``again``: there may be a better one than what was made before."""
        with self._charting:
            catalogue, stamp, charted = self.catalogue, self._stamp(), self._charted
            if charted is None or not charted.is_of(catalogue, stamp):
                points = self._gathering.of(catalogue.records, stamp)
                charted = self._made_of(catalogue, points, too_few=drawing.too_few(points))
            elif again or self._fitted_elsewhere(charted):
                charted = self._made_of(catalogue, charted.points, too_few=charted.too_few)
            self._charted = charted
            return charted

    def _made_of(self, catalogue: Catalogue, points: Points, *, too_few: bool) -> _Charted:
        if too_few:
            return _Charted(catalogue, points, drawing.stand_in(points) if len(points) else None, too_few)
        made = self._fit_of(later.key_of(points))
        if made is None and (last := self._last(points)) is not None:
            made = later.following(points, last)
        return _Charted(catalogue, points, made or drawing.stand_in(points), too_few)

    def _fitted_elsewhere(self, charted: _Charted) -> bool:
        """Whether what is shown waits for a fit that another process has made meanwhile."""
        shown = charted.made
        if shown is None or not later.why_due(shown, too_few=charted.too_few):
            return False
        return self.maps.get(shown.key) is not None

    def _fit_of(self, key: str) -> Map | None:
        """The full fit of this key, of this process or kept. It is the last one from then on."""
        drawn = self._drawn
        if drawn is not None and drawn.key == key:
            return drawn
        found = self.maps.get(key)
        if found is not None:
            self._drawn = found
        return found

    def _last(self, points: Points, but: str = "") -> Map | None:
        """The last full fit of the model of these points, but for the one of this key."""
        drawn = self._drawn
        if drawn is not None and drawn.model_digest == points.model_digest and drawn.key != but:
            return drawn
        return self.maps.last(points.model_digest, but)

    def _make_fitter(self) -> Fitter:
        return wiring.fitter()
