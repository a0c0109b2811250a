"""The cells of the health matrix: each compares two things, and says what it saw, what that means and what mends it."""

from collections.abc import Mapping, Sequence

import numpy as np

from services.domain.checks import Cell, Check, Mend
from services.domain.model_digest import Stamp, State
from services.domain.scripts import Record
from services.domain.separation import Verdict
from services.domain.settings import Thresholds
from services.domain.trust import Measured, Measurement

_SHORT, _SHORTER = 12, 8
_UNIT = 1e-3
# A section whose saved questionnaires mostly get no information is looked at; below this number they say little.
_ENOUGH_QUESTIONNAIRES = 4
_NOT_YET = "not checked yet"
_ASK = "Check now: the model has not been asked since the collection was made."


def model(recorded: Stamp | None, query: Stamp, measured: Measured | None, limits: Thresholds) -> Cell:
    """The recorded model digest against that of the embedder that asks."""
    if recorded is None:
        return Cell(
            Check.MODEL,
            State.UNVERIFIED,
            "none recorded",
            "Nothing is recorded of the model that embedded the scripts.",
            "Only the evidence can tell whether it may be asked.",
            Mend.EMBED,
        )
    compared = (
        f"Recorded: {recorded.model_name} ({recorded.model_digest[:_SHORT]}). "
        f"Asks: {query.model_name} ({query.model_digest[:_SHORT]})."
    )
    if recorded.model_digest == query.model_digest:
        return Cell(Check.MODEL, State.MATCH, recorded.model_name, compared)
    worst = measured.evidence.min_cosine if measured else None
    if worst is not None and worst >= limits.cosine_attention:
        means = (
            "The names differ, but the vectors are the same. If both names are one model, say so with same_as in "
            "workspace.yaml; else embed the scripts anew."
        )
        return Cell(Check.MODEL, State.STALE, recorded.model_name, compared, means, Mend.EMBED)
    if worst is not None and worst >= limits.cosine_broken:
        means = (
            "The two models make nearly the same vectors; what is retrieved is slightly off. Embed the scripts anew."
        )
        return Cell(Check.MODEL, State.DRIFTED, recorded.model_name, compared, means, Mend.EMBED)
    means = "Two models, two vector spaces: what is retrieved is random. Embed the scripts anew."
    return Cell(Check.MODEL, State.MISMATCH, recorded.model_name, compared, means, Mend.EMBED)


def canaries(last: Measurement | None, recorded: str, limits: Thresholds) -> Cell:
    """The canary sentences as the model embeds them now, against how it did when they were recorded."""
    if last is None:
        return Cell(Check.CANARIES, State.UNVERIFIED, _NOT_YET, _ASK, mend=Mend.CHECK)
    if last.failure:
        return _unasked(Check.CANARIES, last.failure)
    worst = last.canary_min_cosine
    if worst is None:
        if not recorded:
            said = "None were recorded with this model, and the evidence does not allow to record them now."
            return Cell(Check.CANARIES, State.UNVERIFIED, "none recorded", said, "See the evidence.", Mend.EMBED)
        said = f"First recorded {recorded}, after the evidence had matched. Later checks compare with them."
        return Cell(Check.CANARIES, None, "new", said)
    compared = f"The canary sentences, embedded {last.canary_recorded} and {last.time}: cosine {worst:.5f} at worst."
    if worst >= limits.cosine_attention:
        return Cell(Check.CANARIES, State.MATCH, f"{worst:.4f}", compared)
    means = "The model's name is the same, but it answers otherwise than it did: the provider has changed it."
    if worst >= limits.cosine_broken:
        means = "The model's answers have moved a little since the scripts were embedded."
    return Cell(
        Check.CANARIES, State.DRIFTED, f"{worst:.4f}", compared, f"{means} Embed the scripts anew.", Mend.EMBED_ALL
    )


