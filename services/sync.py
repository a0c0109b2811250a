"""The one path from records to an index: compare digests, then upsert and delete the difference."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.domain.model_digest import Stamp
from services.domain.reports import SyncReport
from services.domain.scripts import Record
from services.ground.progress import Report, silent
from services.ports import Catalogue, VectorIndex


@dataclass(frozen=True)
class Wanted:
    """What a section's collection should hold: the records of one recipe, and those left out with the reason."""

    stamp: Stamp
    records: Mapping[str, Record]
    left_out: Mapping[str, str]


def wanted(catalogue: Catalogue, section: str, preferred: Stamp) -> Wanted:
    """Sort a section's records by recipe.

    A collection holds vectors of one recipe, the most frequent among its records; among equals the preferred one. So
    a first script embedded by another model is left out and named, and does not empty its section.
    """
    records = catalogue.section(section)
    chosen = _made_by(preferred, records)
    stamp = preferred
    if len(chosen) < len(records):
        stamps = Counter(r.vectors.stamp for r in records if r.vectors is not None)
        stamp = min(stamps, key=lambda s: (-stamps[s], s != preferred, s.recipe_digest), default=preferred)
        chosen = _made_by(stamp, records)
    left_out = {r.script.id: _reason(r, stamp) for r in records if r.script.id not in chosen}
    return Wanted(stamp, chosen, left_out)


def _made_by(stamp: Stamp, records: Sequence[Record]) -> dict[str, Record]:
    return {r.script.id: r for r in records if r.vectors is not None and r.vectors.stamp == stamp}


def _reason(record: Record, stamp: Stamp) -> str:
    if record.vectors is None:
        return record.vectors_problem
    other = record.vectors.stamp
    if other.model_digest != stamp.model_digest:
        return f"Its vectors were made by {other.model_name}, those of the collection by {stamp.model_name}."
    return "Its text was prepared in another way than that of the collection."


def sync(
    catalogue: Catalogue, index: VectorIndex, sections: Sequence[str], preferred: Stamp, report: Report = silent
) -> SyncReport:
    """Bring every section up to date, as far as that needs no model and no rebuild.

    Raises:
        IndexBroken: the index cannot be read or written.
    """
    upserted = deleted = unchanged = 0
    left_out: dict[str, str] = {}
    to_rebuild: list[str] = []
    for section in sections:
        report("Indexing", upserted + unchanged, len(catalogue.records))
        want = wanted(catalogue, section, preferred)
        left_out |= want.left_out
        have = index.digests(section)
        upserts = [r for script, r in want.records.items() if have.get(script) != r.digest]
        deletes = [script for script in have if script not in want.records]
        if _needs_rebuild(index, section, want, set(have) - set(deletes)):
            to_rebuild.append(section)
            continue
        if upserts or deletes:
            index.apply(section, want.stamp, upserts, deletes)
        upserted, deleted = upserted + len(upserts), deleted + len(deletes)
        unchanged += len(want.records) - len(upserts)
    return SyncReport(upserted, deleted, unchanged, left_out, tuple(to_rebuild))


def _needs_rebuild(index: VectorIndex, section: str, want: Wanted, kept: set[str]) -> bool:
    """Vectors of another recipe stay in the collection, so that the new ones may not join them."""
    return bool(kept) and index.stamp(section) != want.stamp


def in_sync(catalogue: Catalogue, index: VectorIndex, section: str, preferred: Stamp) -> bool:
    """Whether the collection holds exactly the wanted records, by their digests and under their stamp."""
    want = wanted(catalogue, section, preferred)
    same = index.digests(section) == {script: record.digest for script, record in want.records.items()}
    return same and (not want.records or index.stamp(section) == want.stamp)
