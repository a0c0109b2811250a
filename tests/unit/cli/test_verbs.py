"""What the verbs answer: shapes that programs rely on, and exit codes."""

from services.cli.main import main
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.settings import Paths, read_settings
from services.workbench import Workbench
from tests.unit.command_line import run


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


def test_retrieve_by_words_and_by_both(workspace, capsys):
    def asked(mode):
        _, found = run(
            capsys,
            "--workspace",
            workspace,
            "retrieve",
            "--query",
            "warm waves",
            "--mode",
            mode,
            "--section",
            "induction",
        )
        assert found["mode"] == mode
        return {hit["id"]: hit for hit in found["sections"]["induction"]["hits"]}

    words, both = asked("lexical"), asked("hybrid")
    assert {i: hit["words"] for i, hit in words.items()} == {"harbour": ["waves"], "meadow": ["warm"]}
    assert all(hit["score"] > 0 < hit["distance"] for hit in (*words.values(), *both.values()))
    assert main(["--workspace", str(workspace), "retrieve", "--query", "waves", "--mode", "lexical"]) == 0
    said = capsys.readouterr().out
    assert "by words (lexical)" in said
    assert "words in common" in said
    assert "No script shares a word with it." in said
    assert "No script has 'waves'." in said
    assert main(["--workspace", str(workspace), "retrieve", "--query", "wavse, waves", "--mode", "hybrid"]) == 0
    said = capsys.readouterr().out
    assert "rank  by meaning  by words    score  id" in said
    assert "not judged" not in said


def test_retrieve_shows_a_distance_only_where_it_ranked(workspace, capsys):
    wanted = (Expected("meadow", 2), Expected("harbour", 1))
    with Workbench(workspace) as workbench:
        workbench.questionnaires.put(make_questionnaire(id="sea", query="warm waves", expected=wanted))
    asked = ["--workspace", str(workspace), "retrieve", "--questionnaire", "sea", "--section", "induction"]

    def heads(*more):
        assert main([*asked, *more]) == 0
        told = capsys.readouterr().out
        lines = [line.split("  ") for line in told.splitlines() if line.strip().startswith("rank")]
        return [[head.strip() for head in line if head.strip()] for line in lines], "not judged" in told

    plain, varied = ["rank", "grade", "id"], ["score", "id", "title"]
    assert heads() == ([["rank", "distance", "id", "title"], ["rank", "distance", "grade", "id"]], True)
    assert heads("--mode", "lexical") == ([["rank", *varied, "words in common"], plain], False)
    settings = workspace / "workspace.yaml"
    settings.write_text(settings.read_text() + "retrieval:\n  variety: 0.5\n")
    assert heads() == ([["rank", "by meaning", *varied], plain], False)
    assert heads("--mode", "lexical") == ([["rank", "by words", *varied, "words in common"], plain], False)
    assert heads("--mode", "hybrid")[0][0] == ["rank", "by meaning", "by words", *varied, "words in common"]
