"""What is looked at, and what a look says."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.passages import Passage
from services.domain.scripts import Record, VectorSet
from services.embedders.hashing import Hashing
from services.health import evidence
from services.health.evidence import SAMPLE, WIDE, choose, gather
from services.vectors import embed
from tests.checking import Changed, negated, records_of, rotated, scripts_of, with_vectors
from tests.doubles import TinyEmbedder, bare_record, other_preparation, script

HASHING = Hashing()


class Counting(Hashing):
    """Says how many texts it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_documents(self, texts, progress=None):
        self.texts += texts
        return super().embed_documents(texts, progress)


def foreign(records: list[Record], *positions: int) -> list[Record]:
    other = records_of([records[p].script for p in positions], Changed(HASHING, rotated()))
    return with_vectors(records, {p: r.vectors.values for p, r in zip(positions, other, strict=True)})


@pytest.mark.parametrize("count", [1, 2, SAMPLE])
def test_a_small_section_is_looked_at_whole(count: int) -> None:
    found = gather(records_of(scripts_of(count, 1), HASHING), HASHING, attention=0.999)
    assert (len(found.cosines), found.scripts) == (count, count)
    assert found.min_cosine == pytest.approx(1)


def test_of_a_large_one_as_many_as_the_sample_and_a_few_bodies() -> None:
    asked = Counting()
    found = gather(records_of(scripts_of(92, 1), HASHING), asked, attention=0.999)
    assert found.scripts == 92
    # The cards of the sample, the four bodies that lie oddest, and two more; some may be of scripts of the sample.
    assert found.passages == len(asked.texts) == SAMPLE + 6
    assert SAMPLE <= len(found.cosines) <= SAMPLE + 6


def turned_bodies(record: Record) -> Record:
    """The card as it was, every piece of the body in another space."""
    assert record.vectors is not None
    values = record.vectors.values.copy()
    values[1:] = np.roll(values[1:], 7, axis=1)
    return replace(record, vectors=replace(record.vectors, values=values))


@pytest.mark.parametrize("count", [1, 10, 46])
def test_foreign_bodies_under_right_cards_are_found_and_named(count: int) -> None:
    records = records_of(scripts_of(92, 3), HASHING)
    turned = {r.script.id for r in records[::2][:count]}
    mixed = [turned_bodies(r) if r.script.id in turned else r for r in records]
    assert set(gather(mixed, HASHING, attention=0.999).below(0.95)) == turned


def test_an_empty_section_has_no_evidence() -> None:
    assert gather([], HASHING, attention=0.999).min_cosine is None
    assert gather([Record(script("one"))], HASHING, attention=0.999).scripts == 0


@pytest.mark.parametrize("count", [25, 92, 401])
def test_in_time_every_script_is_looked_at(count: int) -> None:
    records = records_of(scripts_of(count, 2), HASHING)
    turns = -(-count // (SAMPLE - 8)) + 1
    looked = {record.script.id for turn in range(turns) for record in choose(records, SAMPLE, turn)}
    assert len(looked) == count
    assert all(len(choose(records, SAMPLE, turn)) <= SAMPLE for turn in range(turns))


# Of six, two are suspects: the one farthest from the middle, and of the others the one without a neighbour.
def test_those_that_point_away_and_those_that_are_alone_are_looked_at_first() -> None:
    close = [bare_record(f"s{i:02d}", [(1, 0.01 * i, 0, 0)]) for i in range(40)]
    odd = {7: bare_record("away", [(-1, 0.1, 0, 0)]), 23: bare_record("alone", [(0.6, 0, 0.8, 0)])}
    records = [odd.get(i, one) for i, one in enumerate(close)]
    for turn in range(5):
        assert {"away", "alone"} <= {record.script.id for record in choose(records, 6, turn)}


def test_vectors_of_different_widths_have_no_middle() -> None:
    records = [bare_record(f"s{i}", [(1, 0, 0)[: 2 + i % 2]]) for i in range(30)]
    assert 1 <= len(choose(records, SAMPLE, 0)) <= SAMPLE


def test_the_nearest_other_one_by_hand() -> None:
    units = np.array([(1, 0), (0.8, 0.6), (0, 1), (-1, 0)], np.float32)
    np.testing.assert_allclose(evidence._nearest(units), [0.8, 0.8, 0.6, 0], atol=1e-6)


def test_of_many_the_nearest_is_that_of_a_part_and_never_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).standard_normal((57, 8)).astype(np.float32)
    units = values / np.linalg.norm(values, axis=1, keepdims=True)
    monkeypatch.setattr(evidence, "_BLOCK", 10)
    monkeypatch.setattr(evidence, "_NEIGHBOURS", 20)
    expected = [max(float(units[i] @ units[j]) for j in range(0, 57, 3) if j != i) for i in range(57)]
    np.testing.assert_allclose(evidence._nearest(units), expected, atol=1e-6)


