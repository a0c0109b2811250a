"""The map as a sketch in HTML: what a browser shows at once, without the program that draws a figure one can work with.

Points have the colours and shapes that they have in the figure. They are boxes cut to shape, since Streamlit takes
drawings out of the HTML that it shows.
"""

import html
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from services.domain.maps import Map
from services.domain.shapes import SHAPES, Shape, pixels
from services.domain.words import section
from services.map import panels, said, telling
from services.map.groups import Scene, scene
from services.map.look import NO_LAYERS, Look
from services.shelf import Row

# As wide as a figure is on a wide screen; a sketch grows and shrinks with its place.
_WIDTH = 900


def sketch(of: Map, rows: Iterable[Row], look: Look) -> str:
    """These scripts of a map with a legend, as HTML that loads nothing; each tells its title when it is pointed at.

    ``look``: one map, coloured by groups. Its height is the sketch's on a wide screen, in pixels.
    """
    drawn = scene(of, rows, look, NO_LAYERS)
    at = _shares(of, drawn, look)
    points = "".join(_points(drawn, at))
    return (
        f"<style>{''.join(_rules(drawn))}</style>"
        f'<div class="sketch" role="img" aria-label="{html.escape(said.drawn(of))}" '
        f'style="aspect-ratio:{_WIDTH}/{look.height}">{points}</div>{_legend(drawn, look)}'
    )


def _rules(drawn: Scene) -> Iterator[str]:
    yield ".sketch{position:relative;width:100%}.sketch i{position:absolute;transform:translate(-50%,-50%)}"
    disc = pixels(len(drawn.rows))
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
    entries = "".join(
        f'<span style="white-space:nowrap"><i class="sketch-{number}" style="margin-right:6px"></i>'
        f"{html.escape(group.name)} · {len(group.members):,}</span>"
        for number, group in enumerate(drawn.groups)
        if group.name
    )
    return (
        f'<div style="display:flex;flex-wrap:wrap;gap:2px 20px;font-size:12px;color:{look.colours.ink}">{entries}</div>'
    )
