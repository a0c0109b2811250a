"""What went wrong is one error, and an exit code."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli import health as health_verb
from services.cli.main import main
from tests.unit.command_line import ROOT, run


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["frob"], "UsageError"),
        ([], "UsageError"),
        (["retrieve", "--query", "x", "--mode", "psychic"], "UsageError"),
        (["retrieve", "--query", "x", "--top-k", "0"], "UsageError"),
        (["retrieve", "--query", "x", "--focus-area", "y"], "UsageError"),
        (["retrieve"], "InvalidQuestionnaire"),
        (["retrieve", "--questionnaire", "nonesuch"], "NotFound"),
        (["retrieve", "--query", "x", "--section", "nonesuch"], "NotFound"),
        (["retrieve", "--query", "x", "--embedder", "nonesuch"], "InvalidSettings"),
        (["rebuild", "--embedder", "nonesuch"], "InvalidSettings"),
        (["import", "nonesuch.csv"], "NotFound"),
        (["import", "README.md", "--section", "nonesuch"], "NotFound"),
        (["import"], "UsageError"),
        (["export", "--format", "csv"], "UsageError"),
        (["export", "--format", "csv", "--out", "x.csv", "--id", "nonesuch"], "NotFound"),
        (["export", "--format", "odt", "--out", "x"], "UsageError"),
        (["export", "--format", "csv", "--out", "."], "InvalidInput"),
    ],
)
def test_what_a_person_got_wrong_is_one_json_error_and_exit_2(workspace, monkeypatch, capsys, arguments, kind):
    monkeypatch.chdir(workspace.parent)
    Path("README.md").write_text("Something")

    code, told = run(capsys, "--workspace", workspace, *arguments)

    assert code == 2
    assert told.keys() == {"error"}
    assert told["error"].keys() == {"kind", "cause", "next_step"}
    assert told["error"]["kind"] == kind
    assert told["error"]["cause"].endswith(".")
    assert told["error"]["next_step"]


def test_without_json_an_error_goes_to_standard_error(workspace, capsys):
    capsys.readouterr()
    assert main(["--workspace", str(workspace), "retrieve", "--questionnaire", "nonesuch"]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "There is no questionnaire 'nonesuch'." in printed.err
    assert "Traceback" not in printed.err


def test_a_folder_that_is_no_workspace(tmp_path, capsys):
    code, told = run(capsys, "health", "--workspace", tmp_path)

    assert (code, told["error"]["kind"]) == (2, "NotFound")
    assert "init" in told["error"]["next_step"]


def test_something_unexpected_is_one_sentence_and_its_details_on_demand(workspace, monkeypatch, capsys):
    def explode(*_):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(health_verb, "open_workbench", explode)

    code, told = run(capsys, "health")
    assert (code, told["error"]["kind"]) == (2, "ZeroDivisionError")
    assert "--debug" in told["error"]["next_step"]
    assert main(["health", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_says_so_and_exits_130(monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(health_verb, "open_workbench", interrupt)

    assert main(["health"]) == 130
    assert capsys.readouterr().err.startswith("Stopped. What was stored or paid for until now is whole and stays")


def test_a_reader_that_goes_away_causes_no_traceback(workspace):
    command = f"{shlex.quote(sys.executable)} -m services --workspace {shlex.quote(str(workspace))} health --json"
    done = subprocess.run(
        ["bash", "-c", f"{command} | true; exit ${{PIPESTATUS[0]}}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 141, done.stderr
    assert "Traceback" not in done.stderr
