"""The sketch of a map: the same points as the figure's, as HTML that has nothing in it but them."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from services.domain.colours import LIGHT
from services.map.look import Look
from services.map.sketch import glimpse, sketch
from tests.unit.map.landscapes import PLACES, ROWS, SECTIONS, the_map

POINT = re.compile(r'<i class="sketch-(\d)" style="left:([\d.]+)%;top:([\d.]+)%" title="([^"]*)"></i>')


def test_points_stand_as_in_the_figure_with_their_titles_as_text():
    drawn = sketch(the_map(), ROWS, Look(SECTIONS, colours=LIGHT, height=560))
    points = POINT.findall(drawn)
    assert len(points) == 7
    assert [title.endswith(" · Induction") for *_, title in points] == [True] * 3 + [False] * 4
    # The map is 9 wide and 5 high. With 6 % of its width around it, it is its width that fills the sketch.
    scale = 100 / (9 * 1.12)
    left, top = float(points[0][1]), float(points[0][2])
    for (_, across, down, _), (x, y) in zip(points, PLACES, strict=True):
        assert float(across) == pytest.approx(left + x * scale, abs=0.02)
        assert float(down) == pytest.approx(top - y * scale * 900 / 560, abs=0.02)
    assert "<b>" not in drawn
    assert "&lt;b&gt;Sea&lt;/b&gt; &amp; &quot;sand&quot;" in drawn
    assert "<script" not in drawn
    assert re.findall(r"> ?([^<>]+ · \d)<", drawn) == ["Induction · 3", "Affirmations · 4"]


def test_one_script_alone_stands_in_the_middle():
    alone = the_map(
        scripts=("a",),
        positions=the_map().positions[:1],
        digests=("",),
        fitted=the_map().fitted[:1],
        clusters=the_map().clusters[:1],
    )
    assert [point[1:3] for point in POINT.findall(sketch(alone, ROWS, Look(SECTIONS, height=560)))] == [
        ("50.00", "50.00")
    ]


def test_what_was_drawn_last_is_an_image_of_the_scripts_that_are_still_there():
    filed = {"a": "induction", "b": "induction", "c": "induction", "d": "affirmations", "g": "affirmations", "z": "sea"}
    drawn = glimpse(the_map(), filed, Look(SECTIONS, colours=LIGHT, height=560))
    assert re.findall(r"> ?([^<>]+ · \d)<", drawn) == ["Induction · 3", "Affirmations · 2"]
    assert 'aria-label="5 scripts as they were drawn last."' in drawn
    image = Image.open(io.BytesIO(base64.b64decode(re.search('base64,([^"]+)', drawn)[1]))).convert("RGBA")
    assert image.size == (1800, 1120)
    # 9 wide with 6 % of that around it fills the width; the middle of the map is the middle of the image.
    scale = 1800 / (9 * 1.12)
    at = [(round(900 + (x - 4.5) * scale), round(560 - (y - 2.5) * scale)) for x, y in PLACES]
    found = ["#" + "".join(f"{part:02x}" for part in image.getpixel(place)[:3]) for place in at]
    assert found[:4] == [LIGHT.group(0).lower()] * 3 + [LIGHT.group(1).lower()]
    assert found[6] == LIGHT.group(1).lower()
    # e and f are not there any more: nothing is where they were, and in no corner.
    assert [image.getpixel(place)[3] for place in (at[4], at[5], (0, 0))] == [0, 0, 0]
    assert np.count_nonzero(np.asarray(image)[:, :, 3]) < 5 * 40 * 40
