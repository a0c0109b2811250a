"""The laboratory of an open workspace: ways of asking tried beside its own, which stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services import health as health_check
from services import wiring
from services.domain.canaries import SENTENCES
from services.domain.runs import Answer, Run
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.errors import EmbedderFailed
from services.evaluate import Subject, asking, evaluate, provenance
from services.evaluate.grounds import grounds_of
from services.ground import digests
from services.ground.progress import Report, silent
from services.ports import Catalogue, Embedder
from services.ranking import by_distance
from services.tuning import Curve, Trials, Wanted, curve, way, with_cut_off, without_cut_off
from services.vectors import embed_questions
from services.workbench.evaluating import Evaluating

# A model on this machine answers a sentence with the same numbers each time, but for the rounding of the cosine.
_SAME = 1 - 1e-5


@dataclass(frozen=True, eq=False)
class _Sitting:
    """What is tried at one go: on the same things, and each question embedded once by each model."""

    catalogue: Catalogue
    known: Mapping[str, Trust]
    # A digest of everything that can change an answer or a figure besides the way of asking.
    basis: str
    embedders: dict[str, Embedder]
    # What was asked at this sitting, by its way; and the workspace's own way of before, where nothing has changed.
    runs: dict[str, Run]

    def once(self, embedder: Embedder) -> Embedder:
        """The same embedder, afresh, and not asked again for what it has told within this sitting."""
        return self.embedders.setdefault(embedder.identity.digest, wiring.asking_once(embedder))


class Tuning(Evaluating):
    """What can be tried of an open workspace. Nothing of it is stored but embeddings that were paid for."""

    def tune(self, wanted: Sequence[Wanted], trials: Trials, report: Report | None = None) -> None:
        """Try each of these, the workspace's own way first, and compare with it; each is told as soon as it is done.

        Each is asked afresh. The workspace's own way is not where nothing has changed since it was, the model neither.

        Raises:
            As ``try_out`` does; ``Cancelled``. What was tried until then is kept.
        """
        told, sitting = report or silent, self._sit_down(trials)
        present = self._present(sitting, trials, told)
        self._compare_all(present, sitting, trials, told)
        for number, one in enumerate(wanted, 1):
            stage = f"{number} of {len(wanted)}" if len(wanted) > 1 else ""
            run = self._tried(one, sitting, _staged(told, stage))
            trials.compare(present, run, self.compare(present, run))
            trials.add(one, run, sitting.basis, self._way(one))

    def tune_again(self, former: Wanted, trials: Trials, report: Report | None = None) -> None:
        """Compare what was tried with the workspace's own way, which is another one by now. Raises as ``tune``.

        ``former`` is how it was asked before: a trial like the others from now on.
        """
        told, sitting = report or silent, self._sit_down(trials)
        present = self._present(sitting, trials, told)
        if not any((t.basis, t.way) == (sitting.basis, self._way(former)) for t in trials.all):
            run = self._tried(former, sitting, _staged(told, "As it was"))
            trials.add(former, run, sitting.basis, self._way(former))
        self._compare_all(present, sitting, trials, told)

    def cut_off_curve(self, settings: Settings, trials: Trials, report: Report | None = None) -> Curve:
        """Precision and recall over the distance, by these settings without their cut-off.

        Raises:
            InvalidInput: there are no distances, or nobody has judged anything.
            Otherwise as ``tune`` does.
        """
        told, sitting, digest = report or silent, self._sit_down(trials), self._stamp().model_digest
        bare = without_cut_off(settings, digest)
        run = self._tried(Wanted(bare), sitting, _staged(told, "Without a cut-off"))
        if by_distance(settings.method):
            return curve(run)
        subject = self._subject_at(Wanted(bare), sitting)
        grounds = grounds_of(subject, told)

        def cut(distance: float, stage: str) -> Sequence[Answer]:
            at = replace(subject, settings=with_cut_off(bare, digest, distance))
            found = tuple(asking.answers(at, grounds, _staged(told, stage)))
            # Of a distance that was stopped half way nothing can be told.
            told(stage, 0, 0)
            return found

        return curve(run, cut)

    def _sit_down(self, trials: Trials) -> _Sitting:
        catalogue, known = self._ask(
            lambda index, catalogue: (catalogue, health_check.trusts(self._facts(index, catalogue)))
        )
        made_on, stamp = provenance.of(self._subject_of(catalogue, known, None, "", "")), self._stamp()
        embedder = wiring.asking_once(self.embedder())
        met = self._met(embedder, trials)
        basis = digests.of_value(
            [
                *(made_on.corpus, made_on.questionnaires, made_on.judgements, stamp.recipe_digest),
                # With their vectors.
                digests.chain_head((record.script.id, record.digest) for record in catalogue.records.values()),
                sorted((section, trust.state.value, trust.random) for section, trust in known.items()),
                trials.met(stamp.model_digest) if met is None else met,
            ]
        )
        kept = trials.present_of(basis)
        runs = dict([kept]) if kept and met is not None else {}
        return _Sitting(catalogue, known, basis, {embedder.identity.digest: embedder}, runs)

    def _met(self, embedder: Embedder, trials: Trials) -> int | None:
        """Which model this is, by what it answers now; None where it cannot be asked, so that nobody can tell."""
        least = _SAME if embedder.local else self.settings.thresholds.cosine_attention
        try:
            told = np.stack(embed_questions(SENTENCES, embedder))
        except EmbedderFailed:
            return None
        return trials.meet(embedder.identity.digest, told, least)

    def _present(self, sitting: _Sitting, trials: Trials, report: Report) -> Run:
        wanted = Wanted(self.settings)
        present = self._tried(wanted, sitting, _staged(report, "As it is now"))
        trials.begin(present, sitting.basis, self._way(wanted))
        return present

    def _compare_all(self, present: Run, sitting: _Sitting, trials: Trials, report: Report) -> None:
        """Those that were tried on the same things before: with the workspace's own way as it was asked now."""
        for trial in trials.all:
            if trial.basis == sitting.basis and trials.compared(trial) is None:
                report("Comparing", 0, 0)
                trials.compare(present, trial.run, self.compare(present, trial.run))

    def _tried(self, wanted: Wanted, sitting: _Sitting, report: Report) -> Run:
        asked = self._way(wanted)
        run = sitting.runs.get(asked)
        if run is None:
            run = evaluate(self._subject_at(wanted, sitting), report)
            if run.complete:
                sitting.runs[asked] = run
        return run

    def _subject_at(self, wanted: Wanted, sitting: _Sitting) -> Subject:
        subject = self._subject_of(sitting.catalogue, sitting.known, wanted.settings, wanted.embedder, wanted.name)
        return replace(subject, embedder=sitting.once(subject.embedder))

    def _way(self, wanted: Wanted) -> str:
        return way(wanted.settings, self._stamp(wanted.embedder).model_digest)


def _staged(report: Report, stage: str) -> Report:
    """The same report, with where the whole work is before what is done."""
    return lambda what, done, total: report(f"{stage}. {what}" if stage else what, done, total)
