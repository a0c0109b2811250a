"""Can this workspace be trusted? Puts together what is recorded, what the index proves, and what a check measured.

Asks no model: ``services.health.measure`` does, and what it found is kept. So this is quick enough for a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.domain.checks import Cell, CollectionHealth, Health
from services.domain.model_digest import Stamp, State, compare
from services.domain.scripts import BrokenRecord, Record
from services.domain.settings import Settings, Thresholds
from services.domain.trust import Measured, Measurement, Trust, decide
from services.ground import digests, text
from services.health import cells
from services.ports import Catalogue, VectorIndex
from services.sync import in_sync, wanted

# Records of a section whose passages are asked for by their own vectors, spread evenly.
_SAMPLE = 20
_MOST_NAMED = 5
# What holds nothing has not been proved, and harms nobody.
_EMPTY = Trust(State.UNVERIFIED, False, "")


@dataclass(frozen=True, eq=False)
class Kept:
    """What earlier checks found: the last one, and the one whose centroids the last one is compared with."""

    last: Measurement | None = None
    baseline: Measurement | None = None
    # The last one in which the model answered.
    answered: Measurement | None = None

    def about(self, section: str, recorded: Stamp | None, query: Stamp) -> Measurement | None:
        """The last check, if it was of this collection as it is stamped and of the model that asks now."""
        return _about(self.last, section, recorded, query)

    def trust(self, section: str, recorded: Stamp | None, query: Stamp, thresholds: Thresholds) -> Trust:
        """What the last check says; a model that could not be asked in it takes nothing back of what was found before.

        Of a collection that holds something.
        """
        declared, last = compare(recorded, query), self.about(section, recorded, query)
        trust = decide(declared, last, section, thresholds)
        before = _about(self.answered, section, recorded, query)
        if last is None or before is None or not last.failure or trust.random:
            return trust
        earlier = decide(declared, before, section, thresholds)
        return earlier if earlier.random else trust


def _about(check: Measurement | None, section: str, recorded: Stamp | None, query: Stamp) -> Measurement | None:
    if check is None or check.query != query:
        return None
    measured = check.sections.get(section)
    return check if measured is not None and measured.recorded == recorded else None


def kept(measurements: Sequence[Measurement], query: Stamp, address: str = "") -> Kept:
    """The last check that was made with this model, and what to compare it with.

    The baseline is the check that a person has accepted last, else the first; of centroids of another space nothing
    can be said, be it another model's or what this model made before its canaries were recorded anew.
    """
    # What another server answered says nothing of the one that is asked now, though it be named alike.
    of_model = [m for m in measurements if (m.query.model_digest, m.address) == (query.model_digest, address)]
    if not of_model:
        return Kept()
    comparable = [m for m in of_model if _era(m) == _era(of_model[-1]) and _own(m)]
    first = comparable[0] if comparable else None
    baseline = next((m for m in reversed(comparable) if m.accepted), first)
    answered = next((m for m in reversed(of_model) if not m.failure), None)
    return Kept(of_model[-1], baseline, answered)


def _era(check: Measurement) -> str:
    """When the canaries were recorded that held then: a check that found none recorded its own, where it could."""
    return check.canary_recorded or check.time


def _own(check: Measurement) -> bool:
    """Whether the collections that it looked at were those of the model that asked, as far as was recorded."""
    recorded = [found.recorded for found in check.sections.values() if found.recorded is not None]
    return bool(check.sections) and all(stamp.model_digest == check.query.model_digest for stamp in recorded)


@dataclass(frozen=True, eq=False)
class Facts:
    """All that is compared in one check of a workspace."""

    settings: Settings
    catalogue: Catalogue
    index: VectorIndex
    query: Stamp
    # Whether the model makes vectors of unit length.
    normalised: bool
    kept: Kept
    # When the canaries of the model that asks were recorded; empty where they never were.
    canaries_recorded: str = ""


def health(
    facts: Facts,
    *,
    generation: str = "",
    broken: tuple[BrokenRecord, ...] = (),
    problems: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Health:
    """Compare every collection with the records and with the model that asks.

    Raises:
        IndexBroken: the index cannot be read.
    """
    catalogue, last = facts.catalogue, facts.kept.last
    rows = tuple(_collection(section, facts) for section in facts.settings.sections)
    left_out: dict[str, str] = {}
    for section in facts.settings.sections:
        left_out |= wanted(catalogue, section, facts.query).left_out
    if catalogue.gone:
        problems = (*problems, _gone(catalogue.gone))
    changed = tuple(path for path in catalogue.unmanifested if path not in catalogue.gone)
    if changed:
        notes = (
            *notes,
            (
                f"The manifest does not state what is there for: {text.named(changed, _MOST_NAMED)}. "
                "The next save states it."
            ),
        )
    return Health(
        rows,
        facts.index.name,
        generation,
        last.time if last else "",
        last.failure if last else "",
        (*catalogue.broken, *broken),
        left_out,
        problems,
        notes,
    )


def trusts(facts: Facts) -> Mapping[str, Trust]:
    """What may be asked, of each section that holds something. Reads no passage."""
    found = {}
    for section in facts.settings.sections:
        if facts.index.count(section):
            recorded = facts.index.stamp(section)
            found[section] = facts.kept.trust(section, recorded, facts.query, facts.settings.thresholds)
    return found


def _collection(section: str, facts: Facts) -> CollectionHealth:
    index, query = facts.index, facts.query
    passages, recorded = index.count(section), index.stamp(section)
    records = facts.catalogue.section(section)
    want = list(wanted(facts.catalogue, section, query).records.values())
    last = facts.kept.about(section, recorded, query)
    trust = facts.kept.trust(section, recorded, query, facts.settings.thresholds) if passages else _EMPTY
    measured = last.sections[section] if last else None
    findings = tuple(index.prove(section, _spread(want)))
    synced = in_sync(facts.catalogue, index, section, query) and not findings
    thresholds = facts.settings.thresholds
    return CollectionHealth(
        section=section,
        state=trust.state,
        random=trust.random,
        reason=_since(trust, measured, want),
        recorded=recorded,
        query=query,
        records=len(records),
        passages=passages,
        in_sync=synced,
        cells=_cells(section, facts, want, trust, (synced, findings)) if passages else (),
        findings=findings,
        measured=measured,
        foreign=measured.evidence.below(thresholds.cosine_broken) if measured else (),
        canary_min_cosine=last.canary_min_cosine if last else None,
    )


def _since(trust: Trust, measured: Measured | None, records: Sequence[Record]) -> str:
    """Why, and that a check is about the scripts as they were then, where they are others now."""
    if measured is None or not trust.reason or measured.records == corpus_digest(records):
        return trust.reason
    return f"{trust.reason} Scripts have changed since that check."


def _cells(
    section: str, facts: Facts, want: Sequence[Record], trust: Trust, found: tuple[bool, tuple[str, ...]]
) -> tuple[Cell, ...]:
    recorded, limits = facts.index.stamp(section), facts.settings.thresholds
    last = facts.kept.about(section, recorded, facts.query)
    measured: Measured | None = last.sections.get(section) if last else None
    failure = last.failure if last else ""
    others = {s: facts.index.stamp(s) for s in facts.settings.sections if s != section and facts.index.count(s)}
    before = facts.kept.baseline.sections.get(section) if facts.kept.baseline else None
    return (
        cells.model(recorded, facts.query, measured, limits),
        cells.canaries(last, facts.canaries_recorded, limits),
        cells.evidence(measured, failure, limits),
        cells.agreement(recorded, others),
        cells.preparation(recorded, facts.query),
        cells.vectors(want, facts.query, facts.index.distance(section), normalised=facts.normalised),
        cells.index(synced=found[0], findings=found[1]),
        cells.unread(measured, failure),
        cells.rankings(measured, failure, random=trust.random),
        cells.shift(measured, before, limits),
    )


def corpus_digest(records: Sequence[Record]) -> str:
    """A digest of these records, vectors included."""
    return digests.chain_head(sorted((record.script.id, record.digest) for record in records))


def _spread(records: list[Record]) -> list[Record]:
    if len(records) <= _SAMPLE:
        return records
    return [records[number * len(records) // _SAMPLE] for number in range(_SAMPLE)]


def _gone(paths: tuple[str, ...]) -> str:
    return (
        f"The manifest states records that are gone: {text.named(paths, _MOST_NAMED)}. Bring the files back; "
        "or, if they were deleted on purpose, rebuild the index to take that as meant."
    )
