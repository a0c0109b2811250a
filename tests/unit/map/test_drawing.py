"""The map at once, the full fit, and what becomes of it when scripts change."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.maps import NONE, Drawn, Map, Points, Quality
from services.domain.neighbours import quality
from services.errors import Cancelled
from services.ground.progress import silent
from services.map.drawing import draw, stand_in, too_few
from services.map.later import following, key_of, why_due
from tests.doubles import FlatFitter


def points(count: int, *, seed: int = 1, dimensions: int = 6, model: str = "model") -> Points:
    vectors = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return named(vectors, model=model)


def named(vectors: np.ndarray, *, model: str = "model") -> Points:
    names = tuple(f"s{number:03d}" for number in range(len(vectors)))
    return Points(names, vectors, tuple(v.tobytes().hex() for v in vectors), model, model)


def changed(given: Points, rows: dict[int, np.ndarray]) -> Points:
    vectors, digests = given.vectors.copy(), list(given.digests)
    for row, vector in rows.items():
        vectors[row], digests[row] = vector, vector.tobytes().hex()
    return replace(given, vectors=vectors, digests=tuple(digests))


def fitted(given: Points, before: Map | None = None, fitter: FlatFitter | None = None) -> Map:
    return draw(given, before, fitter or FlatFitter(), silent)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_few_scripts_are_placed_without_a_fit_and_told_so(count: int) -> None:
    fitter = FlatFitter()
    made = fitted(points(count), fitter=fitter)
    assert (fitter.began, made.drawn, made.clusters.tolist()) == ([], Drawn.PCA, [NONE] * count)
    assert len({tuple(place) for place in made.positions.tolist()}) == count
    assert made.note.endswith(".")
    assert why_due(made, too_few=too_few(points(count))) == ""
    assert (made.quality is not None) == (count > 2)


def test_one_script_stands_in_the_middle_and_none_is_no_error() -> None:
    assert stand_in(points(1)).positions.tolist() == [[0, 0]]
    assert stand_in(points(0)).positions.shape == (0, 2)


def test_scripts_that_are_all_alike_stand_in_a_circle() -> None:
    alike = named(np.tile(np.array([[0.6, 0.8, 0]], np.float32), (15, 1)))
    # But for rounding.
    alike = changed(alike, {3: np.array([0.6000001, 0.8, 0], np.float32)})
    fitter = FlatFitter()
    made = fitted(alike, fitter=fitter)
    assert fitter.began == []
    assert len({tuple(place) for place in made.positions.tolist()}) == 15
    assert "15 scripts read the same" in made.note


def test_a_stand_in_asks_for_a_fit_and_a_fit_does_not() -> None:
    given = points(30)
    assert why_due(stand_in(given), too_few=False).startswith("This picture is a stand-in")
    made = fitted(given)
    assert (made.drawn, made.fitted.all(), why_due(made, too_few=False)) == (Drawn.UMAP, True, "")
    assert made.key == stand_in(given).key == key_of(given)


def test_the_key_is_of_scripts_vectors_and_model() -> None:
    given = points(8)
    keys = {
        key_of(given),
        key_of(replace(given, model_digest="other")),
        key_of(changed(given, {2: given.vectors[1]})),
        key_of(replace(given, scripts=(*given.scripts[:-1], "other"))),
    }
    assert len(keys) == 4


def test_after_an_edit_only_what_changed_has_another_place() -> None:
    given = points(40)
    before = fitted(given)
    now = changed(given, {7: given.vectors[9]})
    after = following(now, before)
    assert np.flatnonzero((after.positions != before.positions).any(axis=1)).tolist() == [7]
    assert np.flatnonzero(~after.fitted).tolist() == [7]
    # Beside the one that it is like now, and not on it.
    apart = np.linalg.norm(after.positions[7] - after.positions[9])
    assert 0.05 < apart < 0.05 * np.linalg.norm(after.positions, axis=1).max()
    assert (after.clusters[7], after.key) == (before.clusters[9], key_of(now))
    assert why_due(after, too_few=False) == ""


def test_a_new_script_stands_among_its_five_nearest_by_their_cosines() -> None:
    corners = np.eye(6, dtype=np.float32)
    given = named(np.concatenate([corners, -corners]))
    before = replace(fitted(given), positions=np.arange(24, dtype=np.float32).reshape(12, 2))
    new = np.array([0.6, 0.58, 0.3, 0, 0, 0], np.float32)
    new /= np.linalg.norm(new)
    now = replace(
        given,
        scripts=(*given.scripts, "new"),
        vectors=np.concatenate([given.vectors, new[np.newaxis]]),
        digests=(*given.digests, "new"),
    )
    after = following(now, before)
    # Cosines 0.6766, 0.6541, 0.3383 and less: weights of 1, exp(-(0.6766 - 0.6541) / 0.02) = 0.324, e^-17 and less.
    share = np.exp(-(new[0] - new[1]) / 0.02)
    expected = (before.positions[0] + share * before.positions[1]) / (1 + share)
    np.testing.assert_allclose(after.positions[12], expected, atol=1e-3)
    assert after.fitted.tolist() == [True] * 12 + [False]


def test_scripts_that_are_gone_are_gone_from_the_map() -> None:
    given = points(10)
    before = fitted(given)
    after = following(fewer(given, 3), before)
    np.testing.assert_array_equal(after.positions, before.positions[3:])


def fewer(given: Points, first: int) -> Points:
    """Without the first ones."""
    return replace(given, scripts=given.scripts[first:], vectors=given.vectors[first:], digests=given.digests[first:])


def test_a_cluster_of_which_fewer_than_three_are_left_is_none() -> None:
    given = points(12)
    before = replace(fitted(given), clusters=np.array([0] * 5 + [1] * 4 + [2] * 3))
    assert following(fewer(given, 3), before).clusters.tolist() == [NONE] * 2 + [1] * 4 + [2] * 3
    assert following(fewer(given, 2), before).clusters.tolist() == [0] * 3 + [1] * 4 + [2] * 3


@pytest.mark.parametrize(
    ("count", "gone", "new", "said"),
    [
        (40, 2, 0, ""),
        (60, 3, 0, ""),
        (59, 3, 0, "3 scripts that the map was drawn with are no longer on it."),
        (30, 22, 0, "22 scripts that the map was drawn with are no longer on it."),
        (40, 1, 2, "2 of 39 scripts are new or changed since the map was drawn, and 1 of before is no longer on it."),
        (40, 2, 1, "1 of 38 scripts is new or changed since the map was drawn, and 2 of before are no longer on it."),
    ],
)
def test_scripts_that_are_gone_make_a_fit_due_too(count: int, gone: int, new: int, said: str) -> None:
    given, other = points(count), points(count, seed=2)
    now = changed(fewer(given, gone), {row: other.vectors[row] for row in range(new)})
    after = following(now, fitted(given))
    assert (after.gone, why_due(after, too_few=False)) == (gone, said)
    assert fitted(now, after).gone == 0


def test_how_far_it_can_be_believed_is_measured_of_what_is_shown() -> None:
    given, other = points(100), points(100, seed=2)
    before = replace(fitted(given), quality=Quality(0.99, 0.9, 15, 100))
    now = changed(given, {row: other.vectors[row] for row in range(49)})
    after = following(now, before)
    assert after.quality == quality(now.vectors, after.positions)
    assert after.quality.trustworthiness < 0.9


@pytest.mark.parametrize(("count", "new", "due"), [(20, 2, False), (40, 3, True), (100, 5, False), (100, 6, True)])
def test_a_fit_is_due_when_more_than_one_in_twenty_have_changed(count: int, new: int, *, due: bool) -> None:
    given, other = points(count), points(count, seed=2)
    after = following(changed(given, {row: other.vectors[row] for row in range(new)}), fitted(given))
    said = f"{new} of {count} scripts are new or changed since the map was drawn."
    assert why_due(after, too_few=False) == (said if due else "")


def test_a_map_that_has_less_than_half_of_the_scripts_says_too_little() -> None:
    given, other = points(10), points(10, seed=2)
    half = changed(given, {row: other.vectors[row] for row in range(5)})
    assert following(half, fitted(given)) is not None
    assert following(changed(half, {5: other.vectors[5]}), fitted(given)) is None


def test_a_fit_begins_where_the_last_map_was() -> None:
    given, fitter = points(40), FlatFitter()
    before = replace(fitted(given), positions=points(40, seed=3).vectors[:, :2] * 7)
    fitted(changed(given, {4: given.vectors[5]}), before, fitter)
    began = np.delete(fitter.began[0], 4, axis=0)
    np.testing.assert_array_equal(began, np.delete(before.positions, 4, axis=0))
    # The changed one beside the one that it is like now.
    np.testing.assert_allclose(fitter.began[0][4], before.positions[5], atol=1e-3)
    fitted(given, None, fitter)
    np.testing.assert_allclose(fitter.began[1], stand_in(given).positions, atol=1e-5)


def test_a_fit_from_the_last_map_is_told_to_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given, asked = points(40), []
    monkeypatch.setattr(FlatFitter, "fit", noting(asked, FlatFitter.fit))
    before = fitted(given)
    fitted(changed(given, {4: given.vectors[5]}), before)
    fitted(changed(given, dict.fromkeys(range(1, 22), given.vectors[0])), before)
    fitted(changed(given, dict.fromkeys(range(1, 21), given.vectors[0])), before)
    draw(given, before, FlatFitter(), silent, anew=True)
    assert asked == [False, True, False, True, False]


def noting(asked: list[bool], original):
    def fit(self, vectors, start, report, *, settled=False):
        asked.append(settled)
        return original(self, vectors, start, report, settled=settled)

    return fit


def test_drawn_anew_it_begins_from_nothing_and_lies_on_the_last_map() -> None:
    given, fitter = points(40), Turning()
    before = fitted(given)
    again = draw(given, before, fitter, silent, anew=True)
    np.testing.assert_allclose(fitter.began[0], stand_in(given).positions, atol=1e-5)
    np.testing.assert_allclose(again.positions, before.positions, atol=1e-4)


class Turning(FlatFitter):
    """As UMAP may: what comes out lies elsewhere, turned, mirrored and larger."""

    def fit(self, vectors, start, report, *, settled=False):
        made = super().fit(vectors, start, report)
        return replace(made, positions=(made.positions[:, ::-1] * [4, -4] + 30).astype(np.float32))


def test_a_fit_is_laid_over_the_last_map() -> None:
    given = points(40)
    before = fitted(given)
    after = fitted(changed(given, {4: given.vectors[5]}), before, Turning())
    np.testing.assert_allclose(np.delete(after.positions, 4, 0), np.delete(before.positions, 4, 0), atol=1e-4)
    first = fitted(given, None, Turning())
    np.testing.assert_allclose(first.positions, stand_in(given).positions, atol=1e-4)


def test_the_same_scripts_make_the_same_map() -> None:
    one, other = fitted(points(30)), fitted(points(30))
    np.testing.assert_array_equal(one.positions, other.positions)
    assert one.key == other.key


def test_who_says_stop_is_heard() -> None:
    def stop(*_: object) -> None:
        raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        draw(points(30), None, FlatFitter(), stop)
