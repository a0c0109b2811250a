"""The map as HTML that a browser shows at once, without the program that draws a figure one can work with.

Points have the colours and shapes that they have in the figure. Few are boxes cut to shape, since Streamlit takes
drawings out of the HTML that it shows; of many scripts, before they have been read, there is an image.
"""

import base64
import html
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from services.domain.maps import Map
from services.domain.shapes import SHAPES, Shape, pixels
from services.domain.words import count, section
from services.map import dots, panels, said, telling
from services.map.groups import Scene, by_section, scene
from services.map.look import NO_LAYERS, Look
from services.shelf import Row

# As wide as a figure is on a wide screen; a sketch grows and shrinks with its place.
_WIDTH = 900
# Of a mark in the legend, where points are too small to be told apart by their shape.
_LEAST = 8


def sketch(of: Map, rows: Iterable[Row], look: Look) -> str:
    """These scripts of a map with a legend, as HTML that loads nothing; each tells its title when it is pointed at.

    ``look``: one map, coloured by groups. Its height is the sketch's on a wide screen, in pixels.
    """
    drawn = scene(of, rows, look, NO_LAYERS)
    return _framed("".join(_points(drawn, _shares(of, drawn, look))), said.drawn(of), drawn, look)


def glimpse(of: Map, filed: Mapping[str, str], look: Look) -> str:
    """The same of a map's scripts that lie in a section now, by id: an image, which is no larger for very many.

    Nothing else is known of them, so that nothing is told where one points at them.
    """
    places = np.array([place for place, script in enumerate(of.scripts) if script in filed], np.int64)
    groups = by_section([filed[of.scripts[place]] for place in places.tolist()], look)
    drawn = Scene((), places, groups, "")
    image = base64.b64encode(dots.png(drawn, _shares(of, drawn, look) / 100, (_WIDTH, look.height))).decode("ascii")
    inside = f'<img src="data:image/png;base64,{image}" alt="" style="width:100%;opacity:{drawn.opacity}">'
    return _framed(inside, f"{count(len(places), 'script')} as they were drawn last.", drawn, look)


def _framed(inside: str, told: str, drawn: Scene, look: Look) -> str:
    return (
        f"<style>{''.join(_rules(drawn))}</style>"
        f'<div class="sketch" role="img" aria-label="{html.escape(told)}" '
        f'style="aspect-ratio:{_WIDTH}/{look.height}">{inside}</div>{_legend(drawn, look)}'
    )


def _rules(drawn: Scene) -> Iterator[str]:
    yield ".sketch{position:relative;width:100%}.sketch i{position:absolute;transform:translate(-50%,-50%)}"
    disc = pixels(len(drawn.places))
    for number, group in enumerate(drawn.groups):
        shape = SHAPES[group.shape]
        size = f"{disc * shape.size:.0f}px"
        yield (
            f".sketch-{number}{{display:inline-block;width:{size};height:{size};"
            f"background:{group.colour};opacity:{drawn.opacity};{_cut(shape)}}}"
        )


def _cut(shape: Shape) -> str:
    """What cuts a box to it."""
    if not shape.corners:
        return "border-radius:50%"
    return f"clip-path:polygon({','.join(f'{across}% {down}%' for across, down in shape.corners)})"


def _shares(of: Map, drawn: Scene, look: Look) -> npt.NDArray[np.float64]:
    """``float64[n, 2]``: across and down as percent of the sketch, in its middle and on one scale both ways."""
    (left, right), (low, high) = panels.extent(of)
    scale = min(_WIDTH / (right - left), look.height / (high - low))
    away = of.positions[drawn.places].astype(float) - [(left + right) / 2, (low + high) / 2]
    return np.asarray(50 + 100 * scale * away * [1 / _WIDTH, -1 / look.height])


def _points(drawn: Scene, at: npt.NDArray[np.float64]) -> Iterator[str]:
    numbers = {group: number for number, group in enumerate(drawn.groups)}
    for group, members in drawn.in_turns():
        for member in members.tolist():
            across, down = at[member].tolist()
            script = drawn.rows[member].script
            told = html.escape(f"{telling.title(script.title)} · {section(script.section)}")
            yield f'<i class="sketch-{numbers[group]}" style="left:{across:.2f}%;top:{down:.2f}%" title="{told}"></i>'


def _legend(drawn: Scene, look: Look) -> str:
    mark = f"min-width:{_LEAST}px;min-height:{_LEAST}px;margin-right:6px"
    entries = "".join(
        f'<span style="white-space:nowrap"><i class="sketch-{number}" style="{mark}"></i>'
        f"{html.escape(group.name)} · {len(group.members):,}</span>"
        for number, group in enumerate(drawn.groups)
        if group.name
    )
    return (
        f'<div style="display:flex;flex-wrap:wrap;gap:2px 20px;font-size:12px;color:{look.colours.ink}">{entries}</div>'
    )
