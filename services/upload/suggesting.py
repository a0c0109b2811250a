"""What a draft leaves open, completed by what is nearest to it in the library."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from services.domain.drafts import Draft
from services.domain.model_digest import Stamp
from services.domain.passages import Passage, cut
from services.domain.scripts import MAX_TEXT, Script, VectorSet
from services.domain.settings import Settings
from services.ground import text
from services.importing.stored import Stored
from services.nearness import Nearness
from services.ports import Catalogue, Embedder
from services.upload.carried import Bodies
from services.upload.vectors import Known
from services.vectors import recipe_of

# Suggested focus areas above this are set, the others only named.
SURE = 0.5
_MOST_AREAS = 3


@dataclass(frozen=True)
class Corpus:
    """What an upload is compared with. ``near`` makes what takes seconds at ten thousand scripts: for a review only."""

    settings: Settings
    catalogue: Catalogue
    near: Callable[[], Nearness]

    @property
    def nearness(self) -> Nearness:
        """How near scripts are to one another."""
        return self.near()


def bodies_of(drafts: Mapping[int, Draft], embedder: Embedder) -> dict[int, dict[tuple[int, int], str]]:
    """The body passages of each draft, by where they begin and end; none of what no script can be."""
    policy, found = recipe_of(embedder).passages, {}
    for number, draft in drafts.items():
        body = text.normalise(draft.text) if len(draft.text) <= MAX_TEXT else ""
        spans = cut(body, policy, embedder.count_tokens) if body.strip() else ()
        found[number] = {(p.start, p.end): body[p.start : p.end] for p in spans if p.kind == "body"}
    return found


class Suggester:
    """Completes what drafts leave open by what is nearest to them in the library."""

    def __init__(self, corpus: Corpus, embedder: Embedder, known: Known, bodies: Bodies, stored: Stored) -> None:
        self._corpus = corpus
        self._embedder = embedder
        self._known = known
        self._bodies = bodies
        self._stored = stored
        self._stamp = Stamp.of(recipe_of(embedder))
        records = corpus.catalogue.records.values()
        self._by_text = {r.script.text: r.script for r in records}
        self._by_source = {r.script.source_id: r.script for r in records if r.script.source_id}
        # How sure each section is, and what focus areas are near, by row number.
        self.sureness: dict[int, float] = {}
        self.areas: dict[int, tuple[tuple[str, float], ...]] = {}
        # Sections that sources state and the workspace has not.
        self.unknown: dict[int, str] = {}

    def completed(self, number: int, draft: Draft) -> Draft:
        """The draft with a section in any case, and with focus areas where it is new and states none."""
        vectors = self._vectors(number)
        if vectors is None:
            # No words: the planner says so, whatever the section.
            return replace(draft, section=self._corpus.settings.sections[0])
        same = self._same(draft)
        section = self._stated(number, draft)
        if not section and same is not None:
            section = same.section
        if not section:
            found = self._corpus.nearness.section(vectors)
            section = found.value if found else self._corpus.settings.sections[0]
            self.sureness[number] = found.sureness if found else 0.0
        draft = replace(draft, section=section)
        return draft if same is not None or "focus_areas" in draft.stated else self._with_areas(number, draft, vectors)

    def _stated(self, number: int, draft: Draft) -> str:
        """The section that the source states, where the workspace has it; else that of its folder."""
        sections, stated = self._corpus.settings.sections, text.one_line(draft.section).lower()
        if stated and stated not in sections:
            self.unknown[number] = stated
        return stated if stated in sections else (draft.folder if draft.folder in sections else "")

    def _with_areas(self, number: int, draft: Draft, vectors: VectorSet) -> Draft:
        near = self._corpus.nearness.focus_areas(vectors)[: _MOST_AREAS * 2]
        self.areas[number] = tuple((one.value, one.sureness) for one in near)
        sure = tuple(one.value for one in near if one.sureness >= SURE)[:_MOST_AREAS]
        return replace(draft, stated={**draft.stated, "focus_areas": sure}) if sure else draft

    def _same(self, draft: Draft) -> Script | None:
        """The stored script that this draft is likely to be: by its id, its words, or its title and enough words."""
        records = self._corpus.catalogue.records
        if draft.id in records:
            return records[draft.id].script
        by_source = self._by_source.get(draft.id or draft.stated.get("source_id", ""))
        body, title = text.normalise(draft.text), text.one_line(draft.title) or text.one_line(draft.fallback_title)
        found = by_source or self._by_text.get(body)
        if found or draft.id or not title:
            return found
        return self._stored.edited(title, body, self._corpus.settings.sections)

    def _vectors(self, number: int) -> VectorSet | None:
        spans = self._bodies[number]
        if not spans:
            return None
        passages, known = tuple(Passage("body", start, end) for start, end in spans), self._known.of(number)
        return VectorSet(self._stamp, passages, np.stack([known[t] for t in spans.values()]))
