"""Checking a workspace against its model: asked afresh each time, kept for good, and compared with what was before."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from services.domain.canaries import Canaries
from services.domain.model_digest import Stamp
from services.domain.scripts import BrokenRecord
from services.domain.settings import Thresholds
from services.domain.trust import Measurement
from services.errors import NotFound, StorageFailed, WorkspaceBusy
from services.ground.clock import now
from services.ground.progress import Report
from services.health import Facts, Kept, corpus_digest, kept
from services.health.measure import Subject, measure
from services.ports import CanaryStore, Catalogue, CheckLog, Embedder, RecordStore
from services.sync import wanted
from services.vectors import embed_canaries

# Clocks of two machines that share a workspace may differ by as much.
_CLOCKS_DIFFER = timedelta(hours=1)


class Checkups:
    """The checks of one workspace. Safe to use from several threads.

    Where the workspace cannot be written to, the last check is remembered by this process alone, and ``note`` says so.
    """

    def __init__(self, store: RecordStore, canaries: CanaryStore, log: CheckLog) -> None:
        self._store = store
        self._canaries = canaries
        self._log = log
        self._lock = threading.Lock()
        self._unkept: Measurement | None = None
        self.note = ""

    def all(self) -> Sequence[Measurement]:
        """Every check, the oldest first; of two lines about one check the later one counts.

        One from the future was made under a wrong clock, and would decide for ever.
        """
        found = {measurement.time: measurement for measurement in self._log.all()}
        if self._unkept is not None:
            found[self._unkept.time] = self._unkept
        soon = now(_CLOCKS_DIFFER)
        return [found[time] for time in sorted(found) if time <= soon]

    def kept(self, query: Stamp, address: str = "") -> Kept:
        """What is known about collections that are asked with this model, of the server at this address."""
        return kept(self.all(), query, address)

    @property
    def canaries(self) -> Mapping[str, Canaries]:
        """The canaries of each model, by its digest."""
        return self._canaries.all()[0]

    @property
    def broken(self) -> tuple[BrokenRecord, ...]:
        """Files of canaries that cannot be used."""
        return self._canaries.all()[1]

    def check(self, subject: Subject, report: Report) -> Measurement:
        """Ask the model, and keep what it said. One check at a time.

        Raises:
            IndexBroken: the index cannot be read.
        """
        with self._lock:
            before, thresholds = self.all(), subject.settings.thresholds
            again = _doubtful(before, subject.embedder.identity.digest, thresholds)
            asked = replace(subject, turn=len(before), again=again, canaries=self.canaries)
            found, fresh = measure(asked, now(), report)
            new = fresh if fresh is not None and _proved(found, thresholds) else None
            self._keep(found, None if found.canary_recorded else new)
            return found

    def due(self, facts: Facts) -> bool:
        """Whether some section that holds something was not checked as it is now, with the model that asks now."""
        for section in facts.settings.sections:
            records = list(wanted(facts.catalogue, section, facts.query).records.values())
            if not (records and facts.index.count(section)):
                continue
            last = facts.kept.about(section, facts.index.stamp(section), facts.query)
            if last is None or last.failure or last.sections[section].records != corpus_digest(records):
                return True
        return False

    def accept(self, query: Stamp, address: str = "") -> None:
        """Take the centroids of the last check as those to compare with from now on.

        Raises:
            NotFound: there is no check of this model yet.
            WorkspaceBusy, StorageFailed: it could not be written down.
        """
        last = self.kept(query, address).last
        if last is None or last.failure:
            raise NotFound("There is no check that could be the baseline.", "Check now, then accept what it finds.")
        with self._store.writing("accepting a baseline"):
            self._log.append(replace(last, accepted=True))

    def unknown(self, embedder: Embedder, catalogue: Catalogue) -> bool:
        """Whether this model has embedded nothing here yet, and has no canaries.

        Of one that has, only a check may record them: it looks at the vectors first, for a model that merely declares
        what it is may have changed since.
        """
        digest = embedder.identity.digest
        return digest not in self.canaries and not _made_any(digest, catalogue)

    def record_first(self, embedder: Embedder) -> None:
        """Record the canaries of a model that was unknown, and has now embedded something.

        Raises:
            EmbedderFailed: the model is not there, or answers wrongly.
            WorkspaceBusy, StorageFailed: they could not be written down.
        """
        fresh = embed_canaries(embedder, now())
        with self._store.writing("recording canaries"):
            self._canaries.put(fresh)

    def _keep(self, found: Measurement, fresh: Canaries | None) -> None:
        self._unkept, self.note = found, ""
        if not self._store.writable:
            return
        try:
            with self._store.writing("keeping a check"):
                self._log.append(found)
                if fresh is not None:
                    self._canaries.put(fresh)
            self._unkept = None
        except (WorkspaceBusy, StorageFailed) as error:
            self.note = f"The check was made and could not be kept: {error}"


def _doubtful(measurements: Sequence[Measurement], digest: str, thresholds: Thresholds) -> Mapping[str, Sequence[str]]:
    """The scripts by section that did not agree when this model was last asked."""
    asked = (m for m in reversed(measurements) if m.query.model_digest == digest and not m.failure)
    last = next(asked, None)
    if last is None:
        return {}
    return {section: found.evidence.below(thresholds.cosine_attention) for section, found in last.sections.items()}


def _made_any(digest: str, catalogue: Catalogue) -> bool:
    stamps = (record.vectors.stamp for record in catalogue.records.values() if record.vectors is not None)
    return any(stamp.model_digest == digest for stamp in stamps)


def _proved(found: Measurement, thresholds: Thresholds) -> bool:
    """Whether the vectors of this model that are stored here are those that it makes today."""
    own = [m for m in found.sections.values() if m.recorded and m.recorded.model_digest == found.query.model_digest]
    worst = [measured.evidence.min_cosine for measured in own]
    return bool(worst) and all(cosine is not None and cosine >= thresholds.cosine_attention for cosine in worst)
