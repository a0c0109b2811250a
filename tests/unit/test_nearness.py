"""How near scripts are: distances worked out by hand, and near-duplicates among real scripts and edited copies."""

import math
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain import alike
from services.domain.alike import Shingles, may_share, numbers_of, runs_of, shared, words_of
from services.domain.passages import Passage
from services.domain.scripts import Record, Status, VectorSet
from services.domain.section_guess import TellingApart
from services.domain.settings import EmbedderSettings
from services.errors import Cancelled
from services.nearness import Nearness, Suggestion
from services.ports import Catalogue
from services.vectors import embed
from services.wiring import embedder
from tests.doubles import TinyWorkbench, bare_record, make_workspace, record, script, stamp, store_of

DEMO = Path(__file__).parents[2] / "data" / "demo"


def corpus(*records):
    return Catalogue({r.script.id: r for r in records})


def vectors(*bodies, card=(1.0, 0.0)):
    """A card and body passages."""
    values = np.array([card, *bodies], np.float32)
    passages = (Passage("card"), *(Passage("body", i, i + 1) for i in range(len(bodies))))
    return VectorSet(stamp(dimensions=2), passages, values)


@pytest.fixture
def four():
    """Body passages at 0, 60, 90 and 180 degrees; all cards point the same way and must not count."""
    half = (0.5, math.sqrt(0.75))
    return corpus(
        bare_record("a-zero", [(0, 1), (3, 0)]),
        bare_record("b-sixty", [(0, 1), half, (0, -1)]),
        bare_record("c-ninety", [(0, 1), (0, 2)], "awakening"),
        bare_record("d-opposite", [(0, 1), (-1, 0)], "awakening"),
    )


def test_neighbours_are_those_of_the_nearest_body_passages(four):
    found = Nearness(four).neighbours(vectors((2.0, 0.0)))
    near = {section: [(n.id, round(n.distance, 6)) for n in scripts] for section, scripts in found.items()}
    assert near == {
        "induction": [("a-zero", 0.0), ("b-sixty", 0.5)],
        "awakening": [("c-ninety", 1.0), ("d-opposite", 2.0)],
    }


def test_without_and_most(four):
    found = Nearness(four).neighbours(vectors((2.0, 0.0)), without="a-zero", most=1)
    ids = {section: [n.id for n in near] for section, near in found.items()}
    assert ids == {"induction": ["b-sixty"], "awakening": ["c-ninety"]}


def test_a_script_of_another_model_is_near_to_nothing(four):
    other = replace(four.records["a-zero"].vectors, stamp=stamp("another", 2))
    nearness = Nearness(four)
    assert nearness.neighbours(other) == {}
    assert nearness.section(other) is None
    assert nearness.focus_areas(other) == ()


def test_records_of_another_model_or_without_vectors_are_left_out(four):
    stray = replace(four.records["a-zero"], vectors=replace(four.records["a-zero"].vectors, stamp=stamp("another", 2)))
    mixed = Catalogue({**four.records, "a-zero": stray, "b-sixty": replace(four.records["b-sixty"], vectors=None)})
    near = Nearness(mixed).neighbours(vectors((1.0, 0.0)))
    assert {n.id for found in near.values() for n in found} == {"c-ninety", "d-opposite"}


def test_an_empty_catalogue_answers():
    nearness = Nearness(Catalogue({}))
    made = record(script("a-one"))
    assert nearness.neighbours(made.vectors) == {}
    assert list(nearness.twins(made.script, made.vectors)) == []
    assert list(nearness.all_twins()) == []
    assert nearness.section(made.vectors) is None


def test_focus_areas_weigh_by_closeness():
    near = bare_record("a-near", [(0, 1), (1, 0)], focus_areas=("sleep", "pain"))
    far = bare_record("b-far", [(0, 1), (0.9, math.sqrt(0.19))], focus_areas=("pain",))
    elsewhere = bare_record("c-elsewhere", [(0, 1), (1, 0)], "awakening", focus_areas=("grief",))
    nearness = Nearness(corpus(near, far, elsewhere))
    # Distances 0 and 0.1: weights 1 and 1/e, so that sleep has 1 / (1 + 1/e).
    found = nearness.focus_areas(vectors((1.0, 0.0)), section="induction")
    assert [s.value for s in found] == ["pain", "sleep"]
    assert [s.sureness for s in found] == pytest.approx([1.0, 1 / (1 + math.exp(-1))], abs=1e-5)
    assert nearness.focus_areas(vectors((1.0, 0.0)), section="awakening") == (Suggestion("grief", 1.0),)


def test_the_section_is_told_by_what_tells_sections_apart():
    def of(first, last):
        return np.array([*first, *last, *first], np.float32)

    known = [of((1, 0), (1, 0)), of((0, 1), (0, -1)), of((1, 0), (0, 1)), of((0, 1), (-1, 0))]
    apart = TellingApart(["a", "b", "a", "b"], lambda kept: np.array([known[k] for k in kept]))
    value, sureness = apart.guess(known[0])
    assert value == "a"
    assert 0.5 < sureness <= 1.0
    assert apart.guess(known[3])[0] == "b"
    assert TellingApart(["a", "a"], lambda kept: np.array(known)[list(kept)]).guess(known[0]) is None


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


