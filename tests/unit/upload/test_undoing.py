"""An upload is added in one go and undone in one step, whatever came in between."""

import errno
import json
import os
from pathlib import Path

import pytest

from services.domain.settings import Paths
from services.domain.upload_journal import Entry, Upload
from services.errors import Cancelled, EmbedderUnavailable, NotFound, StorageFailed
from services.records.upload_files import KEPT
from services.upload import Edit
from tests.doubles import TinyEmbedder, TinyWorkbench, script
from tests.unit.upload.uploading import BOLDER, CALM, added, everything, files_of, reviewed


def test_what_somebody_else_changed_since_the_review_is_named_and_left(bench: TinyWorkbench) -> None:
    files = {
        "affirmations/bold.txt": f"title: Bold steps\n---\n{BOLDER}",
        "induction/new.txt": "title: Fresh air\n---\nBreathe.",
    }
    review = reviewed(bench, files)
    base = bench.catalogue.records["bold-steps"].digest
    bench.save(script("bold-steps", "affirmations", text="Saved meanwhile."), base)
    outcome = bench.add_upload(review, everything(review))
    assert (outcome.created, outcome.updated) == (("fresh-air",), ())
    assert [r.source for r in outcome.refused] == ["affirmations/bold.txt"]
    assert "changed by somebody else" in outcome.refused[0].reason
    assert bench.catalogue.records["bold-steps"].script.text == "Saved meanwhile."


def test_undo_takes_everything_back_byte_for_byte(bench: TinyWorkbench, root: Path) -> None:
    before = files_of(root)
    files = {
        "affirmations/bold.txt": f"title: Bold steps\n---\n{BOLDER}",
        "calm.csv": f'id,section,text\ncalm-lake,awakening,"{CALM} More."\n',
        "induction/new.txt": "title: Fresh air\n---\nBreathe.",
    }
    outcome = added(bench, files)
    assert (outcome.created, sorted(outcome.updated)) == (("fresh-air",), ["bold-steps", "calm-lake"])
    assert files_of(root) != before
    # By another process, after a restart.
    with TinyWorkbench(root) as other:
        last = other.last_upload()
        assert last is not None
        assert (last.id, last.created, last.updated) == (outcome.upload, 1, 2)
        undone = other.undo_upload(last.id)
        assert (undone.removed, sorted(undone.restored), undone.left) == (
            ("fresh-air",),
            ["bold-steps", "calm-lake"],
            (),
        )
    assert files_of(root) == before
    assert bench.refresh().left_out == {}
    assert [path.name.split(".")[0] for path in root.glob("bin/*/*.yaml")] == ["fresh-air"]
    with pytest.raises(NotFound, match="undone already"):
        bench.undo_upload(outcome.upload)


def test_undo_puts_a_record_written_by_hand_back_as_it_was(bench: TinyWorkbench, root: Path) -> None:
    path = root / "records" / "induction" / "by-hand.yaml"
    path.write_text("format: scriptorium-record/1\nid: by-hand\nsection: induction\ntitle: By hand\ntext: Written.\n")
    bench.refresh()
    before = path.read_bytes()
    outcome = added(bench, {"a.csv": "id,text\nby-hand,Another text.\n"})
    assert outcome.updated == ("by-hand",)
    assert path.read_bytes() != before
    bench.undo_upload(outcome.upload)
    assert path.read_bytes() == before


def test_undo_leaves_what_was_changed_since(bench: TinyWorkbench) -> None:
    outcome = added(bench, {"a.txt": "One\n\nWords of one.", "b.txt": "Two\n\nWords of two."})
    section = bench.catalogue.records["one"].script.section
    bench.save(script("one", section, text="Mine now."), bench.catalogue.records["one"].digest)
    undone = bench.undo_upload(outcome.upload)
    assert undone.removed == ("two",)
    assert [left.source for left in undone.left] == ["One"]
    assert bench.catalogue.records["one"].script.text == "Mine now."


def test_undo_that_was_cut_short_goes_on(bench: TinyWorkbench, root: Path) -> None:
    before = files_of(root)
    outcome = added(
        bench, {"b.txt": f"title: Bold steps\nsection: affirmations\n---\n{BOLDER}", "a.txt": "One\n\nWords."}
    )
    kept = bench.uploads.get(outcome.upload)
    bench.undo_upload(outcome.upload)
    with bench.records.writing("as if it had been cut short before the last step"):
        bench.uploads.put(kept)
    undone = bench.undo_upload(outcome.upload)
    assert (undone.removed, undone.restored, undone.left) == ((), (), ())
    assert files_of(root) == before


