"""What lies over the points of a map: a question and its hits, near-duplicates, gaps and the names of clusters."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.colours import LIGHT
from services.domain.separation import Separation, Verdict
from services.map import panels
from services.map.look import Layers
from services.map.picture import draw
from tests.unit.map.landscapes import ASKED, LANDSCAPE, ROWS, the_map
from tests.unit.map.traces import look, named, numbers


def test_the_question_has_lines_to_its_hits_and_near_duplicates_are_joined():
    made = draw(the_map(), ROWS, look(), Layers(ASKED, LANDSCAPE))
    (joined,) = named(made, "near-duplicates")
    assert numbers(joined["x"]) == pytest.approx([0, 1, np.nan, 1, 4, np.nan], nan_ok=True)
    ways, hits = named(made, "hits")
    assert numbers(ways["x"]) == pytest.approx([2, 0, np.nan, 2, 4, np.nan], nan_ok=True)
    assert made.scripts[made.figure["data"].index(hits)] == ("a", "d")
    assert hits["text"] == ["0.300", "0.500"]
    # The star is at 2, 1: right of the one at 0, 0, and below the one at 4, 4.
    assert hits["textposition"] == ["middle left", "top center"]
    (star,) = named(made, "Asked")
    assert (star["marker"]["symbol"], star.get("text")) == ("star-open", None)
    assert made.figure["data"].index(star) < made.figure["data"].index(hits)
    assert hits["hovertext"][1] == "Oak<br>Affirmations, rank 1, distance 0.500"
    (gap,) = named(made, "nothing near")
    assert gap["hovertext"][0].split("<br>") == [
        "Moths &amp; wool",
        "A gap in Induction. Its nearest script is 0.61 away, where 0.42 is usual.",
        "In no near script: moths, wool",
    ]


def test_a_question_that_nothing_answers_says_so_beside_its_star():
    nothing = tuple(replace(s, separation=Separation(Verdict.NO_INFORMATION)) for s in ASKED.sections)
    made = draw(the_map(), ROWS, look(), Layers(replace(ASKED, sections=nothing)))
    (star,) = named(made, "Asked")
    assert star["text"] == ["an unrelated question would come as near"]
    assert star["hovertext"][0].endswith("An unrelated question would come as near: its place says nothing.")


def test_a_name_stands_above_its_cluster_and_lets_points_through():
    harbour = draw(the_map(), ROWS, look(), Layers(ASKED, LANDSCAPE)).figure["layout"]["annotations"][0]
    # Its points are at heights 0, 0 and 1: nine tenths of them lie below 0.8.
    assert harbour["y"] == pytest.approx(0.8)
    assert (harbour["yanchor"], "bgcolor" in harbour) == ("bottom", False)
    assert harbour["font"]["shadow"].count(LIGHT.paper) == 4
    # 0.3 is near the left side of -0.54 to 9.54.
    assert harbour["xanchor"] == "left"


def test_layers_are_of_scripts_that_are_drawn():
    made = draw(the_map(), ROWS[:3], look(), Layers(ASKED, LANDSCAPE))
    assert numbers(named(made, "near-duplicates")[0]["x"])[:2] == [0, 1]
    assert len(numbers(named(made, "hits")[1]["x"])) == 1
    without = draw(the_map(), ROWS, look(), Layers(ASKED, LANDSCAPE, names=False, joined=False, gaps=False))
    assert not named(without, "near-duplicates")
    assert not named(without, "nothing near")
    assert without.figure["layout"]["annotations"] == []


def test_small_maps_have_their_own_scripts_and_one_scale():
    made = draw(the_map(), ROWS, look(by_section=True), Layers(ASKED, LANDSCAPE))
    layout = made.figure["layout"]
    assert [one["text"] for one in layout["annotations"]] == ["Induction", "Affirmations"]
    assert layout["xaxis2"]["matches"] == "x"
    assert layout["xaxis"]["range"] == layout["xaxis2"]["range"]
    second = [trace for trace in made.figure["data"] if trace.get("xaxis") == "x2"]
    # The others' as dots behind, then the line to the one hit, and of the near-duplicates the pair that it has part in.
    assert numbers(second[0]["x"]) == [0, 1, 0]
    assert [numbers(t["x"])[:2] for t in second if t["mode"] == "lines"] == [[1, 4], [2, 4]]
    assert [t.get("name") for t in second if t["mode"] != "lines"][-2:] == ["Asked: Getting to Perth", "hits"]


@pytest.mark.parametrize(
    ("many", "columns_and_rows"), [(1, (1, 1)), (2, (2, 1)), (4, (2, 2)), (5, (3, 2)), (7, (3, 3))]
)
def test_small_maps_stand_in_rows(many, columns_and_rows):
    assert panels.grid(many) == columns_and_rows
