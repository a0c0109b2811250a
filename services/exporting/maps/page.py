"""A map as one HTML file, light and dark as its reader likes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.domain.colours import DARK, LIGHT
from services.domain.landscape import Landscape
from services.domain.maps import NONE, Map
from services.domain.words import count, section
from services.exporting.maps import sheet
from services.map import labelled, panels, picture, said
from services.map.look import Layers, Look
from services.shelf import Row

_COLUMNS = ("Title", "Section", "Focus areas", "Status", "Author", "Cluster")


def html_page(of: Map, rows: Iterable[Row], look: Look, layers: Layers, *, with_text: bool) -> bytes:
    """The file."""
    drawn = [row for row in rows if row.script.id in of.places]
    layers = layers if with_text else _without_words(layers)
    look = sheet.look_of(look, len(drawn))
    light, dark = (picture.draw(of, drawn, replace(look, colours=one), layers) for one in (LIGHT, DARK))
    more: dict[str, object] = {}
    if with_text:
        numbers = {row.script.id: number for number, row in enumerate(drawn)}
        more["words"] = [{"title": row.script.title, "text": row.script.text} for row in drawn]
        more["scripts"] = [[numbers[script] for script in trace] for trace in light.scripts]
    filled = {
        "drawn": sheet.text(said.drawn(of)),
        "believed": sheet.text(said.believed(of)),
        "hint": "Press a point to read it. " if with_text else "",
        "height": f"{_rows(look) * 420 if look.by_section else 640}px",
        "lists": _lists(layers),
        "table": sheet.table(_COLUMNS, _lines(of, drawn, layers.landscape)),
        "labelled": labelled.script(),
    }
    return sheet.write(
        f"Map of {count(len(drawn), 'script')}", "page.html", filled, [sheet.figure(light, dark)], **more
    )


def _rows(look: Look) -> int:
    return panels.grid(len(look.sections))[1]


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
        f"{gap.title}: {section(gap.section)}. {gap.reason}"
        + (f" In no near script: {', '.join(gap.missing)}." if gap.missing else "")
        for gap in (found.gaps if layers.gaps else ())
    ]
    return _list("Clusters, with the words that set them apart", clusters) + _list("Gaps: nothing near", gaps)


def _sections(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{section(name)} {size:,}" for name, size in sizes.items())


def _list(heading: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    told = "".join(f"<li>{sheet.text(item)}</li>" for item in items)
    return f"<details><summary>{heading} · {len(items):,}</summary><ul>{told}</ul></details>"


def _lines(of: Map, rows: Sequence[Row], landscape: Landscape | None) -> Iterable[Sequence[str]]:
    """The same as a table, for whom a picture says nothing."""
    names: Mapping[int, str] = landscape.names if landscape else {}
    for row in rows:
        script, cluster = row.script, int(of.clusters[of.places[row.script.id]])
        name = "" if cluster == NONE else names.get(cluster, f"Cluster {cluster + 1}")
        told = (script.title, section(script.section), ", ".join(script.focus_areas), script.status.value)
        yield (*told, script.author, name)
