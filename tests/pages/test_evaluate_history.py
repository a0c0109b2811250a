"""Evaluate and the history: which scripts changed between two runs, and since the run that is looked at."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pages.ui.evaluate import kept
from services import workspaces
from services.domain.methods import Method, Passages
from services.domain.questionnaires import make_questionnaire
from services.domain.runs import Provenance
from services.workbench import Workbench
from tests.doubles import script
from tests.pages.conftest import asking_once
from tests.pages.test_evaluate import answered, run

TEXT = "You know the harbour well.\n\nThe night is calm here."


def at(one, commit, corpus, **setup):
    """The same run, of this commit."""
    made_on = Provenance(corpus * 64, "d" * 64, "e" * 64, "f" * 64, commit=commit)
    return replace(one, provenance=made_on, setup=replace(one.setup, **setup))


@pytest.fixture(scope="module")
def made(minilm, tmp_path_factory):
    """Three scripts; 'one' is edited between two runs, 'two' deleted, 'four' added; and 'three' edited after both."""
    root = tmp_path_factory.mktemp("edited") / "workspace"
    workspaces.create(root, workspaces.new_settings("Edited", (), "minilm"))
    with asking_once(minilm), Workbench(root) as bench:
        for name in ("one", "two", "three"):
            bench.save(script(name, text=TEXT, situation=f"Somebody asks for {name}."), None)
        asked = make_questionnaire(title="Calm", focus_area="harbour", challenge_context="context")
        bench.save_questionnaire(asked)
        first = bench.commit
        one = bench.catalogue.records["one"]
        bench.save(script("one", text=f"{TEXT} And bright."), one.digest)
        bench.delete("two")
        bench.save(script("four", text=TEXT), None)
        second, three = bench.commit, bench.catalogue.records["three"]
        bench.save(replace(three.script, text=f"{TEXT} And dark."), three.digest)
        template = "A script about the {focus_area}, you know"
        answer = replace(answered("calm", "three", "two", "one"), query="A script about the harbour, you know")
        setup = {"query_template": template, "method": Method(passages=Passages.CARD)}
        bench.keep(at(run("run-1", answer), first, "a"))
        bench.keep(at(run("run-2", answer), second, "b", model_digest=bench.embedder().identity.digest, **setup))
        bench.keep(at(run("run-3", answer), "0" * 40, "c", method=Method(passages=Passages.START)))
    return root


@pytest.fixture
def edited(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "workspace"))


def test_the_scripts_that_changed_are_named_with_links(edited, open_app):
    view = open_app(edited, "evaluate", run="run-2", before="run-1")
    said = view.said()
    assert "1 script was changed, 1 added, 1 deleted between the two." in said.replace("**", "")
    links = [link.proto.label for link in view.app.get("page_link")]
    assert {"One", "Four"} <= set(links)
    assert "Deleted: Two\n" in said
    assert "Which ones cannot be told" not in said


def test_a_commit_that_is_not_here_is_said(edited, open_app):
    said = open_app(edited, "evaluate", run="run-3", before="run-1").said()
    assert "The scripts are others, and which ones cannot be told. The history here does not have the scripts" in said


def test_what_cannot_be_told_is_looked_for_anew_only_after_a_commit_or_a_while(edited, monkeypatch):
    with Workbench(edited) as bench:
        asked, between, comparisons = [], bench.past.between, kept.Comparisons()
        monkeypatch.setattr(bench.past, "between", lambda *given: asked.append(given) or between(*given))
        one, three = bench.runs.get("run-1"), bench.runs.get("run-3")

        def looked():
            before = len(asked)
            assert "The history here does not have" in comparisons.scripts(bench, one, three).problem
            return len(asked) - before

        monkeypatch.setattr(kept, "_AGAIN_SECONDS", 1e9)
        assert [looked(), looked()] == [1, 0]
        bench.delete("four")
        assert [looked(), looked()] == [1, 0]
        monkeypatch.setattr(kept, "_AGAIN_SECONDS", 1e-3)
        assert looked() == 1, "somebody may have brought the rest"


def test_why_is_told_by_the_runs_whole_method_and_by_the_words_that_were_compared(edited, open_app):
    view = open_app(edited, "evaluate", run="run-2").press("open_calm")
    said = view.said()
    # By cards: what is quoted is the situation, though bodies are what the workspace's own method would find here.
    assert "Somebody asks for three." in view.texts()
    assert not any("harbour well" in text for text in view.texts())
    # 'know' is the template's, and in the script too.
    assert re.findall("Words in common: (.*)", said) == ["harbour"]
    assert "nobody has judged it · changed since the run" in said
    assert "Scripts that have changed since the run are quoted as they are today." in said
    assert "by this workspace's model" not in said


def test_what_cannot_be_told_of_a_run_is_said(edited, open_app):
    with Workbench(edited) as bench:
        bench.delete_questionnaire("calm")
    view = open_app(edited, "evaluate", run="run-3").press("open_calm")
    said = view.said()
    assert "The run looked at the beginning of each script as a whole" in said
    assert "Which scripts have changed since the run cannot be told. The history here does not have" in said
    # The questionnaire is gone: the question as it stands.
    assert re.findall("Words in common: (.*)", said) == ["harbour, know"]
