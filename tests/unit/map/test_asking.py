"""A question on the map: true distances, and a place worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from services.domain.model_digest import State
from services.domain.passages import Passage
from services.domain.questionnaires import make_questionnaire
from services.domain.results import Hit, Ranking, Retrieval
from services.map.asking import on_map, place_among
from tests.doubles import TinyEmbedder, TinyWorkbench, hand_map, make_workspace, script, stamp

LN3 = 0.02 * float(np.log(3))


def retrieval(*rankings):
    asked = make_questionnaire(id="night", title="Night", query="night")
    return Retrieval(asked, "night", "tiny", stamp(), "exact", {r.section: r for r in rankings}, (), 0.25, 0.5)


def ranking(section, near, **more):
    scripts = [script(name, section) for name in near]
    hits = [
        Hit(rank, made, distance, Passage("card"), "")
        for rank, (made, distance) in enumerate(zip(scripts, near.values(), strict=True), start=1)
    ]
    distances = np.array(list(near.values()), np.float32)
    return Ranking(section, State.MATCH, hits=tuple(hits), scored=tuple(near), distances=distances, **more)


def test_the_nearest_of_all_sections_give_the_place():
    shown = hand_map(a=(0, 0), b=(4, 8), c=(9, 9))
    found = on_map(retrieval(ranking("induction", {"b": 0.5 + LN3}), ranking("awakening", {"a": 0.5})), shown)
    assert found.position == pytest.approx((1.0, 2.0), abs=1e-5)
    assert (found.placed_by, found.without_position) == (("a", "b"), "")
    assert (found.questionnaire, found.title, found.query, found.embedder) == ("night", "Night", "night", "tiny")
    assert found.seconds == 0.75
    # Nobody asked c.
    assert found.distances.tolist() == pytest.approx([0.5, 0.5 + LN3, float("nan")], nan_ok=True)


def test_five_at_most():
    shown = hand_map(**{f"s{n}": (n, 0) for n in range(7)})
    found = on_map(retrieval(ranking("induction", {f"s{n}": 0.1 * n for n in range(7)})), shown)
    assert found.placed_by == ("s0", "s1", "s2", "s3", "s4")


def test_hits_keep_rank_distance_and_place():
    found = on_map(retrieval(ranking("induction", {"a": 0.25, "gone": 0.75})), hand_map(a=(3, 4)))
    (section,) = found.sections
    assert [(h.rank, h.script, h.distance, h.position) for h in section.hits] == [
        (1, "a", 0.25, (3.0, 4.0)),
        (2, "gone", 0.75, None),
    ]
    assert found.placed_by == ("a",)


def test_where_answers_are_random_there_is_no_place_and_no_distance():
    refused = Ranking("induction", State.MISMATCH, random=True, refusal="Another model.", next_step="Rebuild.")
    insisted = ranking("awakening", {"a": 0.1}, random=True)
    found = on_map(retrieval(refused, insisted), hand_map(a=(0, 0)))
    assert found.position is None
    assert "embedded by another model" in found.without_position
    assert np.isnan(found.distances).all()
    assert (found.sections[0].refusal, found.sections[0].next_step) == ("Another model.", "Rebuild.")
    assert found.sections[1].random
    assert on_map(retrieval(refused), hand_map(a=(0, 0))).refused
    # One that answers gives it a place all the same.
    mixed = on_map(retrieval(refused, ranking("awakening", {"a": 0.1})), hand_map(a=(1, 2)))
    assert (mixed.position, mixed.refused) == ((1.0, 2.0), False)


def test_without_distances_there_is_no_place():
    found = on_map(
        retrieval(ranking("induction", {"a": float("nan")}, without_distances="The question has no vector.")),
        hand_map(a=(0, 0)),
    )
    assert found.position is None
    assert (
        found.without_position == "Only words were compared, so the question has no place. The question has no vector."
    )


def test_nothing_found_and_nothing_on_the_map():
    empty = on_map(retrieval(Ranking("induction", State.UNVERIFIED)), hand_map(a=(0, 0)))
    assert empty.without_position == "Nothing was found, so the question has no place."
    elsewhere = on_map(retrieval(ranking("induction", {"b": 0.5})), hand_map())
    assert elsewhere.without_position.startswith("None of the scripts that were found is on the map")
    assert elsewhere.distances.shape == (0,)


def test_identical_scripts_and_one_alone():
    assert place_among({"a": 0.0, "b": 0.0}, hand_map(a=(0, 0), b=(2, 4)))[0] == (1.0, 2.0)
    assert place_among({"a": 0.7}, hand_map(a=(5, 6)))[0] == (5.0, 6.0)


def test_the_workbench_asks_as_retrieve_does(tmp_path: Path):
    root = make_workspace(tmp_path / "workspace", [script("able"), script("zigzag", text="Zzz zzz zzz.")])
    asked = make_questionnaire(query="You are able.")
    with TinyWorkbench(root, {"other": TinyEmbedder("other")}) as bench:
        bench.refresh()
        shown = bench.map_of()
        found, plain = bench.ask_map(shown, asked), bench.retrieve(asked)
        hits = plain.sections["induction"].hits
        assert [(h.script, h.distance) for h in found.sections[0].hits] == [(h.script.id, h.distance) for h in hits]
        assert found.sections[0].hits[0].position == pytest.approx(shown.positions[shown.places[hits[0].script.id]])
        refused = bench.ask_map(shown, asked, embedder="other")
        assert refused.refused
        assert refused.position is None
        assert "other" in refused.sections[0].refusal
