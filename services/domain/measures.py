"""How well rankings fit what people judged: each measure with its definition and source, and a figure's interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.errors import InvalidInput

# Cut-offs that are measured besides the number of scripts that the workspace shows: public figures are given at 10.
CUT_OFFS = (5, 10)
_CRANFIELD = "Cleverdon, Mills and Keen, Factors Determining the Performance of Indexing Systems, 1966."


@dataclass(frozen=True)
class Measure:
    """One measure. ``ir`` is its name in ``ir_measures``, which computes it."""

    name: str
    ir: str
    # What it tells a practitioner, and how it is defined.
    says: str
    definition: str
    source: str


def measures(top_k: int) -> tuple[Measure, ...]:
    """All that are measured, where a person is shown ``top_k`` scripts. Raises ``InvalidInput`` below 1."""
    if top_k < 1:
        # What measures by it would end the process.
        raise InvalidInput(f"Nothing is measured where {top_k} scripts are shown.", "Show at least one.")
    cut_offs = sorted({*CUT_OFFS, top_k})
    return (
        *(_success(k) for k in (1, *(k for k in cut_offs if k != 1))),
        *(_recall(k) for k in cut_offs),
        *(_precision(k) for k in cut_offs),
        *(_ndcg(k) for k in cut_offs),
        Measure(
            "reciprocal_rank",
            "RR",
            "How early the first script that fits comes: 1 first, 0.5 second.",
            "1 divided by the rank of the first script graded 1 or more; 0 where none is among the first 100.",
            "Voorhees, The TREC-8 Question Answering Track Report, 1999.",
        ),
        Measure(
            "average_precision",
            "AP",
            "How early all scripts that fit come, taken together.",
            "The precision at the rank of each script graded 1 or more, averaged over all of them; those not among the "
            "first 100 count 0.",
            "Harman, Evaluation Issues in Information Retrieval, 1992.",
        ),
    )


def measure(name: str, top_k: int) -> Measure:
    """The one of this name. Raises ``KeyError``."""
    return {one.name: one for one in measures(top_k)}[name]


def _success(k: int) -> Measure:
    return Measure(
        f"success@{k}",
        f"Success@{k}",
        f"The share of questionnaires with a script that fits among the first {k}.",
        f"1 where a script graded 1 or more is among the first {k}, else 0.",
        "Craswell and Hawking, Overview of the TREC-2004 Web Track, 2004.",
    )


def _recall(k: int) -> Measure:
    return Measure(
        f"recall@{k}",
        f"R@{k}",
        f"Of the scripts that fit, the share that comes among the first {k}.",
        f"Scripts graded 1 or more among the first {k}, divided by all that are.",
        _CRANFIELD,
    )


def _precision(k: int) -> Measure:
    return Measure(
        f"precision@{k}",
        f"P@{k}",
        f"Of the first {k}, the share that fits.",
        f"Scripts graded 1 or more among the first {k}, divided by {k}, also where fewer were found. A script that "
        "nobody judged counts as one that does not fit.",
        _CRANFIELD,
    )


def _ndcg(k: int) -> Measure:
    return Measure(
        f"nDCG@{k}",
        f"nDCG@{k}",
        f"How near the first {k} are to the best order that the judgements allow; better grades earlier count more.",
        f"The grades of the first {k}, each divided by the base-2 logarithm of (its rank + 1), summed, and divided by "
        f"that sum for the first {k} of the best order of all judged scripts, found or not.",
        "Järvelin and Kekäläinen, Cumulated Gain-Based Evaluation of IR Techniques, 2002; the logarithm of rank plus 1 "
        "as in Burges et al., Learning to Rank Using Gradient Descent, 2005, and in trec_eval.",
    )


@dataclass(frozen=True)
class Interval:
    """A mean over questionnaires, with its 95% bootstrap interval.

    Over one questionnaire there is no interval, over none there is no mean either: None.
    """

    value: float | None
    low: float | None
    high: float | None
    # How many questionnaires it is over.
    n: int


@dataclass(frozen=True)
class Coverage:
    """Of the scripts that were shown, how many somebody has judged."""

    judged: int
    shown: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nothing was shown."""
        return self.judged / self.shown if self.shown else None


@dataclass(frozen=True)
class Figures:
    """All measures of a run. A questionnaire counts once: with the mean of the sections that it is judged in."""

    overall: Mapping[str, Interval] = field(default_factory=dict)
    # By section, then by measure.
    sections: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    # By questionnaire, then by section, then by measure. Only of what could be measured.
    values: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    # By section, of the first scripts of each answer.
    coverage: Mapping[str, Coverage] = field(default_factory=dict)

    def of(self, questionnaire: str, name: str) -> float | None:
        """One questionnaire's figure: the mean over its sections; None where it was not measured."""
        found = [by_measure[name] for by_measure in self.values.get(questionnaire, {}).values() if name in by_measure]
        return sum(found) / len(found) if found else None

    def measured(self, name: str) -> Sequence[str]:
        """The questionnaires that have this figure."""
        return [q for q in self.values if self.of(q, name) is not None]

    @property
    def covered(self) -> Coverage:
        """Over all sections."""
        found = self.coverage.values()
        return Coverage(sum(c.judged for c in found), sum(c.shown for c in found))
