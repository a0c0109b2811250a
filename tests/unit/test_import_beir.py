"""A test collection in the form of BEIR becomes scripts, questionnaires and expected scripts."""

import json

import pytest

from services.domain.questionnaires import make_questionnaire
from services.workbench import Workbench
from tests.unit.command_line import make, run


@pytest.fixture
def workspace(tmp_path):
    return make(tmp_path / "corpus")


@pytest.fixture
def bring(workspace, capsys):
    """Import with these arguments: the exit code and what came of it."""

    def bring(*arguments):
        return run(capsys, "--workspace", workspace, "import", *arguments)

    return bring


def scripts(folder):
    with Workbench(folder) as workbench:
        return {name: record.script for name, record in workbench.catalogue.records.items()}


def reasons(done):
    return {item["source"]: item["reason"] for item in done["rejected"]}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, "utf-8")
    return path


# BEIR


def beir(folder, *, documents, queries, qrels):
    write(folder / "corpus.jsonl", "".join(json.dumps(d) + "\n" for d in documents))
    write(folder / "queries.jsonl", "".join(json.dumps(q) + "\n" for q in queries))
    for name, rows in qrels.items():
        text = "query-id\tcorpus-id\tscore\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows)
        write(folder / "qrels" / f"{name}.tsv", text)
    return folder


@pytest.fixture
def corpus(tmp_path):
    return beir(
        tmp_path / "beir",
        documents=[
            {"_id": "12", "title": "Tides", "text": "The sea rises twice a day."},
            {"_id": "MED-10", "title": "", "text": "Statins and the heart, a study of many years in Finland."},
            {"_id": "med 10", "title": "Title only", "text": " "},
            {"_id": "blank", "title": "", "text": ""},
            {"_id": "long", "title": "word " * 60, "text": "Body."},
        ],
        queries=[{"_id": "1", "text": "when does the sea rise"}, {"_id": "PLAIN-2", "text": "heart  medicine"}],
        qrels={
            "dev": [("1", "12", 2), ("PLAIN-2", "MED-10", 7), ("PLAIN-2", "12", 0)],
            "test": [("1", "12", 1), ("1", "med 10", 1), ("PLAIN-2", "gone", 1), ("nobody", "12", 1)],
        },
    )


def test_beir_becomes_scripts_and_questionnaires(bring, workspace, corpus):
    code, done = bring(corpus, "--section", "induction")

    assert (code, len(done["created"]), done["questionnaires"]) == (1, 4, 2)
    assert reasons(done).keys() == {"corpus.jsonl line 4", "queries.jsonl"}
    found = scripts(workspace)
    by_source = {s.source_id: s for s in found.values() if s.source_id}
    assert (found["12"].title, found["12"].source_id) == ("Tides", "")
    assert by_source.keys() == {"MED-10", "med 10"}
    assert by_source["MED-10"].id == "med-10"
    assert by_source["MED-10"].title == "Statins and the heart, a study of many…"
    assert by_source["med 10"].text == "Title only"
    assert by_source["med 10"].id.startswith("med-10-")
    assert found["long"].text == "word " * 60 + "\n\nBody."
    with Workbench(workspace) as workbench:
        asked = workbench.all_questionnaires
    assert (asked["1"].query, asked["1"].title) == ("when does the sea rise", "when does the sea rise")
    assert (asked["plain-2"].source_id, asked["plain-2"].query) == ("PLAIN-2", "heart medicine")
    assert {e.script: e.grade for e in asked["1"].expected} == {"12": 2, by_source["med 10"].id: 1}
    assert {e.script: e.grade for e in asked["plain-2"].expected} == {"med-10": 3, "gone": 1}


def test_beir_again_changes_nothing_and_keeps_what_was_tagged(bring, workspace, corpus):
    bring(corpus, "--section", "induction")
    files = {p: p.read_bytes() for p in workspace.rglob("*.yaml")}

    done = bring(corpus, "--section", "induction")[1]

    assert (done["created"], done["updated"], len(done["unchanged"]), done["questionnaires"]) == ([], [], 4, 2)
    assert {p: p.read_bytes() for p in workspace.rglob("*.yaml")} == files


