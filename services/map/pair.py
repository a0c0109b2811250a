"""Two maps as two figures of one scale: the same colours, the questionnaires, and the script that is followed."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from services.domain.maps import NONE, Map, Numbers
from services.domain.moved import Asked, Compared, Seen
from services.map import panels, picture, telling
from services.map.look import Colouring, Look
from services.map.picture import Picture
from services.shelf import Row

Spec = dict[str, Any]
# What can mean the same on both sides.
COLOURINGS = (
    Colouring.SECTION,
    Colouring.FOCUS,
    Colouring.STATUS,
    Colouring.AUTHOR,
    Colouring.CLUSTER,
    Colouring.WORDS,
)
# The script that is followed has a ring of this many pixels.
_RING = 22


def pair(found: Compared, rows: Sequence[Iterable[Row]], look: Look) -> tuple[Picture, Picture]:
    """Both figures, of these scripts each. Clusters are those of the first on both, so that each can be followed."""
    first, second = found.before, found.after
    if look.colouring is Colouring.CLUSTER:
        second = replace(second, map=replace(second.map, clusters=_clusters_of(first.map, second.map.scripts)))
    span = _span(first, second)
    numbers = {script: number for number, script in enumerate(sorted({*first.map.scripts, *second.map.scripts}))}
    drawn = []
    for seen, some in zip((first, second), rows, strict=True):
        made = picture.draw(seen.map, some, look)
        _number(made, numbers)
        made.figure["layout"]["xaxis"]["range"], made.figure["layout"]["yaxis"]["range"] = map(list, span)
        drawn.append(_with(made, _asked(seen.asked, look)))
    return drawn[0], drawn[1]


def ringed(made: Picture, seen: Seen, followed: str, look: Look) -> Picture:
    """The picture of this side with a ring around the script that is followed, if it is there.

    Another picture, whose layout may be written into. Costs nothing: only the ring is drawn.
    """
    figure = {**made.figure, "layout": dict(made.figure["layout"])}
    return _with(Picture(figure, made.scripts), _ring(seen, followed, look))


def _with(made: Picture, extra: Sequence[Spec]) -> Picture:
    """The same with traces over it that are of no script."""
    figure = {**made.figure, "data": [*made.figure["data"], *extra]}
    return Picture(figure, (*made.scripts, *((),) * len(extra)))


def _clusters_of(first: Map, scripts: Sequence[str]) -> Numbers:
    places = first.places
    return np.array([first.clusters[places[s]] if s in places else NONE for s in scripts], np.int64)


def _span(first: Seen, second: Seen) -> tuple[tuple[float, float], tuple[float, float]]:
    """One frame for both: else what lies apart on one side would look no farther than on the other."""
    every = [seen.map.positions for seen in (first, second)]
    every += [seen.asked.positions for seen in (first, second) if seen.asked is not None]
    positions = np.concatenate(every)
    return panels.extent(replace(first.map, scripts=("",) * len(positions), positions=positions))


def _number(made: Picture, numbers: dict[str, int]) -> None:
    """Each point says which script it is, the same on both sides; none that is not picked is dimmed."""
    for trace, scripts in zip(made.figure["data"], made.scripts, strict=True):
        if scripts:
            trace["customdata"] = picture.numbers(np.array([numbers[script] for script in scripts], np.float32))
            trace["unselected"] = {"marker": {"opacity": trace["marker"]["opacity"]}}


def _asked(asked: Asked | None, look: Look) -> list[Spec]:
    """The questionnaires, with a mark and a colour of their own."""
    if asked is None:
        return []
    colours = look.colours
    told = [
        f"<b>{telling.plain(telling.title(title))}</b><br>a questionnaire{_from_nearest(far)}"
        for title, far in zip(asked.titles, asked.nearest.tolist(), strict=True)
    ]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": picture.numbers(asked.positions[:, 0]),
            "y": picture.numbers(asked.positions[:, 1]),
            "marker": {
                "symbol": "star",
                "size": 11,
                "color": colours.accent,
                "line": {"width": 0.75, "color": colours.paper},
            },
            "unselected": {"marker": {"opacity": 1}},
            "hovertext": told,
            "hovertemplate": "%{hovertext}<extra></extra>",
            "name": f"questionnaires · {len(asked.ids):,}",
            "legendgroup": "questionnaires",
            "showlegend": True,
        }
    ]


def _from_nearest(far: float) -> str:
    """How far that is; nothing where no script would be retrieved."""
    return "" if math.isnan(far) else f", {far:.3f} from its nearest script"


def _ring(seen: Seen, followed: str, look: Look) -> list[Spec]:
    row = seen.map.places.get(followed)
    if row is None:
        return []
    at = seen.map.positions[row : row + 1]
    # Without its name, which would be cut off at an edge: it stands above the pictures.
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": picture.numbers(at[:, 0]),
            "y": picture.numbers(at[:, 1]),
            "marker": {"symbol": "circle-open", "size": _RING, "color": look.colours.accent, "line": {"width": 3}},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]
