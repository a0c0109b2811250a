"""A file of JSON lines: one script a line, with the fields of a script under their names; ``text`` is needed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.domain.cells import split_labels
from services.domain.drafts import LISTS, TEXTS, Draft, Item, refused
from services.errors import InvalidInput
from services.readers.decoding import json_object, legible_lines, text_of


def read(path: Path, source: str) -> Iterator[Item]:
    """The script in each line, or why there is none; a line that cannot be read does not stop the rest."""
    notes, found = legible_lines(path, source)
    for number, line in found:
        line_source = f"{source} line {number}"
        try:
            yield replace(_draft(json_object(line, line_source), line_source, path), notes=notes)
        except InvalidInput as error:
            yield refused(line_source, error)


def _draft(value: dict[str, Any], source: str, path: Path) -> Draft:
    if "text" not in value:
        raise InvalidInput(f"{source} has no 'text'.", "Add the script's words under that name.")
    texts = {key: text_of(value, key, source) for key in TEXTS if key in value}
    lists = {key: _labels(value[key], key, source) for key in LISTS if key in value}
    return Draft(
        source=source,
        text=text_of(value, "text", source),
        id=(text_of(value, "id", source) or text_of(value, "_id", source)).strip(),
        title=text_of(value, "title", source),
        section=text_of(value, "section", source),
        folder=path.absolute().parent.name,
        stated={**texts, **lists},
    )


def _labels(value: Any, key: str, source: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return split_labels(value)
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise InvalidInput(f"{source}: '{key}' is no list of words.", 'Write it as ["one", "two"].')
    return tuple(value)
