"""Importing from somebody else's store: what a row becomes, what is refused, and coming back a second time."""

import chromadb
import pytest

from services.cli.main import main
from services.errors import InvalidInput, NotFound
from tests import doubles
from tests.doubles import TinyWorkbench
from tests.unit.command_line import make, run

CANNOT = 2


@pytest.fixture
def workbench(tmp_path):
    root = doubles.make_workspace(tmp_path / "workspace", [doubles.script("kept")])
    with TinyWorkbench(root) as workbench:
        yield workbench


@pytest.fixture
def store(tmp_path):
    """Fill a Chroma folder: collections by name, their rows as (id, document, metadata)."""

    def store(**collections):
        client = chromadb.PersistentClient(str(tmp_path / "chroma"))
        for name, rows in collections.items():
            collection = client.create_collection(name, embedding_function=None)
            for row_id, document, metadata in rows:
                documents = None if document is None else [document]
                collection.add([row_id], [[1.0, 2.0]], [metadata or {"n": 1}], documents)
        client.close()
        return str(tmp_path / "chroma")

    return store


def scripts(workbench):
    return {name: record.script for name, record in workbench.records.catalogue().records.items()}


def test_a_row_becomes_a_script_with_all_that_it_says(workbench, store):
    said = {
        "title": "Deep rest",
        "focus_areas": "Sleep, calm",
        "techniques": "counting; breath, slow",
        "situation": "before sleep",
        "author": "A. Holm",
        "status": "Draft",
        "section": "Awakening",
        "shoe_size": 44,
    }
    done = workbench.import_store(store(rows=[("deep-rest", "Breathe.\n\nOut.", said)]), ["rows"], section="induction")
    assert (done.created, done.rejected) == (("deep-rest",), ())
    assert scripts(workbench)["deep-rest"] == doubles.script(
        "deep-rest",
        "awakening",
        "Breathe.\n\nOut.",
        title="Deep rest",
        focus_areas=("sleep", "calm"),
        techniques=("counting", "breath, slow"),
        situation="before sleep",
        author="A. Holm",
        status="draft",
    )
    vectors = workbench.records.catalogue().records["deep-rest"].vectors
    assert vectors.stamp.model_name == "tiny", "the store's own two numbers are not taken over"


def test_the_section_is_the_rows_else_the_collections_else_the_chosen_one(workbench, store):
    target = store(
        Affirmations=[("a-one", "One word here", None), ("a-two", "Two words here", {"section": "awakening"})],
        other=[("a-three", "Three words here", {"section": "chapter 4"})],
    )
    workbench.import_store(target, section="induction")
    assert {name: script.section for name, script in scripts(workbench).items() if name != "kept"} == {
        "a-one": "affirmations",
        "a-two": "awakening",
        "a-three": "induction",
    }


def test_without_a_section_anywhere_a_row_is_rejected(workbench, store):
    done = workbench.import_store(store(other=[("a-row", "Words", None)]))
    assert (done.created, [r.source for r in done.rejected]) == ((), ["other: a-row"])
    assert "names no section" in done.rejected[0].reason


def test_ids_that_are_no_slugs_are_kept_beside_the_script_and_recognised(workbench, store):
    rows = [("Doc 7", "The seventh of them", None), ("42", "The first words of many more that follow here", None)]
    target = store(one=rows, two=[("42", "Quite another one", {"title": "Another"})])
    done = workbench.import_store(target, section="induction")
    assert done.created == ("doc-7", "the-first-words-of-many-more-that-follow", "another")
    assert [scripts(workbench)[name].source_id for name in done.created] == ["Doc 7", "one/42", "two/42"]
    again = workbench.import_store(target, section="induction")
    assert (again.created, again.updated, set(again.unchanged)) == ((), (), set(done.created))


def test_the_same_words_in_two_collections_are_one_script(workbench, store):
    target = store(one=[("1", "The very same words", None)], two=[("9", "The very same words", None)])
    done = workbench.import_store(target, section="induction")
    assert (done.created, done.rejected) == (("the-very-same-words",), ())
    assert done.notes == ("two: 9 is the same script as one: 1; it is kept once.",)
    assert scripts(workbench)["the-very-same-words"].source_id == "one/1"


def test_rows_without_words_are_rejected_one_by_one(workbench, store):
    target = store(rows=[("none", None, None), ("blank", " \n ", None), ("some", "Some words", None)])
    done = workbench.import_store(target, section="induction")
    assert done.created == ("some",)
    assert [(r.source, r.reason.partition(",")[0]) for r in done.rejected] == [
        ("rows: none", "It has no document"),
        ("rows: blank", "Its document is blank"),
    ]


def test_what_a_stranger_means_by_a_title_or_a_status_rejects_nothing(workbench, store):
    said = {"title": "x" * 201, "status": "published"}
    done = workbench.import_store(store(rows=[("a-row", "The very words", said)]), section="induction")
    made = scripts(workbench)[done.created[0]]
    assert (made.title, made.status) == ("The very words", "approved")


def test_a_dry_run_writes_nothing_and_says_the_same(workbench, store):
    target = store(rows=[("a-row", "Words", None), ("bare", None, None)])
    would = workbench.import_store(target, section="induction", dry_run=True)
    assert (would.created, len(would.rejected), would.dry_run) == (("a-row",), 1, True)
    assert set(scripts(workbench)) == {"kept"}


def test_only_the_chosen_collections(workbench, store):
    target = store(one=[("a-one", "One", None)], two=[("a-two", "Two", None)])
    assert workbench.import_store(target, ["two"], section="induction").created == ("a-two",)
    with pytest.raises(NotFound, match="holds no 'three'"):
        workbench.import_store(target, ["two", "three"], section="induction")


def test_our_own_passages_are_refused_with_the_way_to_the_scripts(workbench):
    workbench.refresh()
    (generation,) = workbench.paths.index.glob("*/chroma/chroma.sqlite3")
    with pytest.raises(InvalidInput, match="cut into overlapping passages") as refused:
        workbench.import_store(str(generation.parent), section="induction")
    assert "'records'" in refused.value.next_step
    assert set(scripts(workbench)) == {"kept"}


def test_a_table_of_a_million_rows_is_no_corpus(workbench, store, monkeypatch):
    monkeypatch.setattr("services.readers.stranger.MAX_ROWS", 1)
    with pytest.raises(InvalidInput, match="holds 2 rows"):
        workbench.import_store(store(rows=[("a", "A", None), ("b", "B", None)]), section="induction")


def test_the_command_line_imports_one_store_at_a_time(tmp_path, store, capsys):
    corpus = make(tmp_path / "corpus")
    arguments = ("--workspace", corpus, "import", store(awakening=[("a-row", "Some words", None)]), "--format", "store")
    code, done = run(capsys, *arguments)
    assert (code, done["created"], done["rejected"]) == (0, ["a-row"], [])
    assert run(capsys, *arguments)[1]["unchanged"] == ["a-row"]
    assert main(["--workspace", str(corpus), "import", "one", "two", "--format", "store"]) == CANNOT
    assert "takes one" in capsys.readouterr().err
