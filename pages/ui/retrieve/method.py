"""The method that ranked the scripts, in a sentence or two for the engineer."""

from services.domain.methods import Method, Mode, Nearest, Passages

_MODES = {
    Mode.DENSE: "By meaning (dense): by cosine distance",
    Mode.LEXICAL: "By words (lexical): by BM25",
    Mode.HYBRID: "By both (hybrid): by reciprocal rank fusion of cosine distance and BM25",
}
_PASSAGES = {Passages.CARD: "cards only", Passages.BODY: "bodies only", Passages.START: "beginnings only"}


def told(method: Method, model_digest: str) -> str:
    """All that is not as in a new workspace."""
    parts = [_PASSAGES[method.passages]] if method.passages in _PASSAGES else []
    if method.nearest is Nearest.MEAN:
        parts.append("the mean of all passages")
    if method.mode is Mode.HYBRID and method.dense_weight != method.lexical_weight:
        parts.append(f"weights {method.dense_weight:g} and {method.lexical_weight:g}")
    if method.variety:
        parts.append(f"variety {method.variety:g}")
    cut_off = method.cut_off(model_digest)
    if cut_off is not None:
        parts.append(f"none beyond {cut_off:g}")
    return f"{', '.join([_MODES[method.mode], *parts])}."
