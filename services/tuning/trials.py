"""Trials: what was tried of the settings, which of them ask alike, and which to try in turn."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.domain.canaries import cosines
from services.domain.comparison import Comparison
from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.runs import Outcome, Run
from services.domain.scripts import Vectors
from services.domain.settings import Settings
from services.ground import digests
from services.ranking import needs_vectors

# Of a hybrid, meaning and words: alike, and either one twice as heavy.
_WEIGHTS = ((1.0, 1.0), (2.0, 1.0), (1.0, 2.0))
_VARIETIES = (0.0, 0.3, 0.6)
# Trials of people that are kept: each holds its rankings.
MOST = 30


@dataclass(frozen=True)
class Wanted:
    """Something to try. ``embedder`` is empty for the workspace's own, ``name`` where nobody called it anything."""

    settings: Settings
    name: str = ""
    embedder: str = ""
    # The setting that it varies, where it is one of ``variants``.
    varies: str = ""


@dataclass(frozen=True, eq=False)
class Trial:
    """Something that was tried: what was asked, and how it did."""

    # Counted from 1 on, as people are told; those of ``variants`` have 0.
    number: int
    wanted: Wanted
    run: Run
    # A digest of the scripts, questionnaires and judgements that it was tried on; and the way that it asked.
    basis: str
    way: str


def way(settings: Settings, model_digest: str) -> str:
    """A digest of how scripts are found: two settings with the same one find the same.

    The name of a method says nothing about what it finds, nor do passages and weights where only words are looked at.
    """
    method = settings.method
    said: list[object] = [method.mode.value, settings.query_template, settings.top_k, list(settings.sections)]
    if needs_vectors(method, model_digest):
        said += [model_digest, method.passages.value, method.nearest.value, float(method.variety)]
        said += [method.cut_off(model_digest)]
    if method.mode is Mode.HYBRID:
        # Only how they relate counts.
        said += [round(method.dense_weight / (method.dense_weight + method.lexical_weight), 9)]
    return digests.of_value(said)


def variants(settings: Settings, model_digest: str) -> tuple[Wanted, ...]:
    """The settings with one thing changed at a time, each thing's present value among them."""
    method = settings.method
    found: list[tuple[str, Method]] = [("mode", replace(method, mode=mode)) for mode in Mode]
    if method.mode is not Mode.LEXICAL:
        stored = [passages for passages in Passages if passages is not Passages.START]
        found += [("passages", replace(method, passages=passages)) for passages in stored]
        found += [("nearest", replace(method, nearest=nearest)) for nearest in Nearest]
        found += [("variety", replace(method, variety=v)) for v in sorted({*_VARIETIES, method.variety})]
        if (cut_off := method.cut_off(model_digest)) is not None:
            offs = ({**method.cut_offs, model_digest: cut_off}, _without(method, model_digest).cut_offs)
            found += [("cut_off", replace(method, cut_offs=given)) for given in offs]
    if method.mode is Mode.HYBRID:
        pairs = dict.fromkeys((*_WEIGHTS, (method.dense_weight, method.lexical_weight)))
        found += [("weights", replace(method, dense_weight=d, lexical_weight=w)) for d, w in pairs]
    return tuple(Wanted(replace(settings, method=one), varies=varies) for varies, one in found)


def without_cut_off(settings: Settings, model_digest: str) -> Settings:
    """The same settings, where no distance is too far for this model."""
    return replace(settings, method=_without(settings.method, model_digest))


def with_cut_off(settings: Settings, model_digest: str, distance: float) -> Settings:
    """The same settings, where what is further away for this model is no answer."""
    cut_offs = {**settings.method.cut_offs, model_digest: distance}
    return replace(settings, method=replace(settings.method, cut_offs=cut_offs))


def _without(method: Method, model_digest: str) -> Method:
    return replace(method, cut_offs={m: d for m, d in method.cut_offs.items() if m != model_digest})


