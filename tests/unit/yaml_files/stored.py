"""What is on the disk, and what the manifest states of it."""

from pathlib import Path

from services.domain.scripts import Record
from services.records import manifest
from services.records.yaml_files import YamlRecordStore
from tests.doubles import store_of


def put(store: YamlRecordStore, *records: Record) -> list[Record]:
    with store.writing("testing"):
        return store.put(records)


def discard(store: YamlRecordStore, script_id: str) -> None:
    with store.writing("testing"):
        store.discard(script_id)


def recover(store: YamlRecordStore, script_id: str) -> Record:
    with store.writing("testing"):
        return store.recover(script_id)


def path_of(root: Path, name: str) -> Path:
    return root / "records" / f"{name}.yaml"


def stated(root: Path) -> dict[str, str]:
    entries, problem = manifest.read(root / "manifest.yaml")
    assert problem == ""
    return dict(entries)


def assert_manifest_holds(root: Path) -> None:
    fresh = store_of(root).catalogue()
    assert fresh.unmanifested == ()
    assert stated(root) == {f"{r.script.section}/{r.script.id}": r.digest for r in fresh.records.values()}
