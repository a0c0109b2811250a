"""What an import would do: each draft checked, recognised, and compared with what is stored. Nothing is written."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from services.domain.drafts import LISTS, TEXTS, Draft, QuestionDraft, refused
from services.domain.model_digest import Stamp
from services.domain.reports import Rejected
from services.domain.scripts import Record, Script, VectorSet, make_script
from services.domain.settings import Settings
from services.errors import InvalidInput, InvalidRecord, NotFound
from services.ground import text
from services.importing.identities import Identities, Identity
from services.importing.questions import PlannedQuestion
from services.importing.stored import Stored
from services.ports import Catalogue
from services.vectors import still_fit

_TITLE_WORDS = 8
_OWN = "It has the title of '{title}' and other words, so it is added as a script of its own."


@dataclass(frozen=True, eq=False)
class Planned:
    """A script to write in place of ``stored``; ``vectors`` are there where they need not be made.

    ``brought``: they came along, and are to be proved. ``note`` is a full sentence that a person should read, or empty.
    """

    script: Script
    stored: Record | None
    vectors: VectorSet | None
    source: str
    brought: bool = False
    note: str = ""


@dataclass
class Plan:
    """What to write, and what was found on the way."""

    writes: list[Planned] = field(default_factory=list)
    questions: list[PlannedQuestion] = field(default_factory=list)
    # What is stored already, word for word.
    present: list[Planned] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # The script of each document, by its corpus and its id there.
    documents: dict[tuple[str, str], str] = field(default_factory=dict)
    # Documents that are judged, and are neither in the sources nor stored.
    absent: list[str] = field(default_factory=list)

    @property
    def unchanged(self) -> list[str]:
        """The ids of what is stored already."""
        return [planned.script.id for planned in self.present]


class Planner:
    """Plans imports into one workspace as it is now. ``section`` is for drafts that name none.

    What it has looked at once, the store and each draft, it remembers: a review plans anew with every edit.
    """

    def __init__(self, catalogue: Catalogue, settings: Settings, section: str, stamp: Stamp) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._section = section
        self._stamp = stamp
        self.stored = Stored(catalogue)
        self._seen: dict[str, tuple[Script, str]] = {}
        # By the id of the draft, which is kept beside it, so that no other one ever has this one's id.
        self._made: dict[int, tuple[Draft, Script]] = {}

    def plan(self, drafts: list[Draft], questions: Iterable[QuestionDraft]) -> Plan:
        """The plan for these drafts; documents that are judged but not there get the ids they would have."""
        plan = Plan()
        self._seen = {}
        identities = Identities(self.stored, drafts)
        checked = [pair for draft in drafts if (pair := self._checked(draft, plan)) is not None]
        for (draft, script), identity in zip(checked, identities.identify(checked), strict=True):
            try:
                self._place(draft, script, identity, plan)
            except InvalidInput as error:
                plan.rejected.append(refused(draft.source, error))
        for question in questions:
            for document, _ in question.judged:
                if (question.corpus, document) not in plan.documents:
                    found = identities.given(document, self._section, corpus=True)
                    plan.documents[question.corpus, document] = found.id
                    if found.id not in self._catalogue.records:
                        plan.absent.append(document)
        return plan

    def _checked(self, draft: Draft, plan: Plan) -> tuple[Draft, Script] | None:
        """The draft as a script that has no id yet."""
        if id(draft) in self._made:
            return self._made[id(draft)]
        try:
            return self._made.setdefault(id(draft), (draft, _script(draft, self._section_of(draft))))
        except InvalidInput as error:
            plan.rejected.append(refused(draft.source, error))
            return None

    def _section_of(self, draft: Draft) -> str:
        stated = text.one_line(draft.section).lower()
        if stated:
            return self._settings.check_section(stated)
        stored = self._catalogue.records.get(draft.id)
        folder = draft.folder if draft.folder in self._settings.sections else ""
        found = self._section or folder or (stored.script.section if stored else "")
        if not found:
            raise NotFound(
                "It names no section, and the folder it lies in is none.",
                f"Name one with --section: {', '.join(self._settings.sections)}.",
            )
        return found

    def _place(self, draft: Draft, script: Script, identity: Identity, plan: Plan) -> None:
        found = identity.id
        if found in self.stored.damaged:
            raise InvalidInput(f"A damaged file has the id '{found}'.", "Mend or remove it; a health check names it.")
        stored = self._catalogue.records.get(found)
        final = _merged(draft, script, stored, replace(script, id=found), identity.source_id)
        if draft.corpus:
            plan.documents.setdefault((draft.corpus, draft.id), found)
        if self._twice(draft, final, plan):
            return
        if stored is not None and stored.script == final:
            plan.present.append(Planned(final, stored, stored.vectors, draft.source))
            return
        vectors, brought = self._vectors(draft, script, final, stored)
        note = _OWN.format(title=identity.namesake) if identity.namesake else ""
        plan.writes.append(Planned(final, stored, vectors, draft.source, brought, note))

    def _twice(self, draft: Draft, script: Script, plan: Plan) -> bool:
        """Whether this import has had this id already."""
        first = self._seen.get(script.id)
        if first is None:
            self._seen[script.id] = (script, draft.source)
            return False
        # Two collections of one store may number the same words differently.
        if first[0] == replace(script, source_id=first[0].source_id):
            plan.notes.append(f"{draft.source} is the same script as {first[1]}; it is kept once.")
            return True
        raise InvalidInput(f"{first[1]} has the id '{script.id}' too, with other content.", "Give one another id.")

    def _vectors(
        self, draft: Draft, script: Script, final: Script, stored: Record | None
    ) -> tuple[VectorSet | None, bool]:
        """Vectors that are stored, or that came along, where they would come out the same; and whether they came."""
        if stored is not None and still_fit(stored, final, self._stamp):
            return stored.vectors, False
        fits = still_fit(Record(script, draft.vectors), final, self._stamp)
        return (draft.vectors, True) if fits else (None, False)


def _script(draft: Draft, section: str) -> Script:
    if not draft.text.strip():
        raise InvalidRecord("It has no text.", "Write or paste the script's words.")
    title = draft.title if draft.title.strip() else draft.fallback_title
    if not title.strip():
        title = text.excerpt(draft.text, _TITLE_WORDS)[:100]
    # "script" stands for an id until one is found; everything else is checked now.
    return make_script(id="script", section=section, title=title, text=draft.text, **_stated(draft))


def _stated(draft: Draft) -> dict[str, Any]:
    stated = {key: draft.stated[key] for key in (*TEXTS, *LISTS) if key in draft.stated}
    status = text.one_line(stated.pop("status", "")).lower()
    language = stated.pop("language", "")
    return {**stated, **({"status": status} if status else {}), **({"language": language} if language else {})}


def _merged(draft: Draft, made: Script, stored: Record | None, final: Script, source_id: str) -> Script:
    """The script with what its source does not state taken from the stored one: tags and status outlive an import."""
    kept: dict[str, Any] = {}
    if stored is not None:
        stated = _stated(draft)
        kept = {key: getattr(stored.script, key) for key in (*TEXTS, *LISTS) if key not in stated}
        if not draft.title.strip():
            kept["title"] = stored.script.title
    own = source_id or made.source_id or kept.get("source_id", "")
    return replace(final, **{**kept, "source_id": own})
