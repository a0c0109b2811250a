"""Which adapters there are, and how a workspace is put together of them: the one file that names them."""

import os
from collections.abc import Mapping
from functools import cache, partial

import platformdirs

from services.drafts import Reader
from services.embedders.hashing import Hashing
from services.embedders.minilm import MiniLM
from services.embedders.openai import OpenAIEmbedder
from services.embedders.remembering import Remembering
from services.errors import InvalidSettings
from services.indexes.generations import Generations
from services.indexes.in_memory import InMemory
from services.live_index import LiveIndex
from services.ports import Embedder
from services.readers import beir, csv, jsonl, text, walk
from services.readers import records as record_reader
from services.records import record_format
from services.records.questionnaire_files import YamlQuestionnaireStore
from services.records.yaml_files import YamlRecordStore
from services.settings import EmbedderSettings, Paths
from services.vectors import DEFAULT_POLICY

EMBEDDERS = ("minilm", "openai", "hashing")
READERS: Mapping[str, Reader] = {
    "records": partial(record_reader.read, decode=record_format.decode),
    "text": text.read,
    "csv": csv.read,
    "jsonl": jsonl.read,
    "beir": beir.read,
}
KEY_NAME = "OPENAI_API_KEY"
# The pair that turns paths into drafts, and a record into bytes.
AUTO, read_all, encode_record = walk.AUTO, walk.read_all, record_format.encode
_ADDRESS_NAME = "OPENAI_BASE_URL"
_DEFAULT_OPENAI_MODEL = "text-embedding-3-small"
_READ_ONLY = "The workspace is read-only: it is searched in memory and cannot be changed."


def record_store(paths: Paths, sections: tuple[str, ...]) -> YamlRecordStore:
    """Where the records of a workspace are kept."""
    return YamlRecordStore(paths, sections)


def questionnaire_store(paths: Paths) -> YamlQuestionnaireStore:
    """Where its questionnaires are kept."""
    return YamlQuestionnaireStore(paths.questionnaires)


def live_index(paths: Paths, *, writable: bool) -> LiveIndex:
    """Its index: Chroma where it can be stored, exact in memory otherwise."""
    stored = Generations(paths.index, DEFAULT_POLICY.card) if writable else None
    return LiveIndex(stored, InMemory, _READ_ONLY)


def embedder(chosen: EmbedderSettings, secrets: Mapping[str, str]) -> Embedder:
    """The embedder that the settings choose. Keys come from ``secrets``, else from the environment.

    Raises:
        InvalidSettings: there is none of this name.
    """
    return Remembering(_embedder(chosen, secrets))


def _embedder(chosen: EmbedderSettings, secrets: Mapping[str, str]) -> Embedder:
    if chosen.name == "minilm":
        return _minilm()
    if chosen.name == "hashing":
        return Hashing()
    if chosen.name == "openai":
        return OpenAIEmbedder(
            model=chosen.model or _DEFAULT_OPENAI_MODEL,
            dimensions=chosen.dimensions,
            base_url=chosen.base_url or os.environ.get(_ADDRESS_NAME, ""),
            api_key=key(secrets),
        )
    raise InvalidSettings(f"There is no embedder '{chosen.name[:40]}'.", f"Use one of: {', '.join(EMBEDDERS)}.")


def key(secrets: Mapping[str, str]) -> str:
    """The key for a server: from ``secrets``, else from the environment; empty where neither has one."""
    return secrets.get(KEY_NAME) or os.environ.get(KEY_NAME, "")


@cache
def _minilm() -> MiniLM:
    """One for the process: its weights take 90 MB."""
    return MiniLM(cache=platformdirs.user_cache_path("scriptorium"))
