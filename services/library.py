"""Keeping scripts and questionnaires: save, delete, bring back."""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, replace

from services.domain.history import Binned
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire, make_questionnaire
from services.domain.scripts import Record, Script
from services.errors import EmbedderFailed, IdTaken, InvalidQuestionnaire, NotFound, RecordMoved
from services.ground import text
from services.ports import Catalogue, Embedder, QuestionnaireStore, RecordStore
from services.vectors import embed, recipe_of, still_fit


@dataclass(frozen=True)
class Saved:
    """A script that is safely stored; ``warning`` says why it cannot be retrieved yet, where it cannot."""

    record: Record
    created: bool
    warning: str = ""


def save(  # noqa: PLR0913  what a save may start from
    script: Script,
    *,
    base: str | None,
    store: RecordStore,
    embedder: Embedder,
    known: Record | None = None,
    purpose: str = "",
) -> Saved:
    """Store a script with fresh vectors, or with those of ``known`` where they fit.

    ``base`` is the digest of the record that the edit started from, None for a new script. A model that cannot be
    reached does not stop a save: the script is stored without vectors and says so.

    Raises:
        IdTaken: a new script whose id another one has.
        RecordMoved: the record is no longer the one that the edit started from.
        WorkspaceBusy, StorageFailed: nothing was stored.
    """
    catalogue = store.catalogue()
    _check_base(catalogue, script, base)
    record, warning = _with_vectors(script, (catalogue.records.get(script.id), known), embedder)
    with store.writing(purpose or f"saving '{script.id}'"):
        # Again, now that nobody else writes: embedding took its time.
        _check_base(store.catalogue(), script, base)
        stored = store.put([record])
    return Saved(stored[0], base is None, " ".join(filter(None, (warning, store.lagging))))


def delete(script_id: str, base: str | None = None, *, store: RecordStore) -> None:
    """Move a script to the bin; with ``base``, only if it is still the record of that digest.

    Raises ``NotFound``, ``RecordMoved``, ``WorkspaceBusy``, ``StorageFailed``.
    """
    with store.writing(f"deleting '{script_id}'"):
        present = store.catalogue().records.get(script_id)
        if base is not None and present is not None and present.digest != base:
            raise RecordMoved(
                f"'{present.script.title}' was changed by somebody else just now.", "Read it once more, then delete it."
            )
        store.discard(script_id)


def restore(script_id: str, digest: str = "", *, store: RecordStore) -> Saved:
    """Bring a script back from the bin: the one deleted last under this id, or the one whose digest begins so.

    Raises ``NotFound``, ``IdTaken``, ``WorkspaceBusy``, ``StorageFailed``.
    """
    with store.writing(f"bringing back '{script_id}'"):
        record = store.recover(script_id, digest)
    return Saved(record, created=False, warning=store.lagging)


def restore_as_another(script_id: str, digest: str, *, store: RecordStore, embedder: Embedder) -> Saved:
    """Bring a script back from the bin beside the one that has its id by now, under a free id.

    Raises ``NotFound``, ``InvalidYaml``, ``InvalidRecord``, ``IdTaken``, ``WorkspaceBusy``, ``StorageFailed``.
    """
    kept = store.in_bin(script_id, digest)
    another = id_beside(script_id, store)
    script = replace(kept.script, id=another)
    record, warning = _with_vectors(script, (kept,), embedder)
    with store.writing(f"bringing back '{script_id}' as '{another}'"):
        _check_base(store.catalogue(), script, None)
        stored = store.put([record])
        # Stored first: a kill in between leaves both.
        store.throw_away([one for one in store.binned() if (one.id, one.digest) == (script_id, digest)])
    return Saved(stored[0], created=True, warning=" ".join(filter(None, (warning, store.lagging))))


def id_beside(script_id: str, store: RecordStore) -> str:
    """A free id like this one, which no script and nothing in the bin has."""
    return free_id(script_id, store.catalogue(), {one.id for one in store.binned()})


