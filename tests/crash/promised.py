"""What holds of a workspace after a kill, whatever the moment was."""

from pathlib import Path

import numpy as np

from services.domain.model_digest import State
from services.indexes.exact import ExactIndex
from services.records import manifest
from services.records.map_files import MapFiles
from services.sync import sync
from tests.crash.worker import state_of
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, script, stamp, store_of


def check(root: Path, before: dict[str, str], after: dict[str, str]) -> None:
    assert_nothing_is_lost(state_of(root), before, after)
    assert_judged_before_or_after(state_of(root), before, after)
    assert_maps_are_whole(root)
    embedders = {name: TinyEmbedder(name) for name in ("tiny", "other")}
    with TinyWorkbench(root, embedders) as bench:
        bench.refresh()
        assert_old_or_new(bench, before, after)
        assert_one_model(bench)
        entries, problem = manifest.read(root / "manifest.yaml")
        assert problem == ""
        found = {name_of(path): digest for path, digest in state_of(root).items() if path.startswith("records/")}
        assert bench.catalogue.unmanifested == manifest.differences(entries, found)
        assert_index_like_a_fresh_one(bench, root)
        assert [e.asked for e in embedders.values()] == [[], []], "what the records and the cache hold needs no model"
        twins = [b for b in bench.broken if "is used in" in b.cause]
        assert list(bench.broken) == twins
        bench.save(script("after-the-crash"), None)
        assert bench.broken == ()
        assert_everything_is_stated(root)
        assert_index_like_a_fresh_one(bench, root)
        left = [path for path in root.glob("**/.writing-*") if "derived" not in path.parts]
        assert left == []
        assert_the_history_has_everything(bench)
        if half_built(root):
            bench.rebuild()
            assert half_built(root) == []


def assert_nothing_is_lost(now: dict[str, str], before: dict[str, str], after: dict[str, str]) -> None:
    """Bytes that were there and should stay, as a record or in the bin, are in one of the two."""
    for path, digest in before.items():
        if digest in after.values():
            assert digest in now.values(), f"{path} is lost"


def assert_judged_before_or_after(now: dict[str, str], before: dict[str, str], after: dict[str, str]) -> None:
    """A file of judgements is as it was, or as it was to be: with all that others have said."""
    for path in {*now, *before, *after}:
        if path.startswith("judgements/"):
            assert now.get(path) in (before.get(path), after.get(path)), f"{path} is neither as before nor as after"


def assert_maps_are_whole(root: Path) -> None:
    kept = MapFiles(root / "derived" / "map")
    for path in root.glob("derived/map/*.npz"):
        assert kept.get(path.stem.partition("-")[2]) is not None, f"{path.name} is half a map"


def assert_old_or_new(bench: TinyWorkbench, before: dict[str, str], after: dict[str, str]) -> None:
    """Each script is wholly the old one or wholly the new one, and there is no other."""
    read = {
        r.script.id: (f"records/{r.script.section}/{r.script.id}.yaml", r.digest)
        for r in bench.catalogue.records.values()
    }
    old, new = ids(before), ids(after)
    assert set(read) <= set(old) | set(new)
    for script_id in set(old) | set(new):
        allowed = old.get(script_id, {None}) | new.get(script_id, {None})
        assert read.get(script_id) in allowed, f"{script_id} is neither as before nor as after"


def assert_one_model(bench: TinyWorkbench) -> None:
    """A change of the model has not begun or is done: records, settings and index are of one model."""
    stamps = {r.vectors.stamp for r in bench.catalogue.records.values()}
    assert stamps == {stamp(bench.settings.embedder.name)}
    assert {c.state for c in bench.health().collections} == {State.MATCH}
    assert all(c.in_sync for c in bench.health().collections)
    assert not bench.paths.changing.exists()


def assert_index_like_a_fresh_one(bench: TinyWorkbench, root: Path) -> None:
    catalogue, fresh = store_of(root).catalogue(), ExactIndex()
    sync(catalogue, fresh, SECTIONS, stamp(bench.settings.embedder.name))
    index = bench._follow().index
    assert index.name == "chroma"
    vector = TinyEmbedder().embed_query("a calm night")
    for section in SECTIONS:
        assert dict(index.digests(section)) == dict(fresh.digests(section))
        assert index.count(section) == fresh.count(section)
        one, other = index.score(section, vector), fresh.score(section, vector)
        assert one.scripts == other.scripts
        np.testing.assert_allclose(one.passage_distances, other.passage_distances, rtol=0, atol=1e-6)
        held = [r for r in catalogue.section(section) if r.script.id in fresh.digests(section)]
        assert index.prove(section, held) == []


def assert_everything_is_stated(root: Path) -> None:
    files = {name_of(path): digest for path, digest in state_of(root).items() if path.startswith("records/")}
    assert manifest.read(root / "manifest.yaml") == (files, "")
    assert all(len(places) == 1 for places in ids(state_of(root)).values()), "one file an id"


def assert_the_history_has_everything(bench: TinyWorkbench) -> None:
    assert bench.records.lagging == ""
    for stored in bench.catalogue.records.values():
        assert bench.history(stored.script.id)[0].digest == stored.digest


def half_built(root: Path) -> list[Path]:
    """What a killed rebuild leaves, which the next rebuild removes."""
    index = root / "derived" / "index"
    current = (index / "CURRENT").read_text().strip()
    folders = [path for path in index.iterdir() if path.is_dir() and path.name != current]
    return [*index.glob("**/.writing-*"), *(path for path in folders if not (path / "SERVED").exists())]


def name_of(path: str) -> str:
    return path.removeprefix("records/").removesuffix(".yaml")


def ids(state: dict[str, str]) -> dict[str, set[tuple[str, str]]]:
    """The files of each id among the records."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path, digest in state.items():
        if path.startswith("records/"):
            found.setdefault(Path(path).stem, set()).add((path, digest))
    return found
