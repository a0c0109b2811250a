"""The history of scripts: every write is one commit with its author, and every version can be had again."""

from pathlib import Path

import pytest

from services.domain import history
from services.domain.history import Facts, Touch, What, versions
from services.domain.settings import Paths
from services.errors import NotFound, RecordMoved
from services.records import git_history
from tests.doubles import TinyEmbedder, TinyWorkbench
from tests.unit.git_history.edits import ANNA, FIRST, edit, told


def test_every_write_is_a_version_with_its_author(bench: TinyWorkbench) -> None:
    bench.author = ANNA
    edit(bench, "Edited.")
    with history.signed("Bert"):
        edit(bench, "Moved.", "awakening")
    bench.delete("one")
    bench.restore("one")
    assert told(bench) == [
        ("Anna", What.RESTORED),
        ("Anna", What.DELETED),
        ("Bert", What.MOVED),
        ("Anna", What.EDITED),
        FIRST,
    ]
    assert told(bench, "two") == [FIRST]
    assert bench.history("one")[0].digest == bench.catalogue.records["one"].digest
    assert bench.records.lagging == ""


def test_nobody_named_is_the_workbench_itself(bench: TinyWorkbench, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(bench, "First.")
    monkeypatch.setenv(git_history.ENVIRONMENT, "Carla")
    edit(bench, "Second.")
    assert [author for author, _ in told(bench)] == ["Carla", "Scriptorium", "outside"]


def test_a_version_is_read_and_restored_with_its_vectors(bench: TinyWorkbench) -> None:
    before = bench.catalogue.records["one"]
    edit(bench, "Quite other words, in another section.", "awakening")
    first = bench.history("one")[-1]
    assert bench.version("one", first.commit).script == before.script
    embedder = bench.embedder()
    assert isinstance(embedder, TinyEmbedder)
    embedder.asked.clear()
    with pytest.raises(RecordMoved):
        bench.restore_version("one", first.commit, before.digest)
    saved = bench.restore_version("one", first.commit, bench.catalogue.records["one"].digest)
    assert saved.record.digest == before.digest
    assert embedder.asked == [], "the version's own vectors fit"
    assert bench.catalogue.records["one"].script.section == "induction"
    assert bench._index.last is not None
    assert bench._index.last.index.digests("induction")["one"] == before.digest
    edit(bench, "Away again.")
    bench.restore_version("one", first.commit, bench.catalogue.records["one"].digest)
    assert [what for _, what in told(bench)][:2] == [What.RESTORED, What.EDITED]


def test_a_deleted_script_comes_back_from_the_bin_or_from_the_history(bench: TinyWorkbench) -> None:
    kept = bench.catalogue.records["one"]
    edit(bench, "Edited.")
    bench.delete("one")
    bench.save(kept.script, None)
    bench.delete("one")
    assert [(b.id, b.title, b.section) for b in bench.bin()] == [("one", "One", "induction")] * 2
    edited = next(b for b in bench.bin() if not kept.digest.startswith(b.digest))
    assert bench.restore("one", edited.digest).record.script.text == "Edited."
    assert len(bench.bin()) == 1
    bench.delete("one")
    thrown = bench.empty_bin([(b.id, b.digest) for b in bench.bin()])
    assert (len(thrown), bench.bin()) == (2, [])
    assert told(bench)[0][1] is What.EMPTIED
    with pytest.raises(NotFound):
        bench.restore("one")
    first = bench.history("one")[-1]
    assert bench.restore_version("one", first.commit, None).record.digest == kept.digest


@pytest.mark.parametrize("commit", ["", "0" * 40, "../../../etc/passwd", "HEAD", "é" * 40])
def test_what_is_no_version_is_not_found(bench: TinyWorkbench, commit: str) -> None:
    edit(bench, "Edited.")
    with pytest.raises(NotFound):
        bench.version("one", commit)
    with pytest.raises(NotFound):
        bench.version("../one", bench.history("one")[0].commit)


def test_what_a_commit_did_is_told_by_its_files_alone() -> None:
    a, b = "records/induction/one.yaml", "records/awakening/one.yaml"

    def touch(number: int, before: dict[str, str], after: dict[str, str], purpose: str = "") -> Touch:
        return Touch(str(number), "2026-11-21T00:00:00Z", "Anna", purpose, before, after)

    touches = [
        touch(1, {}, {a: "x"}, "importing"),
        touch(2, {a: "x"}, {a: "y"}),
        touch(3, {a: "y"}, {b: "z"}),
        touch(4, {b: "z"}, {b: "z2"}),
        touch(5, {b: "z2"}, {"bin/awakening/one.0.yaml": "z2"}),
        touch(6, {"bin/awakening/one.0.yaml": "z2"}, {}),
        touch(7, {}, {a: "x"}),
    ]
    found = versions(touches, lambda blob: Facts(f"record {blob}", blob[0]))
    assert [(v.commit, v.what) for v in found] == [
        ("7", What.RESTORED),
        ("6", What.EMPTIED),
        ("5", What.DELETED),
        ("4", What.EMBEDDED),
        ("3", What.MOVED),
        ("2", What.EDITED),
        ("1", What.IMPORTED),
    ]
    assert [v.digest for v in found[:3]] == ["record x", "", ""]
    assert [v.section for v in found[1:3]] == ["awakening", "awakening"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Anna", "Anna <scriptorium@localhost>"),
        (ANNA, ANNA),
        ("  Änne   Müller ", "Änne Müller <scriptorium@localhost>"),
        ("Eve\nauthor <x> <y@z>", "Eve author x <y@z>"),
        ("<>", ""),
        ("\x00\n", ""),
        ("\ud800", "\ufffd <scriptorium@localhost>"),
    ],
)
def test_a_typed_name_becomes_a_sound_author(typed: str, written: str) -> None:
    assert history.author(typed) == written


def test_another_process_is_followed_and_what_was_read_is_kept(root: Path, bench: TinyWorkbench) -> None:
    edit(bench, "First.")
    assert len(bench.history("one")) == 2
    with TinyWorkbench(root) as other:
        other.author = ANNA
        edit(other, "Second.")
    bench.refresh()
    edit(bench, "Third.")
    assert [author for author, _ in told(bench)] == ["Scriptorium", "Anna", "Scriptorium", "outside"]
    remembered = Paths(root).derived / "history" / "commits.jsonl"
    whole = remembered.read_bytes()
    remembered.write_bytes(b'[1]\n{"commit": 3}\n{"blob": "x"' + whole[: len(whole) // 2])
    with TinyWorkbench(root) as fresh:
        assert fresh.history("one") == bench.history("one")
