"""How a browser puts a ring around a script on one picture where somebody points at it on another."""

import importlib.resources


def script() -> str:
    """A function ``scriptoriumFollow(one, other, colour)``: the picture pointed at, the other, and the ring's colour.

    ``other`` and ``colour`` are functions, because both may be new by then.
    """
    return importlib.resources.files(__package__).joinpath("following.js").read_text("utf-8").strip()