def evidence(measured: Measured | None, failure: str, limits: Thresholds) -> Cell:
    """Stored passages embedded once more, against their stored vectors."""
    if failure:
        return _unasked(Check.EVIDENCE, failure)
    if measured is None:
        return Cell(Check.EVIDENCE, State.UNVERIFIED, _NOT_YET, _ASK, mend=Mend.CHECK)
    seen = measured.evidence
    worst, looked = seen.min_cosine, len(seen.cosines)
    if worst is None:
        said = "The stored vectors have another number of dimensions than the model makes."
        return Cell(Check.EVIDENCE, State.MISMATCH, "not comparable", said, "Embed the scripts anew.", Mend.EMBED)
    compared = (
        f"{seen.passages} stored passages of {looked} of {seen.scripts} scripts, embedded once more: "
        f"cosine {worst:.5f} at worst."
    )
    foreign = len(seen.below(limits.cosine_broken))
    if foreign:
        who = "All scripts" if foreign == looked else f"{foreign} of {looked} scripts"
        means = f"{who} looked at were embedded by another model than the one that asks."
        short = f"{foreign} of {looked} foreign"
        return Cell(Check.EVIDENCE, State.MISMATCH, short, compared, f"{means} Embed them anew.", Mend.EMBED_ALL)
    if worst < limits.cosine_attention:
        means = "The stored vectors are near those that the model makes today, but not the same."
        return Cell(
            Check.EVIDENCE, State.DRIFTED, f"{worst:.4f}", compared, f"{means} Embed the scripts anew.", Mend.EMBED_ALL
        )
    return Cell(Check.EVIDENCE, State.MATCH, f"{worst:.4f}", compared)


def agreement(recorded: Stamp | None, others: Mapping[str, Stamp | None]) -> Cell:
    """The collections against each other."""
    if not others:
        return Cell(Check.AGREEMENT, None, "alone", "No other collection holds anything.")
    other_model = [name for name, stamp in others.items() if _digest(stamp) != _digest(recorded)]
    if other_model:
        said = f"Another model is recorded with {', '.join(other_model)}."
        means = "One question cannot be asked of both. Embed the scripts anew with one model."
        return Cell(Check.AGREEMENT, State.MISMATCH, f"not with {len(other_model)}", said, means, Mend.EMBED)
    other_way = [name for name, stamp in others.items() if stamp != recorded]
    if other_way:
        said = f"The text of {', '.join(other_way)} was prepared in another way."
        return Cell(
            Check.AGREEMENT, State.STALE, f"not with {len(other_way)}", said, "Distances compare badly.", Mend.EMBED
        )
    return Cell(Check.AGREEMENT, State.MATCH, "all agree", f"The same model and preparation as {', '.join(others)}.")


def preparation(recorded: Stamp | None, query: Stamp) -> Cell:
    """The recorded recipe digest against today's."""
    if recorded is None:
        return Cell(Check.PREPARATION, State.UNVERIFIED, "none recorded", "No recipe is recorded.", mend=Mend.EMBED)
    if recorded.model_digest != query.model_digest:
        return Cell(Check.PREPARATION, None, "other model", "Recipes of two models cannot be compared.")
    compared = f"Recorded recipe {recorded.recipe_digest[:_SHORT]}, today's {query.recipe_digest[:_SHORT]}."
    if recorded.recipe_digest == query.recipe_digest:
        return Cell(Check.PREPARATION, State.MATCH, recorded.recipe_digest[:_SHORTER], compared)
    means = "The same model, but the scripts were cut or their cards filled in another way than they would be today."
    return Cell(Check.PREPARATION, State.STALE, "another way", compared, f"{means} Embed the scripts anew.", Mend.EMBED)


def vectors(records: Sequence[Record], query: Stamp, distance: str, *, normalised: bool) -> Cell:
    """Numbers, lengths, dimensions, and the distance function that the index was made for."""
    present = [record.vectors.values for record in records if record.vectors is not None]
    if not present:
        return Cell(Check.VECTORS, None, "no records", "The records of these passages are gone or left out.")
    values = np.concatenate(present)
    lengths = np.linalg.norm(values, axis=1)
    problems = []
    if not np.isfinite(lengths).all():
        problems.append("some are no numbers")
    elif normalised and np.abs(lengths - 1).max() > _UNIT:
        problems.append("some are not of unit length, as this model's are")
    if distance != "cosine":
        problems.append(f"the index measures {distance or 'an unknown distance'} instead of cosine distance")
    dimensions = values.shape[1]
    compared = f"{len(values):,} vectors of {dimensions} numbers, lengths {lengths.min():.4f} to {lengths.max():.4f}."
    if dimensions != query.dimensions:
        means = f"The model that asks makes {query.dimensions} numbers. Embed the scripts anew."
        return Cell(Check.VECTORS, State.MISMATCH, f"{dimensions} numbers", compared, means, Mend.EMBED)
    if problems:
        means = f"{', '.join(problems).capitalize()}. Embed the scripts anew."
        return Cell(Check.VECTORS, State.DRIFTED, "unsound", compared, means, Mend.EMBED_ALL)
    return Cell(Check.VECTORS, State.MATCH, f"{dimensions}, unit" if normalised else f"{dimensions}", compared)


