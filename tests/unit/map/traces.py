"""What a figure of a map has drawn, read back from its traces."""

import base64

import numpy as np

from services.map.look import Colouring, Look
from tests.unit.map.landscapes import SECTIONS


def look(colouring=Colouring.SECTION, **more):
    return Look(SECTIONS, colouring, **more)


def numbers(value):
    assert value["dtype"] == "f4"
    return np.frombuffer(base64.b64decode(value["bdata"]), "<f4").tolist()


def named(made, name):
    """The traces whose legend begins so."""
    return [trace for trace in made.figure["data"] if trace.get("name", "").startswith(name)]


def legend(made):
    shown = [trace for trace in made.figure["data"] if trace["showlegend"]]
    return [trace["name"] for trace in sorted(shown, key=lambda trace: trace.get("legendrank", 1000))]


def points(made):
    """Of each script its place, colour and shape, wherever it is drawn."""
    found = {}
    for trace, scripts in zip(made.figure["data"], made.scripts, strict=True):
        places = zip(numbers(trace["x"]), numbers(trace["y"]), strict=True) if scripts else ()
        for script, place in zip(scripts, places, strict=True):
            found[script] = (place, trace["marker"]["color"], trace["marker"]["symbol"])
    return found
