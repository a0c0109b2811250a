"""What an upload leaves behind so that it can be undone in one step, long afterwards and by anybody."""

import re
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from services.errors import InvalidYaml
from services.ground import yaml_text

FORMAT = "scriptorium-upload/1"


@dataclass(frozen=True)
class Entry:
    """One script that an upload stored in ``section``: ``after`` is the content digest it got.

    ``before`` are the bytes of the record file that it replaced, ``before_digest`` the content digest of that, and
    ``before_section`` where it lay; all are empty where the script was new. Earlier versions wrote no sections.
    """

    script: str
    title: str
    after: str
    section: str = ""
    before: bytes = b""
    before_digest: str = ""
    before_section: str = ""

    @property
    def home(self) -> str:
        """The section that putting ``before`` back would need; empty where it is not known."""
        return self.before_section or _section_of(self.before)


@dataclass(frozen=True)
class Summary:
    """An upload in one line: its id, when it was, how many scripts were new, and how many replaced what was there."""

    id: str
    made: str
    created: int
    updated: int


@dataclass(frozen=True)
class Upload:
    """One upload: when, and every script that it stored or was about to store when it was cut short."""

    id: str
    made: str
    entries: tuple[Entry, ...]

    @property
    def summary(self) -> Summary:
        """The same in one line."""
        created = sum(not entry.before for entry in self.entries)
        return Summary(self.id, self.made, created, len(self.entries) - created)

    def as_json(self) -> dict[str, Any]:
        """The shape described in ``docs/formats.md``. The entries, which may be long, come last."""
        summary = self.summary
        return {
            "format": FORMAT,
            "id": self.id,
            "made": self.made,
            "created": summary.created,
            "updated": summary.updated,
            "entries": [_as_json(entry) for entry in self.entries],
        }

    @classmethod
    def of_json(cls, value: Any) -> "Upload":
        """The upload in this shape. Raises ``ValueError``, ``TypeError`` or ``KeyError`` where it is none."""
        if value["format"] != FORMAT:
            raise ValueError(f"'{value['format']}' is not {FORMAT}")
        entries = tuple(_of_json(entry) for entry in value["entries"])
        return cls(str(value["id"]), str(value["made"]), entries)


def new_id(made: str) -> str:
    """An id for an upload of this moment; ids of later moments come later in the order of names."""
    return f"{re.sub(r'[^0-9]', '', made)}-{token_hex(3)}"


def _as_json(entry: Entry) -> dict[str, str]:
    texts = {"script": entry.script, "title": entry.title, "after": entry.after, "section": entry.section}
    if not entry.before:
        return texts
    return {
        **texts,
        "before_digest": entry.before_digest,
        "before_section": entry.before_section,
        "before": entry.before.decode("utf-8"),
    }


def _of_json(entry: Any) -> Entry:
    return Entry(
        script=str(entry["script"]),
        title=str(entry["title"]),
        after=str(entry["after"]),
        section=str(entry.get("section", "")),
        before=str(entry.get("before", "")).encode("utf-8"),
        before_digest=str(entry.get("before_digest", "")),
        before_section=str(entry.get("before_section", "")),
    )


def _section_of(record: bytes) -> str:
    """The section that a record file names; empty where it is none."""
    try:
        value = yaml_text.load(record, source="a record that was kept") if record else {}
    except InvalidYaml:
        return ""
    return str(value.get("section", "")) if isinstance(value, dict) else ""
