"""A script, and the record that keeps it together with its vectors."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from services.domain.model_digest import Stamp
from services.domain.passages import Passage
from services.errors import InvalidRecord
from services.ground import digests, text

Vectors = npt.NDArray[np.float32]
MAX_TITLE = 200
MAX_TEXT = 5_000_000


class Status(StrEnum):
    """Where a script stands. Only approved scripts are retrieved unless the question asks for others."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


@dataclass(frozen=True)
class Script:
    """One exemplar. Build it with ``make_script``, which normalises and checks what somebody typed."""

    id: str
    section: str
    title: str
    text: str
    situation: str = ""
    focus_areas: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    person: str = ""
    author: str = ""
    language: str = "en"
    status: Status = Status.APPROVED
    source_id: str = ""

    @cached_property
    def digest(self) -> str:
        """The content digest: over every field, in a canonical spelling."""
        return digests.of_value(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Every field under its name, as JSON values."""
        return {
            "id": self.id,
            "section": self.section,
            "title": self.title,
            "situation": self.situation,
            "focus_areas": list(self.focus_areas),
            "techniques": list(self.techniques),
            "person": self.person,
            "author": self.author,
            "language": self.language,
            "status": self.status.value,
            "source_id": self.source_id,
            "text": self.text,
        }

    def passage_text(self, passage: Passage, card: str) -> str:
        """What a passage says: the card by its template, or the piece of the body."""
        if passage.kind == "body":
            return self.text[passage.start : passage.end]
        filled = card.format(title=self.title, situation=self.situation, focus_areas=", ".join(self.focus_areas))
        return filled.strip()

    @property
    def words(self) -> int:
        """Number of words in the body."""
        return len(self.text.split())


def make_script(  # noqa: PLR0913  one argument a field
    *,
    id: str,  # noqa: A002  the field's name
    section: str,
    title: str,
    text: str,
    situation: str = "",
    focus_areas: tuple[str, ...] = (),
    techniques: tuple[str, ...] = (),
    person: str = "",
    author: str = "",
    language: str = "en",
    status: str = Status.APPROVED,
    source_id: str = "",
) -> Script:
    """Normalise and check the fields of a script.

    Raises:
        InvalidRecord: no slug as id, no title, no text, an unknown status, or a field that is too long.
    """
    script = Script(
        id=id,
        section=section,
        title=_one_line(title),
        text=_body(text),
        situation=_one_line(situation),
        focus_areas=_labels(focus_areas),
        techniques=_labels(techniques),
        person=_one_line(person),
        author=_one_line(author),
        # Empty fields are not written, and this one has a default to be read back as.
        language=_one_line(language) or "en",
        status=_status(status),
        source_id=_one_line(source_id),
    )
    _check(script)
    return script


def _check(script: Script) -> None:
    if not text.is_slug(script.id):
        raise InvalidRecord(
            f"'{script.id[:80]}' cannot be an id.", "Use lower-case letters, digits and single hyphens, 80 at most."
        )
    if not script.title:
        raise InvalidRecord("The script has no title.", "Give it one.")
    if len(script.title) > MAX_TITLE:
        raise InvalidRecord(f"The title has {len(script.title)} characters.", f"Keep it under {MAX_TITLE}.")
    if not script.text.strip():
        raise InvalidRecord(f"'{script.title[:80]}' has no text.", "Write or paste the script's words.")
    if len(script.text) > MAX_TEXT:
        raise InvalidRecord(
            f"'{script.title[:80]}' has {len(script.text):,} characters.", f"Split it below {MAX_TEXT:,}."
        )


def _one_line(value: str) -> str:
    return text.one_line(value)


def _body(value: str) -> str:
    return text.normalise(value)


def _labels(values: tuple[str, ...]) -> tuple[str, ...]:
    """Labels in lower case, in the order given, each once."""
    lowered = (text.one_line(value).lower() for value in values)
    return tuple(dict.fromkeys(label for label in lowered if label))


def _status(value: str) -> Status:
    try:
        return Status(value)
    except ValueError:
        known = ", ".join(status.value for status in Status)
        raise InvalidRecord(f"'{value[:40]}' is not a status.", f"Use one of: {known}.") from None


@dataclass(frozen=True, eq=False)
class VectorSet:
    """The vectors of one script: ``values`` is ``float32[p, d]``, row i belongs to ``passages[i]``."""

    stamp: Stamp
    passages: tuple[Passage, ...]
    values: Vectors


@dataclass(frozen=True, eq=False)
class Record:
    """A script as it is kept: with its vectors, or with the reason why it has none that can be used."""

    script: Script
    vectors: VectorSet | None = None
    vectors_problem: str = ""
    # The digest of the file's bytes; empty until the record is stored.
    digest: str = field(default="", compare=False)


@dataclass(frozen=True)
class BrokenRecord:
    """A file among the records that cannot be used, and what to do about it."""

    path: str
    cause: str
    next_step: str
