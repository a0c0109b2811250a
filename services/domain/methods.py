"""How a questionnaire finds its scripts: by the vectors, by the words, or both; from which passages; how varied.

The workspace has one method, kept with its name in ``workspace.yaml``. The laboratory tries others beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.errors import InvalidSettings
from services.ground import text

# Of reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009.
RANK_CONSTANT = 60
MAX_NAME = 80


class Mode(StrEnum):
    """What a ranking is made by."""

    DENSE = "dense"
    LEXICAL = "lexical"
    HYBRID = "hybrid"


class Passages(StrEnum):
    """Which passages of a script are looked at."""

    BOTH = "both"
    CARD = "card"
    BODY = "body"
    # Title and text as one passage, of which the model reads the beginning: as public figures are measured. No index
    # holds it, so it can be tried and not be asked with.
    START = "start"


class Nearest(StrEnum):
    """How the distance of a script comes from those of its passages."""

    BEST = "best"
    MEAN = "mean"


@dataclass(frozen=True)
class Method:
    """How scripts are found. The first is what a workspace begins with."""

    name: str = "Nearest passage"
    mode: Mode = Mode.DENSE
    passages: Passages = Passages.BOTH
    nearest: Nearest = Nearest.BEST
    # What the two rankings weigh in a hybrid one.
    dense_weight: float = 1.0
    lexical_weight: float = 1.0
    # From 0, nearest first whatever is alike, to 1, as different from each other as can be: 1 - lambda of maximal
    # marginal relevance (Carbonell and Goldstein, SIGIR 1998).
    variety: float = 0.0
    # Scripts that are further away are no answer, by model digest: distances of two models do not compare.
    cut_offs: Mapping[str, float] = field(default_factory=dict)

    def cut_off(self, model_digest: str) -> float | None:
        """The cosine distance beyond which a script is no answer; None where this model has none."""
        return self.cut_offs.get(model_digest)

    @property
    def stored(self) -> bool:
        """Whether the index holds what it looks at, so that a workspace can be asked with it."""
        return self.passages is not Passages.START

    def as_json(self) -> dict[str, Any]:
        """Every field under its name, as JSON values."""
        return {
            "name": self.name,
            "mode": self.mode.value,
            "passages": self.passages.value,
            "nearest": self.nearest.value,
            "dense_weight": self.dense_weight,
            "lexical_weight": self.lexical_weight,
            "variety": self.variety,
            "cut_offs": dict(sorted(self.cut_offs.items())),
        }


def make_method(given: Mapping[str, Any]) -> Method:
    """The method of these fields; what is not given has its default.

    Raises:
        InvalidSettings: an unknown field or value, weights that are both 0, a variety or a cut-off out of bounds.
    """
    usual = Method()
    for key in given:
        if key not in usual.as_json():
            known = ", ".join(usual.as_json())
            raise InvalidSettings(f"A retrieval method has no field '{str(key)[:40]}'.", f"Known: {known}.")
    name = text.one_line(str(given.get("name", usual.name)))[:MAX_NAME] or usual.name
    dense, lexical = (_number(given, f"{kind}_weight", 1.0, 0.0, 100.0) for kind in ("dense", "lexical"))
    if not dense and not lexical:
        raise InvalidSettings("Both weights of a hybrid method are 0.", "Give one of the two a weight.")
    return Method(
        name=name,
        mode=Mode(_choice(given, "mode", Mode, usual.mode)),
        passages=Passages(_choice(given, "passages", Passages, usual.passages)),
        nearest=Nearest(_choice(given, "nearest", Nearest, usual.nearest)),
        dense_weight=dense,
        lexical_weight=lexical,
        variety=_number(given, "variety", 0.0, 0.0, 1.0),
        cut_offs=_cut_offs(given.get("cut_offs", {})),
    )


def _choice(given: Mapping[str, Any], key: str, kind: type[StrEnum], usual: StrEnum) -> str:
    value = given.get(key, usual.value)
    known = [member.value for member in kind]
    if value not in known:
        raise InvalidSettings(f"'{str(value)[:40]}' is no {key} of a retrieval method.", f"Known: {', '.join(known)}.")
    return str(value)


def _number(given: Mapping[str, Any], key: str, usual: float, low: float, high: float) -> float:
    try:
        number = float(given.get(key, usual))
    except (TypeError, ValueError):
        raise InvalidSettings(f"'{key}' of a retrieval method is no number.", f"The default is {usual}.") from None
    # NaN is between nothing.
    if not low <= number <= high:
        raise InvalidSettings(
            f"'{key}' of a retrieval method is {number}.", f"It goes from {low:g} to {high:g}; the default is {usual}."
        )
    return number


def _cut_offs(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise InvalidSettings("'cut_offs' of a retrieval method is no mapping.", "Give a distance by model digest.")
    return {str(digest): _number(value, digest, 2.0, 0.0, 2.0) for digest in value}
