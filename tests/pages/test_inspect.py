"""The Inspect page: asked, watched, read, and brought home."""

import shutil
import threading
import time
from contextlib import contextmanager

import chromadb
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import resources
from pages.ui.inspect.inspecting import IMPORTING
from services.workbench import Workbench
from tests.pages.conftest import APP
from tests.pages.view import HOSTILE, View, mismatch

FIELD = "Chroma folder or PostgreSQL address"
NOTHING = "**There is nothing to inspect yet.** Give the path of a folder, or an address."


@pytest.fixture
def store(tmp_path):
    """A Chroma folder: collections by name, each of (id, document, vector) and what it claims."""

    def store(**collections):
        client = chromadb.PersistentClient(str(tmp_path / "chroma"))
        for name, (rows, claim) in collections.items():
            made = client.create_collection(name, embedding_function=None, metadata={"model": claim} if claim else None)
            ids, documents, vectors = zip(*rows, strict=True)
            made.add(list(ids), list(vectors), documents=list(documents))
        client.close()
        return tmp_path / "chroma"

    return store


@pytest.fixture
def embedded(demo):
    """Rows whose vectors the named embedder made."""

    def embedded(embedder, texts, first=1):
        with Workbench(demo) as workbench:
            vectors = workbench.embedder(embedder).embed_documents(texts)
        return [(f"row-{n}", t, v.tolist()) for n, (t, v) in enumerate(zip(texts, vectors, strict=True), start=first)]

    return embedded


TEXTS = [f"You hear the {word} far away, and you let it go." for word in ("sea", "rain", "wind", "train", "clock")]


@pytest.fixture
def folder(store, embedded):
    """A store of one collection without claims, embedded by the model of the workspace."""
    return store(rows=(embedded("minilm", TEXTS), ""))


@contextmanager
def work_of_somebody_else(jobs, name):
    """It goes on for as long as the block does."""
    goes_on = threading.Event()
    jobs.start(name, lambda report: goes_on.wait(60))
    try:
        yield
    finally:
        goes_on.set()


def until(view, label, limit=90):
    """Watch the work to its end."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if any(found.startswith(label) for found in view.labels()):
            return view
        time.sleep(0.1)
        view.run()
    raise AssertionError(view.said())


def inspect(view, target):
    view.field(FIELD).set_value(str(target))
    return until(view.press("Inspect"), "Inspect")


def another_visitor():
    """Another visitor of the same server, with a session of their own."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.run().switch_page("pages/inspect.py")
    return View(app.run())


def table(view):
    return view.app.dataframe[0].value.set_index("Collection")


def test_what_belongs_here_is_said_first(demo, open_app):
    view = open_app(demo, "inspect")
    assert view.app.header[0].value == "Which model made these vectors?"
    assert "only the copy is opened" in view.said()
    assert "Import these scripts" not in view.said()
    assert "There is nothing to inspect yet." in view.press("Inspect").said()


def test_a_sound_store_is_read_and_brought_home(demo, open_app, store, embedded):
    folder = store(awakening=([*embedded("minilm", TEXTS), ("bare", None, [0.1] * 384)], "all-MiniLM-L6-v2"))
    view = inspect(open_app(demo, "inspect"), folder)
    assert view.app.header[0].value == "awakening was embedded by all\\-MiniLM\\-L6\\-v2"
    assert dict(table(view).loc["awakening"]) == {
        "State": "● match",
        "Made by": "all-MiniLM-L6-v2",
        "Documents": 6,
        "Dimensions": 384,
        "Claims": "all-MiniLM-L6-v2: ● true",
        "Length": "not unit",
        "Distance": "l2",
    }
    until(view.press("Count them"), "Import 5")
    assert "Scripts: 5 would be new, 1 rejected. Nothing has been imported yet." in view.said().replace("**", "")
    assert "- awakening: bare: It has no document" in view.said().replace("**", "")
    until(view.press("Import 5 scripts"), "Done")
    assert "Scripts: 5 new, 1 rejected. They are in the library now." in view.said()
    with Workbench(demo) as workbench:
        assert workbench.catalogue.records["row-3"].script.section == "awakening"
    until(view.press("Done"), "Count them")


def test_false_claims_mixtures_and_strangers_are_told_apart(demo, open_app, store, embedded):
    half = [*embedded("minilm", TEXTS[:3]), *embedded("hashing", TEXTS[3:], first=4)]
    foreign = [(f"f{n}", text, [float(n == i) for i in range(5)]) for n, text in enumerate(TEXTS)]
    folder = store(
        half=(half, ""), liar=(embedded("hashing", TEXTS), "all-MiniLM-L6-v2"), foreign=(foreign, "<img src=x>")
    )
    view = inspect(open_app(demo, "inspect"), folder)
    assert list(table(view)["State"]) == ["○ unverified", "■ mismatch", "■ mismatch"]
    assert list(table(view)["Claims"]) == ["<img src=x>: ○ not checked", "none", "all-MiniLM-L6-v2: ■ false"]
    boxes = [box.value.replace("\\", "") for box in view.app.error]
    assert boxes[0].startswith(
        "**■ About 40% of half was embedded by another model: hashing instead of all-MiniLM-L6-v2.**"
    )
    assert "row-4, row-5" in boxes[0]
    assert boxes[1].startswith("**■ liar was embedded by hashing.** Ask it with that model.")
    assert view.app.warning[0].value.startswith("**○ foreign could not be checked.**")


