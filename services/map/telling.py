"""What is told of a point, and text that Plotly shows as it stands."""

import html
from collections.abc import Mapping

import numpy as np

from services.domain.maps import Map
from services.domain.scripts import Status
from services.domain.words import section
from services.map.groups import Scene
from services.map.look import Colouring, Layers, Look, Texts

_TITLE, _BEGINNING = 60, 80


def plain(text: str) -> str:
    """Text that Plotly shows as it stands."""
    # Of quotes it would show the escape.
    return html.escape(text, quote=False)


def hover(of: Map, drawn: Scene, look: Look, layers: Layers) -> list[str]:
    """What is told of each script; nothing where it is not wanted, or they are too many."""
    if look.texts is Texts.NONE or len(drawn.rows) > look.most_texts:
        return []
    distances: Mapping[int, float] = {}
    if layers.asked is not None and len(layers.asked.distances):
        distances = dict(enumerate(layers.asked.distances.tolist()))
    told = []
    for row, place, fitted in zip(drawn.rows, drawn.places.tolist(), of.fitted[drawn.places].tolist(), strict=True):
        script, away = row.script, distances.get(place, np.nan)
        lines = [f"<b>{plain(_cut(script.title, _TITLE))}</b>"]
        if look.texts is Texts.BEGINNINGS:
            lines.append(plain(_cut(script.text[: 4 * _BEGINNING], _BEGINNING)))
        where = section(script.section)
        aside = where if script.status is Status.APPROVED else f"{where} · {script.status.value}"
        if look.colouring is Colouring.WORDS:
            aside += f" · {row.words:,} words"
        lines.append(plain(aside) + (f" · {away:.3f} from the question" if np.isfinite(away) else ""))
        told.append("<br>".join(lines if fitted else [*lines, "placed after the map was drawn"]))
    return told


def _cut(text: str, most: int) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= most else f"{one_line[: most - 1].rstrip()}…"
