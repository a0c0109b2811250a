"""Near-duplicates: words in common, worked out by hand, every pair of scripts, and the nearest of very many."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from services.domain import alike
from services.domain.alike import Shingles, may_share, numbers_of, runs_of, shared, words_of
from services.domain.scripts import Status
from services.errors import Cancelled
from services.nearness import Nearness
from tests.doubles import bare_record
from tests.unit.nearness.plane import corpus


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("", "", 1.0),
        ("a b c", "A, b -- C!", 1.0),
        # Ten of twelve words in two runs of five: the two between are another's.
        ("a b c d e x y f g h i j", "a b c d e u v f g h i j", 10 / 12),
        # Four words of four stand in the other, which has nine: counted as if there were nine.
        ("a b c d", "a b c d e f g h i", 0.0),
        # The pairs 'a b' and 'c d' are no runs of three.
        ("a b x c d y e f", "a b u c d v e f", 0.0),
    ],
)
def test_words_in_common_and_in_order(one, other, share):
    assert shared(words_of(one), words_of(other)) == pytest.approx(share)


def test_a_text_within_a_longer_one_is_all_shared():
    part = [f"part{i}" for i in range(30)]
    whole = [f"w{i}" for i in range(100)] + part + [f"v{i}" for i in range(100)]
    assert shared(tuple(part), tuple(whole)) == shared(tuple(whole), tuple(part)) == 1.0


def test_words_of_a_language_without_spaces_are_its_letters():
    assert words_of("海がある。Don\u2019t!") == ("海", "が", "あ", "る", "don't")


def test_shingles_find_every_text_that_shares_enough():
    rnd = random.Random(3)
    vocabulary = [f"w{i}" for i in range(40)]
    texts = {str(i): tuple(rnd.choices(vocabulary, k=rnd.randrange(1, 40))) for i in range(120)}
    texts |= {f"{i}x": (*words[: len(words) // 2], "new", *words[len(words) // 2 :]) for i, words in texts.items()}
    numbers = {name: numbers_of(" ".join(words)) for name, words in texts.items()}
    shingles = Shingles(numbers)
    for name, words in texts.items():
        if len(words) >= alike.SHORTEST:
            wanted = {o for o, other in texts.items() if shared(words, other) >= alike.FEWEST_SHARED}
            assert wanted <= set(shingles.candidates(numbers[name])), name
            assert all(may_share(runs_of(numbers[name]), runs_of(numbers[other])) for other in wanted), name


def twin_records():
    words = " ".join(f"word{i}" for i in range(40))
    one = bare_record("a-one", [(0, 1), (1, 0)], text=words)
    same = bare_record("b-same", [(0, 1), (1, 0.1)], "awakening", text=words + " and more", title="Another title")
    far = bare_record("c-far", [(0, 1), (-1, 0)], text=words)
    other = bare_record("d-other", [(0, 1), (1, 0)], text=" ".join(f"else{i}" for i in range(40)))
    return one, same, far, other


def test_a_near_duplicate_needs_vectors_and_words():
    one, same, far, other = twin_records()
    nearness = Nearness(corpus(one, same, far, other))
    found = nearness.twins(one.script, one.vectors)
    assert [(t.id, t.words) for t in found] == [("b-same", 1.0)]
    assert [(a, t.id) for a, t in nearness.all_twins()] == [("a-one", "b-same")]
    assert [(a, t.id) for a, t in nearness.nearest_twins(["a-one", "b-same", "c-far"], 7).pairs] == [
        ("a-one", "b-same")
    ]


def test_without_vectors_words_alone_decide():
    one, same, far, other = twin_records()
    nearness = Nearness(corpus(one, replace(same, vectors=None), far, other))
    assert [t.id for t in nearness.twins(one.script, None)] == ["b-same", "c-far"]
    [(first, twin)] = [pair for pair in nearness.all_twins() if "a-one" in (pair[0], pair[1].id)]
    assert (first, twin.id, math.isnan(twin.distance)) == ("a-one", "b-same", True)
    # a-one and c-far lie 1 apart.
    found = nearness.nearest_twins(["a-one", "b-same", "c-far", "d-other"], 7)
    assert [(a, t.id, math.isnan(t.distance)) for a, t in found.pairs] == [
        ("a-one", "b-same", True),
        ("b-same", "c-far", True),
    ]
    assert (found.more, found.looked_among) == (False, 0)
    assert nearness.nearest_twins(["a-one", "c-far"], 7).pairs == ()
    found = nearness.nearest_twins(["a-one", "b-same", "c-far"], 1)
    assert (len(found.pairs), found.more) == (1, True)


def test_what_no_model_has_read_is_looked_at_within_the_same_limit(monkeypatch):
    monkeypatch.setattr("services.nearness._LOOKED_AT", 2)
    words = " ".join(f"word{i}" for i in range(40))
    records = [replace(bare_record(i, [(0, 1)], text=words), vectors=None) for i in ("a", "b", "c")]
    found = Nearness(corpus(*records)).nearest_twins(["a", "b", "c"], 7)
    assert [(a, t.id) for a, t in found.pairs] == [("a", "b"), ("a", "c")]
    assert (found.more, found.looked_among) == (False, 2)


def test_however_many_lie_near_what_no_model_has_read_is_compared_too(monkeypatch):
    monkeypatch.setattr("services.nearness._LOOKED_AT", 2)
    near = [bare_record(f"s{i}", [(0, 1), (1, i / 10)], text=f"{chr(97 + i)}x " * 30) for i in range(4)]
    unread = [replace(bare_record(i, [(0, 1)], text="wave after wave " * 9), vectors=None) for i in ("t", "u")]
    found = Nearness(corpus(*near, *unread)).nearest_twins(["s0", "s1", "s2", "s3", "t", "u"], 7)
    assert ([(a, t.id) for a, t in found.pairs], found.more, found.looked_among) == ([("t", "u")], False, 2)


def test_retired_scripts_are_no_pair():
    one, same, *_ = twin_records()
    retired = replace(same, script=replace(same.script, status=Status.RETIRED))
    assert list(Nearness(corpus(one, retired)).all_twins()) == []


def test_every_pair_is_found_over_all_tiles(monkeypatch):
    monkeypatch.setattr("services.nearness.space._TILE", 16)
    rng = np.random.default_rng(0)
    words = " ".join(f"word{i}" for i in range(30))
    # 100 axes, so that the bound by the strongest ones is used; every fifth script lies near the first.
    values = rng.normal(size=(60, 100)).astype(np.float32)
    values[::5] = values[0] + rng.normal(size=(12, 100)).astype(np.float32) * 0.3
    nearness = Nearness(corpus(*(bare_record(f"s{i:02}", [v, v], text=words) for i, v in enumerate(values))))
    units = values / np.linalg.norm(values, axis=1, keepdims=True)
    rows, columns = np.nonzero(np.triu(1 - units @ units.T <= 0.45, 1))
    expected = {(f"s{a:02}", f"s{b:02}") for a, b in zip(rows, columns, strict=True)}
    assert len(expected) >= 66
    assert {(a, t.id) for a, t in nearness.all_twins()} == expected
    everybody = [f"s{i:02}" for i in range(60)]
    found = nearness.nearest_twins(everybody, 1000)
    assert ({(a, t.id) for a, t in found.pairs}, found.more, found.looked_among) == (expected, False, 0)
    nearest = sorted((1 - units @ units.T)[rows, columns].tolist())
    assert [t.distance for _, t in found.pairs] == pytest.approx(nearest, abs=1e-5)
    found = nearness.nearest_twins(everybody, 7)
    assert [t.distance for _, t in found.pairs] == pytest.approx(nearest[:7], abs=1e-5)
    assert (found.more, found.looked_among) == (True, 0)
    # However many lie near, a few of the nearest are looked at: that there are more alike nobody has seen then.
    monkeypatch.setattr("services.nearness._LOOKED_AT", 5)
    found = nearness.nearest_twins(everybody, 7)
    assert [t.distance for _, t in found.pairs] == pytest.approx(nearest[:5], abs=1e-5)
    assert (found.more, found.looked_among) == (False, 5)
    found = nearness.nearest_twins(everybody[:6], 7)
    assert ([(a, t.id) for a, t in found.pairs], found.more, found.looked_among) == ([("s00", "s05")], False, 0)


def test_what_lies_near_in_other_words_is_not_more(monkeypatch):
    monkeypatch.setattr("services.nearness._LOOKED_AT", 2)
    every = (bare_record(f"s{i}", [(0, 1), (1, i / 10)], text=f"{chr(97 + i)}x " * 30) for i in range(4))
    found = Nearness(corpus(*every)).nearest_twins([f"s{i}" for i in range(4)], 7)
    assert (found.pairs, found.more, found.looked_among) == ((), False, 2)


def test_what_is_settled_takes_no_place_of_what_is_not():
    records = [bare_record(i, [(0, 1), (1, 0)], text="wave after wave " * 9) for i in ("a", "b", "c")]
    nearness = Nearness(corpus(*records))
    found = nearness.nearest_twins("abc", 1, settled=lambda *two: two == ("a", "b"))
    # The settled one is told, too: taking it back needs no search.
    assert ([(a, t.id) for a, t in found.pairs], found.more) == ([("a", "b"), ("a", "c")], True)
    found = nearness.nearest_twins("abc", 1, settled=lambda *two: two != ("a", "c"))
    assert ([(a, t.id) for a, t in found.pairs], found.more) == ([("a", "b"), ("a", "c"), ("b", "c")], False)


def test_a_search_says_how_far_it_is_and_stops_when_told():
    nearness, heard = Nearness(corpus(*twin_records())), []

    def stop(stage, done, total):
        heard.append((stage, done, total))
        if stage.startswith("Comparing the words"):
            raise Cancelled("Stopped.", "")

    with pytest.raises(Cancelled):
        nearness.all_twins(stop)
    # One tile with itself; then the three pairs of those that lie near.
    assert heard == [
        ("Comparing every script with every other", 0, 1),
        ("Comparing the words of those that are near", 0, 3),
    ]
