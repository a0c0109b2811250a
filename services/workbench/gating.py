"""What a run of an open workspace is held against: its rule, its baseline, and what was called otherwise then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.domain import judged
from services.domain.history import What
from services.domain.judgements import Judgement
from services.domain.questionnaires import Questionnaire
from services.domain.runs import Run
from services.domain.scripts import BrokenRecord
from services.domain.settings import Gate
from services.errors import InvalidInput
from services.evaluate import provenance
from services.gate import Gated, Said, Today, gate
from services.ground.progress import Report, deaf, silent
from services.judge.former import MOST
from services.ports import Catalogue
from services.workbench.judging import Judging

_BASELINE = "runs/baseline.yaml"
_Renamed = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is asked and judged, by questionnaire, and the files that should tell it and cannot be read."""

    questionnaires: Mapping[str, Questionnaire]
    judgements: Mapping[str, Sequence[Judgement]]
    broken: tuple[BrokenRecord, ...]

    def is_as(self, other: "_Seen") -> bool:
        """Whether it is the same. What was not read anew are the same objects."""
        return self.judgements is other.judgements and self.questionnaires == other.questionnaires


@dataclass(frozen=True, eq=False)
class _Now:
    """What follows from it: who judges what, and the digests that a run names of it."""

    seen: _Seen
    said: Said
    digests: tuple[str, str]

    @classmethod
    def of(cls, seen: _Seen) -> "_Now":
        said = Said({name: {one.script for one in those} for name, those in seen.judgements.items()})
        digests = provenance.of_questionnaires(seen.questionnaires), provenance.of_judgements(seen.judgements)
        return cls(seen, said, digests)


class Gating(Judging):
    """Whether a run is good enough."""

    def _open_stores(self) -> None:
        super()._open_stores()
        # By two runs, the new ids of scripts, as this catalogue tells them.
        self._renamed: tuple[Catalogue | None, dict[tuple[str, str], _Renamed]] = None, {}
        self._now: _Now | None = None

    def baseline(self, run_id: str = "") -> Run | None:
        """The named run, else the one that the workspace compares with; None where there is neither.

        Raises:
            NotFound: there is no such run.
            InvalidInput: it cannot be read.
        """
        named = run_id or self.runs.baseline
        return self.runs.get(named) if named else None

    def gate(
        self,
        run: Run,
        baseline: str = "",
        rule: Gate | None = None,
        *,
        earlier: bool = False,
        report: Report | None = None,
    ) -> Gated:
        """Hold a run against the workspace's rule, or another one, and against a baseline.

        Where the workspace's own baseline cannot be had, that closes the gate. ``earlier``: the run was not made just
        now, so that it need not be measured by what is judged today. This looks through the history: a page asks
        ``gate_known`` first. Raises as ``baseline`` does, of one that is named.
        """
        before, lost = (self.baseline(baseline), "") if baseline else self._own_baseline()
        seen = self._see()
        if before is None or before.id == run.id:
            return gate(run, rule or self.settings.gate, None, Today(seen.broken, lost))
        now, renamed = self._today(seen), self._called_now(before, run, deaf(report or silent))
        return gate(run, rule or self.settings.gate, before, _of_today(run, now, renamed, lost, earlier=earlier))

    def gate_known(self, run: Run) -> Gated | None:
        """The same of an earlier run and the workspace's own baseline; None where that takes a look at the history.

        Cheap: for a page.
        """
        before, lost = self._own_baseline()
        seen, now = self._see(), self._now
        if before is None or before.id == run.id:
            return gate(run, self.settings.gate, None, Today(seen.broken, lost))
        catalogue, known = self._renamed
        renamed = known.get((before.id, run.id)) if catalogue is self.catalogue else None
        if renamed is None or now is None or not now.seen.is_as(seen):
            return None
        return gate(run, self.settings.gate, before, _of_today(run, now, renamed, lost, earlier=True))

    def _called_now(self, before: Run, after: Run, report: Report) -> _Renamed:
        """The new ids of scripts that a run was measured by and that are gone, where a later one goes by the new id.

        Looked for once for two runs and a catalogue: a page asks at every press.
        """
        catalogue, known = self.catalogue, self._renamed
        if known[0] is not catalogue:
            known = self._renamed = catalogue, {}
        key = before.id, after.id
        if key not in known[1]:
            known[1][key] = self._look_for(before, after, catalogue, report)
        return known[1][key]

    def _look_for(self, before: Run, after: Run, catalogue: Catalogue, report: Report) -> _Renamed:
        then, now = (_graded(run) for run in (before, after))
        missing = then - now - catalogue.records.keys()
        if not missing:
            return {}
        commit = before.provenance.commit
        once = self.former.asked(missing, catalogue.records, commit, report)
        found = judged.likely(sorted(missing), catalogue.records, once)
        new = {was: called for was, called in found.items() if called in now - then}
        # One that was there beside it is another script, however alike they are.
        come = {one.id for one in self.past.between(commit, after.provenance.commit).those(What.CREATED)}
        unsure = set(new.values()) - come
        there = {called for called in unsure if len(unsure) <= MOST and self.former.was_there(called, commit)}
        return {was: called for was, called in new.items() if called not in there}

    def _own_baseline(self) -> tuple[Run | None, str]:
        """The run that the workspace compares with; where it cannot be had, why."""
        # Also where it names a run that is gone, or none.
        broken = [f"{one.cause} {one.next_step}" for one in self.runs.summaries()[1] if one.path == _BASELINE]
        try:
            return self.baseline(), " ".join(broken)
        except InvalidInput as error:
            return None, f"{error.cause} {error.next_step}"

    def _today(self, seen: _Seen) -> _Now:
        now = self._now
        if now is None or not now.seen.is_as(seen):
            now = self._now = _Now.of(seen)
        return now

    def _see(self) -> _Seen:
        """A look at every file: once for all that is asked of it."""
        (questionnaires, unasked), (judgements, unjudged) = self.questionnaires.all(), self.judgements.all()
        return _Seen(questionnaires, judgements, (*self.catalogue.broken, *unasked, *unjudged))

    @property
    def unread(self) -> Sequence[BrokenRecord]:
        """Files that an evaluation should have read and could not."""
        return self._see().broken


def _of_today(run: Run, now: _Now, renamed: _Renamed, lost: str, *, earlier: bool) -> Today:
    """What an earlier run was not measured by is not held against it."""
    asked, given = (run.provenance.questionnaires, run.provenance.judgements) if earlier else now.digests
    said = now.said if given == now.digests[1] else None
    return Today(now.seen.broken, lost, renamed, said, earlier=(asked, given) != now.digests)


def _graded(run: Run) -> set[str]:
    """The scripts that a run was measured by."""
    return {script for by_section in run.grades.values() for graded in by_section.values() for script in graded}
