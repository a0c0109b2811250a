"""The bin is listed at every page run: each file's beginning is read once."""

import pytest

from services.errors import InvalidRecord, InvalidYaml
from services.records import bin_files, record_format
from tests.doubles import make_workspace, script, store_of


@pytest.fixture
def root(tmp_path):
    scripts = [script("one"), script("two", title='Of "two": a # b'), script("three", "awakening")]
    root = make_workspace(tmp_path / "workspace", scripts)
    with (store := store_of(root)).writing("deleting"):
        store.discard_all(["one", "two", "three"])
    return root


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that were decoded whole."""
    found, decode = [], record_format.decode
    monkeypatch.setattr(
        record_format, "decode", lambda data, source: found.append(source) or decode(data, source=source)
    )
    return found


def titles(root):
    return {one.id: one.title for one in bin_files.listed(root / "bin")}


def file_of(root, script_id):
    return next((root / "bin").glob(f"*/{script_id}.*.yaml"))


def test_titles_are_read_from_the_beginnings_and_remembered(root, decoded, monkeypatch):
    known = {"one": "One", "two": 'Of "two": a # b', "three": "Three"}
    assert titles(root) == known
    assert decoded == []
    monkeypatch.setattr(bin_files.yaml_text, "load", lambda *_, **__: pytest.fail("read again"))
    assert titles(root) == known


def test_a_file_that_changed_is_read_again(root):
    assert titles(root)["one"] == "One"
    path = file_of(root, "one")
    path.write_text(path.read_text().replace("title: One", "title: Two"))
    assert titles(root)["one"] == "Two"
    path.unlink()
    assert "one" not in titles(root)


def test_a_title_over_several_lines_is_read_whole(root, decoded):
    path = file_of(root, "one")
    head = path.read_text().split("\ndigest:")[0] + "\n"
    path.write_text(head.replace("title: One", "title: One\n  and more"))
    assert titles(root)["one"] == "One and more"
    path.write_text(head.replace("title: One", "title: >-\n  Folded"))
    assert titles(root)["one"] == "Folded"
    assert decoded == [path.name, path.name]


def test_what_cannot_be_read_stays_in_the_bin(root):
    file_of(root, "one").write_text("{")
    path = file_of(root, "two")
    path.write_text(path.read_text().replace("Breathe", "Breath"))
    assert titles(root) == {"one": "", "two": 'Of "two": a # b', "three": "Three"}
    for script_id, error in (("one", InvalidYaml), ("two", InvalidRecord)):
        with (store := store_of(root)).writing("bringing back"), pytest.raises(error, match="in the bin"):
            store.recover(script_id)
    assert len(titles(root)) == 3
    assert list((root / "records" / "induction").iterdir()) == []
