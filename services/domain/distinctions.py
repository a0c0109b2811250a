"""In what two runs were not set up alike, and what they were not run on alike, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.runs import Provenance, Run, Setup

_MODES = {Mode.DENSE: "by meaning (dense)", Mode.LEXICAL: "by words (lexical)", Mode.HYBRID: "by both (hybrid)"}
_PARTS = {
    Passages.BOTH: "card and text",
    Passages.CARD: "card only",
    Passages.BODY: "text only",
    Passages.START: "the beginning only",
}
_NEAREST = {Nearest.BEST: "of the nearest part", Nearest.MEAN: "of all parts on average"}
_SHORT = 12
# Of a run that was made elsewhere.
_UNKNOWN = "not known"


@dataclass(frozen=True)
class Distinction:
    """Something that is not the same in two runs."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before} before, {self.after} after."


def distinctions(before: Run, after: Run) -> Iterator[Distinction]:
    """All of them: first what asked and how, then what it was run on."""
    rows = [
        *_of_method(before.setup, after.setup),
        *_of_setup(before.setup, after.setup),
        *_of_ground(before.provenance, after.provenance),
    ]
    for what, old, new in rows:
        if old != new:
            yield Distinction(what, old or "none", new or "none")


_Row = tuple[str, str, str]


def _of_method(before: Setup, after: Setup) -> Iterable[_Row]:
    old, new = before.method, after.method
    yield "Method", old.name, new.name
    if not _both_known(before, after):
        return
    yield "Found", _MODES[old.mode], _MODES[new.mode]
    yield "Looks at", _PARTS[old.passages], _PARTS[new.passages]
    yield "Distance of a script", _NEAREST[old.nearest], _NEAREST[new.nearest]
    if Mode.HYBRID in (old.mode, new.mode):
        yield "Weights of meaning and words", _weights(old), _weights(new)
    yield "Variety", f"{old.variety:g}", f"{new.variety:g}"
    yield "Cut-off distance", _cut_off(before), _cut_off(after)


def _weights(method: Method) -> str:
    return f"{method.dense_weight:g} and {method.lexical_weight:g}" if method.mode is Mode.HYBRID else ""


def _cut_off(setup: Setup) -> str:
    cut_off = setup.method.cut_off(setup.model_digest)
    return "" if cut_off is None else f"{cut_off:g}"


def _of_setup(before: Setup, after: Setup) -> Iterable[_Row]:
    yield "Scripts shown", str(before.top_k), str(after.top_k)
    yield "Model", before.model_name or _UNKNOWN, after.model_name or _UNKNOWN
    if not _both_known(before, after):
        return
    yield "Query template", f"'{before.query_template}'", f"'{after.query_template}'"
    if before.model_name == after.model_name:
        # Under one name: vectors that are none the less of two models.
        yield "What the model's name stands for", _short(before.model_digest), _short(after.model_digest)
    if before.model_digest == after.model_digest:
        yield "Embedder", before.embedder, after.embedder
        yield "How scripts are prepared for the model", _short(before.recipe_digest), _short(after.recipe_digest)
    yield "Scripts that could be found", ", ".join(before.statuses), ", ".join(after.statuses)


def _of_ground(before: Provenance, after: Provenance) -> Iterable[_Row]:
    yield "State of the scripts", _short(before.corpus), _short(after.corpus)
    yield "State of the questionnaires", _short(before.questionnaires), _short(after.questionnaires)
    yield "State of the judgements", _short(before.judgements), _short(after.judgements)
    yield "State of the settings", _short(before.settings), _short(after.settings)
    for library in sorted({*before.versions, *after.versions}):
        yield f"Version of {library}", before.versions.get(library, ""), after.versions.get(library, "")
    yield "Commit", before.commit[:_SHORT], after.commit[:_SHORT]


def _both_known(before: Setup, after: Setup) -> bool:
    """Whether both were made here: of a run that was imported, a setup says no more than its name."""
    return bool(before.model_digest and after.model_digest)


def _short(digest: str) -> str:
    return digest[:_SHORT] or _UNKNOWN
