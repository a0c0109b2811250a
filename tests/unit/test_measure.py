"""What a check asks of the model, and what it makes of the answers."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.canaries import SENTENCES
from services.domain.model_digest import Stamp
from services.domain.passages import Passage
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Record, VectorSet
from services.domain.settings import Settings
from services.embedders.hashing import Hashing
from services.ground.progress import silent
from services.health.measure import QUESTIONNAIRES, Subject, corpus_digest, measure
from services.indexes.exact import ExactIndex
from services.ports import Catalogue
from services.sync import sync
from services.vectors import embed_canaries, recipe_of
from tests.checking import Changed, questionnaires_of, records_of, rotated, scripts_of
from tests.doubles import SECTIONS, TinyEmbedder, bare_record, record, script, stamp

HASHING = Hashing()
NOW = "2026-11-21T10:00:00.000Z"


def subject(*records: Record, embedder=None, index=None, **more: object) -> Subject:
    embedder = embedder or TinyEmbedder()
    catalogue, index = Catalogue({r.script.id: r for r in records}), index or ExactIndex()
    sync(catalogue, index, SECTIONS, Stamp.of(recipe_of(embedder)))
    given = {"canaries": {}, "questionnaires": {}, **more}
    return Subject(Settings(sections=SECTIONS), catalogue, index, embedder, **given)


def stored(made: Record) -> Record:
    return replace(made, digest=made.script.digest)


ONE = stored(record(script("one")))


def test_a_check_says_when_what_and_with_which_libraries() -> None:
    found, fresh = measure(subject(ONE), NOW, silent)
    assert (found.time, found.embedder, found.query, found.failure) == (NOW, "tiny", stamp(), "")
    assert (found.canary_min_cosine, found.canary_recorded) == (None, "")
    assert (fresh.recorded, fresh.sentences, fresh.model_digest) == (NOW, SENTENCES, stamp().model_digest)
    assert list(found.sections) == ["induction"]
    assert found.sections["induction"].recorded == stamp()
    assert found.versions["numpy"] == np.__version__
    assert set(found.versions) == {"chromadb", "ctranslate2", "numpy", "openai", "tokenizers"}


def test_an_empty_workspace_is_asked_for_its_canaries_only() -> None:
    tiny = TinyEmbedder()
    found, fresh = measure(subject(embedder=tiny), NOW, silent)
    assert found.sections == {}
    assert tiny.asked == [*SENTENCES, *SENTENCES]
    assert fresh is not None


def test_canaries_are_compared_with_those_recorded_in_their_own_sentences() -> None:
    old = embed_canaries(HASHING, "then", ("One sentence of an earlier set.", "Another."))
    made = records_of(scripts_of(3, 1), HASHING)
    same, _ = measure(subject(*made, embedder=HASHING, canaries={old.model_digest: old}), NOW, silent)
    assert (same.canary_min_cosine, same.canary_recorded) == (pytest.approx(1), "then")
    other = Changed(HASHING, rotated())
    moved, fresh = measure(subject(*made, embedder=other, canaries={old.model_digest: old}), NOW, silent)
    assert abs(moved.canary_min_cosine) < 0.3
    assert fresh.sentences == old.sentences


@pytest.mark.parametrize("left", [0, 9, 10, 11])
def test_a_model_that_fails_at_any_moment_is_a_finding(left: int) -> None:
    # Five sentences as documents and as questions make ten; then the passages.
    found, fresh = measure(subject(ONE, embedder=TinyEmbedder(left=left)), NOW, silent)
    assert found.failure == "The model 'tiny' cannot be reached. Try again later."
    assert fresh is None
    assert found.canary_min_cosine is None
    assert found.sections["induction"].evidence.min_cosine is None
    assert found.sections["induction"].evidence.scripts == 1
    assert found.sections["induction"].records == corpus_digest([ONE])


# By hand: unit vectors (1, 0) and (0.6, 0.8), and (0, 1): their mean is (1.6 / 3, 1.8 / 3).
def test_the_centroid_is_the_mean_of_unit_vectors() -> None:
    records = bare_record("one", [(2, 0), (3, 4)]), bare_record("two", [(0, 9)])
    found, _ = measure(subject(*records, embedder=TinyEmbedder(dimensions=2)), NOW, silent)
    np.testing.assert_allclose(found.sections["induction"].centroid, [1.6 / 3, 0.6], atol=1e-6)


def test_the_digest_of_a_corpus_is_that_of_its_records_in_any_order() -> None:
    one, two = bare_record("one", [(1, 0)]), bare_record("two", [(1, 0)])
    assert corpus_digest([one, two]) == corpus_digest([two, one])
    assert len({corpus_digest(r) for r in ([], [one], [two], [one, two], [replace(one, digest="x"), two])}) == 5


def test_vectors_of_another_width_are_not_compared() -> None:
    made = stored(record(script("one"), TinyEmbedder("wide", 16)))
    tiny = TinyEmbedder()
    found, _ = measure(subject(made, embedder=tiny, questionnaires=questionnaires_of([script("one")], 1)), NOW, silent)
    assert found.sections["induction"].recorded.dimensions == 16
    assert found.sections["induction"].evidence.min_cosine is None
    assert found.sections["induction"].separations == {}


# A script of ten words, of which a passage covers the first six characters of each five: by hand.
TEN = "aa bb cc dd ee ff gg hh ii jj"


def covering(*spans: tuple[int, int], recipe: Stamp | None = None) -> Record:
    made = script("ten", text=TEN)
    passages = (Passage("card"), *(Passage("body", *span) for span in spans))
    values = np.ones((len(passages), 8), np.float32)
    return Record(made, VectorSet(recipe or stamp(), passages, values), "", "digest")


@pytest.mark.parametrize(
    ("spans", "share"),
    [
        ([(0, 29)], 0.0),
        ([(0, 14), (15, 29)], 0.0),
        ([(0, 20), (12, 29)], 0.0),
        ([(0, 14)], 0.5),
        ([(15, 29)], 0.5),
        ([(0, 14), (0, 14)], 0.5),
        ([(0, 8), (21, 29)], 0.4),
        ([], 1.0),
    ],
)
def test_what_stands_in_no_passage_is_unread(spans: list[tuple[int, int]], share: float) -> None:
    found, _ = measure(subject(covering(*spans)), NOW, silent)
    section = found.sections["induction"]
    assert section.unread_share == pytest.approx(share)
    assert dict(section.unread) == ({"ten": pytest.approx(share)} if share else {})
    assert section.unread_scripts == (share > 0)


def test_of_a_passage_longer_than_the_window_the_rest_is_unread() -> None:
    # Made by a recipe whose passages were longer: ten tokens, of which the model reads five.
    longer = replace(stamp(), recipe_digest="longer")
    found, _ = measure(subject(covering((0, 29), recipe=longer), embedder=TinyEmbedder(window=5)), NOW, silent)
    assert found.sections["induction"].unread_share == pytest.approx(0.5)
    whole, _ = measure(subject(covering((0, 29), recipe=longer), embedder=TinyEmbedder(window=10)), NOW, silent)
    assert whole.sections["induction"].unread_share == 0


def test_questionnaires_get_a_verdict_each_whatever_is_recorded() -> None:
    made = scripts_of(20, 1)
    asked = questionnaires_of(made, 5)
    right, _ = measure(subject(*records_of(made, HASHING), embedder=HASHING, questionnaires=asked), NOW, silent)
    assert sum(right.sections["induction"].separations.values()) == 5
    assert "no information" not in right.sections["induction"].separations
    wrong = records_of(made, Changed(HASHING, rotated()))
    random, _ = measure(subject(*wrong, embedder=HASHING, questionnaires=asked), NOW, silent)
    assert random.sections["induction"].separations == {"no information": 5}


def test_a_questionnaire_that_asks_nothing_has_no_ranking() -> None:
    made = scripts_of(20, 1)
    asked = questionnaires_of(made, 3) | {"x": make_questionnaire(id="x", desired_feeling="Calm")}
    found, _ = measure(subject(*records_of(made, HASHING), embedder=HASHING, questionnaires=asked), NOW, silent)
    assert sum(found.sections["induction"].separations.values()) == 3


@pytest.mark.parametrize(("saved", "asked"), [(60, 60), (61, 31), (180, 60), (181, 46)])
def test_of_many_questionnaires_an_evenly_spread_part_is_asked(saved: int, asked: int) -> None:
    tiny = TinyEmbedder()
    many = {f"q{i}": make_questionnaire(id=f"q{i}", query=f"question {i}") for i in range(saved)}
    measure(subject(embedder=tiny, questionnaires=many), NOW, silent)
    questions = [text for text in tiny.asked if text.startswith("question ")]
    assert len(questions) == asked <= QUESTIONNAIRES
    assert questions[0] == "question 0"


def test_progress_is_told() -> None:
    told = []
    measure(subject(ONE), NOW, lambda stage, done, total: told.append((stage, done, total)))
    assert told == [
        ("Asking the model for its canaries", 0, 5),
        ("Asking the saved questionnaires", 0, 0),
        ("Embedding stored passages once more", 0, 1),
    ]
