"""What becomes of each questionnaire: answered, nothing found, failed and not run are kept apart."""

import pytest

from services.domain.methods import Method, Mode
from services.domain.model_digest import State
from services.domain.runs import Outcome
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.errors import Cancelled, InvalidInput
from tests.unit.evaluate.compass import Compass, asks, evaluated, order

NEAR = Settings(sections=("induction", "awakening"), method=Method(cut_offs={Compass().identity.digest: 0.5}))


def stop_at(times):
    """Says stop when questionnaires are about to be asked for the so-manieth time."""
    calls = []

    def report(stage, done, total):
        calls.append(stage)
        if calls.count("Asking the questionnaires") == times:
            raise Cancelled("You stopped it.", "Start again.")

    return report


def test_the_four_outcomes_are_kept_apart_and_measured_as_what_they_are():
    found = [asks(f"b-{i}", "north", north_one=3) for i in range(6)]
    questions = [asks("a-refused", "refused", north_one=3), *found, asks("c-nothing", "west", north_one=3)]
    unasked = [asks("d-one", "north", north_one=3), asks("d-two", "north", north_one=3)]
    # A server is asked eight at a time.
    run = evaluated(*questions, *unasked, settings=NEAR, embedder=Compass(local=False), report=stop_at(2))

    assert run.outcomes == {
        Outcome.ANSWERED: 6,
        Outcome.NOTHING_FOUND: 1,
        Outcome.FAILED: 1,
        Outcome.NOT_RUN: 2,
    }
    by_name = {answer.questionnaire: answer for answer in run.answers}
    assert by_name["a-refused"].cause == "The model refuses this question."
    assert by_name["a-refused"].query == "refused"
    assert (by_name["d-two"].outcome, by_name["d-two"].cause) == (Outcome.NOT_RUN, "You stopped it.")
    assert not run.complete
    # Seven are known of, and the one that found nothing counts 0: 6 / 7.
    assert run.figures.overall["recall@5"].n == 7
    assert run.figures.overall["recall@5"].value == pytest.approx(6 / 7)
    assert sorted(run.figures.values) == [*(f"b-{i}" for i in range(6)), "c-nothing"]


def test_a_stop_before_anything_was_asked_leaves_no_run():
    with pytest.raises(Cancelled):
        evaluated(asks("a", "north"), report=stop_at(1))


def test_a_model_that_is_not_there_keeps_nobody_waiting():
    model = Compass(local=False, away=True)
    run = evaluated(*(asks(f"q-{i:02}", f"north {i}") for i in range(30)), embedder=model)

    # Two rounds of eight; the others are told why they were not asked.
    assert (run.outcomes[Outcome.FAILED], run.outcomes[Outcome.NOT_RUN]) == (16, 14)
    assert {answer.cause for answer in run.answers} == {"The model 'tiny' cannot be reached."}
    assert not {"q-16", "q-29"} & {text.split()[0] for text in model.asked}
    assert run.figures.overall["recall@5"].value is None


def test_a_question_that_asks_nothing_fails_by_itself():
    run = evaluated(asks("a-empty", ""), asks("b", "north"))

    assert [answer.outcome for answer in run.answers] == [Outcome.FAILED, Outcome.ANSWERED]
    assert run.answers[0].cause == "Nothing has been asked yet."


def test_a_cut_off_is_of_its_model_only():
    # The same vectors under another name, which a check has proved.
    proved = Trust(State.STALE, False, "Another name.")
    known = dict.fromkeys(NEAR.sections, proved)

    assert order(evaluated(asks("a", "north"), settings=NEAR), "a") == ("north-one", "between-one")
    other = evaluated(asks("a", "north"), settings=NEAR, embedder=Compass("another"), known=known)
    assert order(other, "a") == ("north-one", "between-one", "east-one")


def test_words_alone_need_neither_model_nor_vectors():
    words = Settings(sections=("induction", "awakening"), method=Method(mode=Mode.LEXICAL))
    run = evaluated(asks("a", "east-one"), settings=words, embedder=Compass(away=True))

    assert order(run, "a")[0] == "east-one"


def test_none_judged_is_no_figure():
    run = evaluated(asks("a", "north"), asks("b", "east"))

    assert run.outcomes[Outcome.ANSWERED] == 2
    assert {(interval.value, interval.n) for interval in run.figures.overall.values()} == {(None, 0)}


def test_nothing_to_ask_or_to_find_is_said():
    with pytest.raises(InvalidInput, match="no questionnaires"):
        evaluated()
    with pytest.raises(InvalidInput, match="no approved script"):
        evaluated(asks("a", "north"), records=())


def test_two_runs_of_one_moment_have_two_ids(monkeypatch):
    monkeypatch.setattr("services.evaluate.now", lambda: "2026-11-21T10:00:00.000Z")
    one, two = (evaluated(asks("a", "north")) for _ in range(2))

    assert one.id.startswith("2026-11-21t10-00-00-")
    assert one.id != two.id


def test_the_rank_of_what_was_expected_is_that_of_the_whole_section():
    run = evaluated(asks("a", "north", east_one=1, north_two=2))

    assert run.answers[0].sections["induction"].ranks == {"east-one": 3}
    assert run.answers[0].sections["awakening"].ranks == {"north-two": 1}
    assert run.figures.sections["induction"]["reciprocal_rank"].value == pytest.approx(1 / 3)
