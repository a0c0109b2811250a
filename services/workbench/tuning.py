"""The laboratory of an open workspace: ways of asking tried beside its own, which stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services import health as health_check
from services import wiring
from services.domain.runs import Run
from services.domain.settings import Settings
from services.domain.trust import Trust
from services.evaluate import evaluate, provenance
from services.ground import digests
from services.ground.progress import Report, silent
from services.ports import Catalogue, Embedder
from services.tuning import Curve, Trials, Wanted, curve, way, without_cut_off
from services.workbench.evaluating import Evaluating


@dataclass(frozen=True, eq=False)
class _Sitting:
    """What is tried at one go: on the same things, and each question embedded once by each model."""

    catalogue: Catalogue
    known: Mapping[str, Trust]
    # A digest of scripts, questionnaires and judgements.
    basis: str
    embedders: dict[str, Embedder] = field(default_factory=dict)

    def once(self, embedder: Embedder) -> Embedder:
        """The same embedder, afresh, and not asked again for what it has told within this sitting."""
        return self.embedders.setdefault(embedder.identity.digest, wiring.asking_once(embedder))


class Tuning(Evaluating):
    """What can be tried of an open workspace. Nothing of it is stored but embeddings that were paid for."""

    def tune(self, wanted: Sequence[Wanted], trials: Trials, report: Report | None = None) -> None:
        """Try each of these, the workspace's own way first, and compare with it; each is told as soon as it is done.

        What was tried before on the same things is not asked again.

        Raises:
            As ``try_out`` does; ``Cancelled``. What was tried until then is kept.
        """
        told, sitting = report or silent, self._sit_down()
        present = self._present(sitting, trials, told)
        for number, one in enumerate(wanted, 1):
            stage = f"{number} of {len(wanted)}" if len(wanted) > 1 else ""
            run = self._tried(one, sitting, trials, _staged(told, stage))
            trials.compare(present, run, self.compare(present, run))
            trials.add(one, run, sitting.basis, self._way(one))

    def tune_again(self, former: Wanted, trials: Trials, report: Report | None = None) -> None:
        """Compare what was tried with the workspace's own way, which is another one by now. Raises as ``tune``.

        ``former`` is how it was asked before: a trial like the others from now on.
        """
        told, sitting = report or silent, self._sit_down()
        present = self._present(sitting, trials, told)
        if not any((t.basis, t.way) == (sitting.basis, self._way(former)) for t in trials.all):
            run = self._tried(former, sitting, trials, _staged(told, "As it was"))
            trials.add(former, run, sitting.basis, self._way(former))
        for trial in trials.all:
            if trial.basis == sitting.basis and trials.compared(trial) is None:
                told("Comparing", 0, 0)
                trials.compare(present, trial.run, self.compare(present, trial.run))

    def cut_off_curve(self, settings: Settings, trials: Trials, report: Report | None = None) -> Curve:
        """Precision and recall over the distance, by these settings without their cut-off.

        Raises:
            InvalidInput: there are no distances, or nobody has judged anything.
            Otherwise as ``tune`` does.
        """
        wanted = Wanted(without_cut_off(settings, self._stamp().model_digest))
        return curve(self._tried(wanted, self._sit_down(), trials, report or silent))

    def _sit_down(self) -> _Sitting:
        catalogue, known = self._ask(
            lambda index, catalogue: (catalogue, health_check.trusts(self._facts(index, catalogue)))
        )
        made_on = provenance.of(self._subject_of(catalogue, known, None, "", ""))
        basis = digests.of_value([made_on.corpus, made_on.questionnaires, made_on.judgements])
        return _Sitting(catalogue, known, basis)

    def _present(self, sitting: _Sitting, trials: Trials, report: Report) -> Run:
        trials.present = self._tried(Wanted(self.settings), sitting, trials, _staged(report, "As it is now"))
        return trials.present

    def _tried(self, wanted: Wanted, sitting: _Sitting, trials: Trials, report: Report) -> Run:
        asked = self._way(wanted)
        run = trials.run_of(sitting.basis, asked)
        if run is None:
            subject = self._subject_of(sitting.catalogue, sitting.known, wanted.settings, wanted.embedder, wanted.name)
            run = evaluate(replace(subject, embedder=sitting.once(subject.embedder)), report)
            trials.keep(sitting.basis, asked, run)
        return run

    def _way(self, wanted: Wanted) -> str:
        return way(wanted.settings, self._stamp(wanted.embedder).model_digest)


def _staged(report: Report, stage: str) -> Report:
    """The same report, with where the whole work is before what is done."""
    return lambda what, done, total: report(f"{stage}. {what}" if stage else what, done, total)
