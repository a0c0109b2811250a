"""What a review says: one row a script, as it would be stored, with what was noticed. Frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.domain.drafts import Draft
from services.domain.model_digest import Stamp
from services.domain.reports import Rejected
from services.domain.scripts import Record, Script
from services.upload.planning import Plans
from services.upload.vectors import Known


class Fate(StrEnum):
    """What adding a row would do, by the rules of an import."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    # As it was edited, it cannot be stored.
    REFUSED = "refused"


@dataclass(frozen=True)
class Alike:
    """A near-duplicate: a stored script, or another row of the upload.

    ``words`` is the share of words in common, 0 to 1; ``distance`` the cosine distance, NaN where it is not known.
    """

    title: str
    words: float
    distance: float
    script: str = ""
    row: int | None = None


@dataclass(frozen=True)
class Edit:
    """What a person changed in a row; None where it stays as it is."""

    title: str | None = None
    section: str | None = None
    focus_areas: tuple[str, ...] | None = None
    status: str | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """One script of an upload. ``script`` is as it would be stored in place of ``stored``."""

    number: int
    source: str
    script: Script
    stored: Record | None
    fate: Fate
    # Why it cannot be stored, where it cannot.
    problem: str = ""
    # How sure the suggested section is, from 0 to 1; None where the source or the library states it.
    section_sureness: float | None = None
    # Focus areas that the neighbours suggest, the surest first, with how sure; those above a half are set.
    focus_suggested: tuple[tuple[str, float], ...] = ()
    alike: tuple[Alike, ...] = ()
    # That it has the title of a stored script and other words, as a full sentence; empty where it has not.
    namesake: str = ""
    # What else a person should look at, that among it, each a full sentence.
    suspicions: tuple[str, ...] = ()
    # The section that the source states, where the workspace has none of that name.
    unknown_section: str = ""
    # What to look at in its section, as long as nobody has chosen one.
    doubts: tuple[str, ...] = ()
    # Passages of the body that the model reads, and the share of all tokens that it does not.
    parts: int = 0
    unread: float = 0.0

    @property
    def base(self) -> str:
        """The digest of the record that it would replace; empty where it would be new."""
        return self.stored.digest if self.stored else ""

    @property
    def words(self) -> int:
        """Number of words in the body."""
        return self.script.words


@dataclass(frozen=True, eq=False)
class Review:
    """An upload as it would be stored. Nothing of it is stored yet."""

    rows: tuple[Row, ...]
    refused: tuple[Rejected, ...] = ()
    # What a person may want to know and need not mend, such as a script that came twice.
    notes: tuple[str, ...] = ()
    # The drafts behind the rows, by row number, with the suggestions in them.
    drafts: Mapping[int, Draft] = field(default_factory=dict)
    # What was embedded, and the recipe that it was embedded by.
    known: Known = field(default_factory=Known)
    stamp: Stamp | None = None
    plans: Plans = field(default_factory=Plans)

    def count(self, fate: Fate) -> int:
        """Number of rows of this fate."""
        return sum(row.fate is fate for row in self.rows)


@dataclass(frozen=True)
class Added:
    """What an upload did. ``upload`` names it for undoing; empty where nothing was stored."""

    upload: str = ""
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[Rejected, ...] = ()
    # Why the manifest lags behind, where it does.
    warning: str = ""


@dataclass(frozen=True)
class Undone:
    """What undoing an upload did: ids of what went to the bin, of what is as before, and what was left, with why.

    ``waiting``: how many of those that were left can be undone yet, once somebody has mended what stands in the way.
    """

    removed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    left: tuple[Rejected, ...] = ()
    waiting: int = 0
