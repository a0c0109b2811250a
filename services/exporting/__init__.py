"""Scripts as one file: the same scripts always give the same bytes, so that the digest names the content."""

import csv
import importlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from services.domain.cells import guard, join_labels
from services.domain.drafts import LISTS
from services.domain.reports import Exported
from services.domain.scripts import Record
from services.domain.settings import Settings
from services.errors import InvalidInput, NotFound
from services.exporting import word
from services.exporting.archives import add_member
from services.ground import digests, files
from services.ground.progress import Progress
from services.ports import Catalogue

Encode = Callable[[Record], bytes]
FORMATS = ("yaml-zip", "csv", "jsonl", "parquet", "docx")
ENDINGS = {name: "zip" if name == "yaml-zip" else name for name in FORMATS}
_COLUMNS = (
    "id",
    "section",
    "title",
    "situation",
    "focus_areas",
    "techniques",
    "person",
    "author",
    "language",
    "status",
    "source_id",
    "text",
)


def export(  # noqa: PLR0913  a file, a format, and which scripts
    out: Path,
    format_name: str,
    *,
    catalogue: Catalogue,
    settings: Settings,
    encode: Encode,
    ids: Sequence[str] = (),
    sections: Sequence[str] = (),
) -> Exported:
    """Write the scripts that have one of the ids and lie in one of the sections; empty means all.

    Raises:
        InvalidInput: an unknown format.
        NotFound: an id or a section that does not exist.
        StorageFailed: the file could not be written; an old one is as it was.
    """
    if format_name not in FORMATS:
        raise InvalidInput(f"There is no format '{format_name[:40]}'.", f"Use one of: {', '.join(FORMATS)}.")
    records = chosen(catalogue, settings, ids, sections)
    data = as_bytes(records, format_name, encode)
    files.write_named(out, data)
    return Exported(len(records), str(out), digests.of_bytes(data), tuple(b.path for b in catalogue.broken))


def as_bytes(records: Sequence[Record], format_name: str, encode: Encode, progress: Progress | None = None) -> bytes:
    """The file's bytes, in one of ``FORMATS``; ``progress`` counts scripts where that takes long."""
    if format_name in ("yaml-zip", "docx"):
        counted = _counted(records, progress) if progress else records
        return _zip(counted, encode) if format_name == "yaml-zip" else word.encode(counted, add_member)
    makers = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}
    return makers[format_name](records)


def _counted(records: Sequence[Record], progress: Progress) -> Iterator[Record]:
    for done, record in enumerate(records):
        progress(done, len(records))
        yield record


def chosen(catalogue: Catalogue, settings: Settings, ids: Sequence[str], sections: Sequence[str]) -> list[Record]:
    """The records to export, by section and id."""
    for section in sections:
        settings.check_section(section)
    for script in ids:
        if script not in catalogue.records:
            raise NotFound(f"There is no script '{script[:80]}'.", "Export without --id to see every id.")
    wanted = set(ids) or catalogue.records.keys()
    found = (r for r in catalogue.records.values() if r.script.id in wanted)
    kept = (r for r in found if not sections or r.script.section in sections)
    return sorted(kept, key=lambda r: (r.script.section, r.script.id))


def _zip(records: Iterable[Record], encode: Encode) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for record in records:
            add_member(archive, f"records/{record.script.section}/{record.script.id}.yaml", encode(record))
    return buffer.getvalue()


def _csv(records: Sequence[Record]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for record in records:
        fields = record.script.as_json()
        lists = {key: join_labels(tuple(fields[key])) for key in LISTS}
        row = {**fields, **lists}
        writer.writerow([guard(row[column]) for column in _COLUMNS])
    return buffer.getvalue().encode("utf-8")


def _jsonl(records: Sequence[Record]) -> bytes:
    lines = [json.dumps(record.script.as_json(), ensure_ascii=False) + "\n" for record in records]
    return "".join(lines).encode("utf-8")


def _parquet(records: Sequence[Record]) -> bytes:
    # Takes a third of a second to import, and only this format needs it.
    polars = importlib.import_module("polars")
    schema = {column: polars.List(polars.String) if column in LISTS else polars.String for column in _COLUMNS}
    rows = [record.script.as_json() for record in records]
    buffer = io.BytesIO()
    polars.DataFrame(rows, schema=schema).write_parquet(buffer)
    return buffer.getvalue()
