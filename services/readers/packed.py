"""A BEIR corpus in a ZIP, as the public ones are handed out; or as the folder that it holds."""

import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from services.domain.drafts import Item
from services.errors import InvalidInput, StorageFailed
from services.readers import archive
from services.readers.beir import CORPUS, QRELS, QUERIES, read

_FORMATS = ("jsonl", "csv")


def beir(path: Path, source: str, *, splits: Collection[str] = ()) -> Iterator[Item]:
    """Everything in the folder, or in the folder in a ZIP. Raises as ``services.readers.beir.read``, and as a ZIP."""
    if path.is_dir():
        yield from read(path, source, splits=splits)
        return
    with tempfile.TemporaryDirectory(prefix="scriptorium-beir-", ignore_cleanup_errors=True) as room:
        folder = Path(room)
        for called, member in archive.unpacked(path, source, _FORMATS):
            kept = _place(called.removeprefix(f"{source}: "))
            if kept:
                _move(member, folder / kept)
        if not (folder / CORPUS).is_file():
            raise InvalidInput(
                f"{source} holds no {CORPUS} that can be unpacked here.",
                "A file in a ZIP may have 64 MB. Unpack it yourself and import the folder.",
            )
        yield from read(folder, source, splits=splits)


def _place(name: str) -> str:
    """Where a member belongs; empty where it is none of a corpus."""
    path = PurePosixPath(name)
    if path.name in {CORPUS, QUERIES}:
        return path.name
    return f"{QRELS}/{path.name}" if path.parent.name == QRELS and path.suffix == ".tsv" else ""


def _move(member: Path, target: Path) -> None:
    if target.exists():
        raise InvalidInput(f"The ZIP holds several files '{target.name}'.", "Unpack it, and import one folder of it.")
    try:
        target.parent.mkdir(exist_ok=True)
        shutil.move(member, target)
    except OSError as error:
        raise StorageFailed(f"The ZIP cannot be unpacked ({error.strerror}).", "Free some space.") from error
