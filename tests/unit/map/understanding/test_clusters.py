"""What is understood of a map: its clusters, what stands alone, and how long that is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.maps import NONE, Drawn
from services.errors import Cancelled
from tests.doubles import TinyWorkbench, hand_map, make_workspace
from tests.unit.map.understanding.harbour import PLACES, SCRIPTS, SHOWN, ask


def test_clusters_with_words_sections_and_middle(bench):
    found = bench.landscape(SHOWN)
    sea, soil = found.clusters
    assert (sea.number, sea.size, sea.scripts) == (0, 3, ("harbour", "harbour-again", "pier"))
    assert list(sea.sections.items()) == [("induction", 2), ("awakening", 1)]
    # In the midst: the middle value of 0, 1 and 5, and of 0, 0 and 3.
    assert sea.centre == (1.0, 0.0)
    assert "harbour" in sea.words
    assert soil.name.split(" · ") == list(soil.words)
    assert set(soil.words) <= {"seed", "leaf"}
    assert (found.outliers.scripts, found.outliers.sections) == (("zigzag",), {"induction": 1})
    assert found.without_clusters == ""
    assert found.names == {0: sea.name, 1: soil.name}


def test_what_is_known_is_told_until_something_changes(bench):
    assert bench.landscape_shown(SHOWN) is None
    found = bench.landscape(SHOWN)
    assert bench.landscape_shown(SHOWN) is found
    assert bench.landscape(SHOWN) is found
    # The same key before the full fit: other clusters, another landscape.
    assert bench.landscape_shown(replace(SHOWN, clusters=np.full(6, NONE))) is None
    ask(bench, "Night")
    assert bench.landscape_shown(SHOWN) is None
    assert bench.landscape(SHOWN).asked == 1
    bench.delete("zigzag")
    assert bench.landscape_shown(SHOWN) is None


def test_a_script_that_is_gone_is_still_on_an_old_map(bench):
    bench.delete("pier")
    found = bench.landscape(SHOWN)
    assert found.clusters[0].size == 3
    assert found.clusters[0].sections == {"induction": 2}


def test_why_nothing_clusters(bench):
    none = hand_map(**PLACES)
    assert bench.landscape(none).without_clusters == "Clusters are looked for from 10 scripts on."
    assert bench.landscape(none).outliers.scripts == ()
    many = hand_map(**{f"s{n}": (n, n) for n in range(10)})
    assert bench.landscape(many).without_clusters.startswith("Nothing clusters")
    early = replace(many, drawn=Drawn.PCA)
    assert bench.landscape(early).without_clusters == "Clusters are found on the full map, which is not drawn yet."
    alike = replace(early, note="All scripts read the same.")
    assert bench.landscape(alike).without_clusters == "All scripts read the same."


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_scripts(tmp_path: Path, count):
    with TinyWorkbench(make_workspace(tmp_path / "few", SCRIPTS[:count])) as bench:
        bench.refresh()
        ask(bench, "You")
        found = bench.landscape(hand_map(**{s.id: PLACES[s.id] for s in SCRIPTS[:count]}))
        assert (found.clusters, len(found.outliers), found.gaps) == ((), 0, ())
        assert found.without_clusters
        expected = "Too few questionnaires are saved to tell which are unusually far: 1 of 8."
        assert found.without_gaps == (expected if count else "There is no script yet that could be asked for.")


def test_it_says_how_far_it_is_and_can_be_stopped(bench):
    ask(bench, "Night")
    told = []
    bench.landscape(SHOWN, lambda *what: told.append(what[0]))
    assert set(told) >= {"Reading the words of the scripts", "Asking the saved questionnaires"}

    def stop(*_):
        raise Cancelled("Stopped.")

    bench.delete("zigzag")
    with pytest.raises(Cancelled):
        bench.landscape(SHOWN, stop)
    assert bench.landscape_shown(SHOWN) is None
