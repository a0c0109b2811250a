"""The colours: told apart by people who see fewer, readable on their paper, and the same in the theme.

Colour vision deficiency as Machado, Oliveira and Fernandes simulate it ("A Physiologically-based Model for Simulation
of Color Vision Deficiency", IEEE TVCG 15(6), 2009), at severity 1.0: a matrix on linear RGB. Distances are of CIE 1976
(Delta E*ab, D65); contrast is that of WCAG 2.2.
"""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from services.domain.colours import DARK, LIGHT

ROOT = Path(__file__).parents[2]
VISIONS = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Linear RGB to XYZ, IEC 61966-2-1.
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
LEAST = 15
# Two sections' colours that are fixed; their shapes differ.
SHORT = {("tritan", "#56B4E9", "#35C79A")}
BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def linear(colour):
    parts = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(seen):
    ratio = XYZ @ np.clip(seen, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one, other, vision="usual"):
    matrix = VISIONS[vision]
    return float(np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(other))))


def contrast(one, other):
    low, high = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_what_is_measured_with_is_right():
    # Black and white are 100 apart and 21 to 1; sRGB red is 53.24, 80.09, 67.20 in CIELAB.
    assert apart("#000000", "#FFFFFF") == pytest.approx(100, abs=0.01)
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert lab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    # Greys are seen by all: every line of a matrix adds up to 1.
    for matrix in VISIONS.values():
        assert matrix.sum(axis=1) == pytest.approx(1, abs=1e-5)


@BOTH
@pytest.mark.parametrize("vision", VISIONS)
def test_any_two_colours_are_told_apart(colours, vision):
    every = [*colours.groups, colours.quiet, colours.faint]
    near = {
        (vision, one, other): apart(one, other, vision)
        for one, other in itertools.combinations(every, 2)
        if apart(one, other, vision) < LEAST
    }
    assert near.keys() <= SHORT, near
    # Not even these are alike.
    assert all(distance > 10 for distance in near.values())


@BOTH
def test_colours_stand_out_from_their_paper_and_greys_can_be_read(colours):
    # The first three are fixed: orange on light paper has 2.8, with a shape and a word beside it everywhere.
    assert min(contrast(colour, colours.paper) for colour in colours.groups[3:]) >= 3
    assert min(contrast(colour, colours.paper) for colour in colours.groups[:3]) >= 2.8
    assert contrast(colours.quiet, colours.paper) >= 4.5
    assert contrast(colours.ink, colours.paper) >= 7


@pytest.mark.parametrize(("colours", "name"), [(LIGHT, "light"), (DARK, "dark")], ids=["light", "dark"])
def test_the_theme_has_the_same(colours, name):
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"][name]
    assert tuple(theme["chartCategoricalColors"]) == colours.groups
    assert (theme["backgroundColor"], theme["textColor"]) == (colours.paper, colours.ink)
    assert (theme["grayColor"], theme["grayTextColor"], theme["primaryColor"]) == (
        colours.quiet,
        colours.quiet,
        colours.accent,
    )
