"""The figure of a map: what is drawn in which colour and shape, and what is told of it."""

import json

import numpy as np
import pytest

from services.domain.colours import DARK, LIGHT
from services.domain.shapes import SHAPES
from services.map import scale
from services.map.groups import Shade
from services.map.look import Colouring, Layers, Texts
from services.map.picture import draw
from tests.unit.map.landscapes import ASKED, LANDSCAPE, PLACES, ROWS, row, the_map
from tests.unit.map.traces import legend, look, named, numbers, points


def test_a_section_is_a_colour_and_a_shape():
    drawn = points(draw(the_map(), ROWS, look()))
    assert {script: place for script, (place, _, _) in drawn.items()} == dict(zip("abcdefg", PLACES, strict=True))
    assert {(colour, shape) for s, (_, colour, shape) in drawn.items() if s in "abc"} == {("#0072B2", "circle")}
    assert {(colour, shape) for s, (_, colour, shape) in drawn.items() if s in "def"} == {("#D98200", "square")}


def test_what_was_placed_afterwards_is_open_and_in_the_legend_once():
    made = draw(the_map(), ROWS, look())
    assert points(made)["g"][2] == "square-open"
    assert legend(made) == ["Induction · 3", "Affirmations · 4"]


@pytest.mark.parametrize(
    ("colouring", "names"),
    [
        # a, b and d have sleep among theirs, b is listed under calm first.
        (Colouring.FOCUS, ["sleep · 2", "calm · 1", "not stated · 4"]),
        (Colouring.STATUS, ["approved · 5", "draft · 1", "retired · 1"]),
        (Colouring.AUTHOR, ["Ada · 2", "Ben · 1", "not stated · 4"]),
        (Colouring.CLUSTER, ["harbour · tide · 3", "&lt;i&gt;oak&lt;/i&gt; · 3", "stand alone · 1"]),
    ],
)
def test_groups_are_named_with_their_sizes(colouring, names):
    made = draw(the_map(), ROWS, look(colouring), Layers(landscape=LANDSCAPE, joined=False, gaps=False))
    assert legend(made) == names


def test_beyond_seven_groups_the_rest_is_one():
    rows = [row(name, "induction", author=f"author {number}") for number, name in enumerate("abcdefghij")]
    places = {"positions": np.zeros((10, 2), np.float32), "fitted": np.ones(10, bool), "digests": ("",) * 10}
    made = draw(the_map(scripts=tuple("abcdefghij"), **places), rows, look(Colouring.AUTHOR))
    assert legend(made) == [*(f"author {number} · 1" for number in range(7)), "other authors · 3"]
    shapes = [trace["marker"]["symbol"] for trace in made.figure["data"]]
    assert len(set(shapes)) == 8
    # Below the others: it says the least.
    assert made.figure["data"][0]["marker"]["color"] == LIGHT.quiet


def test_numbers_have_a_scale_and_a_bar():
    made = draw(the_map(), ROWS, look(Colouring.DISTANCE), Layers(ASKED))
    scale = made.figure["layout"]["coloraxis"]
    # The 2nd and 98th hundredth of 0.3, 0.4, 0.5, 0.6, 0.7: 0.3 + 0.02 * 0.4 and 0.7 - 0.02 * 0.4.
    assert (scale["cmin"], scale["cmax"]) == (pytest.approx(0.308), pytest.approx(0.692))
    assert scale["colorbar"]["ticktext"] == ["≤ 0.308", "0.500", "≥ 0.692"]
    # Near stands out from the paper.
    assert scale["colorscale"][0][1] == "#00224E"
    assert legend(made)[-1:] == ["Asked: Getting to Perth"]
    assert len(named(made, "not asked · 2")) == 1


def test_open_shapes_have_the_colour_of_the_scale_by_name():
    drawn = points(draw(the_map(), ROWS, look(Colouring.WORDS)))
    # 70 words is beyond the end of the scale, which is the darkest.
    assert drawn["g"][1] == ["#00224E"]


def test_a_colour_between_two_is_mixed_of_both():
    shade = Shade("Words", np.array([0, 16], np.float32), 0.0, 16.0, turned=False)
    # A sixteenth of the way over eight colours is 7/16 between the first, F1DA49 or D2C060, and the next.
    assert scale.colour_of(0.0, shade, look()) == "#D2C060"
    assert scale.colour_of(16.0, shade, look()) == "#00224E"
    # D2C060 + 7/16 * (B4A76C - D2C060) = 196.9, 181.1, 101.2.
    assert scale.colour_of(1.0, shade, look()) == "#C5B565"


