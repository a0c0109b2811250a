"""What ``health`` answers, and when it wants attention."""

from dataclasses import replace

from services.cli.main import main
from services.domain.model_digest import Stamp
from services.domain.scripts import Record, VectorSet
from services.domain.settings import Paths, read_settings
from services.workbench import Workbench
from tests.unit.command_line import make, run

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
