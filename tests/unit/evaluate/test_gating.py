"""The gate of an open workspace: what it compares with, and which commit a run names."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dulwich.repo import Repo

from services.domain.judgements import Judgement
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import Record
from services.domain.settings import MAX_TOP_K, Gate
from services.errors import InvalidSettings, NotFound
from services.records import git_trees
from tests.doubles import TinyWorkbench, make_workspace, script


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[TinyWorkbench]:
    with TinyWorkbench(make_workspace(tmp_path / "corpus", [script("harbour"), script("meadow")])) as opened:
        wanted = (Expected("harbour", 3),)
        opened.save_questionnaire(make_questionnaire(id="night", title="Night", query="a calm night", expected=wanted))
        opened.refresh()
        yield opened


def test_a_baseline_that_is_gone_or_damaged_closes_the_gate(workbench: TinyWorkbench) -> None:
    before, after = workbench.evaluate(), workbench.evaluate()
    workbench.runs.set_baseline(before.id)
    assert workbench.gate(after).baseline == 1.0
    path = workbench.paths.runs / f"{before.id}.json"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"top_k":5', b'"top_k":0'))
    (damaged,) = workbench.gate(after).reasons
    assert damaged.startswith(f"It cannot be told whether recall@5 fell. runs/{before.id}.json cannot be used: ")
    path.unlink()
    (gone,) = workbench.gate(after).reasons
    assert f"runs/baseline.yaml names the run {before.id}, which is not there." in gone
    path.write_bytes(whole)
    (workbench.paths.runs / "baseline.yaml").write_text("run: x\n")
    assert "runs/baseline.yaml is no" in workbench.gate(after).reasons[0]
    # One that is named is another matter, whatever the workspace compares with.
    assert workbench.gate(after, before.id).passed
    with pytest.raises(NotFound):
        workbench.gate(after, "nonesuch")


def test_nothing_is_gained_by_another_name_or_by_taking_away(workbench: TinyWorkbench) -> None:
    workbench.judge("night", Judgement("meadow", "Ada", 0))
    baseline = workbench.evaluate()
    workbench.runs.set_baseline(baseline.id)
    night = workbench.all_questionnaires["night"]
    for folder in (workbench.paths.questionnaires, workbench.paths.judgements):
        file = (folder / "night.yaml").rename(folder / "calm.yaml")
        file.write_text(file.read_text().replace(": night", ": calm"))
    renamed = workbench.gate(workbench.try_out())
    assert (renamed.reasons, renamed.baseline) == ((), 1.0)

    # Whoever expects what was judged not to fit needs the judgement away to have it count.
    wanted = (Expected("harbour", 3), Expected("meadow", 2))
    workbench.save_questionnaire(make_questionnaire(**{**vars(night), "id": "calm", "expected": wanted}))
    assert workbench.gate(workbench.try_out()).passed
    workbench.take_back_judgement("calm", "meadow", "Ada")
    (unfit,) = workbench.gate(workbench.try_out()).reasons
    assert unfit == "What the baseline judges not to fit is expected and not judged any more: calm (meadow)."

    workbench.save_questionnaire(make_questionnaire(**{**vars(night), "id": "calm", "expected": wanted[1:]}))
    reasons = workbench.gate(workbench.try_out()).reasons
    assert any("neither expected nor judged any more: calm (harbour)." in reason for reason in reasons)


def test_a_script_that_is_called_otherwise_now_is_followed(workbench: TinyWorkbench) -> None:
    workbench.runs.set_baseline(workbench.evaluate().id)
    present = workbench.catalogue.records["harbour"]
    with workbench.records.writing("renaming"):
        workbench.records.put([Record(replace(present.script, id="harbours"), present.vectors)])
        workbench.records.discard("harbour")
    night, called = workbench.all_questionnaires["night"], (Expected("harbours", 3),)
    workbench.save_questionnaire(make_questionnaire(**{**vars(night), "expected": called}))
    workbench.refresh()
    run = workbench.try_out()
    assert run.grades == {"night": {"induction": {"harbours": 3}}}
    gated = workbench.gate(run)
    assert (gated.reasons, gated.baseline) == ((), 1.0)


def test_another_rule_than_the_workspaces_own(workbench: TinyWorkbench) -> None:
    run = workbench.evaluate()
    assert workbench.gate(run).least == 0.9
    assert workbench.gate(run, rule=Gate(1.0, 0.0)).least == 1.0


def test_the_commit_of_a_run_has_the_judgements_that_it_is_measured_by(workbench: TinyWorkbench) -> None:
    workbench.judge("night", Judgement("meadow", "Ada", 2))
    run = workbench.try_out()
    assert run.grades["night"]["induction"] == {"harbour": 3, "meadow": 2}
    with Repo(str(workbench.paths.root)) as repo:
        commit = run.provenance.commit.encode()
        assert git_trees.blob_at(repo, commit, b"judgements/night.yaml") is not None


@pytest.mark.parametrize("top_k", [-1, MAX_TOP_K + 1])
def test_as_many_scripts_as_no_run_could_be_read_with_are_refused(workbench: TinyWorkbench, top_k: int) -> None:
    with pytest.raises(InvalidSettings):
        workbench.use(workbench.settings.method, top_k=top_k)