@pytest.mark.parametrize("earlier", [False, True], ids=["as written now", "as written before sections were kept"])
def test_undo_names_what_has_to_wait_and_goes_on_when_that_is_mended(
    bench: TinyWorkbench, root: Path, *, earlier: bool
) -> None:
    before = files_of(root)
    table = f'id,section,text\ncalm-lake,awakening,"{CALM} More."\nfresh,awakening,Breathe.\nsea,affirmations,I swim.\n'
    outcome = added(bench, {"table.csv": table})
    way_back = Paths(root).uploads / f"{outcome.upload}.json"
    if earlier:
        kept = json.loads(way_back.read_bytes())
        dropped = ("section", "before_section")
        entries = [{k: v for k, v in entry.items() if k not in dropped} for entry in kept["entries"]]
        way_back.write_text(json.dumps({**{k: kept[k] for k in ("format", "id", "made")}, "entries": entries}))
    settings, broken = root / "workspace.yaml", root / "records/awakening/fresh.yaml"
    all_sections, whole = settings.read_bytes(), broken.read_bytes()
    settings.write_bytes(all_sections.replace(b"- induction\n", b""))
    broken.write_bytes(b"{ not a record")
    with TinyWorkbench(root) as other:
        stored = files_of(root)["records/awakening/calm-lake.yaml"]
        undone = other.undo_upload(outcome.upload)
        assert (undone.removed, undone.restored, undone.waiting) == (("sea",), (), 2)
        reasons = {left.source: left.reason for left in undone.left}
        assert "'induction' is not there any more" in reasons["Calm lake"]
        assert "damaged" in next(reason for title, reason in reasons.items() if title != "Calm lake")
        assert files_of(root)["records/awakening/calm-lake.yaml"] == stored
        assert broken.read_bytes() == b"{ not a record"
        last = other.last_upload()
        assert last is not None
        assert (last.created, last.updated) == (1, 1)
        settings.write_bytes(all_sections)
        broken.write_bytes(whole)
        undone = other.undo_upload(last.id)
        assert (undone.removed, undone.restored, undone.left) == (("fresh",), ("calm-lake",), ())
        assert files_of(root) == before
        assert other.last_upload() is None


def test_a_model_that_fails_stores_nothing(root: Path) -> None:
    embedder = TinyEmbedder()
    with TinyWorkbench(root, {"tiny": embedder}) as bench:
        review = reviewed(bench, {"a.txt": "One\n\nWords of one."})
        revised = bench.revise_upload(review, {0: Edit(title="Another")})
        embedder.left = 0
        with pytest.raises(EmbedderUnavailable):
            bench.add_upload(revised, {0})
        assert bench.last_upload() is None
        assert len(bench.catalogue.records) == 3


def test_a_stop_while_it_is_read_stores_nothing(bench: TinyWorkbench) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        reviewed(bench, {"a.txt": "One\n\nWords of one."}, report=stop)


def test_a_disk_that_is_full_half_way_names_what_was_not_added(
    bench: TinyWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = reviewed(bench, {"induction/a.txt": "One\n\nWords of one.", "awakening/b.txt": "Two\n\nWords of two."})
    replace = os.replace

    def full(source: str, target: Path) -> None:
        if Path(target).name == "two.yaml":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    outcome = bench.add_upload(review, everything(review))
    assert outcome.created == ("one",)
    assert [(r.source, "No space left" in r.reason) for r in outcome.refused] == [("awakening/b.txt", True)]
    monkeypatch.undo()
    assert bench.undo_upload(outcome.upload).removed == ("one",)


def test_of_many_uploads_the_newest_can_be_undone(bench: TinyWorkbench, root: Path) -> None:
    for number in range(KEPT + 1):
        added(bench, {f"{number}.csv": f"title,text,section\nScript {number},Words {number},induction\n"})
    assert len(list(Paths(root).uploads.iterdir())) == KEPT
    assert bench.uploads.names() == sorted(bench.uploads.names(), reverse=True)


def test_what_was_uploaded_last_is_the_last_whatever_the_clock_said_before(bench: TinyWorkbench, root: Path) -> None:
    with bench.records.writing("uploads of a day when the clock was ahead"):
        for number in range(KEPT):
            ahead = Upload(f"20991231000000{number:03}-aaaaaa", "2099-12-31T00:00:00.000Z", (Entry("a", "A", "0"),))
            bench.uploads.put(ahead)
    for title in ("One", "Two"):
        outcome = added(bench, {f"{title}.txt": f"title: {title}\nsection: induction\n---\nWords of {title}."})
        last = bench.last_upload()
        assert last is not None
        assert last.id == outcome.upload
        assert not last.made.startswith("2099")
    assert len(list(Paths(root).uploads.iterdir())) == KEPT
    assert bench.undo_upload(outcome.upload).removed == ("two",)


def test_what_was_just_kept_is_never_let_go(bench: TinyWorkbench) -> None:
    with bench.records.writing("an upload of long ago whose undo has to wait"):
        for number in (*range(1, KEPT + 1), 0):
            bench.uploads.put(Upload(f"20201231000000{number:03}-aaaaaa", "2020-12-31T00:00:00.000Z", ()))
    assert bench.uploads.names()[-1] == "20201231000000000-aaaaaa"
    assert len(bench.uploads.names()) == KEPT


def test_a_way_back_that_cannot_be_read_says_so(bench: TinyWorkbench, root: Path) -> None:
    outcome = added(bench, {"a.txt": "One\n\nWords of one."})
    (Paths(root).uploads / f"{outcome.upload}.json").write_text("{")
    with TinyWorkbench(root) as other, pytest.raises(StorageFailed, match="cannot be read"):
        other.last_upload()
