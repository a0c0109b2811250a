"""How the workspace is named, and what people read."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from services import workspaces
from services.cli.main import main
from services.domain.settings import Paths, Settings, read_settings
from services.errors import StorageFailed
from services.workbench import Workbench
from tests.unit.command_line import launch, run


def test_the_workspace_may_be_named_before_and_after_the_verb(workspace, capsys):
    (one, before), (other, after) = (
        run(capsys, *arguments)
        for arguments in (("--workspace", workspace, "health"), ("health", "--workspace", workspace))
    )
    assert (one, before["generation"]) == (other, after["generation"])


def test_the_environment_names_the_workspace(workspace, monkeypatch, capsys):
    monkeypatch.setenv("SCRIPTORIUM_WORKSPACE", str(workspace))

    assert run(capsys, "health")[1]["collections"][0]["records"] == 3


def test_the_default_workspace_is_a_copy_of_the_demo_made_once(workspace, tmp_path, monkeypatch):
    monkeypatch.delenv("SCRIPTORIUM_WORKSPACE", raising=False)
    data = tmp_path / "data"
    workspaces.copy(workspace, data / "demo")
    together = Barrier(8)

    def ask(_):
        together.wait()
        return workspaces.default_workspace(data)

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))

    assert answers == {data / "workspace"}
    assert sorted(path.name for path in data.iterdir()) == ["demo", "workspace"]
    assert (data / "workspace" / "records" / "induction" / "harbour.yaml").exists()


def test_without_a_demo_the_default_workspace_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.delenv("SCRIPTORIUM_WORKSPACE", raising=False)
    with pytest.raises(Exception, match=r"demo is not a workspace"):
        workspaces.default_workspace(tmp_path)


def test_a_second_process_answers_from_memory_and_says_so(workspace, capsys):
    with Workbench(workspace) as owner:
        owner.refresh()
        capsys.readouterr()
        code = main(["--workspace", str(workspace), "retrieve", "--query", "waves", "--json"])
        printed = capsys.readouterr()

    assert code == 0
    assert "Another process has the index open." in printed.err
    assert json.loads(printed.out)["sections"]["induction"]["hits"][0]["id"] == "harbour"


# For people


def test_people_read_shapes_aligned_columns_and_three_decimals(workspace, capsys):
    capsys.readouterr()
    assert main(["--workspace", str(workspace), "retrieve", "--query", "waves roll", "--section", "induction"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "induction  ● match  2 scored" in lines
    header = next(line for line in lines if "distance" in line)
    assert header.split() == ["rank", "distance", "id", "title"]
    first = lines[lines.index(header) + 1]
    assert first.split()[0] == "1"
    assert len(first.split()[1].partition(".")[2]) == 3
    assert first.index("harbour") == header.index("id")


def test_health_names_a_file_once(workspace, capsys):
    induction, awakening = workspace / "records" / "induction", workspace / "records" / "awakening"
    (induction / "harbour.yaml").write_text("format: [")
    (induction / "meadow.yaml").rename(awakening / "meadow.yaml")
    capsys.readouterr()
    assert main(["--workspace", str(workspace), "health"]) == 1

    told = capsys.readouterr().out.splitlines()
    for name in ("records/induction/harbour.yaml", "records/awakening/meadow.yaml"):
        (line,) = (line for line in told if name in line)
        assert line.count(name) == 1


def test_a_terminal_without_the_characters_gets_question_marks(workspace):
    done = launch("--workspace", workspace, "health", PYTHONIOENCODING="ascii")

    # On a slow machine it says how far it is, in the same letters.
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "? match" in done.stdout


def test_a_full_disk_leaves_the_old_export(workspace, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.csv"
    out.write_text("old")

    def full(*_, **__):
        raise StorageFailed("The disk is full.", "Free some space.")

    monkeypatch.setattr("services.ground.files.os.replace", lambda *_: full())
    code, told = run(capsys, "--workspace", workspace, "export", "--format", "csv", "--out", out)

    assert (code, told["error"]["kind"], out.read_text()) == (2, "StorageFailed", "old")


def test_settings_of_a_copy_name_the_new_embedder(workspace, tmp_path, capsys):
    code, made = run(capsys, "init", tmp_path / "copy", "--from", workspace, "--embedder", "minilm")

    assert (code, made["embedder"]) == (0, "minilm")
    assert read_settings(Paths(tmp_path / "copy")).sections == Settings().sections
    assert run(capsys, "--workspace", tmp_path / "copy", "retrieve", "--query", "waves")[0] == 2
