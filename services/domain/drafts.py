"""What a reader makes of a source: drafts of scripts and of questions, not yet checked against the workspace."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.domain.reports import Rejected
from services.domain.scripts import VectorSet
from services.errors import InvalidInput

# Fields of a script that a source may state or leave alone; what it leaves alone keeps its value in an update.
TEXTS = ("situation", "person", "author", "language", "status", "source_id")
LISTS = ("focus_areas", "techniques")


@dataclass(frozen=True)
class Draft:
    """A script as a source has it. Empty ``id``, ``title`` and ``section`` were not stated.

    ``stated`` holds the other fields that the source states, under their names. ``corpus`` names the collection within
    which the id is unique, where it is unique no further. ``folder`` is the name of the folder the source lies in.
    """

    source: str
    text: str
    id: str = ""
    title: str = ""
    section: str = ""
    folder: str = ""
    corpus: str = ""
    # A title for a new script whose source states none, such as its file's name.
    fallback_title: str = ""
    stated: Mapping[str, Any] = field(default_factory=dict)
    vectors: VectorSet | None = None
    # What reading it had to guess or leave out, each a full sentence.
    notes: tuple[str, ...] = ()
    # The same of the table that it is a row of, and what that is called: said once for all its rows.
    table: str = ""
    table_notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionDraft:
    """A query of a test collection, and the documents judged for it by their ids there, with grades of 0 to 3."""

    source: str
    id: str
    query: str
    corpus: str
    judged: tuple[tuple[str, int], ...] = ()


def refused(source: str, error: InvalidInput) -> Rejected:
    """Why nothing became of a source, without its name a second time."""
    reason = str(error)
    if reason.startswith(f"{source}: "):
        reason = reason.removeprefix(f"{source}: ")
        return Rejected(source, reason[:1].upper() + reason[1:])
    if reason.startswith(f"{source} "):
        return Rejected(source, f"It {reason.removeprefix(f'{source} ')}")
    return Rejected(source, reason)


Item = Draft | QuestionDraft | Rejected
# Reads one file or folder; the second argument is how messages call it.
Reader = Callable[[Path, str], Iterator[Item]]
