"""What is known of a collection's vectors beyond what is recorded beside them, and what follows from it.

A recorded digest is a claim. The canaries say whether the model still is what it was; the evidence, stored passages
embedded once more, says whether it made these vectors. A stored vector outranks a recorded name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.domain.model_digest import Stamp, State
from services.domain.scripts import Vectors
from services.domain.settings import Thresholds


@dataclass(frozen=True)
class Evidence:
    """Stored passages of a section, embedded once more: the worst cosine with the stored vector, by script."""

    cosines: Mapping[str, float]
    passages: int
    # How many scripts the section's collection holds; equal to the number of cosines where every one was looked at.
    scripts: int

    @property
    def min_cosine(self) -> float | None:
        """The worst of all; None where there was nothing to compare."""
        return min(self.cosines.values(), default=None)

    def below(self, threshold: float) -> tuple[str, ...]:
        """The scripts whose vectors agree less than that, in the order of ids."""
        return tuple(sorted(script for script, cosine in self.cosines.items() if cosine < threshold))

    def share_below(self, threshold: float) -> float:
        """Which part of the scripts looked at that is; 0 where none were."""
        return len(self.below(threshold)) / len(self.cosines) if self.cosines else 0.0


@dataclass(frozen=True, eq=False)
class Measured:
    """What a check found out about one section by asking the model."""

    # The stamp that the collection carried, and a digest of its records: what the findings are about.
    recorded: Stamp | None
    records: str
    evidence: Evidence
    # The mean of the section's unit vectors, ``float32[d]``.
    centroid: Vectors
    # Share of its words that the model never reads, by script, of the worst; how many scripts there are where it is
    # not 0, and the share of all words of the section.
    unread: Mapping[str, float] = field(default_factory=dict)
    unread_scripts: int = 0
    unread_share: float = 0.0
    # How many of the saved questionnaires get a ranking of each verdict here.
    separations: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Measurement:
    """One check of a whole workspace, kept for good."""

    # In UTC, as ISO 8601.
    time: str
    embedder: str
    query: Stamp
    # The canaries then and now; None where none were recorded, or the model could not be asked.
    canary_min_cosine: float | None
    canary_recorded: str
    # Why the model could not be asked; empty where it could.
    failure: str
    sections: Mapping[str, Measured]
    versions: Mapping[str, str]
    # Whether a person has taken the centroids of this check as those to compare with.
    accepted: bool = False
    # The server that was asked; empty where it is the provider's own, or none.
    address: str = ""


@dataclass(frozen=True)
class Trust:
    """May a collection be asked?"""

    state: State
    # Whether its answers would be random, so that it is only asked when somebody insists.
    random: bool
    reason: str
    # The check that shows it: "model", "canaries" or "evidence".
    shown_by: str = "model"


def decide(declared: State, measurement: Measurement | None, section: str, thresholds: Thresholds) -> Trust:
    """Weigh what is recorded against what was measured.

    ``declared`` compares recorded digests. ``measurement`` is None where none was made of this collection and model.
    """
    if measurement is not None and measurement.failure and declared is not State.MISMATCH:
        return Trust(State.UNVERIFIED, False, f"The model could not be asked: {measurement.failure}")
    measured = measurement.sections.get(section) if measurement else None
    canary = measurement.canary_min_cosine if measurement else None
    if measured is None or not measured.evidence.cosines:
        return _by_record(declared, canary, thresholds)
    evidence = measured.evidence
    foreign, looked = len(evidence.below(thresholds.cosine_broken)), len(evidence.cosines)
    if foreign == looked:
        renamed = declared in (State.MISMATCH, State.UNVERIFIED)
        state, reason = (State.MISMATCH, _OTHER_MODEL) if renamed else (State.DRIFTED, _OTHER_MEANING)
        return Trust(state, True, reason, "model" if declared is State.MISMATCH else "evidence")
    if foreign:
        reason = f"{foreign} of {looked} scripts looked at were embedded by another model."
        return Trust(State.MISMATCH, True, reason, "evidence")
    worst = min(evidence.cosines.values())
    if worst < thresholds.cosine_attention:
        return Trust(
            State.DRIFTED, False, f"The vectors have moved a little (cosine {worst:.4f} at worst).", "evidence"
        )
    return _agreeing(declared, canary, thresholds)


_OTHER_MODEL = "Another model embedded these scripts."
_OTHER_MEANING = "The model's name is the same, but it answers with other vectors than those that are stored."


def _agreeing(declared: State, canary: float | None, thresholds: Thresholds) -> Trust:
    """The stored vectors are those that the model makes today, whatever name is recorded."""
    if canary is not None and canary < thresholds.cosine_attention:
        return _drifted(canary, thresholds)
    if declared is State.MISMATCH:
        return Trust(
            State.STALE, False, "Recorded under another model's name, but the stored vectors are this model's."
        )
    if declared is State.STALE:
        return Trust(State.STALE, False, "Same model, but the text was prepared in another way.")
    return Trust(State.MATCH, False, "The stored vectors are those that the model makes today.")


def _by_record(declared: State, canary: float | None, thresholds: Thresholds) -> Trust:
    """What can be said without a look at the vectors themselves."""
    if declared is State.MISMATCH:
        return Trust(State.MISMATCH, True, "Another model is recorded with these scripts than the one that asks.")
    if canary is not None and canary < thresholds.cosine_attention:
        return _drifted(canary, thresholds)
    return Trust(declared, False, "By what is recorded.")


def _drifted(canary: float, thresholds: Thresholds) -> Trust:
    said = f"The model answers the canary sentences otherwise than when they were recorded (cosine {canary:.4f})."
    return Trust(State.DRIFTED, canary < thresholds.cosine_broken, said, "canaries")
