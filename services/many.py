"""Changing many scripts at once: one commit, one manifest, and one step back.

Each script is changed only if it is still the one that was selected; the others are left as they are and named.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.domain.model_digest import Stamp
from services.domain.scripts import Record, Script, Status, VectorSet, make_script
from services.errors import InvalidInput, RecordMoved
from services.ground.progress import Report, silent
from services.ports import Catalogue, Embedder, RecordStore
from services.vectors import DEFAULT_POLICY, embed, recipe_of

_MOVED = "It was changed by somebody else meanwhile."
_GONE = "It was deleted meanwhile."


@dataclass(frozen=True)
class Change:
    """What becomes of each script; what is empty or None stays as it is."""

    section: str = ""
    status: Status | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.section or self.status or self.add or self.remove)

    def of(self, script: Script) -> Script:
        """The script as it becomes."""
        given = {name: getattr(script, name) for name in script.as_json()}
        removed = {label.strip().lower() for label in self.remove}
        kept = tuple(area for area in script.focus_areas if area not in removed)
        given["focus_areas"] = (*kept, *self.add)
        given["section"] = self.section or script.section
        given["status"] = self.status or script.status
        return make_script(**given)


@dataclass(frozen=True)
class Left:
    """A script that was left as it is, and why."""

    id: str
    title: str
    reason: str


@dataclass(frozen=True, eq=False)
class Many:
    """What became of a selection. ``before`` and ``after`` are what a way back needs."""

    # The changed records as they were, and the digest of each as it is now; empty for a deleted one.
    before: Mapping[str, Record] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    warning: str = ""

    @property
    def changed(self) -> int:
        """How many are another than before."""
        return len(self.before)


def change_many(  # noqa: PLR0913  what, of which, and with what
    change: Change,
    bases: Mapping[str, str],
    *,
    sections: Collection[str],
    store: RecordStore,
    embedder: Embedder,
    report: Report = silent,
    kept: Mapping[str, str] | None = None,
) -> Many:
    """Change these scripts, named by id with the digest of the record that was selected.

    Vectors stay where the text that they were made of stays: no model is asked for another section or status, and for
    other focus areas only for the cards.

    ``kept``: scripts, named alike, in whose favour the others are changed. Where one of them is not what was looked at
    any more, or not in use, nothing is changed: two people who each keep another copy must not retire both.

    Raises:
        RecordMoved: a script that was to be kept was changed, retired or deleted meanwhile; nothing was changed.
        InvalidInput: nothing is to be changed, or into a section that does not exist.
        EmbedderFailed: a card could not be embedded; nothing was changed.
        WorkspaceBusy, StorageFailed: what was stored before a full disk stays stored, each script whole.
    """
    if change.is_empty:
        raise InvalidInput("Nothing is to be changed.", "Choose a section, a status or focus areas.")
    if change.section and change.section not in sections:
        raise InvalidInput(f"There is no section '{change.section[:80]}'.", "Choose one of the workspace's sections.")
    catalogue = store.catalogue()
    wanted = {i: change.of(r.script) for i, r in catalogue.records.items() if bases.get(i) == r.digest}
    changed = {i: script for i, script in wanted.items() if script != catalogue.records[i].script}
    made = _with_vectors({i: (catalogue.records[i], script) for i, script in changed.items()}, embedder, report)
    with store.writing(f"changing {len(bases):,} scripts"):
        now = store.catalogue()
        _still_there(kept or {}, catalogue, now)
        left = _left(bases, catalogue, now, change)
        these = [record for i, record in made.items() if i not in left]
        before = {r.script.id: now.records[r.script.id] for r in these}
        stored = store.put(these, lambda done, total: report("Saving", done, total)) if these else []
    unchanged = tuple(i for i in wanted if i not in changed and i not in left)
    return Many(before, {r.script.id: r.digest for r in stored}, unchanged, tuple(left.values()), store.lagging)


def delete_many(bases: Mapping[str, str], *, store: RecordStore) -> Many:
    """Move these scripts to the bin. Raises ``WorkspaceBusy``, ``StorageFailed``."""
    with store.writing(f"deleting {len(bases):,} scripts"):
        now = store.catalogue()
        left = _left(bases, now, now, Change())
        before = {i: now.records[i] for i in bases if i not in left}
        store.discard_all(tuple(before))
    return Many(before, dict.fromkeys(before, ""), (), tuple(left.values()), store.lagging)


def undo_many(done: Many, *, store: RecordStore, sections: Sequence[str], report: Report = silent) -> Many:
    """Bring the scripts back as they were before a change or a delete; those changed since are left and named.

    Raises ``WorkspaceBusy``, ``StorageFailed``.
    """
    with store.writing(f"undoing a change of {done.changed:,} scripts"):
        now = store.catalogue()
        back = {i: r for i, r in done.before.items() if i in done.after}
        left = {i: why for i, r in back.items() if (why := _not_undone(r, done.after[i], now, sections))}
        deleted = {i: back[i].digest for i in back if not done.after[i] and i not in left}
        for script_id, reason in store.recover_all(deleted).items():
            left[script_id] = Left(script_id, back[script_id].script.title, reason)
        changed = [r for i, r in back.items() if done.after[i] and i not in left]
        if changed:
            store.put(changed, lambda done, total: report("Saving", done, total))
    after = {i: r.digest for i, r in back.items() if i not in left}
    return Many({i: back[i] for i in after}, after, (), tuple(left.values()), store.lagging)


def _still_there(kept: Mapping[str, str], read: Catalogue, now: Catalogue) -> None:
    for script_id, base in kept.items():
        record = now.records.get(script_id)
        if record is None:
            what = "was deleted meanwhile"
        elif record.script.status is Status.RETIRED:
            what = "is retired"
        elif record.digest != base:
            what = "was changed by somebody else meanwhile"
        else:
            continue
        seen = record or read.records.get(script_id)
        cause = f"Nothing was changed: '{seen.script.title if seen else script_id}', which was to be kept, {what}."
        raise RecordMoved(cause, "Look at these scripts once more.")


def _left(bases: Mapping[str, str], read: Catalogue, now: Catalogue, change: Change) -> dict[str, Left]:
    """Those that cannot be changed, with the reason."""
    broken = {b.path for b in now.broken}
    found: dict[str, Left] = {}
    for script_id, base in bases.items():
        record = now.records.get(script_id)
        seen = read.records.get(script_id) or record
        title = seen.script.title if seen else script_id
        if record is None:
            found[script_id] = Left(script_id, title, _GONE)
        elif record.digest != base:
            found[script_id] = Left(script_id, title, _MOVED)
        elif change.section and f"records/{change.section}/{script_id}.yaml" in broken:
            reason = f"A damaged file stands where it would be kept in '{change.section}'; Health says what is wrong."
            found[script_id] = Left(script_id, title, reason)
    return found


def _not_undone(before: Record, after: str, now: Catalogue, sections: Sequence[str]) -> Left | None:
    script, present = before.script, now.records.get(before.script.id)
    place = f"records/{script.section}/{script.id}.yaml"
    reason = ""
    if not after and present is not None:
        reason = "A script with its id exists again."
    elif after and present is None:
        reason = "It was deleted since."
    elif after and present is not None and present.digest != after:
        reason = "It was changed again since."
    elif script.section not in sections:
        reason = f"The workspace has no section '{script.section}' any more."
    elif any(b.path == place for b in now.broken):
        reason = "A damaged file stands where it was; Health says what is wrong."
    return Left(script.id, script.title, reason) if reason else None


def _with_vectors(wanted: Mapping[str, tuple[Record, Script]], embedder: Embedder, report: Report) -> dict[str, Record]:
    """The changed records, in the order given: with the vectors they have, another card, or new ones."""
    kept = {i: replace(r, script=s, digest="") for i, (r, s) in wanted.items() if _fits(r, s)}
    rest = {i: pair for i, pair in wanted.items() if i not in kept}
    stamp = Stamp.of(recipe_of(embedder)) if rest else None
    cards = {i: (r, s) for i, (r, s) in rest.items() if r.vectors is not None and r.vectors.stamp == stamp}
    others = [s for i, (_, s) in rest.items() if i not in cards]
    made = {s.id: Record(s, v) for s, v in zip(others, _embed(others, embedder, report), strict=True)}
    made |= _other_cards(list(cards.values()), embedder, report)
    return {i: kept[i] if i in kept else made[i] for i in wanted}


def _embed(scripts: Sequence[Script], embedder: Embedder, report: Report) -> list[VectorSet]:
    return embed(scripts, embedder, _told(report)) if scripts else []


def _other_cards(pairs: Sequence[tuple[Record, Script]], embedder: Embedder, report: Report) -> dict[str, Record]:
    """The body's vectors stay: only what the card says is another."""
    if not pairs:
        return {}
    card = DEFAULT_POLICY.card
    sets = [r.vectors for r, _ in pairs if r.vectors is not None]
    texts = [s.passage_text(v.passages[0], card) for (_, s), v in zip(pairs, sets, strict=True)]
    values = embedder.embed_documents(texts, _told(report))
    made = {}
    for (_, script), old, first in zip(pairs, sets, values, strict=True):
        made[script.id] = Record(script, replace(old, values=np.concatenate([first[None, :], old.values[1:]])))
    return made


def _told(report: Report) -> Callable[[int, int], None]:
    return lambda done, total: report("Embedding", done, total)


def _fits(record: Record, script: Script) -> bool:
    """Whether the vectors, or their absence, are the same for both: neither the text nor what the card says changes."""
    card = DEFAULT_POLICY.card
    before = record.script
    if record.vectors is None:
        # Nothing was made, and nothing that is changed here has kept it from being made.
        return True
    first = record.vectors.passages[0]
    return before.text == script.text and before.passage_text(first, card) == script.passage_text(first, card)
