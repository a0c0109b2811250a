"""Canaries as YAML files: ``canaries/<model digest>.yaml``."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from services.domain.canaries import Canaries
from services.domain.scripts import BrokenRecord
from services.errors import InvalidYaml
from services.ground import files, yaml_text
from services.records import vector_text

FORMAT = "scriptorium-canaries/1"
_KEYS = {"format", "model", "model_digest", "recorded", "dimensions", "sentences", "documents", "questions"}
_NEXT_STEP = "Bring the file back from a copy, or delete it: the next check that finds nothing wrong records it anew."


class YamlCanaryStore:
    """The canaries of one workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = threading.Lock()
        self._read: dict[Path, tuple[files.Mark, Canaries | BrokenRecord]] = {}

    def all(self) -> tuple[Mapping[str, Canaries], tuple[BrokenRecord, ...]]:
        """Canaries by model digest, and the files that are none. Reads only what changed since the last call."""
        with self._reading:
            self._read = {path: self._current(path) for path in sorted(self._folder.glob("[!.]*.yaml"))}
            found = [item for _, item in self._read.values()]
        good = {item.model_digest: item for item in found if isinstance(item, Canaries)}
        return good, tuple(item for item in found if isinstance(item, BrokenRecord))

    def _current(self, path: Path) -> tuple[files.Mark, Canaries | BrokenRecord]:
        mark = files.mark_of(path)
        if mark is None:
            # Deleted since the folder was listed, or a link to nothing: reading it says what is the matter.
            return files.NO_MARK, _read(path)
        known = self._read.get(path)
        return known if known is not None and known[0] == mark else (mark, _read(path))

    def put(self, canaries: Canaries) -> None:
        """Store those of one model atomically. Raises ``StorageFailed``."""
        files.write_atomically(self._folder / f"{canaries.model_digest}.yaml", encode(canaries))


def encode(canaries: Canaries) -> bytes:
    """The bytes of a file of canaries."""
    return yaml_text.dump(
        {
            "format": FORMAT,
            "model": canaries.model_name,
            "model_digest": canaries.model_digest,
            "recorded": canaries.recorded,
            "dimensions": canaries.documents.shape[1],
            "sentences": list(canaries.sentences),
            "documents": vector_text.encode(canaries.documents),
            "questions": vector_text.encode(canaries.questions),
        }
    )


def _read(path: Path) -> Canaries | BrokenRecord:
    source = f"canaries/{path.name}"
    try:
        canaries = _decode(yaml_text.load(path.read_bytes(), source=source))
    except InvalidYaml as error:
        return BrokenRecord(source, error.cause, error.next_step)
    except OSError as error:
        return BrokenRecord(source, f"{source} cannot be read ({error.strerror}).", "Check its permissions.")
    except (ValueError, TypeError) as error:
        return BrokenRecord(source, f"{source} cannot be used: {error}.", _NEXT_STEP)
    if path.stem != canaries.model_digest:
        return BrokenRecord(source, f"{source} holds the canaries of another model.", "Delete it or bring it back.")
    return canaries


def _decode(value: Any) -> Canaries:
    if not isinstance(value, dict) or set(value) != _KEYS or value["format"] != FORMAT:
        raise ValueError(f"it is no {FORMAT}")
    sentences = value["sentences"]
    texts = (value["model"], value["model_digest"], value["recorded"], value["documents"], value["questions"])
    if not isinstance(sentences, list) or not all(isinstance(text, str) for text in (*texts, *sentences)):
        raise ValueError("something in it is not text")
    dimensions = int(value["dimensions"])
    documents, questions = (
        vector_text.decode(value[key], len(sentences), dimensions) for key in ("documents", "questions")
    )
    if not (np.isfinite(documents).all() and np.isfinite(questions).all()):
        raise ValueError("a number in it is NaN or infinite")
    return Canaries(*texts[:3], tuple(sentences), documents, questions)
