"""Which script a draft is: importing a second time, beside others, and with vectors that are there already."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.canaries import SENTENCES
from services.domain.scripts import make_script
from services.errors import EmbedderUnavailable
from services.importing.proving import ANEW
from services.records import record_format
from services.vectors import recipe_of
from services.workbench import Workbench
from tests import doubles
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


# Which script it is


def test_the_same_again_is_unchanged_and_another_text_is_an_update(bring, workspace, tmp_path):
    path = write(tmp_path / "x.csv", "title,text\nCalm lake,Still\nDark wood,Deep\n")
    assert bring(path, "--section", "induction")[1]["created"] == ["calm-lake", "dark-wood"]
    assert bring(path, "--section", "induction")[1]["unchanged"] == ["calm-lake", "dark-wood"]

    write(path, "title,text\nCalm lake,Moving\nDark wood,Deep\n")
    done = bring(path, "--section", "induction")[1]

    assert (done["created"], done["updated"], done["unchanged"]) == ([], ["calm-lake"], ["dark-wood"])
    assert scripts(workspace)["calm-lake"].text == "Moving"


def test_an_update_keeps_what_its_source_does_not_state(bring, workspace, tmp_path):
    path = write(tmp_path / "x.csv", "id,text\na,Still\n")
    bring(path, "--section", "induction")
    with Workbench(workspace) as workbench:
        record = workbench.catalogue.records["a"]
        tagged = make_script(
            id="a", section="induction", title="My title", text="Still", focus_areas=("sleep",), status="retired"
        )
        workbench.save(tagged, base=record.digest)

    assert bring(path, "--section", "induction")[1]["unchanged"] == ["a"]
    write(path, "id,text\na,Moving\n")
    assert bring(path, "--section", "induction")[1]["updated"] == ["a"]

    script = scripts(workspace)["a"]
    assert (script.title, script.focus_areas, script.status, script.text) == (
        "My title",
        ("sleep",),
        "retired",
        "Moving",
    )


def test_a_given_id_twice_with_other_content_is_rejected(bring, tmp_path):
    path = write(tmp_path / "x.csv", "id,text\na,one\na,two\na,one\n")

    code, done = bring(path, "--section", "induction")

    assert (code, done["created"], list(reasons(done))) == (1, ["a"], ["x.csv line 3"])
    assert "x.csv line 2" in reasons(done)["x.csv line 3"]
    assert done["notes"] == ["x.csv line 4 is the same script as x.csv line 2; it is kept once."]


def test_equal_titles_are_numbered_and_recognised_again_in_any_order(bring, workspace, tmp_path):
    path = write(tmp_path / "x.csv", "title,text\nLake,one\nLake,two\nLake,three\n")
    assert bring(path, "--section", "induction")[1]["created"] == ["lake", "lake-2", "lake-3"]

    write(path, "title,text\nLake,four\nLake,three\nLake,one\n")
    done = bring(path, "--section", "induction")[1]

    assert (done["updated"], sorted(done["unchanged"]), done["created"]) == (["lake-2"], ["lake", "lake-3"], [])
    assert {s.id: s.text for s in scripts(workspace).values()} == {"lake": "one", "lake-2": "four", "lake-3": "three"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("放鬆你的身體", "深呼吸"),
        ("Ruhe 放鬆", "Ruhe 深呼吸"),
        (f"{'a long way down ' * 5}one", f"{'a long way down ' * 5}two"),
    ],
    ids=["no letter in the id", "some", "cut short"],
)
def test_titles_that_make_one_id_are_scripts_of_their_own(bring, workspace, tmp_path, first, second):
    one = write(tmp_path / "one.csv", f"title,text\n{first},one\n")
    two = write(tmp_path / "two.csv", f"title,text\n{second},two\n")
    (created,) = bring(one, "--section", "induction")[1]["created"]
    done = bring(two, "--section", "induction")[1]
    assert (done["created"], done["updated"]) == ([f"{created}-2"], [])

    # Each is recognised by its title, also when its words have changed and the other one stands first.
    write(two, f"title,text\n{second},two anew\n{first},one anew\n")
    done = bring(two, "--section", "induction")[1]

    assert (done["created"], done["updated"]) == ([], [f"{created}-2", created])
    texts = {s.title: s.text for s in scripts(workspace).values()}
    assert texts == {first: "one anew", second: "two anew"}


def test_what_reading_guessed_and_hidden_characters_are_told_once(bring, tmp_path):
    write(tmp_path / "a.txt", "Relax \u202enow\u202c.")
    (tmp_path / "b.txt").write_bytes("Fühl die Wärme.".encode("cp1252"))
    (tmp_path / "c.txt").write_bytes("Spür die Kühle.".encode("cp1252"))
    notes = bring(*sorted(tmp_path.glob("?.txt")), "--section", "induction")[1]["notes"]
    hidden, guessed = f"{tmp_path / 'a.txt'}: ", f"{tmp_path / 'b.txt'} and 1 more: "
    assert [note.startswith(hidden) for note in notes] == [False, *[True] * (len(notes) - 1)]
    assert len(notes) > 1
    assert notes[0].startswith(guessed)


def test_an_equal_title_in_another_section_is_another_script(bring, workspace, tmp_path):
    write(tmp_path / "in" / "induction" / "calm.txt", "title: Calm\n---\nSink")
    write(tmp_path / "in" / "awakening" / "calm.txt", "title: Calm\n---\nRise")
    bring(tmp_path / "in")

    write(tmp_path / "in" / "induction" / "calm.txt", "title: Calm\n---\nSink deeper")
    done = bring(tmp_path / "in" / "induction" / "calm.txt")[1]

    assert len(done["updated"]) == 1
    assert {s.section: s.text for s in scripts(workspace).values()} == {"induction": "Sink deeper", "awakening": "Rise"}


def test_an_id_that_is_no_slug_becomes_one_and_is_kept(bring, workspace, tmp_path):
    path = write(tmp_path / "x.csv", "id,text\nMy Script!,one\nmy script,two\nmy-script,three\n")

    done = bring(path, "--section", "induction")[1]

    found = scripts(workspace)
    assert (found["my-script"].text, found["my-script"].source_id) == ("three", "")
    assert {s.source_id: s.text for s in found.values() if s.source_id} == {"My Script!": "one", "my script": "two"}
    assert all(s.id == "my-script" or s.id.startswith("my-script-") for s in found.values())
    assert len(done["created"]) == 3
    assert len(bring(path, "--section", "induction")[1]["unchanged"]) == 3


def test_a_damaged_file_is_not_written_over(bring, workspace, tmp_path):
    damaged = write(workspace / "records" / "induction" / "a.yaml", "format: [")

    code, done = bring(write(tmp_path / "x.csv", "id,text\na,words\n"), "--section", "induction")

    assert (code, done["created"]) == (1, [])
    assert "health" in reasons(done)["x.csv line 2"]
    assert damaged.read_text() == "format: ["


# Vectors


def test_vectors_of_another_recipe_are_made_anew(bring, workspace, tmp_path, capsys):
    bring(write(tmp_path / "x.csv", "id,text\na,still water\n"), "--section", "induction")
    run(capsys, "--workspace", workspace, "export", "--format", "yaml-zip", "--out", tmp_path / "x.zip")
    minilm = make(tmp_path / "minilm", embedder="minilm")
    with Workbench(minilm) as workbench:
        workbench.import_paths([tmp_path / "x.zip"])
        stamp = workbench.catalogue.records["a"].vectors.stamp
        assert stamp.recipe_digest == recipe_of(workbench.embedder()).digest


WINDS = " ".join(f"{name} is one of the winds." for name in ("Ostria", "Tramontana", "Ponente", "Levante", "Libeccio"))


@pytest.fixture
def brought(tmp_path):
    """Import records into a workspace with a tiny embedder: what came of it, what was asked, and the bench."""
    embedder = doubles.TinyEmbedder()
    root = doubles.make_workspace(tmp_path / "tiny", [doubles.script("kept", "awakening")])
    with doubles.TinyWorkbench(root, {"tiny": embedder}) as bench:

        def brought(*records, dry_run=False):
            for record in records:
                write(tmp_path / "in" / f"{record.script.id}.yaml", record_format.encode(record))
            embedder.asked.clear()
            done = bench.import_paths([tmp_path / "in"], dry_run=dry_run)
            return done, [text for text in embedder.asked if text not in SENTENCES], bench

        yield brought


def winds(script_id, **changed):
    record = doubles.record(doubles.script(script_id, text=f"{script_id} first of all. {WINDS}"))
    return replace(record, vectors=replace(record.vectors, **changed)) if changed else record


def test_vectors_of_records_are_kept_once_two_passages_of_each_prove_them(brought):
    mine = winds("mine")
    values = mine.vectors.values * np.float32(1.00001)
    records = winds("mine", values=values), winds("yours")

    done, asked, bench = brought(*records, dry_run=True)
    assert (asked, done.created) == ([], ("mine", "yours"))
    assert done.notes[0].startswith("2 scripts with vectors that came along: as far as can be told")

    done, asked, bench = brought(*records)
    # Each is a card and six passages.
    assert len(asked) == 4
    assert (done.created, done.notes) == (("mine", "yours"), ())
    assert np.array_equal(bench.catalogue.records["mine"].vectors.values, values)
    # What is stored word for word is not asked about again.
    assert brought()[1] == []


@pytest.mark.parametrize("place", [0, 3, slice(1, None)], ids=["card", "one", "all of the words"])
def test_vectors_of_other_words_are_made_anew_and_that_is_said(brought, place):
    right = winds("wrong").vectors
    values = right.values.copy()
    values[place] = doubles.TinyEmbedder().embed_query("Zzz zzz zzz zzz zzz zzz.")

    done, _, bench = brought(winds("wrong", values=values), winds("right"))

    assert [note.partition(": ")[2] for note in done.notes] == [ANEW]
    assert "wrong.yaml" in done.notes[0]
    assert np.array_equal(bench.catalogue.records["wrong"].vectors.values, right.values)


def test_vectors_of_passages_that_are_cut_in_another_way_are_made_anew(brought):
    right = winds("cut").vectors
    done, _, bench = brought(winds("cut", passages=right.passages[:3], values=right.values[:3]))
    assert [note.partition(": ")[2] for note in done.notes] == [ANEW]
    assert bench.catalogue.records["cut"].vectors.passages == right.passages


def test_a_changed_tag_calls_no_model_where_no_passage_changed(bring, workspace, tmp_path):
    path = write(tmp_path / "x.csv", "id,text,status\na,still water,draft\n")
    bring(path, "--section", "induction")
    write(path, "id,text,status\na,still water,approved\n")

    with Workbench(workspace) as workbench:
        workbench.embedder().embed_documents = lambda *_: pytest.fail("a model was called")
        assert workbench.import_paths([path], section="induction").updated == ("a",)


def test_a_model_that_fails_writes_nothing(workspace, tmp_path, monkeypatch, capsys):
    path = write(tmp_path / "x.csv", "id,text\na,still water\n")
    before = sorted(p for p in workspace.rglob("*") if p.is_file())

    def fail(*_):
        raise EmbedderUnavailable("The model is not there.", "Start it.")

    monkeypatch.setattr("services.embedders.hashing.Hashing.embed_documents", fail)
    code, told = run(capsys, "--workspace", workspace, "import", path, "--section", "induction")

    assert (code, told["error"]["kind"]) == (2, "EmbedderUnavailable")
    assert sorted(p for p in workspace.rglob("*") if p.is_file()) == before


def test_a_dry_run_says_the_same_and_writes_nothing(bring, workspace, tmp_path):
    path = write(tmp_path / "x.csv", "id,text\na,still water\nb,\n")
    before = sorted(p for p in workspace.rglob("*") if p.is_file())

    code, done = bring(path, "--section", "induction", "--dry-run")

    assert (code, done["created"], done["dry_run"], len(done["rejected"])) == (1, ["a"], True, 1)
    assert sorted(p for p in workspace.rglob("*") if p.is_file()) == before


def test_what_somebody_else_saved_meanwhile_is_not_written_over(workspace, tmp_path):
    path = write(tmp_path / "x.csv", "id,text\na,mine\nb,mine too\n")
    with Workbench(workspace) as workbench, Workbench(workspace) as somebody:
        embed = workbench.embedder().embed_documents

        def slow(*arguments):
            somebody.save(make_script(id="a", section="induction", title="Theirs", text="theirs"), base=None)
            return embed(*arguments)

        workbench.embedder().embed_documents = slow
        done = workbench.import_paths([path], section="induction")

    assert (done.created, [r.source for r in done.rejected]) == (("b",), ["x.csv line 2"])
    assert scripts(workspace)["a"].text == "theirs"


def test_an_import_says_how_far_it_is(workspace, tmp_path):
    told = []
    with Workbench(workspace) as workbench:
        path = write(tmp_path / "x.csv", "id,text\na,one\nb,two\n")
        workbench.import_paths([path], section="induction", report=lambda *a: told.append(a))

    assert ("Storing", 2, 2) in told
    assert [stage for stage, _, _ in told if stage.startswith("Embedding")] != []
