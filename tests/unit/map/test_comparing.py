"""Two maps side by side: what moved, worked out by hand, and what is laid over what."""

import base64
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from services.domain import planes
from services.domain.maps import NONE, Drawn, Map, Points
from services.domain.moved import Questions, Side
from services.domain.neighbours import quality
from services.domain.scripts import Status
from services.ground.progress import silent
from services.map import beside
from services.map import questions as of_questions
from services.map.comparing import Given, compare, share_lost
from services.map.look import Colouring, Look
from services.map.pair import pair, ringed
from services.map.reached import Reachable
from services.ports import Catalogue
from services.ports.maps import Fitted
from services.shelf import Shelves
from tests.doubles import SECTIONS, FlatFitter, bare_record

# Eight places; as they lie, the best way to lay the two pictures over each other is to leave them as they are.
PLACES = np.array([(3, 2), (3, -2), (-3, 2), (-3, -2), (0, 4), (0, -4), (-1, 0), (1, 0)], np.float32)


class GivenFitter:
    """Places points where it was told, fit by fit; ``began`` is where each was to begin."""

    def __init__(self, *places):
        self.places, self.began, self.settled, self.vectors = list(places), [], [], []

    def fit(self, vectors, start, report, *, settled=False):
        self.began.append(start)
        self.settled.append(settled)
        self.vectors.append(vectors)
        positions = np.asarray(self.places.pop(0), np.float32)
        return Fitted(positions, np.zeros(len(vectors), np.int64), quality(vectors, positions))

    def several(self):
        return nullcontext(self)


def decoded(values):
    return np.frombuffer(base64.b64decode(values["bdata"]), "<f4").tolist()


def angles(*degrees):
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def given(vectors, names="", model="model", questions=None, side=None):
    names = tuple(names or "abcdefghijklmnop"[: len(vectors)])
    points = Points(names, vectors, tuple(v.tobytes().hex() for v in vectors), model, model)
    records = {
        name: bare_record(name, vectors[place : place + 1], SECTIONS[place % 3]) for place, name in enumerate(names)
    }
    return Given(side or Side(), points, records, questions)


def asked(questions, side):
    return of_questions.asked(
        questions,
        side.points,
        np.zeros((len(questions.ids), 2), np.float32),
        Reachable.of(side.points, side.records, side.method),
    )


def random(count, seed=1, dimensions=6):
    vectors = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_share_of_neighbours_that_are_lost() -> None:
    before = angles(0, 10, 25, 90, 105)
    # The fourth goes from beside the fifth to between the first and the second.
    after = angles(0, 10, 25, 4, 105)
    # a: b c -> d b.  b: a c -> d a.  c: b a -> b d.  d: e c -> a b.  e: d c -> c b.
    np.testing.assert_allclose(share_lost(before, after, 2, silent), [0.5, 0.5, 0.5, 1.0, 0.5])


def test_of_neighbours_that_are_equally_near_any_stands_for_the_others() -> None:
    # Forty copies, of which the last goes between the other two; there are 38 that any other copy still lies on.
    before, after = angles(*[0] * 40, 90, 100), angles(*[0] * 39, 95, 90, 100)
    # It has two that are nearer than its copies then. Beside these it was one of the 40 that were as near.
    expected = [*[0] * 39, 2 / 15, 0, 0]
    np.testing.assert_allclose(share_lost(before, after, 15, silent), expected, atol=1e-6)
    np.testing.assert_allclose(share_lost(after, before, 15, silent), expected, atol=1e-6)


def test_no_more_stand_for_each_other_than_there_are_places() -> None:
    # The nearest two of the first: before the second and one of the three at 20; after the fifth and one of the others.
    before, after = angles(0, 10, 20, 20, 20, 170), angles(0, 20, 20, 20, 10, 170)
    assert share_lost(before, after, 2, silent)[0] == 0
    # Now two at 5 are nearer than those at 20, of which none has a place any more.
    assert share_lost(before, angles(0, 20, 20, 20, 5, 5), 2, silent)[0] == 0.5
    assert share_lost(angles(0, 5, 5, 20, 20, 20), angles(0, 20, 20, 5, 20, 20), 2, silent)[0] == 0.5


def test_a_picture_that_is_only_turned_and_mirrored_and_larger_lies_on_the_first() -> None:
    turned = PLACES @ np.array([[0, 3], [3, 0]], np.float32) + 7
    vectors = random(8)
    found = compare(given(vectors), given(vectors), None, GivenFitter(PLACES, turned), silent)
    np.testing.assert_allclose(found.after.map.positions, PLACES, atol=1e-5)
    assert (found.lost, found.same_scripts, found.neighbours) == (0.0, True, 3)
    assert max(one.way for one in found.moved) < 1e-5


