"""Two maps of an open workspace side by side."""

import contextlib
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from services.domain.directions import unit
from services.domain.history import Commit
from services.domain.methods import Passages
from services.domain.model_digest import Stamp
from services.domain.moved import Compared, Questions, Side
from services.domain.scripts import Record
from services.errors import InvalidQuestionnaire
from services.evaluate import spaces
from services.ground import digests
from services.ground.progress import Report, silent
from services.health.evidence import gather
from services.map import comparing
from services.map.points import points_of
from services.ports import Catalogue
from services.vectors import recipe_of
from services.workbench.charting import Charting
from services.workbench.evaluating import Evaluating
from services.workbench.understanding import Understanding

# Each holds two pictures: enough to go to and fro between a few.
_KEPT = 6
# Scripts of which a model that asks reads a piece anew, to tell whether it made their vectors.
_READ_ANEW = 8


@dataclass(frozen=True)
class Moment:
    """A commit that one may want to look back to."""

    commit: str
    # In UTC, as ISO 8601.
    time: str
    why: str


@dataclass(frozen=True, eq=False)
class _Kept:
    """A comparison, and what it was made of."""

    sides: tuple[Side, Side]
    catalogue: Catalogue
    asked: tuple[object, ...]
    found: Compared


class Comparing(Charting, Evaluating, Understanding):
    """What two maps of a workspace tell beside each other. Only embeddings that were paid for are stored."""

    def __init__(self, root: Path, secrets: Mapping[str, str] | None = None) -> None:
        self._comparing = threading.Lock()
        self._compared: list[_Kept] = []
        # By the digests of the model that asks and of the scripts that it has read anew, with their vectors.
        self._alike: dict[tuple[str, str], bool] = {}
        # With the last commit that they were read at: they are the same until there is another.
        self._commits: tuple[str, Sequence[Commit]] | None = None
        super().__init__(root, secrets)

    def compare_maps(self, before: Side, after: Side, report: Report | None = None) -> Compared:
        """Draw both sides from the same places on, lay the second over the first and tell what moved. For a job.

        One that is known is not drawn again.

        Raises:
            InvalidSettings: an unknown embedder.
            NotFound: the history has no such commit.
            EmbedderFailed: a model is not there, or answers wrongly.
            MapFailed, StorageFailed, Cancelled: what was embedded is kept.
        """
        with self._comparing:
            known = self.maps_compared(before, after)
            if known is not None:
                return known
            told, catalogue, asked = report or silent, self.catalogue, self._asked_with()
            told("Reading the vectors", 0, 0)
            start = self.map_of()
            first, second = (self._given(side, catalogue, told) for side in (before, after))
            found = comparing.compare(first, second, start, self._make_fitter(), told)
            still = [one for one in self._compared if one.catalogue is catalogue]
            self._compared = [*still, _Kept((before, after), catalogue, asked, found)][-_KEPT:]
            return found

    def maps_compared(self, before: Side, after: Side) -> Compared | None:
        """What ``compare_maps`` has found of these sides and of what is there now; None where nobody asked. Cheap."""
        there = [one for one in self._compared if one.sides == (before, after) and one.catalogue is self.catalogue]
        if not there:
            return None
        asked = self._asked_with()
        return next((one.found for one in reversed(there) if one.asked == asked), None)

    @property
    def looks_back(self) -> bool:
        """Whether a side can be the workspace as it was."""
        return not self.past.problem

    def moments(self) -> Sequence[Moment]:
        """Commits to look back to, the newest first: those that changed scripts, and those that were evaluated.

        The last one is left out, which is what the workspace is now. Takes as long as reading all commits the first
        time: for a job. Raises ``StorageFailed``.
        """
        last = self.past.commit
        if self._commits is None or self._commits[0] != last:
            self._commits = last, self.past.commits()
        return self._moments(last, self._commits[1])

    def moments_known(self) -> Sequence[Moment] | None:
        """The same; None where nobody has read the history as far as it goes now. Cheap. Raises ``StorageFailed``."""
        known, last = self._commits, self.past.commit
        return self._moments(last, known[1]) if known is not None and known[0] == last else None

    def _moments(self, last: str, commits: Sequence[Commit]) -> Sequence[Moment]:
        named: dict[str, str] = {}
        for run in self.runs.summaries()[0]:
            named.setdefault(run.provenance.commit, f"evaluated{f': {run.name}' if run.name else ''}")
        return [
            Moment(one.commit, one.time, ", ".join(why for why in (one.purpose, named.get(one.commit)) if why))
            for one in commits
            if one.commit != last and (one.scripts or one.commit in named)
        ]

    def _given(self, side: Side, catalogue: Catalogue, report: Report) -> comparing.Given:
        records = self.past.records_at(side.commit, report).records if side.commit else catalogue.records
        if side.embedder and (side.commit or side.embedder != self.settings.embedder.name):
            embedder = self.embedder(side.embedder)
            made = spaces.embedded(list(records.values()), Passages.BOTH, embedder, self._cache, report)
            records = {i: Record(record.script, made.get(i), digest=record.digest) for i, record in records.items()}
            stamp = Stamp.of(recipe_of(embedder))
        else:
            stamp = _usual_stamp(records, self._stamp()) if side.commit else self._stamp()
        given = comparing.Given(side, points_of(records, stamp), records, method=self.settings.method)
        return self._asking_too(given, stamp, report) if side.asked_by else given

    def _asking_too(self, given: comparing.Given, stamp: Stamp, report: Report) -> comparing.Given:
        """The same with the questionnaires, or with the reason why they are not there."""
        asker = self.embedder(given.side.asked_by).identity
        if asker.dimensions != stamp.dimensions:
            why = (
                f"{asker.name} makes {asker.dimensions:,} numbers of a text, {stamp.model_name} {stamp.dimensions:,}: "
                "they cannot even be compared, so that no questionnaire can be placed."
            )
            return replace(given, not_asked=why)
        questions = self._questions(given.side.asked_by, report)
        if questions is not None:
            questions = replace(questions, reads_alike=self._reads_alike(given, stamp, report))
        return replace(
            given, questions=questions, not_asked="" if questions else "No saved questionnaire asks anything."
        )

    def _reads_alike(self, given: comparing.Given, stamp: Stamp, report: Report) -> bool | None:
        """Whether the model that asks makes the vectors of the scripts too; None where nothing was compared.

        A few scripts are read anew. A server is not sent any: whoever presses was told of questionnaires only.
        """
        asker = self.embedder(given.side.asked_by)
        if asker.identity.digest == stamp.model_digest:
            return True
        if not asker.local or not len(given.points):
            return None
        stride = -(-len(given.points) // _READ_ANEW)
        some = [given.records[script] for script in given.points.scripts[::stride]]
        # A stamp can be there beside vectors that something else has made.
        read = asker.identity.digest, _digest_of(some)
        if read in self._alike:
            return self._alike[read]
        report("Reading a few scripts anew", 0, 0)
        cosines = list(gather(some, asker, attention=-1.0, sample=_READ_ANEW).cosines.values())
        if not cosines:
            return None
        alike = float(np.median(cosines)) >= self.settings.thresholds.cosine_broken
        return self._alike.setdefault(read, alike)

    def _questions(self, name: str, report: Report) -> Questions | None:
        """The saved questionnaires as this embedder reads them; None where there are none."""
        asked, embedder = self._queries(), self._asking(name)
        if not asked:
            return None
        ids, titles, queries, words = zip(*asked, strict=True)
        heard = self._heard.of([*queries, *words], embedder, report)
        vectors, meant = unit(np.stack(heard[: len(ids)])), unit(np.stack(heard[len(ids) :]))
        return Questions(ids, titles, vectors, meant, embedder.identity.digest, embedder.identity.name)

    def _queries(self) -> list[tuple[str, str, str, str]]:
        """The saved questionnaires that ask something: id, title, query, and what they say without its sentence."""
        found = []
        for questionnaire in self.all_questionnaires.values():
            with contextlib.suppress(InvalidQuestionnaire):
                query = questionnaire.query_text(self.settings.query_template)
                said = questionnaire.words_text(self.settings.query_template) or query
                found.append((questionnaire.id, questionnaire.title or questionnaire.id, query, said))
        return found

    def _asked_with(self) -> tuple[object, ...]:
        """What a comparison depends on besides its sides and the scripts."""
        return (self.settings.embedder, self.settings.method, self._stamp(), *self._queries())


def _digest_of(records: Sequence[Record]) -> str:
    """Of what these scripts say and of their vectors, stamp and all."""
    held = ((record.script.digest, record.vectors) for record in records if record.vectors is not None)
    return digests.of_value(
        [[said, asdict(vectors.stamp), digests.of_bytes(vectors.values.tobytes())] for said, vectors in held]
    )


def _usual_stamp(records: Mapping[str, Record], otherwise: Stamp) -> Stamp:
    """What made the vectors of most of these."""
    counted = Counter(record.vectors.stamp for record in records.values() if record.vectors is not None)
    return counted.most_common(1)[0][0] if counted else otherwise
