"""What people judge."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services import judge as judging
from services import workspaces
from services.domain import judged
from services.domain.agreement import Agreement, agreement
from services.domain.judgements import Judgement
from services.domain.questionnaires import Questionnaire
from services.domain.runs import Grades
from services.errors import NotFound
from services.ground.progress import Report, silent
from services.judge.former import Former
from services.judge.pools import Pools, Sources
from services.ports import Catalogue
from services.workbench.asking import Asking

_Basis = tuple[Mapping[str, Questionnaire], Mapping[str, Sequence[Judgement]], Catalogue]


class Judging(Asking):
    """What people judge in an open workspace: from there on a number can be put to how well it retrieves."""

    def _open_stores(self) -> None:
        super()._open_stores()
        self._pools = Pools()
        self.former = Former(self.records, self.past)
        self._members: tuple[Catalogue, Mapping[str, AbstractSet[str]]] | None = None
        self._graded: tuple[_Basis, Grades] | None = None
        self._unknown: _Unknown | None = None

    def grades(self) -> Grades:
        """What follows from expected scripts and judgements, of the scripts that there are. Cheap while it is so."""
        basis = self._judged()
        kept = self._graded
        if kept is None or not _same(kept[0], basis):
            kept = self._graded = basis, judged.by_section(basis[0], basis[1], basis[2].records)
        return kept[1]

    def unknown_judged(self, *, thorough: bool = False) -> Mapping[str, Mapping[str, str]]:
        """By questionnaire, the expected and judged scripts that there are no more, each with the likely new id.

        The id is empty where none comes near. ``thorough``: the history is looked through for what they held, however
        long that takes; else it gives a hint where it is read already.
        """
        basis, kept = self._judged(), self._unknown
        same = kept is not None and _same(kept.basis, basis)
        if kept is not None and same and (kept.final or (kept.done and not thorough and not self.former.is_read)):
            return kept.found
        self._unknown = self._look_for_unknown(basis, thorough=thorough)
        return self._unknown.found

    def _look_for_unknown(self, basis: _Basis, *, thorough: bool) -> "_Unknown":
        questionnaires, judgements, catalogue = basis
        gone = judged.unknown(questionnaires, judgements, catalogue.records)
        missing, here = {script for scripts in gone.values() for script in scripts}, catalogue.records.keys()
        # Asked before: what is read meanwhile is then looked at once more.
        final = not missing or thorough or self.former.is_read
        once, done = (self.former.asked(missing, here), True) if thorough else self.former.known(missing, here)
        meant = judged.likely(sorted(missing), catalogue.records, once)
        found = {q: {script: meant.get(script, "") for script in scripts} for q, scripts in gone.items()}
        return _Unknown(basis, found, done, final and done)

    def judging_pool(self, questionnaire_id: str, section: str, judge: str) -> judging.Pool:
        """What this person looks at for a questionnaire and section. Quick where ``judging_ready``.

        Raises:
            NotFound: there is no such questionnaire or section.
            InvalidQuestionnaire: it asks nothing.
            IndexBroken: the index cannot be read.
        """
        self.settings.check_section(section)
        asked = self.all_questionnaires.get(questionnaire_id)
        if asked is None:
            raise NotFound("This questionnaire was deleted.", "Choose another one to judge for.")
        found = self._pools.find(self._sources(), asked, section)
        judgements = self.judgements.all()[0].get(questionnaire_id, ())
        scripts = judging.members(found.scripts, asked, judgements, self._ids(section))
        return judging.pool(scripts, questionnaire_id, section, judge, judgements, found.note)

    def judging_ready(self, questionnaire_id: str, section: str) -> bool:
        """Whether the candidates are found already, so that a page may ask for the pool. Cheap."""
        asked = self.all_questionnaires.get(questionnaire_id)
        return asked is None or self._pools.ready(self._sources(), [asked], [section])

    def candidates_ready(self) -> bool:
        """Whether those of all questionnaires are found, so that nothing is left for ``find_candidates``. Cheap."""
        sections = [section for section in self.settings.sections if self.catalogue.sizes.get(section)]
        return self._pools.ready(self._sources(), self.all_questionnaires.values(), sections)

    def find_candidates(self, report: Report | None = None) -> None:
        """Find the candidates of all questionnaires. Asks the model: not for a page run. Raises ``Cancelled``."""
        self._pools.find_all(self._sources(), self.all_questionnaires.values(), report or silent)

    def judging_progress(self, judge: str = "") -> Mapping[str, Mapping[str, judging.Progress]]:
        """How much of each pool this person has judged, by questionnaire and section; without a name, what is graded.

        Of the pools whose candidates are found already. Cheap.
        """
        sources, grades = self._sources(), self.grades()
        questionnaires, judgements, _ = self._judged()
        told: dict[str, dict[str, judging.Progress]] = {}
        for section in self.settings.sections:
            ids = self._ids(section)
            for name, asked in questionnaires.items():
                found, given = self._pools.known(sources, asked, section), judgements.get(name, ())
                if found is None:
                    continue
                scripts = judging.members(found.scripts, asked, given, ids)
                done = (
                    judging.progress(scripts, given, judge) if judge else judging.graded(scripts, grades, name, section)
                )
                told.setdefault(name, {})[section] = done
        return told

    def agreement(self) -> Agreement:
        """How far those agree who have judged the same."""
        return agreement(self.judgements.all()[0])

    def judge(self, questionnaire_id: str, judgement: Judgement) -> Judgement | None:
        """Keep what somebody says of a script. Raises as ``services.judge.judge`` does."""
        known = self.all_questionnaires, self.catalogue.records
        return judging.judge(questionnaire_id, judgement, known=known, store=self.records, judgements=self.judgements)

    def take_back_judgement(self, questionnaire_id: str, script: str, judge: str) -> Judgement | None:
        """Let a person have said nothing of a script. Raises as ``services.judge.take_back`` does."""
        return judging.take_back(questionnaire_id, script, judge, store=self.records, judgements=self.judgements)

    def commit_judgements(self) -> None:
        """Tell the history what was judged since the last write: a commit a judge, each under the judge's own name.

        Raises ``WorkspaceBusy``, ``StorageFailed``.
        """
        with self.records.writing("judging"):
            pass

    def write_guideline(self, section: str, guideline: str, *, base: str | None = None) -> None:
        """What people who judge scripts of this section go by; empty: nothing. ``base`` is what was there to be edited.

        Raises:
            NotFound: there is no such section.
            InvalidSettings: it is endless.
            Conflict: somebody else has changed it meanwhile.
            WorkspaceBusy, StorageFailed: nothing has changed.
        """
        with self.records.writing(f"the guideline of '{section}'"):
            self._settled()
            changed = judging.with_guideline(self.settings, section, guideline, base)
            workspaces.write_settings(self.paths, changed)
        self._reread_settings()

    def _judged(self) -> _Basis:
        return self.all_questionnaires, self.judgements.all()[0], self.catalogue

    def _ids(self, section: str) -> AbstractSet[str]:
        """The scripts of a section. Read once for a catalogue: a page asks for them at every press."""
        catalogue, kept = self.catalogue, self._members
        if kept is None or kept[0] is not catalogue:
            found: dict[str, set[str]] = {}
            for record in catalogue.records.values():
                found.setdefault(record.script.section, set()).add(record.script.id)
            kept = self._members = catalogue, found
        return kept[1].get(section, frozenset())

    def _sources(self) -> Sources:
        untrusted = [section for section, trust in self.trusts(as_seen=True).items() if trust.random]
        return Sources(self.settings, self.catalogue, self._asking(), self._lexicons, untrusted)


@dataclass(frozen=True, eq=False)
class _Unknown:
    """Scripts that are gone, by questionnaire, each with the likely new id."""

    basis: _Basis
    found: Mapping[str, Mapping[str, str]]
    # Whether nothing was left for the next time; and nothing more would be told by a history that is read.
    done: bool
    final: bool


def _same(one: _Basis, other: _Basis) -> bool:
    """Whether nothing has changed: questionnaires that were not read anew are the same objects."""
    return one[1] is other[1] and one[2] is other[2] and one[0] == other[0]