def test_without_vectors_words_alone_decide():
    one, same, far, other = twin_records()
    nearness = Nearness(corpus(one, replace(same, vectors=None), far, other))
    assert [t.id for t in nearness.twins(one.script, None)] == ["b-same", "c-far"]
    [(first, twin)] = [pair for pair in nearness.all_twins() if "a-one" in (pair[0], pair[1].id)]
    assert (first, twin.id, math.isnan(twin.distance)) == ("a-one", "b-same", True)


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


def test_a_copy_stands_for_a_script_beside_those_that_it_is_settled_with():
    records = [bare_record(i, [(0, 1), (1, 0)], text="wave after wave " * 9) for i in ("a", "b", "c", "d")]
    settled = {("a", "c")}
    nearness = Nearness(corpus(*records), both_meant=lambda *two: tuple(sorted(s.id for s in two)) in settled)

    def pairs(**copies):
        return [(one, twin.id) for one, twin in nearness.nearest_twins(["a", "c"], 7, copies=copies).pairs]

    assert pairs() == []
    assert pairs(a=["b"]) == [("b", "c")]
    assert pairs(a=["b"], c=["d"]) == [("a", "d")]
    settled.add(("b", "c"))
    assert pairs(a=["b"]) == []


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


def test_making_it_costs_nothing():
    class Untouched(dict):
        def _touched(self, *_):
            raise AssertionError("Nobody has asked yet.")

        __iter__ = items = values = keys = __getitem__ = _touched

    nearness = Nearness(Catalogue(Untouched()))
    with pytest.raises(AssertionError):
        nearness.all_twins()


@pytest.fixture(scope="module")
def demo():
    return store_of(DEMO).catalogue()


def test_the_demos_scripts_are_distinct(demo):
    assert list(Nearness(demo).all_twins()) == []


def altered(rnd, text, share, vocabulary):
    parts = re.split(r"(\s+)", text)
    places = [i for i in range(0, len(parts), 2) if parts[i]]
    for place in rnd.sample(places, round(share * len(places))):
        parts[place] = rnd.choice(vocabulary)
    return "".join(parts)


def test_edited_copies_are_found_among_the_demos_scripts(demo):
    rnd = random.Random(5)
    vocabulary = sorted({word for r in demo.records.values() for word in words_of(r.script.text)})
    chosen = rnd.sample([r.script for r in demo.records.values()], 6)
    copies = [
        replace(made, id=f"copy-{i}", title="Another title", text=altered(rnd, made.text, share, vocabulary))
        for i, (made, share) in enumerate(zip(chosen, (0.0, 0.05, 0.1, 0.2, 0.2, 0.2), strict=True))
    ]
    whole = f"{chosen[0].text}\n\n{chosen[1].text}"
    copies += [replace(chosen[0], id="longer", text=whole), replace(chosen[3], id="part", text=chosen[3].text[300:900])]
    sets = embed(copies, embedder(EmbedderSettings("minilm"), {}))
    nearness = Nearness(demo)
    found = [{t.id for t in nearness.twins(made, made_of)} for made, made_of in zip(copies, sets, strict=True)]
    assert found == [*({made.id} for made in chosen), {chosen[0].id, chosen[1].id}, {chosen[3].id}]
    assert [{t.id for t in nearness.twins(made, None)} for made in copies] == found


def test_suggestions_are_as_sure_as_they_are_right(demo):
    """Each script left out in turn: the mean sureness is the share of right answers, give or take."""
    nearness, sections, areas = Nearness(demo), [], []
    for script_id, kept in demo.records.items():
        section = nearness.section(kept.vectors, without=script_id)
        sections.append((section.value == kept.script.section, section.sureness))
        area = nearness.focus_areas(kept.vectors, without=script_id)[0]
        areas.append((area.value in kept.script.focus_areas, area.sureness))
    right, sure = np.mean(sections, axis=0)
    assert right > 0.6
    assert abs(right - sure) < 0.05
    right, sure = np.mean(areas, axis=0)
    assert right > 0.4
    assert abs(right - sure) < 0.05


def test_the_workbench_keeps_one_for_each_catalogue(tmp_path):
    with TinyWorkbench(make_workspace(tmp_path / "w", [script("a-one"), script("b-two")])) as bench:
        bench.refresh()
        first = bench.nearness()
        assert bench.nearness() is first
        bench.save(script("c-three"), None)
        assert bench.nearness() is not first
        made: Record = bench.catalogue.records["c-three"]
        assert {n.id for n in bench.nearness().neighbours(made.vectors)["induction"]} == {"a-one", "b-two", "c-three"}
