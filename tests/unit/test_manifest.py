"""The manifest states what is there, and notices when it was changed by hand."""

from pathlib import Path

import pytest

from services.ground import digests
from services.records import manifest

ENTRIES = {"induction/b": "22" * 32, "induction/a": "11" * 32, "awakening/c": "33" * 32}


def test_the_bytes() -> None:
    head = digests.chain_head(sorted(ENTRIES.items()))
    assert manifest.encode(ENTRIES).decode() == (
        f"format: scriptorium-manifest/1\nchain_head: '{head}'\nrecords:\n"
        f"  awakening/c: '{'33' * 32}'\n  induction/a: '{'11' * 32}'\n  induction/b: '{'22' * 32}'\n"
    )


@pytest.mark.parametrize("entries", [{}, ENTRIES], ids=["empty", "three"])
def test_what_is_written_is_read(tmp_path: Path, entries: dict[str, str]) -> None:
    manifest.write(tmp_path / "manifest.yaml", entries)
    assert manifest.read(tmp_path / "manifest.yaml") == (entries, "")


def test_no_manifest_states_nothing(tmp_path: Path) -> None:
    assert manifest.read(tmp_path / "manifest.yaml") == ({}, "")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("'11", "'12", "chain head"),
        ("induction/a", "induction/x", "chain head"),
        ("  induction/b: '" + "22" * 32 + "'\n", "", "chain head"),
        ("records:\n", "records:\n  awakening/added: '44'\n", "chain head"),
        ("chain_head", "other", "chain head"),
        ("records:", "records: [", "not valid YAML"),
        ("records:\n", "stated:\n", "does not list the records"),
        ("'" + "11" * 32 + "'", "[a]", "does not list the records"),
    ],
    ids=["changed", "renamed", "dropped", "added", "no-head", "no-yaml", "no-list", "no-digest"],
)
def test_a_change_by_hand_is_noticed(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "manifest.yaml"
    before = manifest.encode(ENTRIES).decode()
    assert old in before
    path.write_text(before.replace(old, new))
    assert told in manifest.read(path)[1]


def test_a_manifest_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "manifest.yaml").mkdir()
    assert "cannot be read" in manifest.read(tmp_path / "manifest.yaml")[1]


def test_differences_are_named() -> None:
    stated = {"a/same": "1", "a/changed": "2", "a/gone": "3"}
    found = {"a/same": "1", "a/changed": "9", "a/new": "4"}
    assert manifest.differences(stated, found) == ("a/changed", "a/gone", "a/new")
