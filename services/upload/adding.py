"""Adding reviewed rows in one go, with the way back written first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.domain.model_digest import Stamp
from services.domain.reports import Rejected
from services.domain.scripts import Record
from services.domain.settings import Settings
from services.domain.upload_journal import Entry, Upload
from services.errors import NotFound, StorageFailed
from services.ground.clock import now
from services.ground.progress import Report, deaf
from services.ports import Embedder, RecordStore, UploadStore
from services.upload.review import Added, Fate, Review, Row
from services.upload.vectors import Known, fetch, vector_set
from services.vectors import prepare, recipe_of


@dataclass(frozen=True)
class Stores:
    """Where scripts are kept, and the way back from an upload."""

    records: RecordStore
    uploads: UploadStore


def add(  # noqa: PLR0913  adding touches all of these
    reviewed: Review, chosen: Collection[int], *, settings: Settings, stores: Stores, embedder: Embedder, report: Report
) -> Added:
    """Store the chosen rows, each wholly or not at all, and remember how to undo that.

    What was embedded for the review is used again; only what was edited since is embedded.

    Raises:
        EmbedderFailed, Cancelled: nothing was stored.
        WorkspaceBusy, StorageFailed: nothing was stored.
    """
    rows = [row for row in reviewed.rows if row.number in chosen]
    refused = [Rejected(row.source, row.problem) for row in rows if row.fate is Fate.REFUSED]
    wanted, without = _with_sections([r for r in rows if r.fate in (Fate.CREATED, Fate.UPDATED)], settings)
    records = _records(wanted, reviewed, embedder, report)
    with stores.records.writing("adding an upload"):
        fresh, same, moved = _rechecked(wanted, stores.records)
        stored, failed, upload = _stored(fresh, records, stores, deaf(report))
    unchanged = [row.script.id for row in rows if row.fate is Fate.UNCHANGED]
    return Added(
        upload,
        tuple(row.script.id for row in stored if row.stored is None),
        tuple(row.script.id for row in stored if row.stored is not None),
        (*unchanged, *(row.script.id for row in same)),
        (*refused, *without, *moved, *failed),
        stores.records.lagging,
    )


def _with_sections(rows: Sequence[Row], settings: Settings) -> tuple[list[Row], list[Rejected]]:
    """Those whose section is still there; settings may have changed since the review."""
    kept, refused = [], []
    for row in rows:
        try:
            settings.check_section(row.script.section)
            kept.append(row)
        except NotFound as error:
            refused.append(Rejected(row.source, str(error)))
    return kept, refused


def _records(rows: Sequence[Row], reviewed: Review, embedder: Embedder, report: Report) -> dict[int, Record]:
    # Vectors of a model that the workspace no longer has would be left out of its index.
    known = reviewed.known if reviewed.stamp == Stamp.of(recipe_of(embedder)) else Known()
    texts = {row.number: prepare(row.script, embedder).texts for row in rows}
    known = fetch(texts, embedder, known, report, "Preparing what was edited")
    return {row.number: Record(row.script, vector_set(row.script, embedder, known.of(row.number))) for row in rows}


def _rechecked(rows: Sequence[Row], store: RecordStore) -> tuple[list[Row], list[Row], list[Rejected]]:
    """The rows that would do what the review said; those that are stored by now; and those that somebody overtook."""
    catalogue = store.catalogue()
    fresh, same, moved = [], [], []
    for row in rows:
        present = catalogue.records.get(row.script.id)
        if present is not None and present.script == row.script:
            same.append(row)
        elif (present.digest if present else "") == row.base and row.script.id not in catalogue.damaged:
            fresh.append(row)
        else:
            moved.append(Rejected(row.source, _overtaken(row, present)))
    return fresh, same, moved


def _overtaken(row: Row, present: Record | None) -> str:
    title = row.script.title
    if present is None and row.stored is not None:
        return f"'{title}' was deleted by somebody else since the review. Upload the file again to add it as new."
    return f"'{title}' was changed by somebody else since the review. Upload the file again to see both."


def _stored(
    rows: Sequence[Row], records: Mapping[int, Record], stores: Stores, report: Report
) -> tuple[list[Row], list[Rejected], str]:
    """What was stored, what the disk refused, and the name of the upload."""
    if not rows:
        return [], [], ""
    made = now()
    upload = Upload(stores.uploads.fresh_id(made), made, tuple(_entry(row, stores.records) for row in rows))
    # The way back stands before the first step.
    stores.uploads.put(upload)
    try:
        stores.records.put(
            [records[row.number] for row in rows], lambda done, total: report("Adding to the library", done, total)
        )
    except StorageFailed as error:
        present = stores.records.catalogue().records
        done = [r for r in rows if r.script.id in present and present[r.script.id].script == r.script]
        refused = [Rejected(row.source, str(error)) for row in rows if row not in done]
        return done, refused, upload.id
    return list(rows), [], upload.id


def _entry(row: Row, store: RecordStore) -> Entry:
    script = row.script
    if row.stored is None:
        return Entry(script.id, script.title, script.digest, script.section)
    before = row.stored.script
    return Entry(
        script.id, script.title, script.digest, script.section, store.file_of(script.id), before.digest, before.section
    )
