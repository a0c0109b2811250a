"""Candidates of several methods in an order of one's own, and what looking for them costs."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

from services.domain.judgements import Judgement
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Vectors
from services.judge.pools import DEPTH
from tests.doubles import TinyEmbedder, TinyWorkbench, script
from tests.unit.judging.nights import EXPECTED, NAMES, names


def test_a_pool_is_what_several_methods_find_and_what_is_expected(bench: TinyWorkbench) -> None:
    assert not bench.judging_ready("calm", "induction")
    ada = names(bench, "Ada")
    assert bench.judging_ready("calm", "induction")
    assert EXPECTED in ada
    assert "drafted" not in ada
    assert DEPTH < len(ada) < len(NAMES)
    assert names(bench, "Ada", "awakening") == ["dawn"]
    assert names(bench, "Ada", "affirmations") == []


def test_the_order_is_a_judges_own_and_always_the_same(bench: TinyWorkbench) -> None:
    ada, bert = names(bench, "Ada"), names(bench, "Bert")
    assert sorted(ada) == sorted(bert)
    assert ada != bert
    assert names(bench, "Ada") == ada
    # Who joins moves nobody else.
    outside = next(name for name in NAMES if name not in ada)
    bench.judge("calm", Judgement(outside, "Bert", 1))
    assert [name for name in names(bench, "Ada") if name != outside] == ada
    assert outside in names(bench, "Ada"), "what one has judged, the other sees"


def test_nobody_waits_for_what_another_asks_the_model(made: Path, tmp_path: Path) -> None:
    asked, answer = threading.Event(), threading.Event()

    class Slow(TinyEmbedder):
        def embed_query(self, text: str) -> Vectors:
            if text == "slow":
                asked.set()
                assert answer.wait(20)
            return super().embed_query(text)

    with TinyWorkbench(shutil.copytree(made, tmp_path / "workspace"), {"tiny": Slow()}) as bench:
        bench.save_questionnaire(make_questionnaire(id="slow", title="Slow", query="slow"))
        other = threading.Thread(target=bench.judging_pool, args=("slow", "induction", "Ada"))
        other.start()
        assert asked.wait(20)
        mine = threading.Thread(target=bench.judging_pool, args=("calm", "induction", "Bert"))
        mine.start()
        mine.join(5)
        waited = mine.is_alive()
        answer.set()
        other.join()
        mine.join()
        assert not waited
        assert bench.judging_ready("slow", "induction")


def test_without_the_model_candidates_come_from_the_words_and_that_is_said(made: Path, tmp_path: Path) -> None:
    embedder = TinyEmbedder()
    with TinyWorkbench(shutil.copytree(made, tmp_path / "workspace"), {"tiny": embedder}) as bench:
        embedder.left = 0
        pooled = bench.judging_pool("calm", "induction", "Ada")
        assert "The model 'tiny' cannot be reached." in pooled.note
        assert "words alone" in pooled.note
        assert len(pooled.candidates) == DEPTH + 1, "and the expected one"


def test_an_edit_of_the_corpus_or_the_question_finds_other_candidates(bench: TinyWorkbench) -> None:
    names(bench, "Ada")
    bench.save(script("calmest", text="Calm calm calm."), None)
    assert not bench.judging_ready("calm", "induction")
    assert "calmest" in names(bench, "Ada")
    bench.save_questionnaire(replace(bench.all_questionnaires["calm"], query="pyjamas"))
    assert not bench.judging_ready("calm", "induction")
