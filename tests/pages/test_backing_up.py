"""A backup is made, looked into and brought back on the page; the bin is emptied there."""

import shutil
from pathlib import Path

import pytest
from blake3 import blake3

from pages.ui import watching
from services.domain.history import What
from services.records.lock import WriterLock
from services.workbench import Workbench


@pytest.fixture
def backed(demo: Path, tmp_path: Path) -> Path:
    """A backup of the demo with one script less than the demo has, and a history."""
    other = Path(shutil.copytree(demo, tmp_path / "other"))
    with Workbench(other) as workbench:
        workbench.delete("feet-first")
        workbench.backup(tmp_path / "my backup.zip")
    shutil.rmtree(other)
    return tmp_path / "my backup.zip"


def digests(view):
    return [code.value for code in view.app.code]


def bring(view, file):
    view.app.file_uploader[0].set_value((file.name, file.read_bytes(), "application/zip")).run()
    view.app.button(key="backup_look").click().run()
    return view


def test_a_backup_is_brought_back_and_the_library_follows(open_app, demo, backed):
    view = open_app(demo, "library", backup="1")
    view.app.button(key="backup_make").click().run()
    view.until(lambda v: v.app.get("download_button"))
    assert "92 scripts, " in view.said()
    made = view.app.session_state["backup_made"].done
    assert digests(view) == [made.digest] == [blake3(Path(made.file).read_bytes()).hexdigest()]

    bring(view, backed)
    view.until(lambda v: "is whole" in v.said())
    assert "my backup.zip is whole." in view.said()
    assert "| Scripts | 91 | 92 |" in view.said()
    assert digests(view) == [blake3(backed.read_bytes()).hexdigest()]
    assert "| A script was saved last | just now, " in view.said()

    view.app.session_state["upload_staged_before"] = "of the old library"
    view.app.button(key="backup_replace").click().run()
    view.until(lambda v: "The backup is back: 91 scripts." in v.said())
    before = next(p for p in demo.parent.iterdir() if p.name.startswith("workspace.before-restore-"))
    assert digests(view) == [str(before)]
    assert list(before.glob("records/*/feet-first.yaml"))
    assert "upload_staged_before" not in view.app.session_state
    view.app.button(key="from_backup").click().run()
    assert "91 scripts" in view.said()
    assert len(view.titles()) == 91

    # The bin of the backup, emptied on the page; and what is saved from here on goes into its history.
    view.app.query_params["bin"] = "1"
    view.run()
    assert "1 deleted script" in view.said()
    view.press("empty_bin").press("empty_bin_yes")
    view.until(lambda v: "The bin is empty." in v.said())
    with Workbench(demo) as workbench:
        assert workbench.history("feet-first")[0].what is What.EMPTIED


def test_what_is_no_backup_is_said_and_nothing_is_replaced(open_app, demo, tmp_path):
    (tmp_path / "letters.zip").write_bytes(b"Dear")
    view = bring(open_app(demo, "library", backup="1"), tmp_path / "letters.zip")
    assert "letters.zip is no backup" in view.said()
    assert sorted(p.name for p in demo.parent.iterdir()) == ["letters.zip", "workspace"]
    assert "Bring a backup back" in view.said()


def test_a_slow_backup_shows_how_far_it_is(open_app, demo, monkeypatch):
    monkeypatch.setattr(watching, "wait_a_little", lambda *_: None)
    view = open_app(demo, "library", backup="1")
    with WriterLock(demo / ".writer.lock").hold("somebody saves"):
        view.app.button(key="backup_make").click().run()
        assert view.app.get("progress")
    view.until(lambda v: v.app.get("download_button"))


def test_a_history_that_is_not_whole_is_said_before_and_after(open_app, demo, tmp_path):
    with Workbench(Path(shutil.copytree(demo, tmp_path / "other"))) as workbench:
        workbench.delete("feet-first")
        for folder in (tmp_path / "other" / ".git" / "objects").glob("??"):
            shutil.rmtree(folder)
        workbench.backup(tmp_path / "b.zip")
    view = bring(open_app(demo, "library", backup="1"), tmp_path / "b.zip")
    view.until(lambda v: "b.zip was verified." in v.said())
    assert "The history in it would not be brought back.** Parts of the history are missing." in view.said()
    view.app.button(key="backup_replace").click().run()
    view.until(lambda v: "The backup is back: 91 scripts." in v.said())
    assert "A new history begins.** Parts of the history are missing." in view.said()
    assert not (demo / ".git").exists()
