"""Which adapters there are, and how a workspace is put together of them: the one file that names them."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cache, partial
from pathlib import Path

import platformdirs

from services.domain.drafts import Item, Reader
from services.domain.history import Looked
from services.domain.settings import EmbedderSettings, Paths
from services.embedders.around import AskingOnce, Noting
from services.embedders.hashing import Hashing
from services.embedders.kept import KeptEmbeddings
from services.embedders.minilm import MiniLM, Precision
from services.embedders.openai import OpenAIEmbedder
from services.embedders.remembering import Remembering
from services.errors import InvalidSettings
from services.fitting.apart import UmapApart
from services.ground import addresses
from services.indexes.exact import ExactIndex
from services.indexes.generations import Generations
from services.indexes.in_memory import InMemory
from services.live_index import LiveIndex
from services.ports import Embedder, History, StrangerStore, VectorIndex
from services.ports.maps import Fitter
from services.readers import archive, csv, documents, jsonl, packed, sheet, stranger, tables, text, trec, walk
from services.readers import records as record_reader
from services.records import record_format
from services.records.canary_files import YamlCanaryStore
from services.records.change_files import ChangeFiles
from services.records.check_log import JsonCheckLog
from services.records.git_history import GitHistory
from services.records.judgement_files import YamlJudgementStore
from services.records.lock import WriterLock
from services.records.map_files import MapFiles
from services.records.questionnaire_files import YamlQuestionnaireStore
from services.records.run_files import JsonRunStore
from services.records.settled_files import YamlSettledStore
from services.records.unsaved_files import UnsavedFiles
from services.records.upload_files import UploadFiles
from services.records.yaml_files import YamlRecordStore
from services.upload.staging import Mappings, Reading
from services.vectors import DEFAULT_POLICY

EMBEDDERS = ("minilm", "minilm-int8", "openai", "hashing")
_ONE_BY_ONE: Mapping[str, Reader] = {
    "records": partial(record_reader.read, decode=record_format.decode),
    "text": text.read,
    "word": documents.word,
    "pdf": documents.pdf,
    "rtf": documents.rtf,
    "csv": csv.read,
    "sheet": sheet.read,
    "jsonl": jsonl.read,
}
READERS: Mapping[str, Reader] = {
    **_ONE_BY_ONE,
    "archive": partial(archive.read, readers=_ONE_BY_ONE),
    "beir": packed.beir,
}
KEY_NAME = "OPENAI_API_KEY"
# What turns paths into drafts, somebody else's store into drafts, and a record into bytes.
AUTO, read_all, read_store, encode_record = walk.AUTO, walk.read_all, stranger.read, record_format.encode
# What reads judgements and rankings that are of no script in particular.
read_qrels, read_run = trec.read_qrels, trec.read_run
_ADDRESS_NAME = "OPENAI_BASE_URL"
_DEFAULT_OPENAI_MODEL = "text-embedding-3-small"
_READ_ONLY = "The workspace is read-only: it is searched in memory and cannot be changed."


def readers(splits: Collection[str]) -> Mapping[str, Reader]:
    """What reads each format; of a BEIR corpus these files of judgements only, where some are named."""
    return {**READERS, "beir": partial(packed.beir, splits=splits)} if splits else READERS


def record_store(paths: Paths, sections: tuple[str, ...], kept: History) -> YamlRecordStore:
    """Where the records of a workspace are kept; what is written there goes into its history."""
    return YamlRecordStore(paths, sections, kept)


def history(paths: Paths, author: Callable[[], str]) -> GitHistory:
    """What its files were; ``author`` says who works here."""
    return GitHistory(paths, author)


def look(folder: Path) -> Looked:
    """What the history of a workspace that may be anybody's tells, and whether it is whole."""
    return GitHistory(Paths(folder)).look()


def writer_lock(paths: Paths, purpose: str) -> AbstractContextManager[bool]:
    """The writer lock of a workspace, even of one that cannot be opened. Raises as ``WriterLock.hold`` does."""
    return WriterLock(paths.lock).hold(purpose)


def questionnaire_store(paths: Paths) -> YamlQuestionnaireStore:
    """Where its questionnaires are kept."""
    return YamlQuestionnaireStore(paths.questionnaires)


def settled_store(paths: Paths) -> YamlSettledStore:
    """Where it is kept which near-duplicates are both meant."""
    return YamlSettledStore(paths.settled)


def judgement_store(paths: Paths) -> YamlJudgementStore:
    """Where it is kept what people say of scripts as answers."""
    return YamlJudgementStore(paths.judgements)


def run_store(paths: Paths) -> JsonRunStore:
    """Where its evaluations are kept."""
    return JsonRunStore(paths.runs)


def canary_store(paths: Paths) -> YamlCanaryStore:
    """Where its models' canaries are kept."""
    return YamlCanaryStore(paths.canaries)


def check_log(paths: Paths) -> JsonCheckLog:
    """Where its checks are kept."""
    return JsonCheckLog(paths.checks)


def upload_store(paths: Paths) -> UploadFiles:
    """Where the way back from each upload is kept."""
    return UploadFiles(paths.uploads)


def reading() -> Reading:
    """How uploaded files are read."""

    def file(path: Path, name: str, mappings: Mappings) -> Iterator[Item]:
        single = {**_ONE_BY_ONE, **{kind: tables.chosen(_ONE_BY_ONE[kind], mappings) for kind in ("csv", "sheet")}}
        return walk.read_file(path, name, {**single, "archive": partial(archive.read, readers=single)})

    return Reading(file, tables.within, tables.look, tables.guess)


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


def map_store(paths: Paths, *, writable: bool) -> MapFiles:
    """Where its maps are kept."""
    return MapFiles(paths.maps, writable=writable)


def fitter() -> Fitter:
    """What places all scripts of a map together."""
    return UmapApart()


def unsaved_store(paths: Paths) -> UnsavedFiles:
    """Where edits under way are kept."""
    return UnsavedFiles(paths.editing, before=paths.derived / "editing")


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


def asking_once(embedder: Embedder) -> Embedder:
    """The same embedder, asked for each text once."""
    return AskingOnce(embedder)


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
