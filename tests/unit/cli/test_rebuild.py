"""``rebuild`` on the command line: what it would cost, a change of the model, and the way back."""

import pytest

from services.cli.main import main
from tests.unit.command_line import make, run


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "scripts.csv").write_text(
        "id,section,title,focus_areas,text\n"
        "harbour,induction,Harbour,sleep,Waves roll slowly into the harbour at night.\n"
        "oak,affirmations,Oak,strength,I stand like an oak in the wind.\n"
    )
    folder = make(tmp_path / "corpus")
    assert main(["--workspace", str(folder), "import", str(tmp_path / "scripts.csv")]) == 0
    return folder


def canonical(workspace):
    return {p: p.read_bytes() for p in workspace.rglob("*") if p.is_file() and "derived" not in p.parts}


def test_a_dry_run_counts_and_changes_nothing(workspace, capsys, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    before = canonical(workspace)
    code, cost = run(capsys, "--workspace", workspace, "rebuild", "--embedder", "openai", "--dry-run")
    assert code == 0
    assert (cost["model"], cost["dimensions"], cost["local"]) == ("text-embedding-3-small", 1536, False)
    # A card and one body passage each; one request, and seven with the canaries.
    assert (cost["scripts"], cost["passages"], cost["to_embed"], cost["requests"]) == (2, 4, 4, 7)
    assert cost["dollars"] == pytest.approx(cost["tokens_to_embed"] * 0.02 / 1e6, abs=1e-6)
    assert cost["priced"] == "November 2026"
    assert canonical(workspace) == before


def test_a_dry_run_reads_well(workspace, capsys):
    assert main(["--workspace", str(workspace), "rebuild", "--embedder", "hashing", "--all", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "hashing, 384 dimensions, on this machine."
    assert lines[1].startswith("2 scripts as 4 passages, ")
    assert lines[-1] == "Time: under a second. Nothing was changed."


def test_models_of_one_name_are_told_apart(workspace, capsys):
    for name, told in (("minilm", "all-MiniLM-L6-v2"), ("minilm-int8", "all-MiniLM-L6-v2 in 8 bits")):
        assert main(["--workspace", str(workspace), "rebuild", "--embedder", name, "--dry-run"]) == 0
        assert capsys.readouterr().out.startswith(f"{told}, 384 dimensions, on this machine.")


def test_there_and_back_again(workspace, capsys):
    before = {p: b for p, b in canonical(workspace).items() if p.parent.parent.name == "records"}
    code, built = run(capsys, "--workspace", workspace, "rebuild", "--embedder", "minilm")
    assert (code, built["embedded"]) == (0, 4)
    code, cost = run(capsys, "--workspace", workspace, "rebuild", "--back", "--dry-run")
    assert (code, cost["model"], cost["to_embed"]) == (0, "hashing", 0)
    code, built = run(capsys, "--workspace", workspace, "rebuild", "--back")
    assert (code, built["embedded"]) == (0, 0)
    assert {p: b for p, b in canonical(workspace).items() if p in before} == before


@pytest.mark.parametrize("wrong", [["--all"], ["--dry-run"], ["--back", "--embedder", "minilm"], ["--back", "--all"]])
def test_what_makes_no_sense_is_refused(workspace, capsys, wrong):
    code, told = run(capsys, "--workspace", workspace, "rebuild", *wrong)
    assert (code, told["error"]["kind"]) == (2, "UsageError")


def test_there_may_be_nothing_to_go_back_to(workspace, capsys):
    code, told = run(capsys, "--workspace", workspace, "rebuild", "--back")
    assert (code, told["error"]["kind"]) == (2, "NotFound")