def test_where_something_is_wrong_more_is_looked_at() -> None:
    records = records_of(scripts_of(92, 1), HASHING)
    found = gather(foreign(records, 40), HASHING, attention=0.999)
    assert (len(found.cosines), found.below(0.95)) == (92, ("s0040",))
    many = gather(foreign(records_of(scripts_of(900, 1), HASHING), *range(0, 900, 2)), HASHING, attention=0.999)
    assert WIDE <= len(many.cosines) <= WIDE + SAMPLE
    assert many.share_below(0.95) == pytest.approx(0.5, abs=0.05)


def test_what_did_not_agree_before_is_looked_at_again() -> None:
    # All in different words, so that each is as alone as one of another model.
    made = records_of(scripts_of(120, 4, topics=120), HASHING)
    tried = ((f"s{p:04d}", foreign(made, p)) for p in range(20))
    name, records = next((name, r) for name, r in tried if name not in {x.script.id for x in choose(r, SAMPLE, 0)})
    assert gather(records, HASHING, attention=0.999).below(0.95) == ()
    assert gather(records, HASHING, attention=0.999, again=(name, "deleted-since")).below(0.95) == (name,)


def test_a_script_is_as_good_as_its_worst_passage() -> None:
    made = records_of([script("one", text="A calm night.")], HASHING)[0]
    values = made.vectors.values.copy()
    values[1] = -values[1]
    found = gather(with_vectors([made], {0: values}), HASHING, attention=0.999)
    assert (found.passages, found.min_cosine) == (2, pytest.approx(-1))


def test_of_another_recipe_only_the_body_is_compared_for_nobody_knows_the_card() -> None:
    tiny = TinyEmbedder()
    made = script("one", text="A calm night. It is late. All is well.")
    old = embed([made], tiny)[0]
    values = np.concatenate([negated(old.values[:1]), old.values[1:]])
    recorded = other_preparation(old.stamp)
    found = gather([Record(made, VectorSet(recorded, old.passages, values), "", "d")], tiny, attention=0.999)
    assert (found.passages, found.min_cosine) == (1, pytest.approx(1))
    only_card = VectorSet(recorded, (Passage("card"),), values[:1])
    assert gather([Record(made, only_card, "", "d")], tiny, attention=0.999).min_cosine is None


def test_the_shortest_piece_of_the_body_is_taken() -> None:
    tiny = TinyEmbedder()
    made = script("one", text="One two three four five six. Now sleep.")
    vectors = replace(embed([made], tiny)[0], stamp=other_preparation(embed([made], tiny)[0].stamp))
    tiny.asked.clear()
    gather([Record(made, vectors, "", "d")], tiny, attention=0.999)
    assert tiny.asked == ["Now sleep."]


def test_vectors_of_another_width_do_not_agree_at_all() -> None:
    made = script("one")
    vectors = embed([made], TinyEmbedder(dimensions=4))[0]
    found = gather([Record(made, vectors, "", "d")], TinyEmbedder(), attention=0.999)
    assert found.cosines == {"one": 0.0}
