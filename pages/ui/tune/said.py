"""Ways of finding scripts, in words: for a practitioner first, the exact term beside it."""

from pages.ui.evaluate import numbers
from services.domain.comparison import Test
from services.domain.measures import Interval
from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.settings import Settings

MODES = {Mode.DENSE: "By meaning", Mode.LEXICAL: "By words", Mode.HYBRID: "By both"}
MODES_SAY = {
    Mode.DENSE: "Scripts that mean something near to what was said, whatever the words.",
    Mode.LEXICAL: "Scripts that use the same words, rare ones above all.",
    Mode.HYBRID: "Both rankings put together: what comes early in either comes early.",
}
MODES_TERM = (
    "By meaning: dense retrieval, cosine distance of vectors. By words: lexical retrieval, BM25. "
    "By both: hybrid, reciprocal rank fusion with k = 60."
)
PASSAGES = {
    Passages.BOTH: "Card and text",
    Passages.CARD: "The card only",
    Passages.BODY: "The text only",
    Passages.START: "The beginning, as public figures are measured",
}
PASSAGES_SAY = {
    Passages.BOTH: "What a script is for, and every part of its text.",
    Passages.CARD: "Title, situation and focus areas; the text is not looked at.",
    Passages.BODY: "Every part of the text; title and situation are not looked at.",
    Passages.START: "Title and text in one piece, cut where the model stops reading. Can be tried and not used.",
}
PASSAGES_TERM = "Passage policy: each script is embedded as a card and as passages of its text."
NEAREST = {Nearest.BEST: "The best part", Nearest.MEAN: "All parts on average"}
NEAREST_SAY = {
    Nearest.BEST: "A script is as close as the part of it that comes closest.",
    Nearest.MEAN: "A script is as close as its parts are on average.",
}
NEAREST_TERM = "Distance of a script: the smallest, or the mean, of the distances of its passages."
SETTINGS = {
    "mode": "How scripts are found",
    "passages": "What is looked at",
    "nearest": "How a script's parts count",
    "variety": "How varied",
    "cut_off": "How far is too far",
    "weights": "Meaning and words",
}
ALIKE = (
    "Rank-biased overlap with the rankings of now: 1 is the same order as far as both go, 0 nothing in common. One "
    "that only breaks off sooner has 1 too, so look at how many scripts are found."
)
FOUND = "How many scripts are found, of all questionnaires and sections together."
_SAME = 1e-9


def value(settings: Settings, name: str, model_digest: str) -> str:
    """What one of the ``SETTINGS`` is set to."""
    method = settings.method
    if name == "mode":
        return MODES[method.mode]
    if name == "passages":
        return "The beginning" if method.passages is Passages.START else PASSAGES[method.passages]
    if name == "nearest":
        return NEAREST[method.nearest]
    if name == "variety":
        return f"Variety {method.variety:.1f}" if method.variety else "Nearest first"
    if name == "weights":
        return f"Meaning {method.dense_weight:g}, words {method.lexical_weight:g}"
    cut_off = method.cut_off(model_digest)
    return "No cut-off" if cut_off is None else f"Up to {cut_off:.3f}"


def setting(settings: Settings, model_digest: str, present: Settings | None = None) -> str:
    """The whole way in one line: what counts for its mode, and of the rest what is not as usual."""
    method, parts = settings.method, [MODES[settings.method.mode]]
    if method.mode is Mode.HYBRID and abs(method.dense_weight - method.lexical_weight) > _SAME:
        parts.append(value(settings, "weights", model_digest).lower())
    if method.mode is not Mode.LEXICAL:
        parts += [value(settings, name, model_digest).lower() for name in _unusual(method, model_digest)]
    if present is not None and settings.query_template != present.query_template:
        parts.append("another question")
    if present is not None and settings.top_k != present.top_k:
        parts.append(f"shows {settings.top_k}")
    return " · ".join(parts)


def called(method: Method) -> str:
    """What a way is called; one that nobody has named, in plain words."""
    return "The usual way" if unnamed(method) else method.name


def unnamed(method: Method) -> bool:
    """Whether it goes by the name that every workspace begins with."""
    return method.name == Method().name


def headline(settings: Settings, model_digest: str) -> str:
    """The same as a sentence."""
    told = setting(settings, model_digest)
    return f"Scripts are found {told[0].lower()}{told[1:]}"


def _unusual(method: Method, model_digest: str) -> list[str]:
    usual = Method()
    names = ["passages"] if method.passages is not usual.passages else []
    names += ["nearest"] if method.nearest is not usual.nearest else []
    names += ["variety"] if method.variety else []
    return [*names, "cut_off"] if method.cut_off(model_digest) is not None else names


def changes(before: Settings, after: Settings, model_digest: str) -> list[tuple[str, str, str]]:
    """What is what, what it was and what it will be: of everything that differs."""
    rows = [
        (label, value(before, name, model_digest), value(after, name, model_digest)) for name, label in SETTINGS.items()
    ]
    rows += [("What is asked", before.query_template, after.query_template)]
    rows += [("Scripts shown in each section", str(before.top_k), str(after.top_k))]
    return [row for row in rows if row[1] != row[2]]


def figure(interval: Interval) -> str:
    """A mean with its interval, in one line."""
    if interval.value is None:
        return "not measured"
    return _likely(numbers.value(interval), numbers.between(interval))


def difference(interval: Interval) -> str:
    """A difference with its interval, signed, in one line."""
    if interval.value is None:
        return ""
    return _likely(numbers.signed(interval.value), numbers.signed_between(interval))


def _likely(told: str, between: str) -> str:
    return f"{told}, likely {between}" if between else f"{told}, over one questionnaire, so with no interval"


def verdict(test: Test) -> str:
    """What a comparison tells, in a word or two with a shape."""
    if not test.difference.n:
        return "not measured"
    if not test.changed:
        return "● no change"
    if test.too_few:
        return "○ too few to tell"
    if not test.significant:
        return "○ could be chance"
    return "▲ better" if (test.difference.value or 0.0) > 0 else "▼ worse"
