"""The command line as programs and people see it: shapes, exit codes, messages."""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from services import workspaces
from services.cli import health as health_verb
from services.cli.main import main
from services.domain.model_digest import Stamp
from services.domain.scripts import Record, VectorSet
from services.domain.settings import Paths, Settings, read_settings
from services.errors import StorageFailed
from services.workbench import Workbench
from tests.unit.command_line import make, run

ROOT = Path(__file__).parents[2]
SCRIPTS = "id,section,title,focus_areas,status,text\n" + "".join(
    f"{name},{section},{name.title()},{area},{status},{text}\n"
    for name, section, area, status, text in [
        ("harbour", "induction", "sleep", "approved", "Waves roll slowly into the harbour at night."),
        ("meadow", "induction", "calm", "approved", "Grass and bees hum in the warm meadow."),
        ("attic", "induction", "sleep", "draft", "Waves of dust settle in the attic."),
        ("oak", "affirmations", "strength", "approved", "I stand like an oak in the wind."),
    ]
)


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "scripts.csv").write_text(SCRIPTS)
    folder = make(tmp_path / "corpus")
    assert main(["--workspace", str(folder), "import", str(tmp_path / "scripts.csv")]) == 0
    return folder


def launch(*arguments, cwd=ROOT, **environment):
    """A process of its own, for what only a process shows."""
    known = {k: v for k, v in os.environ.items() if not k.startswith("SCRIPTORIUM")}
    return subprocess.run(
        [sys.executable, "-m", "services", *map(str, arguments)],
        cwd=cwd,
        env={**known, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# Shapes


def test_init_says_what_it_made(tmp_path, capsys):
    code, made = run(capsys, "init", tmp_path / "new", "--section", "opening", "close", "--embedder", "hashing")

    assert code == 0
    assert made == {
        "workspace": str(tmp_path / "new"),
        "sections": ["opening", "close"],
        "embedder": "hashing",
        "records": 0,
    }
    assert read_settings(Paths(tmp_path / "new")).embedder.name == "hashing"


def test_init_without_anything_has_the_default_sections_and_minilm(tmp_path, capsys):
    _, made = run(capsys, "init", tmp_path / "new")

    assert (made["sections"], made["embedder"]) == (["induction", "affirmations", "awakening"], "minilm")


def test_init_from_copies_scripts_but_nothing_derived(workspace, tmp_path, capsys):
    code, made = run(capsys, "init", tmp_path / "copy", "--from", workspace, "--section", "closing")

    assert (code, made["records"], made["embedder"]) == (0, 4, "hashing")
    assert made["sections"] == ["induction", "affirmations", "awakening", "closing"]
    assert not (tmp_path / "copy" / "derived").exists()


def test_init_refuses_a_folder_with_files_and_a_name_that_is_none(workspace, tmp_path, capsys):
    assert run(capsys, "init", workspace)[0] == 2
    for wrong in (["--section", "Not A Slug"], ["--embedder", "nonesuch"]):
        code, told = run(capsys, "init", tmp_path / "wrong", *wrong)
        assert (code, told["error"]["kind"]) == (2, "InvalidSettings")
        assert not (tmp_path / "wrong").exists()


def test_import_says_what_came_of_each_source(workspace, tmp_path, capsys):
    code, done = run(capsys, "--workspace", workspace, "import", tmp_path / "scripts.csv")

    assert code == 0
    assert {"created", "updated", "unchanged", "rejected", "questionnaires"} <= done.keys()
    assert (done["created"], done["updated"], len(done["unchanged"])) == ([], [], 4)


def test_retrieve_has_the_promised_shape(workspace, capsys):
    code, found = run(capsys, "--workspace", workspace, "retrieve", "--focus-area", "harbour waves", "--top-k", 1)

    assert code == 0
    assert {"query", "embedder", "model_digest", "sections"} <= found.keys()
    assert found["query"] == "A script that helps with harbour waves, the context is"
    induction = found["sections"]["induction"]
    assert {"state", "scripts_scored", "hits", "expected", "separation"} <= induction.keys()
    assert induction["separation"].keys() == {"verdict", "value", "margin", "reason"}
    assert (induction["state"], induction["scripts_scored"]) == ("match", 2)
    (hit,) = induction["hits"]
    assert {"rank", "id", "title", "distance", "passage"} <= hit.keys()
    assert (hit["rank"], hit["title"]) == (1, "Harbour")
    assert 0 < hit["distance"] < 1
    assert list(found["sections"]) == ["induction", "affirmations", "awakening"]
    assert found["sections"]["awakening"]["hits"] == []


def test_retrieve_by_questionnaire_ranks_the_expected(workspace, capsys):
    (workspace / "questionnaires" / "q.yaml").write_text(
        "id: q\ntitle: Q\nquery: bees in the meadow\nexpected:\n- script: harbour\n  grade: '2'\n"
    )

    code, found = run(capsys, "--workspace", workspace, "retrieve", "--questionnaire", "q", "--section", "induction")

    assert (code, found["query"], list(found["sections"])) == (0, "bees in the meadow", ["induction"])
    (expected,) = found["sections"]["induction"]["expected"]
    assert {"id", "grade", "rank", "distance"} <= expected.keys()
    assert (expected["id"], expected["grade"], expected["rank"]) == ("harbour", 2, 2)


def test_retrieve_filters(workspace, capsys):
    def ids(*filters):
        _, found = run(
            capsys, "--workspace", workspace, "retrieve", "--query", "waves", "--section", "induction", *filters
        )
        return {hit["id"] for hit in found["sections"]["induction"]["hits"]}

    assert ids() == {"harbour", "meadow"}
    assert ids("--filter-status", "draft") == {"attic"}
    assert ids("--filter-status", "draft", "approved", "--filter-focus", "Sleep") == {"attic", "harbour"}


CHECKS = "model canaries evidence agreement preparation vectors index unread rankings shift"


def test_health_has_the_promised_shape(workspace, capsys):
    code, told = run(capsys, "--workspace", workspace, "health")

    assert (code, told["state"]) == (0, "ok")
    promised = "state index generation checked failure collections broken left_out problems notes"
    assert list(told) == promised.split()
    promised = (
        "section state random reason model recorded_digest query_digest recipe_digest query_recipe_digest "
        "canary_min_cosine evidence records passages in_sync checks findings"
    )
    for collection in told["collections"]:
        assert list(collection) == promised.split()
    induction, _, awakening = told["collections"]
    assert [c["records"] for c in told["collections"]] == [3, 1, 0]
    assert list(induction["checks"]) == CHECKS.split()
    for cell in induction["checks"].values():
        assert list(cell) == ["state", "short", "compared", "means", "mend"]
    assert induction["evidence"] == {
        "min_cosine": 1.0,
        "scripts_looked_at": 3,
        "scripts": 3,
        "passages": 6,
        "foreign_share": 0.0,
        "foreign": [],
    }
    assert induction["canary_min_cosine"] == 1.0
    assert (awakening["evidence"], awakening["checks"], awakening["canary_min_cosine"]) == (None, {}, None)
    assert told["checked"].endswith("Z")


def test_health_wants_attention_where_a_record_is_damaged(workspace, capsys):
    (workspace / "records" / "induction" / "harbour.yaml").write_text("format: [")

    code, told = run(capsys, "--workspace", workspace, "health")

    assert (code, told["state"], told["broken"][0]["path"]) == (1, "attention", "records/induction/harbour.yaml")


def test_health_of_another_model_is_broken(workspace, tmp_path, capsys):
    run(capsys, "init", tmp_path / "copy", "--from", workspace, "--embedder", "minilm")

    code, told = run(capsys, "--workspace", tmp_path / "copy", "health")

    assert (code, told["state"]) == (2, "broken")
    induction = told["collections"][0]
    assert (induction["state"], induction["random"]) == ("mismatch", True)
    assert [induction["checks"][check]["state"] for check in ("model", "evidence")] == ["mismatch", "mismatch"]
    assert induction["evidence"]["foreign"] == ["attic", "harbour", "meadow"]
    capsys.readouterr()
    assert main(["--workspace", str(tmp_path / "copy"), "health"]) == 2
    printed = capsys.readouterr().out
    assert printed.startswith("The workspace cannot be trusted")
    assert "induction: embedded by another model: attic, harbour, meadow." in printed


def test_health_of_scripts_of_another_model_under_this_ones_name_is_broken(workspace, capsys):
    with Workbench(workspace) as workbench:
        oak = workbench.catalogue.records["oak"]
        values = oak.vectors.values[:, ::-1].copy()
        with workbench.records.writing("a test"):
            workbench.records.put([Record(oak.script, VectorSet(oak.vectors.stamp, oak.vectors.passages, values))])

    code, told = run(capsys, "--workspace", workspace, "health")

    assert (code, told["state"], [c["random"] for c in told["collections"]]) == (2, "broken", [False, True, False])
    affirmations = told["collections"][1]
    assert (affirmations["evidence"]["foreign"], affirmations["checks"]["model"]["state"]) == (["oak"], "match")
    code, found = run(capsys, "--workspace", workspace, "retrieve", "--query", "waves")
    assert (code, found["sections"]["affirmations"]["hits"]) == (1, [])
    assert "--all" in found["sections"]["affirmations"]["next_step"]


def test_health_of_a_server_that_is_down_wants_attention_and_says_why(workspace, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = make(tmp_path / "openai", embedder="openai")
    settings = read_settings(Paths(made))
    with Workbench(workspace) as workbench:
        identity = Workbench(made).embedder().identity
        records = [
            Record(r.script, replace(r.vectors, stamp=Stamp(identity.name, identity.digest, "recipe", 384)))
            for r in workbench.catalogue.records.values()
        ]
    with Workbench(made) as other, other.records.writing("a test"):
        other.records.put(records)
    assert settings.embedder.name == "openai"

    code, told = run(capsys, "--workspace", made, "health")

    assert (code, told["state"]) == (1, "attention")
    assert told["failure"].startswith("There is no key for api.openai.com.")
    assert {c["state"] for c in told["collections"]} == {"unverified"}
    assert run(capsys, "--workspace", made, "health", "--accept")[1]["error"]["kind"] == "NotFound"


def test_health_accepts_what_has_moved(workspace, tmp_path, capsys):
    assert run(capsys, "--workspace", workspace, "health")[0] == 0
    (tmp_path / "more.csv").write_text(
        "id,section,title,text\n"
        + "".join(f"n{i},affirmations,N{i},Unlike whatever there was before.\n" for i in range(9))
    )
    run(capsys, "--workspace", workspace, "import", tmp_path / "more.csv")

    code, told = run(capsys, "--workspace", workspace, "health")
    assert (code, told["collections"][1]["checks"]["shift"]["mend"]) == (1, "accept")
    assert run(capsys, "--workspace", workspace, "health", "--accept")[0] == 0
    assert run(capsys, "--workspace", workspace, "health")[0] == 0


def test_rebuild_calls_no_model_unless_one_is_named(workspace, capsys):
    code, built = run(capsys, "--workspace", workspace, "rebuild")

    assert code == 0
    assert {"records", "passages", "embedded", "generation", "seconds"} <= built.keys()
    assert (built["records"], built["passages"], built["embedded"]) == (4, 8, 0)
    assert (workspace / "derived" / "index" / built["generation"]).is_dir()


def test_rebuild_wants_attention_where_a_script_has_no_vectors(workspace, capsys):
    (workspace / "records" / "awakening" / "by-hand.yaml").write_text(
        "format: scriptorium-record/1\nid: by-hand\nsection: awakening\ntitle: By hand\ntext: Wake.\n"
    )

    code, built = run(capsys, "--workspace", workspace, "rebuild")

    assert (code, [item["id"] for item in built["left_out"]]) == (1, ["by-hand"])
    assert run(capsys, "--workspace", workspace, "rebuild", "--embedder", "hashing")[0] == 0


def test_export_has_the_promised_shape(workspace, tmp_path, capsys):
    out = tmp_path / "x.jsonl"

    code, told = run(capsys, "--workspace", workspace, "export", "--format", "jsonl", "--out", out)

    assert code == 0
    assert {"scripts", "file", "digest"} <= told.keys()
    assert (told["scripts"], told["file"], len(told["digest"])) == (4, str(out), 64)


# Another model


def test_a_question_of_another_model_is_refused_with_exit_2(workspace, capsys):
    code, found = run(capsys, "--workspace", workspace, "retrieve", "--query", "waves", "--embedder", "minilm")

    assert code == 2
    for section in ("induction", "affirmations"):
        assert found["sections"][section]["state"] == "mismatch"
        assert found["sections"][section]["hits"] == []


def test_allow_mismatch_answers_and_keeps_the_mark(workspace, capsys):
    question = ["--workspace", workspace, "retrieve", "--query", "waves", "--embedder", "minilm", "--allow-mismatch"]

    code = main([*map(str, question), "--json"])
    printed = capsys.readouterr()

    assert code == 0
    found = json.loads(printed.out)["sections"]["induction"]
    assert (found["state"], len(found["hits"])) == ("mismatch", 2)
    assert "mean nothing" in printed.err


def test_minilm_answers_what_minilm_embedded(tmp_path, capsys):
    (tmp_path / "scripts.csv").write_text(SCRIPTS)
    folder = make(tmp_path / "corpus", embedder="minilm")
    assert main(["--workspace", str(folder), "import", str(tmp_path / "scripts.csv")]) == 0

    code, found = run(capsys, "--workspace", folder, "retrieve", "--query", "the sea at the quay", "--top-k", 1)

    assert (code, found["sections"]["induction"]["hits"][0]["id"]) == (0, "harbour")


def test_exit_1_where_one_section_of_two_is_refused(workspace, capsys):
    # One section's record as another model would have left it, of as many dimensions.
    path = workspace / "records" / "affirmations" / "oak.yaml"
    with Workbench(workspace) as workbench:
        digest = workbench.catalogue.records["oak"].vectors.stamp.model_digest
    path.write_text(path.read_text().replace(digest, "0" * 64))

    code, found = run(capsys, "--workspace", workspace, "retrieve", "--query", "waves")

    assert code == 1
    assert found["sections"]["affirmations"]["state"] == "mismatch"
    assert found["sections"]["induction"]["hits"] != []


# Errors


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["frob"], "UsageError"),
        ([], "UsageError"),
        (["retrieve", "--query", "x", "--mode", "psychic"], "UsageError"),
        (["retrieve", "--query", "x", "--mode", "lexical"], "UsageError"),
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
        (["export", "--format", "csv", "--out", "."], "StorageFailed"),
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

    assert (done.returncode, done.stderr) == (141, "")


# Ways in


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

    assert (done.returncode, done.stderr) == (0, "")
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
