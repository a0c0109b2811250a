"""What somebody has typed and not saved yet, kept on the server: a reload, a page change or a crash loses nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.domain.scripts import Script

FIELDS = ("title", "text", "section", "status", "situation", "focus_areas", "techniques", "person", "author")
# What nobody has touched for so long is kept, and no longer put before people.
OLD_DAYS = 90
_KEY = re.compile(r"[0-9a-f]{16}")

# Text, or a tuple of labels.
Value = str | tuple[str, ...]


@dataclass(frozen=True)
class Unsaved:
    """An edit under way: what is typed, and the version that it began with.

    ``script`` is the id of the script being edited, empty for a new one; ``base`` the digest of the record that the
    edit began with; ``began`` its fields then, by which a later merge knows who changed what.
    """

    key: str
    script: str
    base: str
    began: Mapping[str, Value]
    fields: Mapping[str, Value]
    # When it was typed, in UTC, as ISO 8601, in which window, and by whom as far as they said.
    typed: str = ""
    window: str = ""
    by: str = ""

    @property
    def title(self) -> str:
        """What to call it; empty where it has no title yet."""
        return str(self.fields["title"]) or str(self.began["title"])

    @property
    def changed(self) -> bool:
        """Whether anything was typed that is not in the version that it began with."""
        return dict(self.fields) != dict(self.began)

    @property
    def is_old(self) -> bool:
        """Whether nobody has touched it for a long time."""
        return datetime.now(UTC) - datetime.fromisoformat(self.typed) > timedelta(days=OLD_DAYS)


def is_key(key: str) -> bool:
    """Whether this may be the key of an edit: nothing else is ever made into a file's name."""
    return _KEY.fullmatch(key) is not None


def fields_of(script: Script | None, section: str = "") -> dict[str, Value]:
    """The fields of a form for this script; those of an empty form where there is none."""
    if script is None:
        empty: dict[str, Value] = dict.fromkeys(FIELDS, "")
        return empty | {"section": section, "status": "approved", "focus_areas": (), "techniques": ()}
    stated: dict[str, Any] = script.as_json()
    return {name: tuple(stated[name]) if isinstance(stated[name], list) else stated[name] for name in FIELDS}
