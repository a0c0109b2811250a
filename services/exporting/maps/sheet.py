"""An HTML file with everything in it: it opens from a disk, without a network, and asks for nothing.

What it holds is data: titles and words are set as text by the browser, and the file forbids itself to load or to send.
"""

import html
import importlib.resources
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.domain.colours import DARK, LIGHT, Colours
from services.map.look import Look, Texts
from services.map.picture import Picture

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


def look_of(look: Look, scripts: int) -> Look:
    """The same for a file, which is read from a disk: as many titles as there are scripts, and none of their words."""
    return replace(look, texts=Texts.TITLES, most_texts=scripts, height=0)


def figure(light: Picture, dark: Picture) -> Spec:
    """A figure in light, and what is other in the dark, trace by trace, so that the places are in the file once."""
    one, two = light.figure, dark.figure
    traces = [_other(*pair) for pair in zip(one["data"], two["data"], strict=True)]
    return {"light": one, "dark": {"data": traces, "layout": _other(one["layout"], two["layout"])}}


def _other(one: Spec, two: Spec) -> Spec:
    return {key: value for key, value in two.items() if one.get(key) != value}


def write(title: str, body: str, filled: Mapping[str, str], figures: Sequence[Spec], **more: object) -> bytes:
    """The file: what is ``filled`` into the template ``body``, whose charts show the figures in their order.

    All that is filled in is HTML already; ``more`` is data for the body's own script.
    """
    told = {"figures": list(figures), "config": _CONFIG, **more}
    whole = {
        "policy": _POLICY,
        "title": text(title),
        "light": _colours(LIGHT),
        "dark": _colours(DARK),
        "body": _filled(body, {"title": text(title), **filled}),
        "plotly": importlib.resources.files("plotly").joinpath("package_data/plotly.min.js").read_text("utf-8"),
        # So that no text ends the element that it is in.
        "data": json.dumps(told, allow_nan=False).replace("<", "\\u003c"),
    }
    return _filled("sheet.html", whole).encode("utf-8")


def _colours(of: Colours) -> str:
    named = {"paper": of.paper, "ink": of.ink, "quiet": of.quiet, "accent": of.accent}
    return " ".join(f"--{name}: {colour};" for name, colour in named.items())


def _filled(template: str, values: Mapping[str, str]) -> str:
    """In one pass, so that nothing that is put in is looked through for more."""
    parts = importlib.resources.files(__package__).joinpath(template).read_text("utf-8").split("@@")
    return "".join(values[part] if odd % 2 else part for odd, part in enumerate(parts))


def text(value: str) -> str:
    """Text that a browser shows as it stands."""
    return html.escape(value)


def table(heads: Sequence[str], lines: Iterable[Sequence[str]], numbers: Collection[int] = ()) -> str:
    """A table; the columns with these ``numbers``, from 0 on, are aligned as numbers are."""
    kinds = [' class="number"' if place in numbers else "" for place in range(len(heads))]
    head = "".join(f'<th scope="col"{kind}>{text(name)}</th>' for kind, name in zip(kinds, heads, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{text(cell)}</td>" for kind, cell in zip(kinds, line, strict=True)) + "</tr>"
        for line in lines
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
