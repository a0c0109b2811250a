"""What an upload leaves behind so that it can be undone in one step, long afterwards and by anybody."""

import re
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

FORMAT = "scriptorium-upload/1"


@dataclass(frozen=True)
class Entry:
    """One script that an upload stored: ``after`` is the content digest it got.

    ``before`` are the bytes of the record file that it replaced, and ``before_digest`` the content digest of that;
    both are empty where the script was new.
    """

    script: str
    title: str
    after: str
    before: bytes = b""
    before_digest: str = ""


@dataclass(frozen=True)
class Upload:
    """One upload: when, and every script that it stored or was about to store when it was cut short."""

    id: str
    made: str
    entries: tuple[Entry, ...]

    @property
    def created(self) -> int:
        """How many scripts were new."""
        return sum(not entry.before for entry in self.entries)

    @property
    def updated(self) -> int:
        """How many scripts replaced what was there."""
        return len(self.entries) - self.created

    def as_json(self) -> dict[str, Any]:
        """The shape described in ``docs/formats.md``."""
        entries = [
            {
                "script": entry.script,
                "title": entry.title,
                "after": entry.after,
                **(
                    {"before": entry.before.decode("utf-8"), "before_digest": entry.before_digest}
                    if entry.before
                    else {}
                ),
            }
            for entry in self.entries
        ]
        return {"format": FORMAT, "id": self.id, "made": self.made, "entries": entries}

    @classmethod
    def of_json(cls, value: Any) -> "Upload":
        """The upload in this shape. Raises ``ValueError``, ``TypeError`` or ``KeyError`` where it is none."""
        if value["format"] != FORMAT:
            raise ValueError(f"'{value['format']}' is not {FORMAT}")
        entries = tuple(
            Entry(
                str(entry["script"]),
                str(entry["title"]),
                str(entry["after"]),
                str(entry.get("before", "")).encode("utf-8"),
                str(entry.get("before_digest", "")),
            )
            for entry in value["entries"]
        )
        return cls(str(value["id"]), str(value["made"]), entries)


def new_id(made: str) -> str:
    """An id for an upload of this moment; ids of later moments come later in the order of names."""
    return f"{re.sub(r'[^0-9]', '', made)}-{token_hex(3)}"
