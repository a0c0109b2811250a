"""Can this workspace be trusted? One row a collection."""

from services.model_digest import Stamp, State, compare
from services.ports import Catalogue, VectorIndex
from services.reports import CollectionHealth, Health
from services.scripts import BrokenRecord, Record
from services.settings import Settings
from services.sync import in_sync, wanted

# Records of a section whose passages are asked for by their own vectors, spread evenly.
_SAMPLE = 20


def health(  # noqa: PLR0913
    *,
    settings: Settings,
    catalogue: Catalogue,
    index: VectorIndex,
    generation: str,
    query: Stamp,
    broken: tuple[BrokenRecord, ...] = (),
    problems: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Health:
    """Compare every collection with the records and with the model that asks.

    Raises:
        IndexBroken: the index cannot be read.
    """
    rows = tuple(_collection(section, catalogue, index, query) for section in settings.sections)
    left_out: dict[str, str] = {}
    for section in settings.sections:
        left_out |= wanted(catalogue, section, query).left_out
    if catalogue.gone:
        problems = (*problems, _gone(catalogue.gone))
    changed = tuple(path for path in catalogue.unmanifested if path not in catalogue.gone)
    if changed:
        notes = (*notes, f"The manifest does not state what is there for: {_some(changed)}. The next save states it.")
    return Health(rows, index.name, generation, (*catalogue.broken, *broken), left_out, problems, notes)


def _collection(section: str, catalogue: Catalogue, index: VectorIndex, query: Stamp) -> CollectionHealth:
    recorded = index.stamp(section)
    records = catalogue.section(section)
    want = wanted(catalogue, section, query)
    findings = tuple(index.prove(section, _spread(list(want.records.values()))))
    return CollectionHealth(
        section=section,
        state=compare(recorded, query) if index.count(section) else State.UNVERIFIED,
        recorded=recorded,
        query=query,
        records=len(records),
        passages=index.count(section),
        in_sync=in_sync(catalogue, index, section, query) and not findings,
        findings=findings,
    )


def _spread(records: list[Record]) -> list[Record]:
    if len(records) <= _SAMPLE:
        return records
    return [records[number * len(records) // _SAMPLE] for number in range(_SAMPLE)]


def _gone(paths: tuple[str, ...]) -> str:
    return (
        f"The manifest states records that are gone: {_some(paths)}. Bring the files back; "
        "or, if they were deleted on purpose, rebuild the index to take that as meant."
    )


def _some(paths: tuple[str, ...]) -> str:
    return ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")  # noqa: PLR2004
