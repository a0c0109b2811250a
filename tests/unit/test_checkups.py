"""Checks over time: what is kept, what is recorded and when, what is due."""

from dataclasses import replace

import pytest

from services.domain.checks import Check
from services.domain.model_digest import State
from services.domain.settings import Thresholds
from services.embedders.hashing import Hashing
from services.errors import NotFound, StorageFailed, WorkspaceBusy
from services.ground.clock import now
from tests.checking import Changed, Corpus, Spoken, records_of, rotated, scripts_of, with_vectors
from tests.doubles import TinyEmbedder

HASHING = Hashing()
MADE = scripts_of(4, 1)


@pytest.fixture
def corpus() -> Corpus:
    return Corpus(records_of(MADE, HASHING), HASHING)


def test_canaries_are_recorded_by_the_first_check_whose_evidence_agrees(corpus: Corpus) -> None:
    corpus.check()
    recorded = corpus.canaries.kept[corpus.query.model_digest]
    (first,) = corpus.checkups.all()
    assert recorded.recorded == first.time
    assert corpus.health().collections[0].cell(Check.CANARIES).state is None
    corpus.check()
    assert corpus.canaries.kept[corpus.query.model_digest] is recorded
    assert corpus.health().collections[0].cell(Check.CANARIES).state is State.MATCH
    assert [check.canary_recorded for check in corpus.checkups.all()] == ["", first.time]


def test_of_a_model_that_did_not_make_what_is_stored_no_canaries_are_recorded() -> None:
    moved = Changed(HASHING, rotated())
    other = Corpus(records_of(MADE, Spoken("other", 384)), HASHING)
    same_name = Corpus(records_of(MADE, HASHING), moved)
    one_of_four = records_of(MADE[:1], moved)[0].vectors.values
    mixed = Corpus(with_vectors(records_of(MADE, HASHING), {0: one_of_four}), HASHING)
    empty = Corpus([], HASHING)
    for corpus in (other, same_name, mixed, empty):
        corpus.check()
        assert corpus.canaries.kept == {}


def test_a_check_never_replaces_canaries(corpus: Corpus) -> None:
    corpus.check()
    recorded = corpus.canaries.kept[corpus.query.model_digest]
    corpus.embedder = Changed(HASHING, rotated())
    for _ in range(2):
        assert corpus.check().state == "broken"
    assert corpus.canaries.kept == {recorded.model_digest: recorded}


def test_a_check_that_cannot_be_kept_is_known_to_this_process_and_says_so(corpus: Corpus) -> None:
    corpus.store.refusal = WorkspaceBusy("Somebody writes.", "Wait.")
    assert corpus.check().state == "attention", "the canaries could not be recorded either"
    assert corpus.checkups.note == "The check was made and could not be kept: Somebody writes. Wait."
    assert (len(corpus.checkups.all()), corpus.log.kept, corpus.canaries.kept) == (1, [], {})
    assert corpus.health().collections[0].cell(Check.EVIDENCE).state is State.MATCH
    corpus.store.refusal = None
    assert corpus.check().state == "ok"
    assert (corpus.checkups.note, len(corpus.log.kept)) == ("", 1)


def test_a_disk_that_is_full_is_no_crash(corpus: Corpus) -> None:
    corpus.store.refusal = StorageFailed("The disk is full.", "Free some space.")
    corpus.check()
    assert "The disk is full." in corpus.checkups.note


def test_where_nothing_may_be_written_the_last_check_is_remembered(corpus: Corpus) -> None:
    corpus.store.writable = False
    for _ in range(2):
        corpus.check()
    assert (len(corpus.checkups.all()), corpus.log.kept, corpus.checkups.note) == (1, [], "")


def test_each_check_looks_at_another_part() -> None:
    corpus = Corpus(records_of(scripts_of(92, 1), HASHING), HASHING)
    looked = []
    for _ in range(3):
        corpus.check()
        looked.append(frozenset(corpus.checkups.all()[-1].sections["induction"].evidence.cosines))
    assert len(set(looked)) == 3
    assert len(frozenset.union(*looked)) > 40


