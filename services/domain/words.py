"""Words for people that the pages and the command line share."""

from services.domain.checks import Cell, Check
from services.domain.methods import Mode
from services.domain.model_digest import ModelIdentity, State
from services.domain.separation import Separation, Verdict

# Each state as a word with a shape of its own, so that no colour is needed to tell them apart.
SHAPES = {State.MATCH: "●", State.MISMATCH: "■", State.DRIFTED: "▲", State.STALE: "◆", State.UNVERIFIED: "○"}
# How full the bars are says it too.
BARS = {Verdict.CLEAR: "▰▰▰", Verdict.WEAK: "▰▰▱", Verdict.NO_INFORMATION: "▱▱▱"}

# How scripts are found, for people; the mode's own value is the term.
MODES = {Mode.DENSE: "by meaning", Mode.LEXICAL: "by words", Mode.HYBRID: "by both"}

CHECKS = {
    Check.MODEL: "model",
    Check.CANARIES: "canary sentences",
    Check.EVIDENCE: "evidence",
    Check.AGREEMENT: "agreement",
    Check.PREPARATION: "preparation",
    Check.VECTORS: "vectors",
    Check.INDEX: "index",
    Check.UNREAD: "text read",
    Check.RANKINGS: "rankings",
    Check.SHIFT: "shift",
}


def state(value: State) -> str:
    """A state as its shape and its word."""
    return f"{SHAPES[value]} {value.value}"


def verdict(separation: Separation) -> str:
    """Whether a ranking says anything, as bars and a word, or why that cannot be told."""
    if separation.verdict is None:
        return f"not judged: {separation.reason}"
    return f"{BARS[separation.verdict]} {separation.verdict.value}"


def cell(found: Cell | None) -> str:
    """A cell of the health matrix in a few words: its shape and what was found."""
    if found is None:
        return ""
    return found.short if found.state is None else f"{SHAPES[found.state]} {found.short}"


def model(identity: ModelIdentity) -> str:
    """A model's name; with its precision, where the same weights are used in several."""
    return f"{identity.name} in 8 bits" if identity.precision == "int8" else identity.name


def section(name: str) -> str:
    """A section's name as a heading."""
    return name.replace("-", " ").capitalize()


def count(number: int, noun: str) -> str:
    """'1 script', '2 scripts'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """'under a second', '12 seconds', 'about 3 minutes', 'about 2 hours'."""
    if seconds < 1:
        return "under a second"
    if seconds < 90:  # noqa: PLR2004  a minute and a half reads better in seconds
        return count(round(seconds), "second")
    minutes = round(seconds / 60)
    return f"about {count(minutes, 'minute')}" if minutes < 90 else f"about {count(round(minutes / 60), 'hour')}"  # noqa: PLR2004
