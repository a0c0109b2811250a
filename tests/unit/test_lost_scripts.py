"""Scripts that were deleted outside the workbench are found in the history; those that were binned are not."""

from pathlib import Path

import pytest

from services.domain.history import Lost
from services.errors import IdTaken
from services.records import git_places
from tests.doubles import TinyWorkbench, make_workspace, script

NAMES = ("one", "two", "three", "four")


def at(script_id: str, section: str = "induction") -> str:
    return f"records/{section}/{script_id}.yaml"


def test_where_each_lay_last() -> None:
    steps = [
        ("c1", "t1", {i: {at(i): (None, f"{i}-1")} for i in NAMES}),
        ("c2", "t2", {"one": {at("one"): ("one-1", None), at("one", "awakening"): (None, "one-2")}}),
        ("c3", "t3", {"one": {at("one", "awakening"): ("one-2", None)}, "two": {at("two"): ("two-1", "two-2")}}),
        ("c4", "t4", {"three": {at("three"): ("three-1", None), "bin/induction/three.ab.yaml": (None, "three-1")}}),
        ("c5", "t5", {"three": {"bin/induction/three.ab.yaml": ("three-1", None)}}),
        ("c6", "t6", {"four": {at("four"): ("four-1", None)}, "records": {"records/x.yaml": (None, "x")}}),
        ("c7", "t7", {"four": {at("four"): (None, "four-2")}}),
    ]
    assert git_places.last(steps) == {
        "one": Lost("one", "awakening", "c2", "one-2", "t3"),
        "two": Lost("two", "induction", "c3", "two-2"),
        "four": Lost("four", "induction", "c7", "four-2"),
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = make_workspace(tmp_path / "workspace", [script(i) for i in NAMES])
    with TinyWorkbench(root) as bench:
        bench.refresh()
        bench.save(script("two", title="Two, edited"), bench.catalogue.records["two"].digest)
        bench.delete("three")
        bench.delete("four")
        bench.empty_bin([(one.id, one.digest) for one in bench.bin() if one.id == "four"])
    return root


def test_removed_files_are_found_before_and_after_their_commit(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        bench.refresh()
        assert bench.lost() == []
        (root / at("two")).unlink()
        bench.refresh()
        assert [(one.id, one.time, bench.past.title(one)) for one in bench.lost()] == [("two", "", "Two, edited")]
        assert bench.past.has_read()
        (root / at("one")).unlink()
        bench.save(script("five"), None)
        assert not bench.past.has_read()
        assert {(one.id, bool(one.time)) for one in bench.lost()} == {("one", True), ("two", True)}
        two = next(one for one in bench.lost() if one.id == "two")
        bench.restore_version("two", two.commit, None)
        assert bench.catalogue.records["two"].script.title == "Two, edited"
        assert [one.id for one in bench.lost()] == ["one"]


def test_a_binned_script_comes_back_beside_the_one_that_has_its_id(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        bench.refresh()
        bench.save(script("three", text="Another voice."), None)
        bench.save(script("three-2"), None)
        (kept,) = bench.bin()
        with pytest.raises(IdTaken, match="under another id"):
            bench.restore("three", kept.digest)
        asked = len(bench.made["tiny"].asked)
        back = bench.restore_as_another("three", kept.digest)
        assert (back.record.script.id, back.record.script.title, back.warning) == ("three-3", "Three", "")
        # The vectors came back with it: nothing was embedded.
        assert len(bench.made["tiny"].asked) == asked
        assert bench.catalogue.records["three"].script.text == "Another voice."
        assert bench.bin() == []
