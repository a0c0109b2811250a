"""What is kept between two looks at a corpus, so that a page which has not changed costs nothing."""

import threading
from collections.abc import Iterable, Mapping

from services.attention.findings import Attention, damaged
from services.domain.model_digest import Stamp
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Record, Status
from services.domain.settings import Settings
from services.domain.settled import Meant, Pair
from services.effects import unread_words
from services.ground import digests
from services.ground.progress import Report
from services.ports import Catalogue

_REPORT_EVERY = 256


class Remembered:
    """Of one workspace. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._basis: tuple[Catalogue, tuple[object, ...], str] | None = None
        # By the digest of the record, which covers its text and its passages.
        self._unread: Mapping[str, float] = {}
        self._last: Attention | None = None
        # What of it is still so, by which catalogue and settled pairs.
        self._still: tuple[object, object, Attention] | None = None

    def basis(
        self,
        catalogue: Catalogue,
        questionnaires: Mapping[str, Questionnaire],
        settings: Settings,
        stamp: Stamp,
        random: tuple[str, ...],
    ) -> str:
        """A digest over everything that the findings depend on; of what was asked for last, it is kept."""
        rest = (tuple(questionnaires.values()), settings, stamp, random)
        with self._lock:
            last = self._basis
            # An equal catalogue that is another object would take as long to compare as to digest.
            if last is None or last[0] is not catalogue or last[1] != rest:
                last = self._basis = (catalogue, rest, _digest(catalogue, *rest))
            return last[2]

    def found(self, attention: Attention) -> None:
        """Keep what was found last."""
        with self._lock:
            self._last, self._still = attention, None

    def still(self, catalogue: Catalogue, settled: Mapping[Pair, Meant]) -> Attention | None:
        """What was found last, without what has been settled since; None where nobody has looked yet."""
        with self._lock:
            if self._last is None:
                return None
            kept = self._still
            if kept is None or kept[0] is not catalogue or kept[1] is not settled:
                kept = self._still = (catalogue, settled, self._last.still(catalogue, settled))
            return kept[2]

    def unread(self, catalogue: Catalogue, report: Report) -> Mapping[str, float]:
        """Which part of its words stands in no passage, by script in use, where it is not 0."""
        found: dict[str, float] = {}
        for done, record in enumerate(catalogue.records.values()):
            if done % _REPORT_EVERY == 0:
                report("Looking for words that are never read", done, len(catalogue.records))
            known = self._unread.get(record.digest)
            found[record.digest] = _unread(record) if known is None else known
        self._unread = found
        in_use = (r for r in catalogue.records.values() if r.script.status is not Status.RETIRED)
        return {r.script.id: found[r.digest] for r in in_use if found[r.digest]}


def _unread(record: Record) -> float:
    """A share of its words; 0 where it has no passages, which is another matter."""
    if record.vectors is None or not record.script.words:
        return 0.0
    return unread_words(record.script, record.vectors) / record.script.words


def _digest(
    catalogue: Catalogue,
    questionnaires: Iterable[Questionnaire],
    settings: Settings,
    stamp: Stamp,
    random: Iterable[str],
) -> str:
    records = [[record.script.id, record.digest] for record in catalogue.records.values()]
    asked = [questionnaire.as_json() for questionnaire in questionnaires]
    chosen = [settings.query_template, settings.top_k, *settings.sections, stamp.recipe_digest]
    method = settings.method.as_json()
    unreadable = [path for path, _ in damaged(catalogue)]
    return digests.of_value([records, asked, chosen, method, list(random), unreadable])
