"""Which adapters there are, and how a workspace is put together of them: the one file that names them."""

import os
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

import platformdirs

from services import addresses
from services.drafts import Reader
from services.embedders.around import Noting
from services.embedders.hashing import Hashing
from services.embedders.kept import KeptEmbeddings
from services.embedders.minilm import MiniLM, Precision
from services.embedders.openai import OpenAIEmbedder
from services.embedders.remembering import Remembering
from services.errors import InvalidSettings
from services.indexes.exact import ExactIndex
from services.indexes.generations import Generations
from services.indexes.in_memory import InMemory
from services.live_index import LiveIndex
from services.ports import Embedder, StrangerStore, VectorIndex
from services.readers import beir, csv, jsonl, stranger, text, walk
from services.readers import records as record_reader
from services.records import record_format
from services.records.canary_files import YamlCanaryStore
from services.records.change_files import ChangeFiles
from services.records.check_log import JsonCheckLog
from services.records.questionnaire_files import YamlQuestionnaireStore
from services.records.yaml_files import YamlRecordStore
from services.settings import EmbedderSettings, Paths
from services.vectors import DEFAULT_POLICY

EMBEDDERS = ("minilm", "minilm-int8", "openai", "hashing")
READERS: Mapping[str, Reader] = {
    "records": partial(record_reader.read, decode=record_format.decode),
    "text": text.read,
    "csv": csv.read,
    "jsonl": jsonl.read,
    "beir": beir.read,
}
KEY_NAME = "OPENAI_API_KEY"
# What turns paths into drafts, somebody else's store into drafts, and a record into bytes.
AUTO, read_all, read_store, encode_record = walk.AUTO, walk.read_all, stranger.read, record_format.encode
_ADDRESS_NAME = "OPENAI_BASE_URL"
_DEFAULT_OPENAI_MODEL = "text-embedding-3-small"
_READ_ONLY = "The workspace is read-only: it is searched in memory and cannot be changed."


def record_store(paths: Paths, sections: tuple[str, ...]) -> YamlRecordStore:
    """Where the records of a workspace are kept."""
    return YamlRecordStore(paths, sections)


def questionnaire_store(paths: Paths) -> YamlQuestionnaireStore:
    """Where its questionnaires are kept."""
    return YamlQuestionnaireStore(paths.questionnaires)


def canary_store(paths: Paths) -> YamlCanaryStore:
    """Where its models' canaries are kept."""
    return YamlCanaryStore(paths.canaries)


def check_log(paths: Paths) -> JsonCheckLog:
    """Where its checks are kept."""
    return JsonCheckLog(paths.checks)


def stranger_store(target: str) -> StrangerStore:
    """A store that somebody else made: a Chroma folder by its path, tables by a connection string of PostgreSQL."""
    # Imported late: only who inspects waits for a database's client.
    if addresses.is_postgres(target):
        from services.stores.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(target)
    from services.stores.chroma_folder import ChromaFolder  # noqa: PLC0415

    return ChromaFolder(Path(target))


def change_store(paths: Paths) -> ChangeFiles:
    """Where its changes of the model are kept."""
    return ChangeFiles(paths)


def embedding_cache(paths: Paths) -> KeptEmbeddings:
    """Where vectors are kept that were paid for."""
    return KeptEmbeddings(paths.embeddings)


def live_index(paths: Paths, *, writable: bool) -> LiveIndex:
    """Its index: Chroma where it can be stored, exact in memory otherwise."""
    stored = Generations(paths.index, DEFAULT_POLICY.card) if writable else None
    return LiveIndex(stored, InMemory, _READ_ONLY)


def throwaway_index() -> VectorIndex:
    """One that is in memory only, and gone when it is let go of."""
    return ExactIndex()


def embedder(chosen: EmbedderSettings, secrets: Mapping[str, str]) -> Embedder:
    """The embedder that the settings choose. Keys come from ``secrets``, else from the environment.

    Raises:
        InvalidSettings: there is none of this name.
    """
    if chosen.name == "minilm":
        return _minilm("float32")
    if chosen.name == "minilm-int8":
        return _minilm("int8")
    if chosen.name == "hashing":
        return Hashing()
    if chosen.name == "openai":
        return OpenAIEmbedder(
            model=chosen.model or _DEFAULT_OPENAI_MODEL,
            dimensions=chosen.dimensions,
            base_url=chosen.base_url or os.environ.get(_ADDRESS_NAME, ""),
            api_key=key(secrets),
            same_as=chosen.same_as,
        )
    raise InvalidSettings(f"There is no embedder '{chosen.name[:40]}'.", f"Use one of: {', '.join(EMBEDDERS)}.")


def noting(embedder: Embedder) -> Noting:
    """The same, which takes note of whether it has embedded a document."""
    return Noting(embedder)


def remembering(embedder: Embedder) -> Embedder:
    """The same, with a short memory for questions: for pages, and never for a check."""
    return Remembering(embedder)


def key(secrets: Mapping[str, str]) -> str:
    """The key for a server: from ``secrets``, else from the environment; empty where neither has one."""
    return secrets.get(KEY_NAME) or os.environ.get(KEY_NAME, "")


@cache
def _minilm(precision: Precision) -> MiniLM:
    """One for the process: its weights take 90 MB."""
    return MiniLM(cache=platformdirs.user_cache_path("scriptorium"), precision=precision)