class Trials:
    """What was tried, in memory. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._compared: dict[tuple[str, str], Comparison] = {}
        self._trials: list[Trial] = []
        self._number = 0
        self._present: tuple[Run, str, str] | None = None
        # By model digest: what a few sentences were embedded as, and how often that was something else before.
        self._met: dict[str, tuple[Vectors, int]] = {}

    def meet(self, model_digest: str, sentences: Vectors, least: float) -> int:
        """A number that stays while the model answers the same sentences alike: by a cosine of ``least`` or more.

        What was tried under one number says nothing beside what is tried under another, whatever the digest says.
        """
        with self._lock:
            before, number = self._met.get(model_digest, (sentences, 0))
            same = before.shape == sentences.shape and bool(cosines(before, sentences).min(initial=1.0) >= least)
            # The first ones stay: many small steps are a large one.
            self._met[model_digest] = (before, number) if same else (sentences, number + 1)
            return self._met[model_digest][1]

    def met(self, model_digest: str) -> int:
        """The number of ``meet`` last time; 0 where there was none."""
        with self._lock:
            return self._met[model_digest][1] if model_digest in self._met else 0

    @property
    def present(self) -> Run | None:
        """The run of the workspace's own way."""
        with self._lock:
            return self._present[0] if self._present else None

    def present_of(self, basis: str) -> tuple[str, Run] | None:
        """It and its way, where it was asked of these very things and nobody has to be asked again."""
        with self._lock:
            if self._present is None or self._present[1] != basis or not _stands(self._present[0]):
                return None
            return self._present[2], self._present[0]

    def begin(self, present: Run, basis: str, way: str) -> None:
        """From now on this is what trials are compared with; what was compared with another one is forgotten."""
        with self._lock:
            self._present = present, basis, way
            self._compared = {ids: found for ids, found in self._compared.items() if ids[0] == present.id}

    @property
    def all(self) -> Sequence[Trial]:
        """What people tried, the oldest first."""
        with self._lock:
            return [trial for trial in self._trials if not trial.wanted.varies]

    @property
    def each(self) -> Sequence[Trial]:
        """What was tried of each setting in turn, the last time that it was."""
        with self._lock:
            return [trial for trial in self._trials if trial.wanted.varies]

    def add(self, wanted: Wanted, run: Run, basis: str, way: str) -> None:
        """Take a trial in; one that varies the same setting in the same way makes room."""
        with self._lock:
            if wanted.varies:
                self._trials = [t for t in self._trials if (t.wanted.varies, t.way) != (wanted.varies, way)]
            else:
                self._number += 1
            self._trials.append(Trial(0 if wanted.varies else self._number, wanted, run, basis, way))
            old = [trial for trial in self._trials if not trial.wanted.varies][:-MOST]
            self._forget([trial for trial in self._trials if trial in old])

    def begin_each(self) -> None:
        """Forget what was tried of each setting: the workspace's own way is another one."""
        with self._lock:
            self._forget([trial for trial in self._trials if trial.wanted.varies])

    def compared(self, trial: Trial) -> Comparison | None:
        """The trial against the workspace's own way; None where that was asked of other things since."""
        with self._lock:
            if self._present is None:
                return None
            return self._compared.get((self._present[0].id, trial.run.id))

    def compare(self, present: Run, trial: Run, found: Comparison) -> None:
        """Keep what differs between the two."""
        with self._lock:
            self._compared[present.id, trial.id] = found

    def _forget(self, some: Sequence[Trial]) -> None:
        """Leave these out, and what was compared of a run that no other one has."""
        self._trials = [trial for trial in self._trials if trial not in some]
        runs = {trial.run.id for trial in self._trials}
        self._compared = {ids: found for ids, found in self._compared.items() if ids[1] in runs}


def _stands(run: Run) -> bool:
    """Whether it would come out the same: it was not stopped, and no question failed that may not fail next time."""
    failed = any(answer.outcome is Outcome.FAILED and answer.query for answer in run.answers)
    nothing_asked = bool(run.refused) and not any(answer.sections for answer in run.answers)
    return run.complete and (not failed or nothing_asked)
