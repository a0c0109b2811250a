"""Scripts as one Word file: a heading, the details as a small table, and the words paragraph by paragraph.

A paragraph ends where the script has an empty line; single line ends within it are line breaks, and tabs are tabs. So
the text can be put together again exactly.
"""

import datetime as dt
import importlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from services.domain.cells import join_labels
from services.domain.drafts import LISTS
from services.domain.scripts import Record, Script

# What the table says, by field; what a script does not state is left out.
_DETAILS = (
    "id",
    "section",
    "situation",
    "focus_areas",
    "techniques",
    "person",
    "author",
    "language",
    "status",
    "source_id",
)
# Characters that Word's XML cannot hold, by the definition of XML 1.0. Scripts hold no other control characters.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FIXED = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)

AddMember = Callable[[zipfile.ZipFile, str, bytes], None]


def encode(records: Iterable[Record], add_member: AddMember) -> bytes:
    """The file's bytes; ``add_member`` puts a file into a zip with neither time nor system in its bytes."""
    # Takes a third of a second to import, and only this format needs it.
    document = importlib.import_module("docx").Document()
    _fix_properties(document.core_properties)
    for number, record in enumerate(records):
        _add(document, record.script, first=number == 0)
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue(), add_member)


def _add(document: Any, script: Script, *, first: bool) -> None:
    heading = document.add_heading(_fit(script.title), level=1)
    heading.paragraph_format.page_break_before = not first
    rows = [(name, value) for name, value in _details(script) if value]
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for name, value in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, _fit(value)
    for paragraph in _fit(script.text).split("\n\n"):
        document.add_paragraph(paragraph)


def _details(script: Script) -> list[tuple[str, str]]:
    fields = script.as_json()
    return [(name, join_labels(tuple(fields[name])) if name in LISTS else fields[name]) for name in _DETAILS]


def _fit(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)


def _fix_properties(properties: Any) -> None:
    """No name and no time: they would tell who exported, and change the bytes."""
    properties.author = properties.last_modified_by = "Scriptorium"
    properties.title, properties.comments = "Scripts", ""
    properties.created = properties.modified = _FIXED
    properties.revision = 1


def _without_times(data: bytes, add_member: AddMember) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(buffer, "w") as archive:
        for name in made.namelist():
            add_member(archive, name, made.read(name))
    return buffer.getvalue()
