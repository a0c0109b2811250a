"""Which script a draft is: one that is stored already, or a new one with an id of its own."""

from collections.abc import Iterable

from services.domain.drafts import Draft
from services.domain.scripts import Script
from services.ground import digests, text
from services.ports import Catalogue

# Room for a number or a short digest behind a slug.
_ROOM = 10
_SHORT = 8
# As long a slug of a title is an id.
_LONGEST = text.MAX_SLUG - _ROOM


class Stored:
    """What is stored, by everything that a script is recognised by. Made once for a catalogue: it reads every text."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.records = catalogue.records
        # Files that cannot be read keep their names until somebody has mended them.
        self.damaged = {b.path.rpartition("/")[2].removesuffix(".yaml") for b in catalogue.broken}
        scripts = [record.script for record in catalogue.records.values()]
        self.by_source = {(s.section, s.source_id): s.id for s in scripts if s.source_id}
        self.anywhere = {s.source_id: s.id for s in scripts if s.source_id}
        self.same_words = {_words(s): s.id for s in scripts}
        self.same_text: dict[tuple[str, str], list[str]] = {}
        self.by_title: dict[tuple[str, str], list[str]] = {}
        for s in scripts:
            self.same_text.setdefault((s.section, s.text), []).append(s.id)
            self.by_title.setdefault((s.section, s.title), []).append(s.id)


class Identities:
    """Finds and gives out ids during one import. The same sources always get the same ids.

    A script is recognised by its id, by the id it has at its source, by being the same word for word, or, where its
    source gives it no id, by the slug of its title within its section; by the title itself where the slug leaves part
    of it out. Where its source gives it no title either, the same text is enough: a person may have given it a better
    title since.
    """

    def __init__(self, stored: Stored, drafts: Iterable[Draft]) -> None:
        self._stored = stored
        # Whoever was given a slug keeps it, wherever in the import it comes.
        self._wanted = {draft.id for draft in drafts if text.is_slug(draft.id)}
        self._claimed: set[str] = set()
        # Of this import.
        self._new_words: dict[tuple[str, str, str], str] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def given(self, key: str, section: str, *, corpus: bool) -> tuple[str, str]:
        """The id for an id that a source gives, and what to keep as ``source_id``, empty where the two are equal.

        With ``corpus`` the given id means something within the section only: an equal one elsewhere is another script.
        """
        if text.is_slug(key):
            stored = self._stored.records.get(key)
            own = stored is None or (stored.script.section == section and stored.script.source_id in ("", key))
            if own or not corpus:
                return self._claim(key), ""
        known = self._stored.by_source.get((section, key)) or ("" if corpus else self._stored.anywhere.get(key, ""))
        if known:
            return self._claim(known), key
        made = text.slug(key, otherwise="script")
        if made in self._stored.records or made in self._claimed or made in self._wanted or self.damaged(made):
            distinct = digests.of_value([section if corpus else "", key])[:_SHORT]
            made = f"{made[:_LONGEST].strip('-')}-{distinct}"
        return self._claim(made), key

    def at_source(self, source_id: str, section: str) -> str:
        """The stored script that has this id at its source; empty if there is none."""
        known = self._stored.by_source.get((section, source_id)) or self._stored.anywhere.get(source_id, "")
        return self._claim(known) if known else ""

    def same_words(self, script: Script) -> str:
        """The script with this section, title and text, stored or of this import; empty if there is none."""
        words = _words(script)
        known = self._new_words.get(words) or self._stored.same_words.get(words, "")
        return self._claim(known) if known else ""

    def same_text(self, script: Script) -> str:
        """The one stored script with this section and text that nothing else of this import is; empty otherwise."""
        known = self._stored.same_text.get((script.section, script.text), [])
        return self._claim(known[0]) if len(known) == 1 and known[0] not in self._claimed else ""

    def from_title(self, script: Script) -> str:
        """The slug of the title, numbered past what is another script."""
        base, section = text.slug(script.title, otherwise="script")[:_LONGEST].strip("-"), script.section
        whole = text.slug_is_whole(script.title, _LONGEST)
        known = "" if whole else self._of_this_title(script, base)
        number = self._numbers.get((section, base), 0)
        while not known:
            number += 1
            candidate = base if number == 1 else f"{base}-{number}"
            known = candidate if self._free(candidate, section if whole else "") else ""
            self._numbers[section, base] = number
        # So that the same words again in this import are the same script.
        self._new_words[_words(script)] = known
        return self._claim(known)

    def _of_this_title(self, script: Script, base: str) -> str:
        """The stored script whose id was made of the same title, where the slug alone does not tell; else empty."""
        ids = self._stored.by_title.get((script.section, script.title), ())
        made = (i for i in ids if i == base or (i.startswith(f"{base}-") and i[len(base) + 1 :].isdecimal()))
        return next((i for i in made if i not in self._claimed and i not in self._wanted), "")

    def _free(self, candidate: str, section: str) -> bool:
        """Whether the id is nobody's, or that of a stored script of this section, which is then the one meant."""
        if candidate in self._claimed or candidate in self._wanted or self.damaged(candidate):
            return False
        stored = self._stored.records.get(candidate)
        return stored is None or stored.script.section == section

    def _claim(self, script_id: str) -> str:
        self._claimed.add(script_id)
        return script_id

    def damaged(self, script_id: str) -> bool:
        """Whether there is a file of this id that cannot be read."""
        return script_id in self._stored.damaged


def _words(script: Script) -> tuple[str, str, str]:
    return script.section, script.title, script.text
