"""A map to be passed on: an interactive file that needs no network, pictures, and the places as a table.

Two maps side by side are passed on as such a file too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from services.domain.maps import Map
from services.domain.moved import Compared
from services.errors import InvalidInput
from services.exporting.maps import compared, coordinates, image, page
from services.map.beside import Names
from services.map.look import NO_LAYERS, Layers, Look
from services.shelf import Row

FORMATS = ("html", "png", "svg", "csv", "parquet")


@dataclass(frozen=True, eq=False)
class Shown:
    """What is passed on: these scripts of a map, and how they are looked at."""

    map: Map
    rows: tuple[Row, ...]
    look: Look
    layers: Layers = NO_LAYERS


@dataclass(frozen=True, eq=False)
class ShownBeside:
    """What is passed on of a comparison: both sides' scripts, how the sides are called, and how they are looked at."""

    found: Compared
    rows: tuple[Sequence[Row], Sequence[Row]]
    names: tuple[Names, Names]
    look: Look


def as_bytes(of: Shown, format_name: str, *, with_text: bool = False) -> bytes:
    """The file's bytes, in one of ``FORMATS``: the same map and look give the same.

    ``with_text`` puts the scripts' words into the HTML, and the words of people that no script has. Without it there is
    nothing of either in any file but titles, what the records say of the scripts, and the words that name clusters,
    and of what was asked what the picture shows.

    Raises:
        InvalidInput: an unknown format.
    """
    if format_name == "html":
        return page.html_page(of.map, of.rows, of.look, of.layers, with_text=with_text)
    if format_name in {"png", "svg"}:
        return image.image(of.map, of.rows, of.look, of.layers, format_name)
    if format_name in {"csv", "parquet"}:
        return coordinates.table(of.map, of.rows, of.layers.landscape, format_name)
    raise InvalidInput(f"There is no format '{format_name[:40]}'.", f"Use one of: {', '.join(FORMATS)}.")


def beside_as_bytes(of: ShownBeside) -> bytes:
    """Both maps side by side as one HTML file: the same comparison and look give the same bytes.

    Of scripts and questionnaires it has titles only, and what the records say of the scripts.
    """
    return compared.html_page(of.found, of.rows, of.names, of.look)


def table_format(file: str) -> str:
    """CSV or Parquet, by a file's ending. Raises ``InvalidInput`` for another one."""
    ending = PurePath(file).suffix.lower().removeprefix(".")
    if ending not in {"csv", "parquet"}:
        raise InvalidInput(f"Coordinates cannot be written to {file}.", "End its name in .csv or .parquet.")
    return ending
