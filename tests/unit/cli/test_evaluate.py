"""``evaluate``: figures, the gate, and the files that the tools of the field read."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import ir_measures
import pytest

from services.cli.main import main
from services.cli.output import Output
from services.domain.measures import measures
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import Record, Status
from services.errors import WorkspaceBusy
from services.workbench import Workbench
from tests.unit.command_line import make, run


def ask(workspace, name, query, **expected):
    wanted = tuple(Expected(script, grade) for script, grade in expected.items())
    with Workbench(workspace) as workbench:
        workbench.questionnaires.put(make_questionnaire(id=name, query=query, expected=wanted))


@pytest.fixture
def asked(workspace):
    """Three scripts can be found, and each questionnaire finds all of them: recall@5 is 1."""
    ask(workspace, "sea", "waves in the harbour", harbour=3)
    ask(workspace, "wind", "an oak in the wind", oak=2, meadow=1)
    return workspace


def evaluate(capsys, workspace, *arguments):
    return run(capsys, "--workspace", workspace, "evaluate", *arguments)


def test_the_promised_document(asked, capsys):
    code, told = evaluate(capsys, asked, "--name", "first")

    assert code == 0
    assert told["questionnaires"] == {"answered": 2, "nothing_found": 0, "failed": 0, "not_run": 0}
    assert told["measures"]["recall@5"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 2}
    assert told["sections"]["affirmations"]["recall@5"] == {"value": 1.0, "low": None, "high": None, "n": 1}
    assert told["gate"] | {"passed": True, "failing": []} == told["gate"]
    assert told["without_scripts"] == ["awakening"]
    with Workbench(asked) as workbench:
        kept = workbench.runs.get(told["run"])
        assert (kept.name, kept.figures.overall["recall@5"].value) == ("first", 1.0)


def test_the_gate_closes_with_the_failing_questionnaires_named(asked, capsys):
    # The draft is expected and cannot be found: 0 for this one, and 2/3 in the mean.
    ask(asked, "dust", "dust", attic=3)
    code, told = evaluate(capsys, asked, "--gate")

    assert (code, told["gate"]["passed"], told["gate"]["failing"]) == (1, False, ["dust"])
    assert told["gate"]["value"] == pytest.approx(2 / 3)
    assert main(["--workspace", str(asked), "evaluate", "--gate"]) == 1
    said = capsys.readouterr().out
    assert "Gate: closed. recall@5 is 0.667, below 0.90.\n  dust: 0.000\n" in said
    # Without being asked for, the gate is told and does not decide.
    assert evaluate(capsys, asked)[0] == 0


def test_a_fall_below_a_baseline_closes_the_gate(asked, capsys):
    settings = asked / "workspace.yaml"
    settings.write_text(settings.read_text() + "gate:\n  recall_at_5: '0.1'\n  fall: '0.05'\n")
    before = evaluate(capsys, asked)[1]["run"]
    with Workbench(asked) as workbench:
        record = workbench.catalogue.records["harbour"]
        workbench.save(replace(record.script, status=Status.RETIRED), record.digest)

    assert evaluate(capsys, asked, "--gate")[0] == 0
    code, told = evaluate(capsys, asked, "--gate", "--baseline", before)
    assert (code, told["gate"]["failing"], told["gate"]["baseline"]) == (1, ["sea"], 1.0)
    harbour = {"id": "harbour", "what": "edited", "section": "induction", "title": "Harbour", "was_in": ""}
    assert told["altered"] == {"baseline": before, "problem": "", "looked_into": True, "scripts": [harbour]}
    main(["--workspace", str(asked), "evaluate", "--baseline", before])
    assert f"Since {before}, 1 script was changed: harbour." in capsys.readouterr().out


def test_a_baseline_that_is_not_there_is_said_before_any_work(asked, capsys):
    code, told = evaluate(capsys, asked, "--baseline", "nonesuch")

    assert (code, told["error"]["kind"]) == (2, "NotFound")
    assert "nonesuch" in told["error"]["cause"]
    assert not list((asked / "runs").glob("*.json"))


def test_a_script_that_is_gone_closes_the_gate_and_the_likely_one_is_named(asked, capsys):
    ask(asked, "grass", "bees", meadoww=2, meadow=1)
    code, told = evaluate(capsys, asked, "--gate")

    assert (code, told["gate"]["failing"]) == (1, ["grass"])
    assert told["unknown"] == {"grass": {"meadoww": "meadow"}}
    main(["--workspace", str(asked), "evaluate"])
    assert "Not in the corpus, and named by grass: meadoww (now meadow?)." in capsys.readouterr().out


def test_a_questionnaire_that_cannot_be_read_closes_the_gate(asked, capsys):
    (asked / "questionnaires" / "broken.yaml").write_text("id: [")
    code, told = evaluate(capsys, asked, "--gate")

    assert code == 1
    assert [broken["file"] for broken in told["broken"]] == ["questionnaires/broken.yaml"]
    assert told["gate"]["reasons"] == ["Not everything can be read: questionnaires/broken.yaml."]


READ_ONLY = """
import os, sys, pathlib
# Loaded while it may still be read: Python itself may lie in a folder of root's.
import services.cli.evaluate, services.indexes.chroma, ir_measures, pytrec_eval
from services.embedders.hashing import Hashing
Hashing().embed_query("warm")
from services.cli.main import main
root = pathlib.Path(sys.argv[1])
os.chdir(root.parent)
os.setgid(65534)
os.setuid(65534)
sys.exit(main(["--workspace", root.name, "evaluate", "--json", *sys.argv[2:]]))
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become somebody else")
def test_a_read_only_workspace_is_evaluated_and_nothing_is_kept(asked, tmp_path):
    tmp_path.chmod(0o755)
    # The beginnings are embedded, for which there is no room in the workspace.
    command = [sys.executable, "-c", READ_ONLY, str(asked), "--gate", "--passages", "start"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    told = json.loads(done.stdout)

    assert (done.returncode, told["kept"], told["questionnaires"]["answered"]) == (0, False, 2), done.stderr
    assert told["gate"]["passed"]
    assert "the run is not kept" in done.stderr
    assert not (asked / "runs").exists()


def test_where_nothing_could_be_answered_it_could_not_be_done(asked, capsys):
    # The scripts are embedded by hashing.
    settings = asked / "workspace.yaml"
    settings.write_text(settings.read_text().replace("hashing", "minilm"))
    file = asked.parent / "run.trec"
    code = main(["--workspace", str(asked), "evaluate", "--json", "--trec-run", str(file)])
    said = capsys.readouterr()
    told = json.loads(said.out)

    assert (code, told["questionnaires"]["failed"], told["kept"], told["trec_run"]) == (2, 2, False, "")
    assert (list((asked / "runs").glob("*")), file.exists()) == ([], False)
    assert said.err.startswith("Not one questionnaire could be asked, so the run is not kept. What 'induction' ")
    assert said.err.count("See Health, which says what mends it.") == 1
    assert list(told["refused"]) == ["induction", "affirmations"]
    assert told["measures"]["recall@5"]["value"] is None


def test_a_script_without_vectors_is_noted(asked, capsys):
    with Workbench(asked) as workbench, workbench.records.writing("by hand"):
        workbench.records.put([Record(replace(workbench.catalogue.records["meadow"].script, id="by-hand"))])
    code = main(["--workspace", str(asked), "evaluate", "--gate", "--json"])

    assert code == 0
    assert "1 script has no vectors of this model and cannot be found." in capsys.readouterr().err


def test_without_questionnaires_the_next_step_is_said(workspace, capsys):
    code, told = evaluate(capsys, workspace, "--gate")

    assert (code, told["error"]["cause"]) == (2, "There are no questionnaires to evaluate with.")


def test_none_judged_shows_no_number(workspace, capsys):
    ask(workspace, "sea", "waves")
    assert main(["--workspace", str(workspace), "evaluate"]) == 0
    said = capsys.readouterr().out

    assert "Nothing is measured" in said
    assert "recall@5" not in said


def test_a_trial_says_how_it_asked_and_changes_no_setting(asked, capsys):
    before = (asked / "workspace.yaml").read_bytes()
    _, told = evaluate(capsys, asked, "--mode", "hybrid", "--passages", "body", "--nearest", "mean", "--top-k", "2")

    assert {k: told["method"][k] for k in ("name", "mode", "passages", "nearest")} == {
        "name": "By meaning and words · Text only · Mean of all parts",
        "mode": "hybrid",
        "passages": "body",
        "nearest": "mean",
    }
    assert "recall@2" in told["measures"]
    assert (asked / "workspace.yaml").read_bytes() == before


def test_more_scripts_than_are_shown_are_refused(asked, capsys):
    code, told = evaluate(capsys, asked, "--top-k", "51")

    assert (code, told["error"]["cause"]) == (2, "--top-k 51 is more than is shown.")
    assert told["error"]["next_step"] == "Give a number from 1 to 50."


def test_what_was_evaluated_is_told_although_it_cannot_be_kept(asked, tmp_path, capsys, monkeypatch):
    def busy(*_: object) -> None:
        raise WorkspaceBusy("Another process is writing.", "Wait.")

    monkeypatch.setattr(Workbench, "keep", busy)
    code = main(["--workspace", str(asked), "evaluate", "--json", "--trec-run", str(tmp_path / "run.trec")])
    said = capsys.readouterr()
    told = json.loads(said.out)

    assert (code, told["kept"], told["measures"]["recall@5"]["value"]) == (1, False, 1.0)
    assert (tmp_path / "run.trec").read_text().count("\n") >= 2
    assert "Another process is writing. Wait. The run is not kept; its figures follow." in said.err


def test_rankings_that_cannot_be_written_take_no_figures_along(asked, tmp_path, capsys):
    (tmp_path / "file").touch()
    code, told = evaluate(capsys, asked, "--trec-run", tmp_path / "file" / "run.trec")

    assert (code, told["kept"], told["trec_run"], told["measures"]["recall@5"]["n"]) == (1, True, "", 2)


@pytest.fixture
def heard():
    """Ctrl-C as a terminal has it: what runs in the background may not hear it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_stopped_half_way_what_was_asked_is_measured_and_kept(asked, capsys, monkeypatch, heard):
    """Ctrl-C, once the model has been asked for the first of two rounds."""
    for i in range(6):
        ask(asked, f"more-{i:02}", f"waves {i}", harbour=1)
    told_of = Output.progress

    def press(out, stage, done, total):
        if stage == "Asking the questionnaires":
            signal.raise_signal(signal.SIGINT)
        told_of(out, stage, done, total)

    monkeypatch.setattr(Output, "progress", press)
    code, told = evaluate(capsys, asked)

    assert (code, told["kept"]) == (130, True)
    assert told["questionnaires"] == {"answered": 4, "nothing_found": 0, "failed": 0, "not_run": 4}
    assert told["measures"]["recall@5"]["n"] == 4
    assert told["not_answered"][0]["reason"] == "It was stopped with Ctrl-C."
    with Workbench(asked) as workbench:
        assert not workbench.runs.get(told["run"]).complete
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_stopped_before_anything_was_asked_it_leaves_nothing(asked, capsys, monkeypatch, heard):
    made = Workbench.try_out

    def press(workbench, *given, **named):
        signal.raise_signal(signal.SIGINT)
        return made(workbench, *given, **named)

    monkeypatch.setattr(Workbench, "try_out", press)
    assert main(["--workspace", str(asked), "evaluate"]) == 130
    assert capsys.readouterr().out == ""
    assert not list((asked / "runs").glob("*.json"))


# A public test collection, and what other tools make of the rankings

DOCUMENTS = {
    "MED-1": "Waves roll slowly into the harbour at night.",
    "MED-2": "Grass and bees hum in the warm meadow.",
    "MED-3": "Bees sleep at night.",
    "MED-4": "I stand like an oak in the wind at night.",
}
QUERIES = {"PLAIN-1": "bees at night", "PLAIN-2": "an oak in the harbour"}
QRELS = {"PLAIN-1": {"MED-3": 2, "MED-2": 1}, "PLAIN-2": {"MED-4": 1, "MED-1": 1}}


@pytest.fixture
def collection(tmp_path):
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    lines = [json.dumps({"_id": name, "title": "", "text": text}) for name, text in DOCUMENTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    (folder / "queries.jsonl").write_text("\n".join(json.dumps({"_id": q, "text": t}) for q, t in QUERIES.items()))
    judged = [f"{q}\t{d}\t{grade}\n" for q, by in QRELS.items() for d, grade in by.items()]
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(judged))
    return folder


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_other_tools_find_the_same_figures_in_the_run_file(mode, collection, tmp_path, capsys):
    workspace, file = make(tmp_path / "corpus", "documents"), tmp_path / "run.trec"
    assert run(capsys, "--workspace", workspace, "import", collection, "--section", "documents")[0] == 0
    _, told = evaluate(capsys, workspace, "--mode", mode, "--trec-run", file)

    assert told["trec_run"] == str(file)
    by_name = {one.name: ir_measures.parse_measure(one.ir) for one in measures(5)}
    found = ir_measures.calc_aggregate(by_name.values(), QRELS, list(ir_measures.read_trec_run(str(file))))
    assert {name: found[measure] for name, measure in by_name.items()} == pytest.approx(
        {name: told["measures"][name]["value"] for name in by_name}, abs=1e-6
    )
    assert 0 < told["measures"]["nDCG@10"]["value"] <= 1
