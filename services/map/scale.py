"""The scale of colours that tells a number: as a figure has it, and the colour of one value on it."""

from typing import Any

import numpy as np

from services.map.groups import Shade
from services.map.look import Look


def axis(shade: Shade, look: Look) -> dict[str, Any]:
    """The scale as Plotly takes it, with its bar."""
    colours = look.colours.scale[::-1] if shade.turned else look.colours.scale
    steps = len(colours) - 1
    places, words = shade.ticks if np.isfinite(shade.values).any() else ([], [])
    return {
        "colorscale": [[number / steps, colour] for number, colour in enumerate(colours)],
        "cmin": shade.low,
        "cmax": shade.high,
        "showscale": bool(places),
        "colorbar": {
            # Lying above the picture, as its legend lies below: on a narrow screen a bar beside it takes a third of it.
            "orientation": "h",
            "title": {"text": shade.title, "side": "top"},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "thickness": 10,
            "len": 0.4,
            "outlinewidth": 0,
            "tickvals": places,
            "ticktext": words,
        },
    }


def colour_of(value: float, shade: Shade, look: Look) -> str:
    """The colour of one value on the scale, as the scale has it there."""
    colours = look.colours.scale[::-1] if shade.turned else look.colours.scale
    span = shade.high - shade.low
    along = min(1.0, max(0.0, (value - shade.low) / span if span > 0 else 0.0)) * (len(colours) - 1)
    low = min(int(along), len(colours) - 2)
    one, other = (_parts(colours[low]), _parts(colours[low + 1]))
    mixed = (round(a + (b - a) * (along - low)) for a, b in zip(one, other, strict=True))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))