def restore_version(
    version: Record, *, base: str | None, store: RecordStore, embedder: Embedder, purpose: str
) -> Saved:
    """Save a version of a script once more; where its file cannot be read by now, in place of that.

    What the file holds is kept in the bin. ``base`` as for ``save``.

    Raises:
        NotFound, RecordMoved: the record is no longer the one that was looked at.
        WorkspaceBusy, StorageFailed: nothing was stored.
    """
    script = version.script
    catalogue = store.catalogue()
    if script.id not in catalogue.damaged:
        return save(script, base=base, store=store, embedder=embedder, known=version, purpose=purpose)
    record, warning = _with_vectors(script, (catalogue.records.get(script.id), version), embedder)
    with store.writing(purpose):
        present = store.catalogue().records.get(script.id)
        if (present.digest if present else None) != base:
            raise RecordMoved(
                f"'{script.title}' was changed by somebody else just now.", "Look at its history once more."
            )
        stored = store.replace_damaged(record)
    return Saved(stored, created=False, warning=" ".join(filter(None, (warning, store.lagging))))


def empty_bin(thrown: Collection[tuple[str, str]], *, store: RecordStore) -> list[Binned]:
    """Delete records from the bin, each named by its id and digest. What is gone already is passed over.

    Raises ``WorkspaceBusy``, ``StorageFailed``.
    """
    with store.writing("emptying the bin"):
        found = [binned for binned in store.binned() if (binned.id, binned.digest) in thrown]
        store.throw_away(found)
    return found


def free_id(title: str, taken: Catalogue, also: Collection[str] = ()) -> str:
    """An id for a new script: the slug of its title, numbered where that is taken, or among ``also``."""
    return _numbered(title, "script", taken.records, taken.damaged, also)


def _numbered(title: str, otherwise: str, *taken: Container[str]) -> str:
    base = text.slug(title, otherwise=otherwise)[: text.MAX_SLUG - 6].strip("-")
    number, candidate = 1, base
    while any(candidate in ids for ids in taken):
        number += 1
        candidate = f"{base}-{number}"
    return candidate


def save_questionnaire(
    questionnaire: Questionnaire, *, store: RecordStore, questionnaires: QuestionnaireStore
) -> Questionnaire:
    """Store a questionnaire; one without an id gets the slug of its title.

    Raises:
        InvalidQuestionnaire: it has no title, or asks nothing.
        WorkspaceBusy, StorageFailed: nothing was stored.
    """
    if not questionnaire.title:
        raise InvalidQuestionnaire("The questionnaire has no title.", "Give it one to find it by.")
    if questionnaire.is_empty:
        raise InvalidQuestionnaire("The questionnaire asks nothing.", "Fill in at least the focus area.")
    with store.writing("saving a questionnaire"):
        chosen = questionnaire
        if not chosen.id:
            chosen = replace(chosen, id=_free_questionnaire_id(chosen.title, questionnaires))
        questionnaires.put(make_questionnaire(**vars(chosen)))
    return chosen


def delete_questionnaire(questionnaire_id: str, *, store: RecordStore, questionnaires: QuestionnaireStore) -> None:
    """Delete a questionnaire. Raises ``NotFound``, ``WorkspaceBusy``, ``StorageFailed``."""
    with store.writing("deleting a questionnaire"):
        questionnaires.remove(questionnaire_id)


def _free_questionnaire_id(title: str, questionnaires: QuestionnaireStore) -> str:
    known, broken = questionnaires.all()
    damaged = {b.path.removeprefix("questionnaires/").removesuffix(".yaml") for b in broken}
    return _numbered(title, "questionnaire", known, damaged)


def _check_base(catalogue: Catalogue, script: Script, base: str | None) -> None:
    present = catalogue.records.get(script.id)
    if base is None:
        if present is not None or script.id in catalogue.damaged:
            raise IdTaken(f"There is a script '{script.id}' already.", "Choose another title or id.")
        return
    if any(b.path == f"records/{script.section}/{script.id}.yaml" for b in catalogue.broken):
        raise IdTaken(
            f"Another file stands where '{script.id}' would be kept in '{script.section}'.",
            "Mend or remove that file; the health page says what is wrong with it.",
        )
    if present is None:
        raise NotFound(
            f"'{script.id}' was deleted meanwhile.", "What you typed is still here: save it as a new script to keep it."
        )
    if present.digest != base:
        raise RecordMoved(
            f"'{present.script.title}' was changed by somebody else while you were editing.",
            "What you typed is still here: compare the two and save again.",
        )


def _with_vectors(script: Script, known: Sequence[Record | None], embedder: Embedder) -> tuple[Record, str]:
    for record in known:
        if record is not None and still_fit(record, script, Stamp.of(recipe_of(embedder))):
            return Record(script, record.vectors), ""
    try:
        return Record(script, embed([script], embedder)[0]), ""
    except EmbedderFailed as error:
        return Record(script), f"It is saved, but cannot be retrieved yet: {error}"
