"""What is stored, by everything that a script is recognised by."""

import re
from collections.abc import Iterable
from typing import TypeAlias

from services.domain.scripts import Script
from services.ground import text
from services.importing.namesakes import Namesakes
from services.ports import Catalogue

# As long a slug of a title is an id: room for a number or a short digest behind it.
LONGEST = text.MAX_SLUG - 10
_NUMBERED = re.compile(r"(.+)-(?:[2-9]|[1-9][0-9]+)")

# Section, title and text.
Words: TypeAlias = tuple[str, str, str]


class Stored:
    """The stored scripts. Made once for a catalogue: it reads every text."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.records = catalogue.records
        # Files that cannot be read keep their names until somebody has mended them.
        self.damaged = catalogue.damaged
        scripts = [record.script for record in catalogue.records.values()]
        self.by_source = {(s.section, s.source_id): s.id for s in scripts if s.source_id}
        self.anywhere = {s.source_id: s.id for s in scripts if s.source_id}
        self.same_words = {words_of(s): s.id for s in scripts}
        self.same_text: dict[tuple[str, str], list[str]] = {}
        self._by_title: dict[tuple[str, str], list[Script]] = {}
        self._by_base: dict[tuple[str, str], list[Script]] = {}
        self._namesakes: dict[tuple[str, str], Namesakes] = {}
        for s in scripts:
            self.same_text.setdefault((s.section, s.text), []).append(s.id)
            self._by_title.setdefault((s.section, s.title), []).append(s)
            for base in _bases(s.id):
                self._by_base.setdefault((s.section, base), []).append(s)

    def namesakes(self, section: str, title: str) -> Namesakes:
        """The scripts of a section whose ids were made of this title, or of one that makes the same id.

        Only those of the very title where the slug leaves part of it out, as of a Chinese one.
        """
        base, whole = base_of(title)
        key = (section, base if whole else title)
        if key not in self._namesakes:
            if whole:
                found = [s for s in self._by_base.get(key, ()) if _made_of(s, base)]
            else:
                found = [s for s in self._by_title.get(key, ()) if base in _bases(s.id)]
            self._namesakes[key] = Namesakes(found)
        return self._namesakes[key]

    def namesake(self, script: Script) -> str:
        """The title of a stored script of this section and title, preferably written the same; empty without one."""
        titles = [one.title for one in self.namesakes(script.section, script.title).scripts]
        return script.title if script.title in titles else next(iter(titles), "")

    def edited(self, title: str, body: str, sections: Iterable[str]) -> Script | None:
        """The stored script of this title that a text is an edit of, in the first of the sections that has one."""
        for section in sections:
            namesakes = self.namesakes(section, title)
            found = namesakes.edited([body], [s.id for s in namesakes.scripts]).get(body)
            if found:
                return self.records[found].script
        return None


def words_of(script: Script) -> Words:
    """By what a script is the same word for word."""
    return script.section, script.title, script.text


def base_of(title: str) -> tuple[str, bool]:
    """The id of a title before it is numbered, and whether nothing of the title is left out of it."""
    return text.slug(title, otherwise="script")[:LONGEST].strip("-"), text.slug_is_whole(title, LONGEST)


def _bases(script_id: str) -> tuple[str, ...]:
    """What an id may have been made of: itself, or what it is a number of."""
    numbered = _NUMBERED.fullmatch(script_id)
    return (script_id, numbered[1]) if numbered else (script_id,)


def _made_of(script: Script, base: str) -> bool:
    """Whether the id was made of such a title, as far as can be told.

    ``session-2`` may be the second "Session" or the first "Session 2"; the title says which. Where a person has given
    it quite another one since, it may be either.
    """
    own, whole = base_of(script.title)
    return whole if own == base else own not in _bases(script.id)
