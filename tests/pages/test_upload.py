"""The Upload page: choose, look through, add, undo; with the demo's scripts and their model."""

import threading
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import Mock

import yaml

from pages.ui import resources
from services.domain.settings import DEFAULT_SECTIONS, Paths
from services.embedders.minilm import MiniLM
from services.errors import EmbedderUnavailable
from services.records.yaml_files import YamlRecordStore
from services.upload import Edit
from tests.pages.conftest import Open
from tests.pages.view import HOSTILE, View

SEA = "Close your eyes and let the sea carry you. Each breath is a slow wave that comes and goes. "


def offer(view: View, files: Mapping[str, str]) -> View:
    """Drop files, and have them read."""
    given = [(name, data.encode(), "text/plain") for name, data in files.items()]
    view.app.get("file_uploader")[0].set_value(given)
    view.run()
    return view.press(next(label for label in view.labels() if label.startswith("Read ")))


def test_files_become_scripts_and_an_undo_takes_them_back(demo: Path, open_app: Open) -> None:
    known = YamlRecordStore(Paths(demo), DEFAULT_SECTIONS).catalogue()
    same = known.records["feet-first"].script
    before = {path.name: path.read_bytes() for path in demo.glob("records/*/*.yaml")}
    hostile = " ".join(HOSTILE)
    view = open_app(demo, "upload")
    assert "Nothing is stored until you say so" in view.said()
    offer(
        view,
        {
            "awakening/feet.txt": f"title: {same.title}\n---\n{same.text}",
            "nearly.txt": f"title: Nearly\n---\n{same.text} And rest.",
            "induction/hostile.txt": f"title: {hostile}\n---\n{SEA}{hostile}",
            "nothing.txt": "",
        },
    )
    view.until(lambda v: "Add 2 scripts" in v.labels())
    assert "3 scripts: 2 new, 1 here already, word for word" in view.said()
    assert "nothing.txt: It has no text." in view.said().replace("*", "")
    rows = view.app.dataframe[0].value
    assert dict(zip(rows["File"], rows["What happens"], strict=True)) == {
        "awakening/feet.txt": "= here already",
        "induction/hostile.txt": "new",
        "nearly.txt": "≈ near-duplicate",
    }
    # Seen without scrolling on a phone.
    assert list(rows.columns)[:3] == ["Add", "Title", "What happens"]
    noticed = dict(zip(rows["File"], rows["What was noticed"], strict=True))
    # Two words more: all of the shorter text is in it, and still it is another one.
    assert f"99% the same as '{same.title}'" in noticed["nearly.txt"]
    # What is typed in the table arrives here; the driver has no hands for a table.
    number = next(i for i, row in enumerate(rows["File"]) if row == "nearly.txt")
    key = view.app.query_params["review"]
    kept = resources.reviews().of(key)
    kept.edits[number], kept.ticks[number + 10] = Edit(title="Rest at last", status="draft"), False
    # It survives a visit to another page, and a reload; nobody else sees it.
    view.go("library").go("upload")
    assert "Rest at last" in view.app.dataframe[0].value["Title"].tolist()
    assert "Bring in scripts" in open_app(demo, "upload").said()
    assert "This review is not here any more" in open_app(demo, "upload", review="another").said()
    view = open_app(demo, "upload", review=key)
    assert "Rest at last" in view.app.dataframe[0].value["Title"].tolist()
    view.press("Add 2 scripts").until(lambda v: "Undo this upload" in v.labels())
    assert "Scripts: 2 new, 1 here already" in view.said()
    assert resources.reviews().of(key) is None
    assert "review" not in view.app.query_params
    stored = yaml.safe_load(next(demo.glob("records/*/rest-at-last.yaml")).read_bytes())
    assert stored["status"] == "draft"
    view.press("Undo this upload").until(lambda v: "The upload is undone" in v.said())
    assert "2 scripts moved to the bin" in view.said()
    assert {path.name: path.read_bytes() for path in demo.glob("records/*/*.yaml")} == before


