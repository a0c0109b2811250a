"""Which script a draft is: one that is stored already, or a new one with an id of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.domain.drafts import Draft
from services.domain.scripts import Script
from services.ground import digests, text
from services.importing.stored import LONGEST, Stored, Words, base_of, words_of

_SHORT = 8


@dataclass(frozen=True)
class Identity:
    """The id of a script, and its id at its source where that is another one.

    ``namesake`` is the title of a stored script whose title it has, and whose words it has not.
    """

    id: str
    source_id: str = ""
    namesake: str = ""


class Identities:
    """Finds and gives out ids during one import. The same sources always get the same ids.

    A script is recognised by its id, by the id it has at its source, by being the same word for word, or, where its
    source gives it no id, by its title within its section and enough words of its text (see ``Namesakes``). Where its
    source gives it no title either, the same text is enough: a person may have given it a better title since.
    """

    def __init__(self, stored: Stored, drafts: Iterable[Draft]) -> None:
        self._stored = stored
        # Whoever was given a slug keeps it, wherever in the import it comes.
        self._wanted = {draft.id for draft in drafts if text.is_slug(draft.id)}
        self._claimed: set[str] = set()
        # Of this import: the same words again are the same script.
        self._new: dict[Words, Identity] = {}
        self._numbers: dict[str, int] = {}

    def identify(self, checked: Sequence[tuple[Draft, Script]]) -> list[Identity]:
        """Who each of them is. What is surest comes first for all, lest a guess takes what another one is."""
        for draft, script in checked:
            if not draft.id:
                self._same_words(script)
        known = [self._known(draft, script) for draft, script in checked]
        edits = self._edits([script for (_, script), found in zip(checked, known, strict=True) if found is None])
        return [found or self._titled(script, edits) for (_, script), found in zip(checked, known, strict=True)]

    def given(self, key: str, section: str, *, corpus: bool) -> Identity:
        """The id for an id that a source gives, which is kept as ``source_id`` where the two are not equal.

        With ``corpus`` the given id means something within the section only: an equal one elsewhere is another script.
        """
        if text.is_slug(key):
            stored = self._stored.records.get(key)
            own = stored is None or (stored.script.section == section and stored.script.source_id in ("", key))
            if own or not corpus:
                return Identity(self._claim(key))
        known = self._stored.by_source.get((section, key)) or ("" if corpus else self._stored.anywhere.get(key, ""))
        if known:
            return Identity(self._claim(known), key)
        made = text.slug(key, otherwise="script")
        if not self._free(made):
            distinct = digests.of_value([section if corpus else "", key])[:_SHORT]
            made = f"{made[:LONGEST].strip('-')}-{distinct}"
        return Identity(self._claim(made), key)

    def _known(self, draft: Draft, script: Script) -> Identity | None:
        """Who it is by more than its title; None where there is no more."""
        if draft.id:
            return self.given(draft.id, script.section, corpus=bool(draft.corpus))
        found = self._at_source(script) or self._same_words(script)
        if not found and not draft.title.strip():
            found = self._same_text(script)
        return Identity(found) if found else None

    def _at_source(self, script: Script) -> str:
        """The stored script that has this id at its source; empty if there is none."""
        key = script.source_id
        known = self._stored.by_source.get((script.section, key)) or self._stored.anywhere.get(key, "")
        return self._claim(known) if key and known else ""

    def _same_words(self, script: Script) -> str:
        """The stored script with this section, title and text; empty if there is none."""
        known = self._stored.same_words.get(words_of(script), "")
        return self._claim(known) if known else ""

    def _same_text(self, script: Script) -> str:
        """The one stored script with this section and text that nothing else of this import is; empty otherwise."""
        known = self._stored.same_text.get((script.section, script.text), [])
        return self._claim(known[0]) if len(known) == 1 and known[0] not in self._claimed else ""

    def _edits(self, scripts: Sequence[Script]) -> dict[Words, str]:
        """Which of these are edits of stored ones of their titles, by their words: all of one title at once."""
        groups: dict[tuple[str, str], list[Script]] = {}
        for script in scripts:
            base, whole = base_of(script.title)
            groups.setdefault((script.section, base if whole else script.title), []).append(script)
        found: dict[Words, str] = {}
        for group in groups.values():
            namesakes = self._stored.namesakes(group[0].section, group[0].title)
            free = [s.id for s in namesakes.scripts if s.id not in self._claimed and s.id not in self._wanted]
            # Of several titles that make one id, the order of the import shall not decide.
            by_text = {s.text: s for s in sorted(group, key=lambda s: s.title, reverse=True)}
            for body, script_id in namesakes.edited(by_text, free).items():
                found[words_of(by_text[body])] = self._claim(script_id)
        return found

    def _titled(self, script: Script, edits: Mapping[Words, str]) -> Identity:
        """The stored script that it is an edit of, or a new one with the slug of its title, numbered."""
        words = words_of(script)
        if words not in self._new:
            if words in edits:
                self._new[words] = Identity(edits[words])
            else:
                self._new[words] = Identity(self._fresh(script.title), "", self._stored.namesake(script))
        return self._new[words]

    def _fresh(self, title: str) -> str:
        base, _ = base_of(title)
        number, made = self._numbers.get(base, 0), ""
        while not made or not self._free(made):
            number += 1
            made = base if number == 1 else f"{base}-{number}"
        self._numbers[base] = number
        return self._claim(made)

    def _free(self, candidate: str) -> bool:
        """Whether the id is nobody's."""
        taken = (self._stored.records, self._claimed, self._wanted, self._stored.damaged)
        return not any(candidate in ids for ids in taken)

    def _claim(self, script_id: str) -> str:
        self._claimed.add(script_id)
        return script_id
