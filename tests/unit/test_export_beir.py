"""A workspace as a BEIR folder or ZIP: it comes back as the same scripts, queries and grades."""

import json
import zipfile

import pytest

from services.domain.judgements import make_judgement
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import make_script
from services.workbench import Workbench
from tests.unit.command_line import make, run


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Only read from."""
    folder = make(tmp_path_factory.mktemp("beir") / "corpus")
    with Workbench(folder) as bench:
        for one in (
            make_script(id="med-10", section="induction", title="Tides", text="a\n\n\tb \u2028c", source_id="MED-10"),
            make_script(id="spaced", section="induction", title="Zürich — 日本", text="ü", source_id="two words"),
            make_script(id="oak", section="induction", title="Oak", text='"quoted" \\ back'),
            make_script(id="later", section="induction", title="Later", text="A draft.", status="draft"),
        ):
            bench.save(one, base=None)
        expected = (Expected("med-10", 3), Expected("spaced", 1), Expected("later", 2))
        bench.save_questionnaire(
            make_questionnaire(id="plain-2", title="P", query="the sea", source_id="PLAIN-2", expected=expected)
        )
        bench.save_questionnaire(make_questionnaire(id="sleep", title="Sleep", focus_area="falling asleep"))
        with bench.records.writing("judging"):
            bench.judgements.put("plain-2", make_judgement(script="oak", judge="ada", grade=0))
            bench.judgements.put("sleep", make_judgement(script="oak", judge="ada", grade=2))
    return folder


def export(capsys, workspace, out, *arguments):
    return run(capsys, "--workspace", workspace, "export", "--format", "beir", "--out", out, *arguments)


def held(folder, field):
    with Workbench(folder) as bench:
        if field == "scripts":
            scripts = (record.script for record in bench.catalogue.records.values())
            return {s.id: (s.title, s.text) for s in scripts if s.status == "approved"}
        if field == "grades":
            return {q: {s: g for of in by.values() for s, g in of.items()} for q, by in bench.grades().items()}
        return {
            q.id: (q.query_text(bench.settings.query_template), q.source_id) for q in bench.all_questionnaires.values()
        }


@pytest.mark.parametrize("name", ["folder", "all.zip"])
def test_it_comes_back(workspace, tmp_path, capsys, name):
    out, other = tmp_path / name, make(tmp_path / "other")

    code, told = export(capsys, workspace, out)

    assert (code, told["scripts"], told["questionnaires"], told["judgements"]) == (0, 3, 2, 4)
    assert told["notes"] == [
        "1 judgement of scripts that are not exported: left out.",
        "1 script left out: they are drafts, or retired.",
    ]
    code, done = run(capsys, "--workspace", other, "import", out, "--format", "beir", "--section", "induction")
    assert (code, done["rejected"], done["questionnaires"], done["judgements"]) == (0, [], 2, 4)
    assert held(other, "scripts") == held(workspace, "scripts")
    assert held(other, "questions") == held(workspace, "questions")
    assert held(other, "grades") == {
        "plain-2": {"med-10": 3, "oak": 0, "spaced": 1},
        "sleep": {"oak": 2},
    }


def test_the_files_are_those_of_beir_and_the_same_bytes_each_time(workspace, tmp_path, capsys):
    out, packed = tmp_path / "folder", tmp_path / "all.zip"
    first = export(capsys, workspace, out)[1]["digest"]

    assert (out / "qrels" / "test.tsv").read_text() == (
        "query-id\tcorpus-id\tscore\nPLAIN-2\tMED-10\t3\nPLAIN-2\toak\t0\nPLAIN-2\tspaced\t1\nsleep\toak\t2\n"
    )
    corpus = [json.loads(line) for line in (out / "corpus.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert [(d["_id"], d["title"]) for d in corpus] == [
        ("MED-10", "Tides"),
        ("oak", "Oak"),
        ("spaced", "Zürich — 日本"),
    ]
    queries = [json.loads(line) for line in (out / "queries.jsonl").read_text("utf-8").splitlines()]
    assert queries[0] == {"_id": "PLAIN-2", "text": "the sea"}
    assert "falling asleep" in queries[1]["text"]
    # Over what it wrote itself it writes again, and says the same.
    assert export(capsys, workspace, out)[1]["digest"] == first
    export(capsys, workspace, packed)
    with zipfile.ZipFile(packed) as archive:
        files = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_only_chosen_scripts_are_in_it_a_draft_too_where_it_is_named(workspace, tmp_path, capsys):
    out = tmp_path / "some"
    told = export(capsys, workspace, out, "--id", "later", "oak")[1]
    assert (told["scripts"], told["judgements"]) == (2, 3)
    assert (out / "qrels/test.tsv").read_text().splitlines()[1:] == [
        "PLAIN-2\tlater\t2",
        "PLAIN-2\toak\t0",
        "sleep\toak\t2",
    ]


def test_nothing_of_somebody_elses_is_mixed_with_it(workspace, tmp_path, capsys):
    folder, file = tmp_path / "theirs", tmp_path / "file"
    (folder / "qrels").mkdir(parents=True)
    (folder / "qrels" / "dev.tsv").write_text("")
    file.write_text("mine")
    for out, cause in ((folder, "holds other things already, such as qrels/dev.tsv"), (file, "is a file")):
        code, told = export(capsys, workspace, out)
        assert (code, cause in str(told)) == (2, True)
    assert (file.read_text(), [p.name for p in folder.rglob("*.*")]) == ("mine", ["dev.tsv"])


# What an import takes of qrels


def test_chosen_judgements_bring_their_queries_only(tmp_path, capsys):
    folder, workspace = tmp_path / "public" / "tiny", make(tmp_path / "corpus")
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text('{"_id": "1", "text": "one"}\n{"_id": "2", "text": "two"}\n')
    (folder / "queries.jsonl").write_text('{"_id": "a", "text": "ask"}\n{"_id": "b", "text": "beg"}\n')
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\na\t1\t1\n")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nb\t2\t1\nb\t1\t0\nb\tgone\t1\n")
    packed = tmp_path / "tiny.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder.parent))
    begun = ["--workspace", workspace, "import", packed, "--format", "beir", "--section", "induction"]

    code, told = run(capsys, *begun, "--qrels", "dev")
    assert (code, "There are: test, train." in str(told)) == (1, True)
    code, done = run(capsys, *begun, "--qrels", "test")

    assert (code, done["questionnaires"], done["judgements"]) == (0, 1, 3)
    assert held(workspace, "grades") == {"b": {"1": 0, "2": 1}}
    assert [note for note in done["notes"] if "gone" in note] == [
        "1 judged document not in the corpus: 'gone'. Evaluations name and leave out what is not there."
    ]


def test_one_collection_in_two_sections_is_judged_in_both(workspace, tmp_path, capsys):
    out, other = tmp_path / "all", make(tmp_path / "other")
    export(capsys, workspace, out)
    for section in ("induction", "awakening", "induction"):
        run(capsys, "--workspace", other, "import", out, "--format", "beir", "--section", section)
    with Workbench(other) as bench:
        graded = bench.grades()["plain-2"]
        counts = {section: sorted(of.values()) for section, of in graded.items()}
    assert counts == {"induction": [0, 1, 3], "awakening": [0, 1, 3]}
    assert held(other, "questions").keys() == {"plain-2", "sleep"}