def test_titles_are_data():
    made = draw(the_map(), ROWS, look(), Layers(landscape=LANDSCAPE))
    told = json.dumps(made.figure)
    assert "<i>" not in told
    assert "<img" not in told
    texts = [text for trace in made.figure["data"] for text in trace.get("hovertext", [])]
    # Quotes as they are: Plotly would show their escape.
    assert texts[0].startswith('<b>&lt;b&gt;Sea&lt;/b&gt; &amp; "sand" $x^2$ &lt;/script&gt;&lt;')


def test_of_many_points_nothing_is_told_and_the_graphics_card_draws_them():
    many = 1_001
    rows = [row(f"s-{i}", "induction") for i in range(many)]
    drawn = the_map(
        scripts=tuple(r.script.id for r in rows),
        positions=np.zeros((many, 2), np.float32),
        digests=("",) * many,
        fitted=np.ones(many, bool),
        clusters=np.zeros(many, np.int64),
    )
    (trace,) = draw(drawn, rows, look(most_texts=1_000)).figure["data"]
    assert (trace["type"], trace["hoverinfo"], "hovertext" in trace) == ("scattergl", "none", False)
    (trace,) = draw(drawn, rows[:1_000], look(texts=Texts.TITLES)).figure["data"]
    assert trace["type"] == "scatter"
    assert trace["hovertext"][0] == "<b>S 0</b><br>Induction"


def test_of_a_crowd_no_group_hides_another(monkeypatch):
    monkeypatch.setattr("services.map.groups._CROWD", 4)
    made = draw(the_map(), ROWS, look())
    samples, drawn = made.figure["data"][:2], made.figure["data"][2:]
    order = [trace["name"].split(" ")[0] for trace in drawn]
    assert order[:4] == ["Induction", "Affirmations", "Induction", "Affirmations"]
    assert legend(made) == ["Induction · 3", "Affirmations · 4"]
    # As strong in the legend as where many points lie.
    assert [trace["name"] for trace in samples if trace["showlegend"]] == legend(made)
    assert [(trace["marker"].get("opacity"), numbers(trace["x"])) for trace in samples] == [
        (None, pytest.approx([np.nan], nan_ok=True))
    ] * 2
    assert {trace["marker"]["opacity"] for trace in drawn} == {0.8}
    assert sorted(points(made)) == list("abcdefg")


def test_a_picture_has_a_name_that_its_figure_carries():
    made, other = draw(the_map(), ROWS, look()), draw(the_map(), ROWS, look(colours=DARK))
    assert made.name == made.figure["layout"]["meta"]["picture"] == other.name
    assert draw(the_map(), ROWS[1:], look()).name != made.name


def test_a_filter_moves_nothing():
    whole, some = draw(the_map(), ROWS, look()), draw(the_map(), ROWS[:2], look())
    assert some.figure["layout"]["xaxis"] == whole.figure["layout"]["xaxis"]
    assert sorted(points(some)) == ["a", "b"]
    # 9 across, and 6 of a hundred on each side.
    assert whole.figure["layout"]["xaxis"]["range"] == [pytest.approx(-0.54), pytest.approx(9.54)]


def test_points_are_told_back_as_scripts():
    made = draw(the_map(), ROWS, look(), Layers(ASKED, LANDSCAPE))
    trace = next(number for number, scripts in enumerate(made.scripts) if scripts == ("d", "e", "f"))
    lines = next(number for number, scripts in enumerate(made.scripts) if not scripts)
    assert made.chosen([(trace, 2), (trace, 0), (trace, 2), (lines, 0), (99, 0), (trace, 3)]) == ("f", "d")


@pytest.mark.parametrize("colouring", list(Colouring))
@pytest.mark.parametrize("many", [0, 1])
def test_nothing_and_one_script_are_drawn(colouring, many):
    one = the_map(
        scripts=("a",)[:many],
        positions=np.zeros((many, 2), np.float32),
        digests=("",) * many,
        fitted=np.ones(many, bool),
        clusters=np.full(many, -1),
        quality=None,
    )
    made = draw(one, ROWS, look(colouring, by_section=bool(many), colours=DARK))
    assert sorted(points(made)) == ["a"][:many]
    low, high = made.figure["layout"]["xaxis"]["range"]
    assert low < 0 < high


def test_there_are_shapes_for_all_groups():
    assert len({shape.name for shape in SHAPES}) == len({shape.corners for shape in SHAPES}) == 8
    assert len(set(LIGHT.groups)) == len(set(DARK.groups)) == 7