def test_what_a_store_says_is_text_and_nothing_else(demo, open_app, store):
    rows = [(f"{n} {text}", None, [1.0, float(n)]) for n, text in enumerate(HOSTILE)]
    view = inspect(open_app(demo, "inspect"), store(rows=(rows, HOSTILE[0])))
    assert not any(text in view.shown() for text in HOSTILE)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/db", "Nothing answers at this host and port."),
        ("postgresql://me:s3cret@[::1/db", "This is no PostgreSQL address"),
        ("/no/such/folder", "/no/such/folder"),
    ],
)
def test_an_address_that_leads_nowhere(demo, open_app, target, told):
    view = inspect(open_app(demo, "inspect"), target)
    assert told in view.said()
    assert "s3cret" not in view.shown()
    assert view.field(FIELD).value == ("" if "s3cret" in target else target)
    assert "s3cret" not in str(view.app.query_params)
    # What was wrong with the last one does not stay beside what is wrong with this one.
    view.field(FIELD).set_value("")
    assert [box.value.replace("\\", "") for box in view.press("Inspect").app.error] == [NOTHING]
    # The page lives, and what has been read is gone when one comes back.
    view = inspect(view, target)
    assert told in view.said()
    assert told not in view.go("library").go("inspect").said()


def test_the_page_may_be_left_and_come_back_to(demo, open_app, folder):
    view = open_app(demo, "inspect")
    view.field(FIELD).set_value(str(folder))
    view.press("Inspect").go("retrieve")
    until(view.go("inspect"), "Inspect another")
    assert view.app.header[0].value.startswith("rows was embedded by")
    assert view.press("Inspect another").app.header[0].value == "Which model made these vectors?"


def test_a_mismatch_of_the_workspace_does_not_stop_an_inspection(demo, open_app, folder):
    mismatch(demo)
    view = inspect(open_app(demo, "inspect"), folder)
    assert table(view).loc["rows", "Made by"] == "all-MiniLM-L6-v2"


def test_a_workspace_that_cannot_be_written_offers_no_import(demo, open_app, folder, monkeypatch):
    monkeypatch.setattr(Workbench, "writable", False)
    view = inspect(open_app(demo, "inspect"), folder)
    assert "This workspace is read-only, so nothing can be imported into it." in view.said()
    assert "Count them" not in view.labels()


def test_an_index_of_our_own_is_not_imported_in_pieces(demo, open_app):
    (folder,) = (demo / "derived" / "index").glob("*/chroma")
    view = inspect(open_app(demo, "inspect"), folder)
    assert list(table(view)["State"]) == ["● match"] * 3
    assert "affirmations" in view.app.info[0].value
    assert "this workspace's own index. Its scripts are in the library already." in view.said()
    assert "Count them" not in view.labels()
    assert not view.app.error
    # The same sentence of all three collections is said once, and what they say of themselves is no digest.
    assert sum("All vectors have unit length" in element.value for element in view.app.markdown) == 1
    assert set(table(view)["Claims"]) == {"all-MiniLM-L6-v2: ● true"}


def test_an_index_of_another_workspace_is_told_where_its_scripts_are(demo, open_app, tmp_path):
    (folder,) = (demo / "derived" / "index").glob("*/chroma")
    other = tmp_path / "other"
    shutil.copytree(demo / "records", other / "records")
    there = other / folder.relative_to(demo)
    shutil.copytree(folder, there)
    view = inspect(open_app(demo, "inspect"), there)
    assert f"imported from {other / 'records'}" in view.said()
    assert view.app.code[0].value == f"python -m services --workspace {demo} import {other / 'records'}"
    assert "Count them" not in view.labels()


def test_what_was_found_belongs_to_who_asked(demo, open_app, folder):
    mine = inspect(open_app(demo, "inspect"), folder)
    other = another_visitor()
    assert other.app.header[0].value == "Which model made these vectors?"
    assert str(folder) not in other.said()
    other = inspect(other, "/no/such/folder")
    assert "/no/such/folder" in other.said()
    assert mine.run().app.header[0].value.startswith("rows was embedded by")
    assert "/no/such/folder" not in mine.said()


def test_somebody_elses_import_is_not_shown(demo, open_app, folder):
    view = inspect(open_app(demo, "inspect"), folder)
    with work_of_somebody_else(resources._jobs(demo, IMPORTING), "The import"):
        assert "Another import is under way, begun by somebody else." in view.run().said()
        assert "Cancel" not in view.labels()
    until(view, "Count them")


def test_who_comes_while_another_inspection_runs_is_told_so_without_its_address(demo, open_app):
    view = open_app(demo, "inspect")
    with work_of_somebody_else(resources._jobs(demo, "inspect"), "An inspection"):
        assert "Another inspection is under way, begun by somebody else." in view.run().said()
        assert "Inspect" not in view.labels()
    until(view, "Inspect")
    assert "Another inspection" not in view.said()