def test_due_is_what_no_check_has_looked_at(corpus: Corpus) -> None:
    due = corpus.checkups.due
    assert due(corpus.facts)
    corpus.check()
    assert not due(corpus.facts)
    records = list(corpus.catalogue.records.values())
    for changed in (records[:-1], [*records[:-1], replace(records[-1], digest="edited")]):
        corpus.put(changed)
        assert due(corpus.facts)
    corpus.put(records)
    assert not due(corpus.facts)
    corpus.embedder = Spoken()
    assert due(corpus.facts)
    corpus.put([])
    assert not due(corpus.facts)


def test_what_could_not_be_asked_is_due_again() -> None:
    tiny = TinyEmbedder()
    corpus = Corpus(records_of(MADE, tiny), tiny)
    tiny.left = 0
    corpus.check()
    assert corpus.checkups.due(corpus.facts)
    tiny.left = None
    corpus.check()
    assert not corpus.checkups.due(corpus.facts)


def test_accepting_makes_the_last_check_the_baseline(corpus: Corpus) -> None:
    corpus.check()
    # Scripts of other words: their middle is elsewhere.
    corpus.put(records_of(scripts_of(4, 2, topics=2), HASHING))
    found = corpus.check()
    shift = found.collections[0].cell(Check.SHIFT)
    assert (found.state, shift.state) == ("attention", State.DRIFTED)
    corpus.checkups.accept(corpus.query)
    assert corpus.health().state == "ok"
    assert corpus.check().collections[0].cell(Check.SHIFT).short == "0.0%"
    times = [check.time for check in corpus.checkups.all()]
    assert len(times) == len(set(times)) == 3, "the accepted one counts once"
    assert [check.accepted for check in corpus.checkups.all()] == [False, True, False]


def test_only_a_check_in_which_the_model_answered_can_be_accepted(corpus: Corpus) -> None:
    with pytest.raises(NotFound, match="no check that could be the baseline"):
        corpus.checkups.accept(corpus.query)
    corpus.check()
    with pytest.raises(NotFound):
        corpus.checkups.accept(Corpus([], Spoken()).query)
    corpus.store.refusal = WorkspaceBusy("Somebody writes.", "Wait.")
    with pytest.raises(WorkspaceBusy):
        corpus.checkups.accept(corpus.query)


def test_thresholds_of_the_workspace_count(corpus: Corpus) -> None:
    corpus.check()
    first = corpus.catalogue.records["s0000"].vectors.values
    # 1 - 0.02**2 / 2 = 0.9998 and 1 - 0.1**2 / 2 = 0.995, nearly.
    for step, state in ((0.02, "ok"), (0.1, "attention")):
        values = first + step * rotated()(first)
        corpus.put(with_vectors(records_of(MADE, HASHING), {0: values / (values**2).sum(1, keepdims=True) ** 0.5}))
        assert corpus.check().state == state
    corpus.settings = replace(corpus.settings, thresholds=Thresholds(cosine_attention=0.99))
    assert corpus.check().state == "ok"
    corpus.settings = replace(corpus.settings, thresholds=Thresholds(cosine_broken=0.998))
    assert corpus.check().state == "broken"


def test_a_model_is_unknown_until_it_has_embedded_something(corpus: Corpus) -> None:
    checkups = corpus.checkups
    assert not checkups.unknown(HASHING, corpus.catalogue)
    assert checkups.unknown(Spoken(), corpus.catalogue)
    checkups.record_first(HASHING)
    assert set(corpus.canaries.kept) == {HASHING.identity.digest}
    assert not checkups.unknown(HASHING, Corpus([], HASHING).catalogue)


def test_now_is_utc_to_the_millisecond() -> None:
    assert len(now()) == len("2026-11-21T10:00:00.000Z")
    assert now().endswith("Z")