def test_two_that_changed_places_have_the_longest_way() -> None:
    swapped = PLACES[[0, 1, 2, 3, 4, 5, 7, 6]]
    vectors = random(8)
    found = compare(given(vectors), given(vectors), None, GivenFitter(PLACES, swapped), silent)
    assert [one.script for one in found.moved[:2]] == ["g", "h"]
    # The radius is the root of (4 * 13 + 2 * 16 + 2 * 1) / 8 = 10.75.
    assert found.moved[0].way == pytest.approx(2 / 10.75**0.5, abs=1e-5)
    assert found.moved[2].way == pytest.approx(0, abs=1e-5)


def test_scripts_of_one_side_only_are_named_and_the_others_followed_by_name() -> None:
    vectors = random(9)
    # The same scripts in another order, without the first, and with a new last one.
    after = given(vectors[[7, 6, 5, 4, 3, 2, 1, 8]], "hgfedcbz")
    turned = np.concatenate([PLACES[[7, 6, 5, 4, 3, 2, 1]] * 2 + 1, [[0, 0]]])
    found = compare(given(vectors[:8]), after, None, GivenFitter(PLACES, turned), silent)
    assert (found.only_before, found.only_after) == (("a",), ("z",))
    assert {one.script for one in found.moved} == set("bcdefgh")
    np.testing.assert_allclose(found.after.map.positions[:7], PLACES[[7, 6, 5, 4, 3, 2, 1]], atol=1e-5)
    assert not any(one.itself for one in found.moved)
    assert not found.same_scripts


def test_another_model_or_another_vector_is_told_of_the_script_itself() -> None:
    vectors, fitter = random(8), FlatFitter()
    other = compare(given(vectors), given(vectors, model="other"), None, fitter, silent)
    assert (all(one.itself for one in other.moved), other.lost) == (True, 0.0)
    edited = compare(given(vectors), given(np.concatenate([random(1, 2), vectors[1:]])), None, fitter, silent)
    assert [one.script for one in edited.moved if one.itself] == ["a"]


def test_both_begin_where_the_scripts_are_on_the_map_of_now() -> None:
    fitter, vectors = FlatFitter(), random(8)
    now = Map("k", Drawn.UMAP, tuple("abcdefgh"), PLACES, ("",) * 8, np.ones(8, bool), np.full(8, NONE), "m", "m")
    compare(given(vectors), given(random(8, 3), model="other"), now, fitter, silent)
    first, second = fitter.began
    np.testing.assert_array_equal(first, second)
    # Of the same form, as large as any picture.
    np.testing.assert_allclose(first, PLACES * (5 / 10.75**0.5), atol=1e-5)


def test_of_one_model_the_second_begins_on_the_first_in_small_steps() -> None:
    vectors = random(8)
    fitter = GivenFitter(PLACES, PLACES)
    compare(given(vectors), given(np.concatenate([vectors[:7], random(1, 2)])), None, fitter, silent)
    np.testing.assert_allclose(fitter.began[1], PLACES)
    now = Map("k", Drawn.UMAP, tuple("abcdefgh"), PLACES, ("",) * 8, np.ones(8, bool), np.full(8, NONE), "model", "m")
    known = GivenFitter(PLACES, PLACES)
    compare(given(vectors), given(vectors), now, known, silent)
    other = GivenFitter(PLACES, PLACES)
    compare(given(vectors), given(vectors, model="other"), now, other, silent)
    assert (fitter.settled, known.settled, other.settled) == ([False, True], [True, True], [False, False])


def test_how_far_questionnaires_and_scripts_truly_are() -> None:
    side = given(angles(0, 60, 90))
    # The first has a passage besides, at 170 degrees, which its point is not of.
    side = replace(side, records={**side.records, "a": bare_record("a", angles(0, 170))})
    questions = Questions(("p", "q", "r"), ("P", "Q", "R"), angles(0, 75, 180), angles(0, 75, 180), "other", "other")
    found = asked(questions, side)
    # 1 - cos of 0, 15 and 10 degrees.
    np.testing.assert_allclose(found.nearest, [0, 0.0340742, 0.0151922], atol=1e-6)
    assert found.nearest_scripts[::2] == ("a", "a")
    assert found.usual == pytest.approx(0.0151922, abs=1e-6)
    # 1 - cos of 60 and 80, 30 and 30 degrees: between those of 30 and 60.
    assert found.usual_of_passages == pytest.approx((0.1339746 + 0.5) / 2, abs=1e-6)
    # The sums are (0.2588, 0.9659), at 75 degrees, and (1.5, 1.8660), at 51.206.
    assert found.middles == pytest.approx(0.0849979, abs=1e-6)
    assert not found.same_model
    assert asked(replace(questions, model_digest="model"), side).same_model


