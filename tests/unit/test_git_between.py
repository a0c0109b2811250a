"""Which scripts differ between two commits, and all scripts of one: told in words where it cannot be told."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from dulwich import porcelain

from services.domain.between import Between, Differing
from services.domain.history import What
from services.domain.scripts import Record
from services.domain.settings import Paths
from services.errors import Cancelled, NotFound
from services.records import git_between
from services.records.git_history import GitHistory
from services.records.yaml_files import YamlRecordStore
from tests.doubles import SECTIONS, TinyEmbedder, make_workspace, record, script


@dataclass(frozen=True)
class Kept:
    """A workspace with its history, before and after everything that can become of a script."""

    root: Path
    before: str
    after: str
    records: Mapping[str, Record]

    @property
    def past(self) -> GitHistory:
        return GitHistory(Paths(self.root))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """One is edited, two is moved, three deleted, four embedded anew, six added; five is as it was."""
    root = make_workspace(tmp_path_factory.mktemp("kept") / "workspace")
    past = GitHistory(Paths(root), lambda: "Anna")
    store = YamlRecordStore(Paths(root), SECTIONS, past)
    names = {"one": "induction", "two": "awakening", "three": "induction", "four": "induction", "five": "induction"}
    with store.writing("filling"):
        store.put([record(script(name, section)) for name, section in names.items()])
    before, were = past.commit, dict(store.catalogue().records)
    four = record(were["four"].script, TinyEmbedder(dimensions=9))
    with store.writing("editing"):
        store.put([record(script("one", text="Quite other words.")), record(script("two")), four])
        store.discard("three")
    with store.writing("adding"):
        store.put([record(script("six", "affirmations", title="The sixth"))])
    return Kept(root, before, past.commit, were)


@pytest.fixture
def own(kept: Kept, tmp_path: Path) -> Kept:
    """The same, to be damaged."""
    return replace(kept, root=Path(shutil.copytree(kept.root, tmp_path / "own")))


def test_what_became_of_each_script_is_told(kept: Kept) -> None:
    found = kept.past.between(kept.before, kept.after)
    assert found.scripts == (
        Differing("six", What.CREATED, "affirmations", "The sixth"),
        Differing("four", What.EMBEDDED, "induction", "Four"),
        Differing("one", What.EDITED, "induction", "One"),
        Differing("three", What.DELETED, "induction", "Three"),
        Differing("two", What.MOVED, "induction", "Two", was_in="awakening"),
    )
    assert [one.id for one in found.reworded] == ["six", "one", "three", "two"]
    assert found.sentence() == "1 script was changed, 1 moved to another section, 1 added, 1 deleted"
    back = kept.past.between(kept.after, kept.before)
    assert [(one.id, one.what) for one in back.those(What.CREATED, What.DELETED)] == [
        ("six", What.DELETED),
        ("three", What.CREATED),
    ]
    assert kept.past.between(kept.after, kept.after) == Between()


def test_what_was_written_by_hand_and_only_embedded_since_says_what_it_said(own: Kept) -> None:
    store, path = YamlRecordStore(Paths(own.root), SECTIONS, past := own.past), own.root / "records/induction/five.yaml"
    commits = []
    for text in (path.read_text().split("digest:")[0], path.read_text()):
        path.write_text(text)
        with store.writing("telling"):
            pass
        commits.append(past.commit)
    Paths(own.root).derived.mkdir(exist_ok=True)
    as_embedded = (Differing("five", What.EMBEDDED, "induction", "Five"),)
    assert past.between(*commits).scripts == as_embedded
    # What was once remembered: the bytes of such a record for what it says.
    remembered = Paths(own.root).derived / "history" / "commits.jsonl"
    lines = [json.loads(line) for line in remembered.read_text().split("\n") if line]
    told = [{**line, "content": line["record"]} if "blob" in line else line for line in lines]
    assert told != lines
    remembered.write_text("\n".join(map(json.dumps, told)))
    assert own.past.between(*commits).scripts == as_embedded
    path.write_text(path.read_text().split("digest:")[0].replace("title: Five", "title: Fifth"))
    with store.writing("renaming"):
        pass
    assert [one.what for one in past.between(commits[-1], past.commit).scripts] == [What.EDITED]


def test_so_many_are_counted_without_being_read(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_between, "_MOST", 4)
    found = kept.past.between(kept.before, kept.after)
    assert not found.looked_into
    assert {one.title for one in found.scripts} == {""}
    said = "2 scripts were changed or embedded anew, 1 moved to another section, 1 added, 1 deleted"
    assert found.sentence() == said


@pytest.mark.parametrize("commit", ["0" * 40, "HEAD", "../../etc/passwd", "é" * 40])
def test_a_commit_that_is_not_here_is_said_in_words(kept: Kept, commit: str) -> None:
    now = kept.after
    said = f"The history here does not have the scripts before (commit {commit[:12]}): they are another workspace's"
    assert kept.past.between(commit, now).problem.startswith(said)
    assert "the scripts after" in kept.past.between(now, commit).problem
    with pytest.raises(NotFound):
        kept.past.records_at(commit)


def test_no_commit_and_no_history_are_said_in_words(kept: Kept, tmp_path: Path) -> None:
    said = "Of the scripts before, no commit of a history is known."
    assert kept.past.between("", kept.after) == Between(problem=said)
    assert kept.past.between("", "").problem == said
    bare = GitHistory(Paths(make_workspace(tmp_path / "bare")))
    assert bare.between("0" * 40, "1" * 40).problem == "This workspace has no history yet."
    with pytest.raises(NotFound):
        bare.records_at("0" * 40)


def test_a_copy_that_was_cut_short_says_so(kept: Kept, tmp_path: Path) -> None:
    porcelain.clone(str(kept.root), str(tmp_path / "short"), depth=1).close()
    found = GitHistory(Paths(tmp_path / "short")).between(kept.before, kept.after)
    assert found.problem.endswith(f"(commit {kept.before[:12]}): it was cut short when it was copied.")


def test_a_damaged_history_is_said_and_raises_nothing(own: Kept) -> None:
    for path in (own.root / ".git" / "objects").glob("??/*"):
        if path.parent.name + path.name not in (own.before, own.after):
            path.unlink()
    assert own.past.between(own.before, own.after) == Between(problem="Parts of the history are missing.")
    with pytest.raises(NotFound):
        own.past.records_at(own.before)
    for path in (own.root / ".git" / "objects").glob("??/*"):
        path.write_bytes(b"nothing that git knows")
    assert own.past.between(own.before, own.after).problem.startswith("The history cannot be read")


def test_all_scripts_of_a_commit_are_read_with_their_vectors(kept: Kept) -> None:
    were = kept.records
    told: list[tuple[int, int]] = []
    found = kept.past.records_at(kept.before, lambda _, done, total: told.append((done, total)))
    assert found.broken == ()
    assert found.records.keys() == were.keys()
    for name, one in found.records.items():
        assert (one.script, one.digest) == (were[name].script, were[name].digest)
        assert one.vectors is not None
        assert were[name].vectors is not None
        np.testing.assert_array_equal(one.vectors.values, were[name].vectors.values)
    assert told == [(0, 5)]

    def stop(stage: str, done: int, total: int) -> None:
        raise Cancelled("You stopped it.", "Start again.")

    with pytest.raises(Cancelled):
        kept.past.records_at(kept.before, stop)


def test_what_is_no_script_in_a_commit_is_left_out_and_told(own: Kept) -> None:
    folder = own.root / "records"
    whole = (folder / "induction" / "one.yaml").read_text()
    (folder / "induction" / "two.yaml").write_text("id: [")
    (folder / "awakening" / "elsewhere.yaml").write_text(whole)
    past = own.past
    with YamlRecordStore(Paths(own.root), SECTIONS, past).writing("telling"):
        pass
    found = past.records_at(past.commit)
    assert list(found.records) == ["six", "five", "four", "one"]
    assert [broken.path for broken in found.broken] == [
        "records/awakening/elsewhere.yaml",
        "records/induction/two.yaml",
    ]
    assert found.broken[0].cause == "records/awakening/elsewhere.yaml says that it is induction/one."
