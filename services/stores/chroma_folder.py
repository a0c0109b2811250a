"""A Chroma folder that somebody else made: copied, and the copy read by a process that may die of it."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from services.domain.inspection import StoredCollection, StoredRows
from services.errors import NotFound, StorageFailed, StoreUnreadable
from services.stores import chroma_copy

_PATIENCE_SECONDS = 120.0
_GLANCE_SECONDS = 0.01
_FAREWELL_SECONDS = 5.0


class ChromaFolder:
    """The store in a folder. Nothing is copied until something is asked."""

    kind = "Chroma folder"

    def __init__(self, folder: Path, patience: float = _PATIENCE_SECONDS) -> None:
        """``patience``: seconds that one question may take before the folder counts as damaged."""
        self._folder = folder.absolute()
        self._patience = patience
        self._room: tempfile.TemporaryDirectory[str] | None = None
        self._child: subprocess.Popen[str] | None = None
        self._asked = 0
        self._keys: dict[str, str] = {}

    def collections(self) -> Sequence[StoredCollection]:
        """What it holds, by name. Raises ``NotFound`` and ``StoreUnreadable``."""
        told = self._ask({"ask": "collections"})
        self._keys = {one["name"]: one["key"] for one in told["collections"]}
        return [
            StoredCollection(one["name"], one["count"], one["dimensions"], one["distance"], one["claims"])
            for one in told["collections"]
        ]

    def rows(self, name: str, limit: int) -> StoredRows:
        """At most ``limit`` rows, spread evenly. Raises ``NotFound`` and ``StoreUnreadable``."""
        if not self._keys:
            self.collections()
        if name not in self._keys:
            raise NotFound(f"There is no collection '{name[:80]}' in {self._folder}.", "Inspect the folder again.")
        told = self._ask({"ask": "rows", "key": self._keys[name], "limit": limit}, name)
        vectors = np.load(self._answer.with_suffix(".npy"), allow_pickle=False)
        self._answer.with_suffix(".npy").unlink()
        return StoredRows(tuple(told["ids"]), tuple(told["documents"]), vectors, tuple(told["metadatas"]))

    def close(self) -> None:
        """End the child and remove the copy."""
        if self._child is not None:
            self._end(self._child)
            self._child = None
        if self._room is not None:
            self._room.cleanup()
            self._room = None

    @property
    def _answer(self) -> Path:
        return Path(self._room.name if self._room else "") / "answers" / f"{self._asked}.json"

    def _ask(self, question: dict[str, Any], collection: str = "") -> dict[str, Any]:
        """The child's answer. On failure nothing is left behind."""
        try:
            child = self._child or self._begin()
            self._asked += 1
            answer = self._answer
            self._send(child, {"number": self._asked, **question})
            self._await(child, answer, collection)
            told: dict[str, Any] = json.loads(answer.read_text("ascii"))
            answer.unlink()
            self._check(told, collection)
        except BaseException:
            self.close()
            raise
        return told

    def _check(self, told: dict[str, Any], collection: str) -> None:
        if "error" in told:
            raise self._damaged(collection, told["error"])

    def _begin(self) -> "subprocess.Popen[str]":
        chroma_copy.check(self._folder)
        try:
            self._room = tempfile.TemporaryDirectory(prefix="scriptorium-inspect-", ignore_cleanup_errors=True)
            room = Path(self._room.name)
            (room / "answers").mkdir()
        except OSError as error:
            raise StorageFailed(f"No temporary folder can be made ({error.strerror}).", "Set TMPDIR.") from error
        chroma_copy.copy(self._folder, room / "copy")
        command = [sys.executable, "-m", "services.stores.chroma_reader", str(room / "copy"), str(room / "answers")]
        # The child runs where it finds this package.
        root = Path(__file__).parent.parent.parent
        with (room / "complaints").open("wb") as complaints:
            self._child = subprocess.Popen(  # noqa: S603  this very program
                command, cwd=root, stdin=subprocess.PIPE, stdout=complaints, stderr=complaints, text=True
            )
        return self._child

    @staticmethod
    def _send(child: "subprocess.Popen[str]", question: dict[str, Any]) -> None:
        if child.stdin is not None:
            try:
                child.stdin.write(f"{json.dumps(question)}\n")
                child.stdin.flush()
            except OSError:  # it has died: waiting for its answer says so
                return

    def _await(self, child: "subprocess.Popen[str]", answer: Path, collection: str) -> None:
        until = time.monotonic() + self._patience
        while not answer.is_file():
            code = child.poll()
            if code is not None and not answer.is_file():
                raise self._damaged(collection, f"the process that read it died with code {code}{self._complaint()}")
            if time.monotonic() > until:
                raise self._damaged(collection, f"it could not be read within {self._patience:g} seconds")
            time.sleep(_GLANCE_SECONDS)

    def _complaint(self) -> str:
        """The last line that the child wrote before it died, if it wrote any."""
        room = Path(self._room.name) if self._room else Path()
        lines = (room / "complaints").read_text("utf-8", "replace").strip().splitlines()
        return f": {lines[-1].strip()[:200]}" if lines else ""

    def _damaged(self, collection: str, why: str) -> StoreUnreadable:
        what = f"The collection '{collection}' in {self._folder}" if collection else str(self._folder)
        cause = f"{what} is damaged, or of a version of Chroma that cannot be opened here: {why}."
        return StoreUnreadable(cause, "It was not changed. Restore it from a backup, or fill it anew from its source.")

    @staticmethod
    def _end(child: "subprocess.Popen[str]") -> None:
        try:
            if child.stdin is not None:
                child.stdin.close()
            child.wait(_FAREWELL_SECONDS if child.poll() is None else 0)
        except (OSError, subprocess.TimeoutExpired):
            child.kill()
            child.wait()