def test_questionnaires_are_placed_with_the_scripts_and_laid_over_with_them() -> None:
    vectors = random(8)
    questions = Questions(("q",), ("Q",), random(1, 5), random(1, 5), "model", "model")
    first = np.concatenate([PLACES, [[2, 1]]])
    fitter = GivenFitter(first, -2 * np.concatenate([PLACES, [[9, 0]]]))
    found = compare(given(vectors, questions=questions), given(vectors, questions=questions), None, fitter, silent)
    assert [len(began) for began in fitter.began] == [9, 9]
    np.testing.assert_allclose(found.before.asked.positions, [[2, 1]], atol=1e-5)
    np.testing.assert_allclose(found.after.asked.positions, [[9, 0]], atol=1e-4)
    assert len(found.after.map.scripts) == 8


def test_questionnaires_are_placed_by_what_they_say_and_measured_as_they_ask() -> None:
    vectors, places = angles(0, 40, 80, 120, 160, 200), np.vstack([PLACES[:6], [[9, 9]]])
    questions = Questions(("q",), ("Q",), angles(90), angles(3), "model", "model")
    fitter = GivenFitter(places, places[:6])
    found = compare(given(vectors, questions=questions), given(vectors), None, fitter, silent).before.asked
    np.testing.assert_allclose(fitter.vectors[0][6], angles(3)[0], atol=1e-6)
    np.testing.assert_allclose(found.nearest, [1 - np.cos(np.radians(10))], atol=1e-6)


def test_another_build_of_a_model_is_no_clump_apart() -> None:
    side = given(angles(0, 30, 60))
    near, far = angles(10, 20, 40), angles(120, 130, 140)
    asks = [Questions(tuple("pqr"), tuple("PQR"), v, v, "other", "other") for v in (near, far)]
    assert [asked(q, side).apart for q in asks] == [False, True]
    assert not asked(replace(asks[1], model_digest="model"), side).apart
    # What was read anew outranks how little questionnaires and scripts have in common.
    assert [asked(replace(q, reads_alike=True), side).apart for q in asks] == [False, False]
    assert [asked(replace(q, reads_alike=False), side).apart for q in asks] == [True, True]


def test_where_no_script_is_approved_no_questionnaire_has_a_nearest_one() -> None:
    side = given(random(8))
    drafts = {i: replace(r, script=replace(r.script, status=Status.DRAFT)) for i, r in side.records.items()}
    questions = Questions(("q",), ("Q",), random(1, 5), random(1, 5), "model", "model")
    found = compare(replace(side, records=drafts, questions=questions), side, None, FlatFitter(), silent)
    told = found.before.asked
    assert (np.isnan(told.nearest).all(), told.nearest_scripts, told.usual) == (True, ("",), None)
    assert beside.distances(told, beside.Names("m", "m")).rest.startswith("No script is approved here, so that")
    columns = beside.questionnaires(found)
    assert (columns["Distance, first"], columns["Nearest, first"]) == ([None], [None])
    rows = [Shelves().of(Catalogue(side.records), SECTIONS).rows] * 2
    stars = pair(found, rows, Look(SECTIONS))[0].figure["data"][-1]
    assert stars["hovertext"] == ["<b>Q</b><br>a questionnaire"]


@pytest.mark.parametrize("common", [1, 2, 3])
def test_few_scripts_in_common_make_no_dot_of_a_picture(common: int) -> None:
    before, after = (tuple(f"c{n}" if n < common else f"{side}{n}" for n in range(8)) for side in "ab")
    # Those in common lie a thousandth as far from each other on the first as on the second.
    close = np.where(np.arange(8)[:, np.newaxis] < common, PLACES / 1_000, PLACES)
    # Of the second the scripts are a seventh as large, for somebody asks who is far away.
    far = np.concatenate([PLACES / 7, [[50, 0]]])
    questions = Questions(("q",), ("Q",), random(1, 5), random(1, 5), "model", "model")
    sides = given(random(8), before), given(random(8, 2), after, questions=questions)
    found = compare(*sides, None, GivenFitter(close, far), silent)
    assert len(found.moved) == common
    assert planes.radius(found.after.map.positions) == pytest.approx(planes.radius(close), rel=1e-5)


@pytest.mark.parametrize(("common", "told"), [(1, 0), (2, 0), (3, 3)])
def test_of_one_script_or_two_nobody_can_tell_how_far_they_moved(common: int, told: int) -> None:
    before, after = (tuple(f"c{n}" if n < common else f"{side}{n}" for n in range(8)) for side in "ab")
    found = compare(given(random(8), before), given(random(8, 2), after), None, GivenFitter(PLACES, PLACES), silent)
    assert len(beside.moved(found)) == told
    assert ("The table Moved most" in beside.alternative(found, found.after)) is bool(told)
    assert ("too few to tell what has moved." in beside.headline(found).rest) is not bool(told)
    if not told:
        changed = f"{common} script{'s' * (common > 1)} of them {'have' if common > 1 else 'has'} changed."
        assert changed in beside.headline(found).rest


