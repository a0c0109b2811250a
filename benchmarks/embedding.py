"""How fast MiniLM reads the demo corpus, and how fast sentence-transformers does where it is installed."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.table import Row, paired
from benchmarks.timing import Pairs, interleave, seconds
from benchmarks.workspaces import rows_by_section
from services.domain.settings import DEFAULT_SECTIONS, Paths
from services.embedders.minilm import WINDOW, MiniLM
from services.records.yaml_files import YamlRecordStore

_DEMO = Path(__file__).parent.parent / "data" / "demo"
_MEANING = (
    "Passages of the demo corpus, card and body, embedded on this machine; sentence-transformers where it is installed."
)


def rows(*, quick: bool) -> Iterator[Row]:
    texts = _texts()[: 40 if quick else 200]
    model = MiniLM()
    model.embed_query("warm")
    tokens = sum(min(count, WINDOW) for count in model.count_tokens(texts))
    rounds = 1 if quick else 3
    if find_spec("sentence_transformers"):
        other = _sentence_transformers()
        pairs = interleave(lambda _: model.embed_documents(texts), lambda _: other.encode(texts), rounds, warm=False)
        yield paired(f"MiniLM, {len(texts)} passages", _MEANING, pairs, note=_speed(texts, tokens, pairs.ours))
        return
    pairs = Pairs(ours=[seconds(lambda: model.embed_documents(texts)) for _ in range(rounds)])
    yield Row(f"MiniLM, {len(texts)} passages", _MEANING, _speed(texts, tokens, pairs.ours))


def _speed(texts: list[str], tokens: int, times: list[float]) -> str:
    return f"{len(texts) / median(times):.1f} passages/s, {tokens / median(times):,.0f} tokens/s"


def _texts() -> list[str]:
    catalogue = YamlRecordStore(Paths(_DEMO), DEFAULT_SECTIONS).catalogue()
    return [text for kept in rows_by_section(catalogue).values() for text in kept.documents]


def _sentence_transformers() -> Any:
    return import_module("sentence_transformers").SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
