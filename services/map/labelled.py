"""How a browser keeps the names on a picture apart: how much room there is, only it knows."""

import importlib.resources


def script() -> str:
    """A function ``scriptoriumLabelled(picture)``: from then on its names stay apart, however it is zoomed."""
    return importlib.resources.files(__package__).joinpath("labelled.js").read_text("utf-8").strip()
