"""What is told of a point, and text that Plotly shows as it stands."""

import html
import textwrap

import numpy as np

from services.domain.maps import Map
from services.domain.scripts import Status
from services.domain.words import section
from services.map.groups import Scene
from services.map.look import Colouring, Layers, Look, Texts
from services.shelf import Row

_TITLE, _BEGINNING = 60, 80
# As many letters as a card on a telephone has room for: Plotly breaks no line, and cuts off what is too long.
_LINE = 48


def plain(text: str) -> str:
    """Text that Plotly shows as it stands."""
    # Of quotes it would show the escape.
    return html.escape(text, quote=False)


def hover(of: Map, drawn: Scene, look: Look, layers: Layers) -> list[str]:
    """What is told of each script, as Plotly takes it; nothing where it is not wanted, or they are too many."""
    if look.texts is Texts.NONE or len(drawn.rows) > look.most_texts:
        return []
    places = drawn.places.tolist()
    told = (_told(of, row, place, look, layers) for row, place in zip(drawn.rows, places, strict=True))
    return ["<br>".join([f"<b>{_broken(name)}</b>", *map(_broken, lines)]) for name, *lines in told]


def card(of: Map, row: Row, look: Look, layers: Layers) -> list[str]:
    """What is told of one script of the map, its title first, as lines of plain text."""
    return _told(of, row, of.places[row.script.id], look, layers)


def title(of: str) -> str:
    """A title in one line that is not too long to be pointed at."""
    return _cut(of, _TITLE)


def _told(of: Map, row: Row, place: int, look: Look, layers: Layers) -> list[str]:
    script = row.script
    lines = [title(script.title)]
    if look.texts is Texts.BEGINNINGS:
        lines.append(_cut(script.text[: 4 * _BEGINNING], _BEGINNING))
    aside = section(script.section)
    if script.status is not Status.APPROVED:
        aside += f" · {script.status.value}"
    if look.colouring is Colouring.WORDS:
        aside += f" · {row.words:,} words"
    if layers.asked is not None and len(layers.asked.distances) and np.isfinite(away := layers.asked.distances[place]):
        aside += f" · {away:.3f} from the question"
    lines.append(aside)
    return lines if of.fitted[place] else [*lines, "placed after the map was drawn"]


def _broken(text: str) -> str:
    """A line as Plotly shows it, in as many lines as it takes."""
    if len(text) <= _LINE:
        return plain(text)
    return "<br>".join(map(plain, textwrap.wrap(text, _LINE, break_on_hyphens=False)))


def _cut(text: str, most: int) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= most else f"{one_line[: most - 1].rstrip()}…"
