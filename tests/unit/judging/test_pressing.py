"""Judging: it goes on where it was, it can be taken back, and no press takes a grade from another."""

import threading

import pytest

from services.domain.history import signed
from services.domain.judgements import Judgement, make_judgement
from services.domain.questionnaires import make_questionnaire
from services.errors import Conflict, InvalidInput, InvalidQuestionnaire, NotFound
from services.judge import Progress
from tests.doubles import TinyWorkbench
from tests.unit.judging.nights import EXPECTED, NAMES, names


def test_judging_goes_on_where_it_was_and_can_be_taken_back(bench: TinyWorkbench) -> None:
    first = bench.judging_pool("calm", "induction", "Ada").next
    with signed("Ada"):
        assert bench.judge("calm", make_judgement(script=first, judge="Ada", grade=1, note="a\r\nb")) is None
    pooled = bench.judging_pool("calm", "induction", "Ada")
    assert (pooled.judged, pooled.candidates[0].judgement.note) == (1, "a\nb")
    assert pooled.next == pooled.candidates[1].script
    before = bench.judge("calm", make_judgement(script=first, judge="Ada", grade=3))
    assert (before.grade, bool(before.time)) == (1, True)
    assert bench.judging_pool("calm", "induction", "Bert").judged == 0
    assert bench.grades()["calm"]["induction"] == {EXPECTED: 3, first: 3}
    bench.judge("calm", before)
    assert bench.judgements.all()[0]["calm"] == (before,), "with the time that it had"
    assert bench.take_back_judgement("calm", first, "Ada") == before
    assert bench.judging_pool("calm", "induction", "Ada").judged == 0
    assert bench.take_back_judgement("calm", first, "Ada") is None


def test_progress_is_of_one_judge_or_of_all(bench: TinyWorkbench) -> None:
    assert bench.judging_progress("Ada") == {}, "nobody has looked for candidates"
    # It asks nothing that the template asks for, and keeps nobody waiting.
    bench.save_questionnaire(make_questionnaire(id="mute", title="Mute", desired_feeling="calm"))
    assert not bench.candidates_ready()
    bench.find_candidates()
    assert bench.candidates_ready()
    assert bench.judging_ready("mute", "induction")
    with pytest.raises(InvalidQuestionnaire):
        bench.judging_pool("mute", "induction", "Ada")
    size = len(names(bench, "Ada"))
    one, other = [name for name in names(bench, "Ada") if name != EXPECTED][:2]
    bench.judge("calm", Judgement(one, "Ada", 0))
    bench.judge("calm", Judgement(one, "Bert", 1))
    bench.judge("calm", Judgement(other, "Bert", 1))
    assert bench.judging_progress("Ada")["calm"]["induction"] == Progress(1, size)
    assert bench.judging_progress("Bert")["calm"]["induction"] == Progress(2, size)
    # With what the questionnaire expects.
    assert bench.judging_progress()["calm"] == {"induction": Progress(3, size), "awakening": Progress(1, 1)}
    assert bench.agreement().pairs[0].judges == ("Ada", "Bert")


def test_nothing_is_judged_that_is_not_there(bench: TinyWorkbench) -> None:
    bench.refresh()
    for questionnaire, name in (("gone", NAMES[0]), ("calm", "gone")):
        with pytest.raises(NotFound):
            bench.judge(questionnaire, Judgement(name, "Ada", 1))
    for wrong in (Judgement(NAMES[0], " ", 1), Judgement(NAMES[0], "Ada", 4), Judgement(NAMES[0], "Ada", -1)):
        with pytest.raises(InvalidInput):
            bench.judge("calm", wrong)
    with pytest.raises(NotFound):
        bench.judging_pool("gone", "induction", "Ada")
    with pytest.raises(NotFound):
        bench.judging_pool("calm", "nowhere", "Ada")
    assert bench.judgements.all() == ({}, ())


def test_two_people_who_judge_at_once_both_count(bench: TinyWorkbench) -> None:
    bench.refresh()
    with TinyWorkbench(bench.paths.root) as other:
        other.refresh()

        def judge(workbench: TinyWorkbench, judge: str) -> None:
            for name in NAMES[:12]:
                workbench.judge("calm", Judgement(name, judge, 2))

        people = ((bench, "Ada"), (bench, "Bert"), (other, "Cleo"))
        threads = [threading.Thread(target=judge, args=one) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kept = bench.judgements.all()[0]["calm"]
    assert len({(one.script, one.judge) for one in kept}) == len(kept) == 36


def test_a_guideline_is_the_sections_and_nobody_writes_over_another(bench: TinyWorkbench) -> None:
    bench.write_guideline("induction", " It slows\r\ndown. ")
    assert bench.settings.guidelines == {"induction": "It slows\ndown."}
    with pytest.raises(Conflict):
        bench.write_guideline("induction", "Mine.", base="")
    bench.write_guideline("induction", "", base="It slows\ndown.")
    assert bench.settings.guidelines == {}
    with pytest.raises(NotFound):
        bench.write_guideline("nowhere", "x")
