"""A small map, worked out by hand: seven scripts in two sections, one of them placed afterwards."""

from dataclasses import replace

import numpy as np

from services.domain.landscape import AskedOnMap, Cluster, Gap, Joined, Landing, Landscape, SectionAsked
from services.domain.maps import Drawn, Map, Quality
from services.domain.moved import Asked, Compared, Moved, Seen, Side
from services.domain.scripts import Record
from services.shelf import Row
from tests.doubles import script

SECTIONS = ("induction", "affirmations")
HOSTILE = '<b>Sea</b> & "sand" $x^2$ </script><img src=x onerror=alert(1)>'


def row(name, section, words=3, **more):
    made = Record(script(name, section, text=" ".join(["wave"] * words), **more))
    return Row(made, words, 1, name, name)


ROWS = (
    row("a", "induction", 10, title=HOSTILE, focus_areas=("sleep",), author="Ada"),
    row("b", "induction", 20, focus_areas=("calm", "sleep"), author="Ada"),
    row("c", "induction", 30, title="=1+1", status="draft"),
    row("d", "affirmations", 40, focus_areas=("sleep",), author="Ben"),
    row("e", "affirmations", 50, status="retired"),
    row("f", "affirmations", 60),
    row("g", "affirmations", 70),
)
PLACES = [(0, 0), (1, 0), (0, 1), (4, 4), (5, 4), (4, 5), (9, 0)]


def the_map(**changes):
    said = {
        "key": "k",
        "drawn": Drawn.UMAP,
        "scripts": tuple("abcdefg"),
        "positions": np.array(PLACES, np.float32),
        "digests": ("",) * 7,
        "fitted": np.array([True] * 6 + [False]),
        "clusters": np.array([0, 0, 0, 1, 1, 1, -1]),
        "model_digest": "m",
        "model_name": "tiny",
        "quality": Quality(0.851, 0.5, 3, 7),
    }
    return Map(**{**said, **changes})


LANDSCAPE = Landscape(
    "k",
    "basis",
    clusters=(
        Cluster(0, ("harbour", "tide"), ("a", "b", "c"), {"induction": 3}, (0.3, 0.3)),
        Cluster(1, ("<i>oak</i>",), ("d", "e", "f"), {"affirmations": 3}, (4.3, 4.3)),
    ),
    joined=(Joined("a", "b", 0.9, 0.1, ((0, 0), (1, 0))), Joined("b", "d", 0.8, 0.2, ((1, 0), (4, 4)))),
    gaps=(Gap("q", "Moths & wool", "induction", 0.61, 0.42, ("moths", "wool"), ("a",), (2.0, 2.0), far=True),),
)
ASKED = AskedOnMap(
    "k",
    "q",
    "Getting to Perth",
    "",
    "tiny",
    (2.0, 1.0),
    "",
    ("a", "d"),
    (
        SectionAsked("induction", (Landing(1, "a", "Sea", "induction", 0.3, (0, 0)),)),
        SectionAsked("affirmations", (Landing(1, "d", "Oak", "affirmations", 0.5, (4, 4)),)),
    ),
    np.array([0.3, 0.4, np.nan, 0.5, np.nan, 0.6, 0.7], np.float32),
)


def asked(**changes):
    """Two questionnaires far from the scripts, the first with a title that is no good."""
    said = {
        "ids": ("q", "r"),
        "titles": (HOSTILE, "Moths"),
        "positions": np.array([(20, 20), (21, 20)], np.float32),
        "nearest": np.array([0.25, 0.5], np.float32),
        "nearest_scripts": ("a", "d"),
        "model_name": "tiny",
        "same_model": True,
        "reads_alike": None,
        "usual": 0.375,
        "usual_of_passages": 0.2,
        "middles": 0.9,
    }
    return Asked(**{**said, **changes})


def seen(asked_by="", **changes):
    """A side of the small map."""
    made = Seen(Side("", "", asked_by), the_map(), {one.script.id: one.record for one in ROWS})
    return replace(made, **changes)


def compared(before, after, **changes):
    """Two sides of the same scripts, read by the same model."""
    moved = tuple(Moved(script, 0.0, 0.0, itself=False) for script in "abcdefg")
    return replace(Compared(before, after, moved, 3, (), ()), **changes)
