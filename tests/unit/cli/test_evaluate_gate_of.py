"""``evaluate --gate-of``: a pull request is held against the limits that it did not write. And a gate that fails."""

import pytest

from services.domain.questionnaires import Expected, make_questionnaire
from services.errors import StorageFailed
from services.workbench import Workbench
from tests.unit.command_line import make, run


def test_the_limits_are_those_of_the_other_workspace(workspace, tmp_path, capsys):
    with Workbench(workspace) as workbench:
        workbench.questionnaires.put(make_questionnaire(id="dust", query="dust", expected=(Expected("attic", 3),)))
    settings = workspace / "workspace.yaml"
    # The draft is expected and cannot be found: recall@5 is 0, which its own limits let through.
    settings.write_text(settings.read_text() + "gate:\n  recall_at_5: '0'\n  fall: '1'\n")
    before = make(tmp_path / "before", "induction")
    command = ["--workspace", workspace, "evaluate", "--gate"]

    assert run(capsys, *command)[0] == 0
    code, told = run(capsys, *command, "--gate-of", before)
    assert (code, told["gate"]["least"], told["gate"]["failing"]) == (1, 0.9, ["dust"])
    kept = sorted((workspace / "runs").glob("*.json"))
    code, told = run(capsys, *command, "--gate-of", tmp_path)
    assert (code, told["error"]["kind"]) == (2, "NotFound")
    assert sorted((workspace / "runs").glob("*.json")) == kept, "said before any work"


@pytest.mark.parametrize("failing", ["gate", "changed_between"])
def test_whatever_fails_afterwards_the_evaluation_is_kept(failing, workspace, tmp_path, capsys, monkeypatch):
    with Workbench(workspace) as workbench:
        workbench.questionnaires.put(make_questionnaire(id="sea", query="sea", expected=(Expected("harbour", 3),)))
        workbench.runs.set_baseline(workbench.evaluate().id)

    def fail(*_, **__):
        raise StorageFailed("The disk is gone.", "Plug it in.")

    monkeypatch.setattr(Workbench, failing, fail)
    rankings = tmp_path / "rankings.trec"
    code, told = run(capsys, "--workspace", workspace, "evaluate", "--trec-run", rankings)
    assert (code, told["error"]["kind"]) == (2, "StorageFailed")
    assert len(list((workspace / "runs").glob("*.json"))) == 2
    assert rankings.read_text()