@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 3), (1, 1), (2, 5), (3, 0), (5, 15)])
def test_few_scripts_or_none_are_compared_all_the_same(before: int, after: int) -> None:
    questions = Questions(("q", "r"), ("Q", "R"), random(2, 5), random(2, 5), "model", "model")
    one, other = given(random(before), questions=questions), given(random(after, 2), questions=questions)
    found = compare(one, other, None, FlatFitter(), silent)
    assert len(found.moved) == min(before, after)
    assert len(found.only_before) + len(found.only_after) == abs(before - after)
    for seen, count in ((found.before, before), (found.after, after)):
        assert seen.map.positions.shape == (count, 2)
        assert np.isfinite(seen.map.positions).all()
        assert (seen.asked is None) == (count == 0)
    rows = [Shelves().of(Catalogue(seen.records), SECTIONS).rows for seen in (found.before, found.after)]
    assert [len(p.figure["layout"]["xaxis"]["range"]) for p in pair(found, rows, Look(SECTIONS))] == [2, 2]


def test_a_clump_far_apart_is_brought_so_near_that_the_scripts_can_be_seen() -> None:
    vectors, questions = random(8), Questions(("q", "r"), ("Q", "R"), random(2, 5), random(2, 5), "other", "other")
    near, far = [[9, 12], [9, 14]], [[40, 30], [42, 30]]
    fitter = GivenFitter(np.concatenate([PLACES, near]), np.concatenate([PLACES, far]))
    found = compare(given(vectors, questions=questions), given(vectors, questions=questions), None, fitter, silent)
    np.testing.assert_allclose(found.before.asked.positions, near, atol=1e-5)
    # Five times the radius of the scripts, the root of 10.75, from their middle at 0 towards (41, 30).
    middle = np.array([41, 30]) * 5 * 10.75**0.5 / np.hypot(41, 30)
    np.testing.assert_allclose(found.after.asked.positions, middle + np.array([[-1, 0], [1, 0]]), atol=1e-4)


def test_the_pictures_have_one_scale_and_the_same_ring_colours_and_numbers() -> None:
    vectors = random(8)
    questions = Questions(("q",), ("<b>Q",), random(1, 5), random(1, 5), "other", "asker")
    after = np.concatenate([PLACES, [[40, 0]]])
    fitter = GivenFitter(PLACES, after)
    found = compare(given(vectors), given(vectors, questions=questions), None, fitter, silent)
    clusters = np.array([0, 0, 0, 1, 1, 1, NONE, NONE])
    found = replace(found, before=replace(found.before, map=replace(found.before.map, clusters=clusters)))
    rows = Shelves().of(Catalogue(found.before.records), SECTIONS).rows
    look = Look(SECTIONS, colouring=Colouring.CLUSTER)
    bare = pair(found, [rows, rows], look)
    left, right = (ringed(one, seen, "g", look) for one, seen in zip(bare, (found.before, found.after), strict=True))
    assert [len(p.figure["data"]) for p in bare] == [len(p.figure["data"]) - 1 for p in (left, right)]
    assert left.figure["layout"]["xaxis"]["range"] == right.figure["layout"]["xaxis"]["range"]
    assert 16.3 < right.figure["layout"]["xaxis"]["range"][1] < 18, "the questionnaire is in the frame, at 5 radii"
    groups = [
        [(t["name"], t["marker"]["color"]) for t in p.figure["data"] if "Cluster" in t.get("name", "")]
        for p in (left, right)
    ]
    assert groups[0] == groups[1]
    assert len(groups[0]) == 2
    rings = [p.figure["data"][-1] for p in (left, right)]
    assert [ring["marker"]["symbol"] for ring in rings] == ["circle-open", "circle-open"]
    assert [decoded(ring["x"]) for ring in rings] == [[-1], [pytest.approx(-1, abs=1e-5)]]
    stars = right.figure["data"][-2]
    assert stars["name"] == "questionnaires · 1"
    assert "&lt;b&gt;Q" in stars["hovertext"][0]
    numbers = [[t["customdata"]["bdata"] for t in p.figure["data"] if "customdata" in t] for p in (left, right)]
    assert len(numbers[0]) == 3, "one group for each cluster and one for what stands alone"
    assert numbers[0] == numbers[1]
    assert right.chosen([(len(right.figure["data"]) - 2, 0)]) == (), "a questionnaire is no script"