def test_a_table_asks_for_its_columns_and_an_upload_of_nothing_says_so(empty: Path, open_app: Open) -> None:
    view = offer(open_app(empty, "upload"), {"tabelle.csv": "Titel;Skript\nMeer;\n"})
    view.until(lambda v: "Which column holds what?" in v.said())
    # There are no words in the other column.
    assert view.field("The words of the script").value == "Titel"
    assert view.fill("The words of the script", "").button("Go on").disabled
    view.field("The words of the script").set_value("Skript").run()
    view.press("Go on").until(lambda v: "Choose other files" in v.labels())
    assert "There is no script in this upload" in view.said()
    assert "It has no text" in view.said()
    assert "Bring in scripts" in view.press("Choose other files").said()


def test_names_of_sections_are_mapped_and_a_choice_ends_a_guess(demo: Path, open_app: Open) -> None:
    said = ('You are calm at work.,Affirmationen,"Schlaf, Ruhe"', "Open your eyes.,Hauptteil,")
    table = "\n".join(("text,section,focus_areas", *said, ""))
    view = offer(open_app(demo, "upload"), {"Session 10.txt": SEA, "Session 7.txt": f"{SEA}Now.", "x.csv": table})
    view.until(lambda v: "Add 4 scripts" in v.labels())
    rows = view.app.dataframe[0].value
    assert rows["File"].tolist() == ["Session 7.txt", "Session 10.txt", "x.csv line 2", "x.csv line 3"]
    assert rows["Section"].tolist()[2] == "affirmations"
    assert list(rows["Focus areas"][2]) == ["schlaf", "ruhe"]
    assert "x.csv: Its column 'focus_areas' is separated at commas." in view.said()
    assert "'hauptteil', and there is none" in rows["What was noticed"].tolist()[3]
    assert rows["How sure"].notna().tolist() == [True, True, False, True]
    view.fill("Hauptteil · 1 script", "awakening")
    rows = view.app.dataframe[0].value
    assert (rows["Section"].tolist()[3], rows["What was noticed"].tolist()[3]) == ("awakening", "")
    kept = resources.reviews().of(view.app.query_params["review"])
    view.fill("Read one of them", 0)
    assert "Its section was suggested" in view.said()
    kept.edits[0] = Edit(section="awakening")
    assert "Its section was suggested" not in view.run().said()


def test_files_stay_while_somebody_else_uploads_when_reading_fails_and_on_another_page(
    empty: Path, open_app: Open, monkeypatch
) -> None:
    view = open_app(empty, "upload")
    free = threading.Event()
    other = resources.jobs("upload").start("The upload", lambda _: free.wait(60))
    # Words of no other test: what the model was asked once in these tests it is not asked again.
    text = "A crane swings over the quay, and each crate comes down more slowly than the last."
    view.app.get("file_uploader")[0].set_value([("quay.txt", text.encode(), "text/plain")])
    view.run()
    assert view.button("Read 1 file").disabled
    assert "Another upload is under way, begun by somebody else. Your files stay here." in view.said()
    free.set()
    view.until(lambda _: other.finished)
    gone = EmbedderUnavailable("The model cannot be reached.", "Try again when the network is back.")
    with monkeypatch.context() as patched:
        patched.setattr(MiniLM, "embed_documents", Mock(side_effect=gone))
        view.run().press("Read 1 file").until(lambda v: "The model cannot be reached" in v.said())
    assert "Try again when the network is back." in view.said()
    view.go("library").go("upload")
    assert "Still here from before: quay.txt." in view.said()
    view.press("Read 1 file").until(lambda v: "Add 1 script" in v.labels())
    assert "cannot be reached" not in view.said()
    assert "nothing in the library yet that tells the sections apart" in view.said()
    assert "Bring in scripts" in view.press("Throw this upload away").said()
    assert "Still here" not in view.said()


def test_of_two_that_are_alike_one_is_left_out(empty: Path, open_app: Open) -> None:
    view = offer(open_app(empty, "upload"), {"a.txt": f"One\n\n{SEA * 3}", "b.txt": f"Two\n\n{SEA * 3}Rest."})
    view.until(lambda v: "Add 2 scripts" in v.labels()).press("Leave out 1 near-duplicate")
    rows = view.app.dataframe[0].value
    assert dict(zip(rows["Title"], rows["Add"], strict=True)) == {"One": True, "Two": False}


def test_a_read_only_workspace_takes_no_upload(demo: Path, open_app: Open, monkeypatch) -> None:
    monkeypatch.setattr(YamlRecordStore, "writable", property(lambda _: False))
    view = open_app(demo, "upload")
    assert "Nothing can be uploaded to a read-only workspace" in view.said()
    assert not view.app.get("file_uploader")