@pytest.mark.parametrize("how", ["saved", "saved alike", "deleted", "damaged"])
def test_a_questionnaire_that_moved_meanwhile_is_not_written_over(workspace, corpus, how):
    path = workspace / "questionnaires" / "1.yaml"
    earlier = make_questionnaire(id="1", title="Earlier", query="when does the sea rise")
    theirs = make_questionnaire(id="1", title="Theirs", query="how high is the tide")
    with Workbench(workspace) as workbench:
        if how != "saved alike":
            workbench.save_questionnaire(earlier)
        embed = workbench.embedder().embed_documents

        def slow(*arguments):
            if how == "saved":
                workbench.save_questionnaire(theirs)
            elif how == "saved alike":
                write(path, "id: '1'\ntitle: Theirs\nquery: when does the sea rise\n")
            elif how == "deleted":
                path.unlink(missing_ok=True)
            else:
                path.write_text("id: [")
            return embed(*arguments)

        workbench.embedder().embed_documents = slow
        done = workbench.import_paths([corpus], section="induction")
        found = workbench.all_questionnaires

    told = {r.source: r.reason for r in done.rejected}
    reason = "The questionnaire '1' was changed by somebody else during the import. Import it again."
    assert told["queries.jsonl line 1"] == reason
    assert (done.questionnaires, len(done.created)) == (1, 4)
    assert found["plain-2"].query == "heart medicine"
    assert (found["1"].title if "1" in found else "") == ("Theirs" if how.startswith("saved") else "")
    assert not path.exists() or path.read_text() == "id: [" or how.startswith("saved")


def test_its_questions_are_answered(bring, workspace, corpus, capsys):
    bring(corpus, "--section", "induction")

    code, found = run(capsys, "--workspace", workspace, "retrieve", "--questionnaire", "1")

    assert (code, found["sections"]["induction"]["expected"][0]["id"]) == (0, "12")
    assert found["sections"]["induction"]["expected"][0]["rank"] == 1


def test_another_corpus_with_the_same_numbers_writes_over_nothing(bring, workspace, corpus, tmp_path):
    bring(corpus, "--section", "induction")
    other = beir(
        tmp_path / "other",
        documents=[{"_id": "12", "title": "Bread", "text": "Flour and water."}],
        queries=[{"_id": "1", "text": "how to bake"}],
        qrels={"test": [("1", "12", 1)]},
    )

    for expected in ("created", "unchanged"):
        code, done = bring(other, "--section", "awakening")
        assert (code, len(done[expected]), done["questionnaires"]) == (0, 1, 1)

    found = scripts(workspace)
    (bread,) = [s for s in found.values() if s.section == "awakening"]
    assert (found["12"].title, bread.source_id) == ("Tides", "12")
    with Workbench(workspace) as workbench:
        asked = workbench.all_questionnaires
    assert asked["1"].query == "when does the sea rise"
    (baking,) = [q for q in asked.values() if q.query == "how to bake"]
    assert (baking.source_id, [e.script for e in baking.expected]) == ("1", [bread.id])
    assert len(asked) == 3


def test_a_query_that_was_reworded_at_its_source_is_updated(bring, workspace, corpus):
    bring(corpus, "--section", "induction")
    queries = corpus / "queries.jsonl"
    queries.write_text(queries.read_text().replace("when does the sea rise", "when is high tide"))

    bring(corpus, "--section", "induction")

    with Workbench(workspace) as workbench:
        assert workbench.all_questionnaires["1"].query == "when is high tide"
        assert len(workbench.all_questionnaires) == 2


@pytest.mark.parametrize("way", ["folder above", "the corpus file", "format"])
def test_ways_to_name_a_beir_corpus(bring, corpus, way):
    named = {"folder above": [corpus.parent / "beir"], "the corpus file": [corpus / "corpus.jsonl"]}
    arguments = named.get(way, [corpus, "--format", "beir"])

    assert len(bring(*arguments, "--section", "induction")[1]["created"]) == 4


def test_beir_needs_a_section_and_a_corpus(bring, workspace, corpus, tmp_path):
    code, told = bring(corpus)
    assert (code, told["error"]["kind"]) == (2, "InvalidInput")
    assert "--section" in told["error"]["next_step"]
    (tmp_path / "empty").mkdir()
    code, done = bring(tmp_path / "empty", "--format", "beir", "--section", "induction")
    assert code == 1
    assert "no corpus.jsonl" in done["rejected"][0]["reason"]
    assert scripts(workspace) == {}


def test_bad_lines_of_a_beir_corpus_are_rejected_by_number(bring, tmp_path):
    folder = beir(
        tmp_path / "b", documents=[{"_id": "1", "text": "one"}], queries=[{"_id": "q", "text": "x"}], qrels={}
    )
    with (folder / "corpus.jsonl").open("a") as file:
        file.write('{"text": "no id"}\nnot json\n{"_id": 7, "text": "a number"}\n{"_id": "1", "text": "again"}\n')
    with (folder / "queries.jsonl").open("a") as file:
        file.write('{"_id": "q", "text": "y"}\n{"_id": "blank", "text": ""}\n')
    write(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq\t1\tmuch\nq\t1\n")

    code, done = bring(folder, "--section", "induction")

    assert (code, done["created"], done["questionnaires"]) == (1, ["1", "7"], 1)
    assert set(reasons(done)) == {
        "corpus.jsonl line 2",
        "corpus.jsonl line 3",
        "corpus.jsonl line 5",
        "queries.jsonl line 2",
        "queries.jsonl line 3",
        "qrels/test.tsv line 2",
        "qrels/test.tsv line 3",
    }
