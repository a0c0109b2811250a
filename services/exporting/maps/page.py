"""A map as one HTML file with everything in it: it opens from a disk, without a network, and asks for nothing.

What it holds is data: titles and words are set as text by the browser, and the file forbids itself to load or to send.
"""

import html
import importlib.resources
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.domain.colours import DARK, LIGHT
from services.domain.landscape import Landscape
from services.domain.maps import NONE, Map
from services.domain.words import count
from services.map import panels, picture, said
from services.map.look import Layers, Look, Texts
from services.shelf import Row

Spec = dict[str, Any]

# Nothing may be loaded or sent; pictures are what "Download" makes. Plotly's drawing by the graphics card makes its
# program while it runs.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "form-action 'none'; base-uri 'none'"
)
_CONFIG = {
    "responsive": True,
    "scrollZoom": True,
    "displaylogo": False,
    # Plotly would offer to send the data to its makers.
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["sendDataToCloud", "select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"filename": "map", "scale": 2},
}


def html_page(of: Map, rows: Iterable[Row], look: Look, layers: Layers, *, with_text: bool) -> bytes:
    """The file, light and dark as its reader likes it."""
    drawn = [row for row in rows if row.script.id in of.places]
    layers = layers if with_text else _without_words(layers)
    # A file is read from a disk: as many titles as there are.
    look = replace(look, texts=Texts.TITLES, most_texts=len(drawn), height=0)
    light = picture.draw(of, drawn, replace(look, colours=LIGHT), layers)
    dark = picture.draw(of, drawn, replace(look, colours=DARK), layers)
    data: Spec = {"light": light.figure, "dark": _others(light.figure, dark.figure), "config": _CONFIG}
    if with_text:
        numbers = {row.script.id: number for number, row in enumerate(drawn)}
        data["words"] = [{"title": row.script.title, "text": row.script.text} for row in drawn]
        data["scripts"] = [[numbers[script] for script in trace] for trace in light.scripts]
    filled = {
        "policy": _POLICY,
        "title": f"Map of {count(len(drawn), 'script')}",
        "drawn": _text(said.drawn(of)),
        "believed": _text(said.believed(of)),
        "hint": "Press a point to read it. " if with_text else "",
        "height": f"{_rows(look) * 420 if look.by_section else 640}px",
        "lists": _lists(layers),
        "table": _table(of, drawn, layers.landscape),
        "plotly": _program(),
        # So that no text ends the element that it is in.
        "data": json.dumps(data, allow_nan=False).replace("<", "\\u003c"),
    }
    template = importlib.resources.files(__package__).joinpath("page.html").read_text("utf-8")
    # One pass, so that nothing that is put in is looked through for more.
    parts = template.split("@@")
    return "".join(filled[part] if odd % 2 else part for odd, part in enumerate(parts)).encode("utf-8")


def _rows(look: Look) -> int:
    return panels.grid(len(look.sections))[1]


def _program() -> str:
    return importlib.resources.files("plotly").joinpath("package_data/plotly.min.js").read_text("utf-8")


def _others(light: Spec, dark: Spec) -> Spec:
    """What is other in the dark, trace by trace, so that the places are in the file once."""
    pairs = zip(light["data"], dark["data"], strict=True)
    return {"data": [_other(one, two) for one, two in pairs], "layout": _other(light["layout"], dark["layout"])}


def _other(one: Spec, two: Spec) -> Spec:
    return {key: value for key, value in two.items() if one.get(key) != value}


def _text(value: str) -> str:
    return html.escape(value)


def _without_words(layers: Layers) -> Layers:
    """The same without the words that people said in questionnaires."""
    if layers.landscape is None:
        return layers
    gaps = tuple(replace(gap, missing=()) for gap in layers.landscape.gaps)
    return replace(layers, landscape=replace(layers.landscape, gaps=gaps))


def _lists(layers: Layers) -> str:
    """What the picture shows of clusters and gaps, in words."""
    found = layers.landscape
    if found is None:
        return ""
    shown = found.clusters if layers.names else ()
    clusters = [f"{c.name}: {count(c.size, 'script')} ({_sections(c.sections)})" for c in shown]
    gaps = [
        f"{gap.title}: {gap.section}. {gap.reason}"
        + (f" In no near script: {', '.join(gap.missing)}." if gap.missing else "")
        for gap in (found.gaps if layers.gaps else ())
    ]
    return _list("Clusters, with the words that set them apart", clusters) + _list("Gaps: nothing near", gaps)


def _sections(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{section} {size:,}" for section, size in sizes.items())


def _list(heading: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    told = "".join(f"<li>{_text(item)}</li>" for item in items)
    return f"<details><summary>{heading} · {len(items):,}</summary><ul>{told}</ul></details>"


def _table(of: Map, rows: Sequence[Row], landscape: Landscape | None) -> str:
    """The same as a table, for whom a picture says nothing."""
    names: Mapping[int, str] = landscape.names if landscape else {}
    lines = []
    for row in rows:
        script, cluster = row.script, int(of.clusters[of.places[row.script.id]])
        name = "" if cluster == NONE else names.get(cluster, f"Cluster {cluster + 1}")
        cells = (script.title, script.section, ", ".join(script.focus_areas), script.status.value, script.author, name)
        lines.append("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in cells) + "</tr>")
    return "".join(lines)
