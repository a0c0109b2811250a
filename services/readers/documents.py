"""A Word, PDF or RTF file as one script."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from services.domain.cells import split_labels
from services.domain.drafts import LISTS, TEXTS, Draft, Item
from services.domain.scripts import MAX_TITLE
from services.errors import InvalidInput
from services.ground import text
from services.readers import child, naming

# What the table above a script states in a Word file that Scriptorium exported.
_FIELDS = ("id", "section", *LISTS, *TEXTS)


def read(path: Path, source: str, kind: str) -> Iterator[Item]:
    """The script in the file, or each of a Word file that Scriptorium exported.

    ``kind`` is ``word``, ``pdf`` or ``rtf``. Raises ``InvalidInput``.
    """
    told = child.ask(kind, path, source, fields=_FIELDS)
    folder = path.absolute().parent.name
    if exported := told.get("scripts"):
        yield from (_exported(one, f"{source} script {number}", folder) for number, one in enumerate(exported, start=1))
        return
    body = joined(told["paragraphs"])
    if not body.strip():
        raise InvalidInput(f"{source} has no text.", "Write or paste the script's words into it.")
    title = text.one_line(told["title"])
    yield Draft(
        source=source,
        text=body,
        title=title if len(title) <= MAX_TITLE else "",
        folder=folder,
        fallback_title=naming.title_of(body, source or path.name),
        notes=tuple(told["notes"]),
    )


def joined(paragraphs: Sequence[str]) -> str:
    """The text of paragraphs: with the blank lines that their author set between some, else with one after each."""
    filled = [at for at, paragraph in enumerate(paragraphs) if paragraph.strip()]
    if filled and filled[-1] - filled[0] >= len(filled):
        return "\n".join(paragraphs)
    return "\n\n".join(paragraphs[at] for at in filled)


def _exported(told: Mapping[str, Any], source: str, folder: str) -> Draft:
    fields = told["fields"]
    return Draft(
        source=source,
        text=told["text"],
        id=fields.get("id", ""),
        title=told["title"],
        section=fields.get("section", ""),
        folder=folder,
        stated={
            **{key: fields[key] for key in TEXTS if key in fields},
            **{key: split_labels(fields[key]) for key in LISTS if key in fields},
        },
    )


word, pdf, rtf = partial(read, kind="word"), partial(read, kind="pdf"), partial(read, kind="rtf")
