"""A script whose file cannot be read comes back from its history, and what the file held is kept."""

from pathlib import Path

import pytest

from services.errors import RecordMoved, StorageFailed
from services.ground import digests, files
from tests.doubles import TinyWorkbench, make_workspace, script
from tests.unit.yaml_files.stored import assert_manifest_holds

DAMAGED = b"title: [\n\xff\xfe"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = make_workspace(tmp_path / "workspace", [script("one", text="First."), script("two")])
    with TinyWorkbench(root) as bench:
        bench.refresh()
        bench.save(script("one", text="Second."), bench.catalogue.records["one"].digest)
    return root


def file_of(root: Path, section: str = "induction") -> Path:
    return root / "records" / section / "one.yaml"


def restore(bench: TinyWorkbench, text: str = "Second."):
    bench.refresh()
    versions = [v for v in bench.history("one") if v.there]
    chosen = next(v for v in versions if bench.version("one", v.commit).script.text == text)
    return bench.restore_version("one", chosen.commit, None)


def kept(root: Path) -> list[bytes]:
    return [path.read_bytes() for path in (root / "bin").glob("*/one.*.yaml")]


def test_a_version_replaces_it_and_its_bytes_are_in_the_bin(root: Path) -> None:
    file_of(root).write_bytes(DAMAGED)
    with TinyWorkbench(root) as bench:
        bench.refresh()
        assert [b.path for b in bench.catalogue.damaged["one"]] == ["records/induction/one.yaml"]
        last = bench.last_readable("one")
        assert bench.version("one", last.commit).script.text == "Second."
        assert restore(bench, "First.").record.script.text == "First."
        assert bench.catalogue.records["one"].script.text == "First."
        assert bench.broken == ()
        assert [(b.id, b.title) for b in bench.bin()] == [("one", "")]
        assert bench.records.file_in_bin("one", digests.of_bytes(DAMAGED)[:16]) == DAMAGED
        # In git as well, with what was damaged.
        assert bench.past.lagging == ""
        assert bench.history("one")[0].purpose.startswith("restoring 'one'")
    assert kept(root) == [DAMAGED]
    assert_manifest_holds(root)


def test_a_version_of_another_section_takes_its_place(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        bench.refresh()
        bench.save(script("one", "awakening", text="Moved."), bench.catalogue.records["one"].digest)
        file_of(root, "awakening").write_bytes(DAMAGED)
        restore(bench)
        assert bench.broken == ()
        assert bench.catalogue.records["one"].script.section == "induction"
    assert not file_of(root, "awakening").exists()
    assert kept(root) == [DAMAGED]


def test_whoever_mended_it_meanwhile_is_not_overwritten(root: Path) -> None:
    sound = file_of(root).read_bytes()
    file_of(root).write_bytes(DAMAGED)
    with TinyWorkbench(root) as bench:
        bench.refresh()
        commit = bench.history("one")[0].commit
        embedding = bench.made["tiny"].embed_documents

        def mended(*arguments):
            file_of(root).write_bytes(sound)
            return embedding(*arguments)

        # The version has vectors of another model, so that it is embedded anew, which takes its time.
        bench.made["tiny"].embed_documents = mended
        bench.made["tiny"].name = "other"
        with pytest.raises(RecordMoved):
            bench.restore_version("one", commit, None)
    assert file_of(root).read_bytes() == sound
    assert kept(root) == []


def test_a_full_disk_leaves_it_as_it_was(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file_of(root).write_bytes(DAMAGED)
    write = files.write_atomically

    def full(path: Path, data: bytes, **more: bool) -> None:
        if path == file_of(root):
            raise StorageFailed("one.yaml could not be written: the disk is full.", "Free some space.")
        write(path, data, **more)

    monkeypatch.setattr(files, "write_atomically", full)
    with TinyWorkbench(root) as bench, pytest.raises(StorageFailed, match="full"):
        restore(bench)
    assert file_of(root).read_bytes() == DAMAGED
    assert kept(root) == [DAMAGED]


def test_damage_that_was_committed_is_no_version_to_go_back_to(root: Path) -> None:
    file_of(root).write_bytes(DAMAGED)
    with TinyWorkbench(root) as bench:
        bench.refresh()
        bench.save(script("two", text="Anything."), bench.catalogue.records["two"].digest)
        assert len(bench.history("one")) == 3
        assert bench.version("one", bench.last_readable("one").commit).script.text == "Second."
