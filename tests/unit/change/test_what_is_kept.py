"""What stays of a change: how rankings moved, the generation before, the journal, a check."""

import json
import time
from pathlib import Path

import pytest

from services import workspaces
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.settings import EmbedderSettings
from services.errors import EmbedderUnavailable
from tests.doubles import TinyEmbedder, TinyWorkbench
from tests.unit.change.changing import OTHER, QUESTION, assert_whole, cut_short, texts_of


def test_the_comparison_tells_who_stayed_in_front_and_where_the_expected_came(workspace: Path) -> None:
    class Mirror(TinyEmbedder):
        """Everything is as far as it was near: each vector keeps one number apart and turns the others."""

        def embed_query(self, text):
            return -super().embed_query(text)

    with TinyWorkbench(workspace, {"mirror": Mirror("mirror")}) as bench:
        settings = bench.settings
        one = bench.retrieve(QUESTION).sections["induction"].scored
        assert len(one) == 3
        bench.save_questionnaire(make_questionnaire(title="Sleep", query="sleep", expected=(Expected(one[0], 3),)))
        workspaces.write_settings(bench.paths, type(settings)(**{**settings.__dict__, "top_k": 2}))
        bench.change(EmbedderSettings("mirror"))
        compared = bench.models.last.comparison
    assert (compared.before, compared.after, compared.top_k, compared.questionnaires) == ("tiny", "mirror", 2, 1)
    # Of three, the first two turned round are the last two: one of two in common.
    assert compared.overlap == {"induction": 0.5, "affirmations": 0.5, "awakening": 0.5}
    assert [(m.section, m.script, m.before, m.after) for m in compared.expected] == [("induction", one[0], 1, 3)]
    assert compared.problem == ""


def test_a_model_that_cannot_be_asked_any_more_is_not_compared(workspace: Path) -> None:
    with TinyWorkbench(workspace, {"tiny": TinyEmbedder(left=0)}) as bench:
        bench.save_questionnaire(make_questionnaire(title="Sleep", query="sleep"))
        bench.change(OTHER)
        assert bench.models.last.comparison.problem.startswith("The model before could not be asked. The model 'tiny'")
        assert_whole(bench, "other")


def test_the_newest_generation_of_the_model_before_outlives_rebuilds(workspace: Path) -> None:
    with TinyWorkbench(workspace) as bench:
        first = bench.rebuild().generation
        second = bench.rebuild().generation
        third = bench.change(OTHER).generation
        fourth = bench.rebuild().generation
        fifth = bench.rebuild().generation
        kept = bench.generations()
    assert {g.name for g in kept} == {second, fourth, fifth}
    assert first not in {p.name for p in (workspace / "derived" / "index").iterdir()}
    assert third not in {p.name for p in (workspace / "derived" / "index").iterdir()}
    assert {g.name: (g.contents.model_name, g.current) for g in kept} == {
        second: ("tiny", False),
        fourth: ("other", False),
        fifth: ("other", True),
    }
    assert {g.contents.passages for g in kept} == {len(texts_of(workspace))}


def test_a_begun_change_can_be_forgotten_and_what_was_paid_stays(workspace: Path) -> None:
    with TinyWorkbench(workspace, {"other": TinyEmbedder("other", left=12)}) as bench:
        with pytest.raises(EmbedderUnavailable):
            bench.change(OTHER)
        assert not bench.models.cancelled
        bench.models.forget()
        assert bench.models.begun is None


def test_the_journal_is_readable_json(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TinyWorkbench(workspace) as bench:
        cut_short(workspace, bench, monkeypatch, 0)
    told = json.loads((workspace / "changing.json").read_text())
    assert told["target"]["name"] == "other"
    assert told["everything"] is False


def test_the_seconds_are_those_of_all_the_work(workspace: Path) -> None:
    class Slow(TinyEmbedder):
        def embed_documents(self, texts, progress=None):
            time.sleep(0.05)
            return super().embed_documents(texts, progress)

    with TinyWorkbench(workspace, {"other": Slow("other")}) as bench:
        # The canaries and one batch of passages.
        assert bench.change(OTHER).seconds >= 0.1


def test_a_change_ends_with_a_check(workspace: Path, unchecked: list[str]) -> None:
    with TinyWorkbench(workspace) as bench:
        bench.rebuild()
        assert unchecked == []
        bench.change(OTHER)
        assert unchecked == ["checked"]
        bench.go_back()
        assert unchecked == ["checked"] * 2