def index(*, synced: bool, findings: tuple[str, ...]) -> Cell:
    """The index against the records: by digest, and by asking for passages by their own vectors."""
    compared = "Digests of all records; and some passages, asked for by their own vectors."
    if findings:
        means = f"{findings[0]} Rebuild the index."
        return Cell(Check.INDEX, State.STALE, "does not find", compared, means, Mend.REBUILD)
    if not synced:
        means = "The index does not hold exactly what the records say. Rebuild it."
        return Cell(Check.INDEX, State.STALE, "behind", compared, means, Mend.REBUILD)
    return Cell(Check.INDEX, State.MATCH, "in sync", compared)


def unread(measured: Measured | None, failure: str) -> Cell:
    """How much of the text the model never reads."""
    if failure:
        return _unasked(Check.UNREAD, failure)
    if measured is None:
        return Cell(Check.UNREAD, State.UNVERIFIED, _NOT_YET, _ASK, mend=Mend.CHECK)
    share = measured.unread_share
    if not measured.unread_scripts:
        return Cell(Check.UNREAD, State.MATCH, "all read", "Every word stands in a passage that the model reads whole.")
    said = f"{share:.1%} of the words, in {measured.unread_scripts} scripts, stand in no passage that the model reads."
    means = "Nobody can find these scripts by those words. Embed them anew."
    return Cell(Check.UNREAD, State.STALE, f"{share:.1%} unread", said, means, Mend.EMBED_ALL)


def rankings(measured: Measured | None, failure: str, *, random: bool) -> Cell:
    """What the saved questionnaires get: a ranking that stands apart from chance, or none."""
    if failure:
        return _unasked(Check.RANKINGS, failure)
    if measured is None:
        return Cell(Check.RANKINGS, State.UNVERIFIED, _NOT_YET, _ASK, mend=Mend.CHECK)
    counts = measured.separations
    total, silent = sum(counts.values()), counts.get(Verdict.NO_INFORMATION.value, 0)
    if not total:
        return Cell(Check.RANKINGS, None, "none saved", "There is no saved questionnaire, or too few scripts to tell.")
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    compared = f"{total} saved questionnaires: {told}."
    if total >= _ENOUGH_QUESTIONNAIRES and silent > total / 2:
        means = "Most rankings here are no better than those of unrelated questions. See the evidence."
        return Cell(Check.RANKINGS, State.DRIFTED, f"{total - silent} of {total}", compared, means)
    if random:
        said = f"{compared} Where only a part of the vectors is foreign, that says nothing."
        return Cell(Check.RANKINGS, None, "no meaning", said)
    return Cell(Check.RANKINGS, State.MATCH, f"{total - silent} of {total}", compared)


def shift(measured: Measured | None, baseline: Measured | None, limits: Thresholds) -> Cell:
    """How far the middle of the section has moved since the check that it is compared with."""
    if measured is None or baseline is None or measured is baseline:
        return Cell(Check.SHIFT, None, "first check", "There is no earlier check of this model to compare with.")
    moved = centroid_shift(measured, baseline)
    if moved is None:
        return Cell(Check.SHIFT, None, "not comparable", "The earlier check was of vectors of another size.")
    compared = f"The mean of all vectors has moved by {moved:.1%} of its length since the check compared with."
    if moved <= limits.centroid_shift:
        return Cell(Check.SHIFT, State.MATCH, f"{moved:.1%}", compared)
    changed = measured.records != baseline.records
    means = "Scripts came, went or changed; if that was meant, take this as the new baseline."
    if not changed:
        means = "The records are the same, so their vectors were made by something else."
    return Cell(Check.SHIFT, State.DRIFTED, f"{moved:.1%}", compared, means, Mend.ACCEPT)


def centroid_shift(now: Measured, then: Measured) -> float | None:
    """Distance between the two centroids as a share of the earlier one's length; None where sizes differ."""
    if now.centroid.shape != then.centroid.shape:
        return None
    length = float(np.linalg.norm(then.centroid))
    return float(np.linalg.norm(now.centroid - then.centroid)) / length if length else None


def _unasked(check: Check, failure: str) -> Cell:
    return Cell(check, State.UNVERIFIED, "not asked", f"The model could not be asked. {failure}", mend=Mend.CHECK)


def _digest(stamp: Stamp | None) -> str:
    return stamp.model_digest if stamp else ""
