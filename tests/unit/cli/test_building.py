"""``rebuild`` and ``export``, and questions of another model."""

import json

from services.cli.main import main
from services.workbench import Workbench
from tests.unit.command_line import SCRIPTS, make, run


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
