"""Near-duplicates that are both meant: ``settled.yaml``."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.domain.scripts import BrokenRecord
from services.domain.settled import Meant, Pair
from services.errors import InvalidInput, InvalidYaml
from services.ground import files, text, yaml_text

FORMAT = "scriptorium-settled/1"
_ENTRY = {"scripts", "texts", "by", "time"}
_NEXT_STEP = "Mend it or bring it back with git; deleted, near-duplicates that were settled come up once more."
_NOTHING: Mapping[Pair, Meant] = {}


class YamlSettledStore:
    """What was settled in one workspace. Canonical: it can be had from nowhere else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reading = threading.Lock()
        self._read: tuple[files.Mark, Mapping[Pair, Meant] | BrokenRecord] | None = None

    def all(self) -> tuple[Mapping[Pair, Meant], tuple[BrokenRecord, ...]]:
        """What was settled, by pair, and the file where it cannot be read. Reads it only if it has changed."""
        with self._reading:
            mark = files.mark_of(self._path) or files.NO_MARK
            if self._read is None or self._read[0] != mark:
                self._read = (mark, self._load())
            found = self._read[1]
        return (_NOTHING, (found,)) if isinstance(found, BrokenRecord) else (found, ())

    def put(self, meant: Meant) -> None:
        """Keep one more. Raises ``InvalidYaml``, ``StorageFailed``."""
        self._write({**self._present(), meant.pair: meant})

    def forget(self, pair: Pair) -> None:
        """Take one back; nothing happens where it is not there. Raises ``InvalidYaml``, ``StorageFailed``."""
        self._write({known: meant for known, meant in self._present().items() if known != pair})

    def _present(self) -> Mapping[Pair, Meant]:
        found, broken = self.all()
        if broken:
            # What it held would be lost.
            raise InvalidYaml(broken[0].cause, broken[0].next_step)
        return found

    def _write(self, settled: Mapping[Pair, Meant]) -> None:
        files.write_atomically(self._path, encode(settled))

    def _load(self) -> Mapping[Pair, Meant] | BrokenRecord:
        name = self._path.name
        try:
            return decode(self._path.read_bytes(), source=name)
        except FileNotFoundError:
            return _NOTHING
        except InvalidInput as error:
            return BrokenRecord(name, error.cause, error.next_step)
        except OSError as error:
            return BrokenRecord(name, f"{name} cannot be read ({error.strerror}).", "Check its permissions.")


def encode(settled: Mapping[Pair, Meant]) -> bytes:
    """The bytes of the file, sorted by the scripts' ids."""
    entries = [
        {
            "scripts": list(meant.pair),
            "texts": list(meant.texts),
            **({"by": meant.by} if meant.by else {}),
            **({"time": meant.time} if meant.time else {}),
        }
        for _, meant in sorted(settled.items())
    ]
    return yaml_text.dump({"format": FORMAT, "both_meant": entries})


def decode(data: bytes, *, source: str) -> Mapping[Pair, Meant]:
    """What the file says, by pair. Raises ``InvalidYaml``."""
    value = yaml_text.load(data, source=source)
    if not isinstance(value, dict) or value.get("format") != FORMAT or set(value) - {"format", "both_meant"}:
        raise InvalidYaml(f"{source} does not begin with 'format: {FORMAT}', or has other keys.", _NEXT_STEP)
    try:
        found = [_meant(entry) for entry in value.get("both_meant", [])]
    except (TypeError, ValueError, KeyError):
        raise InvalidYaml(
            f"{source} has an entry that does not name two scripts and their texts.", _NEXT_STEP
        ) from None
    return {meant.pair: meant for meant in found}


def _meant(entry: Any) -> Meant:
    if set(entry) - _ENTRY:
        raise ValueError
    one, other = (_slug(name) for name in entry["scripts"])
    first, second = (_word(digest) for digest in entry["texts"])
    if one == other:
        raise ValueError
    if one > other:
        one, other, first, second = other, one, second, first
    return Meant((one, other), (first, second), _word(entry.get("by", "")), _word(entry.get("time", "")))


def _slug(value: Any) -> str:
    if not text.is_slug(_word(value)):
        raise ValueError
    return str(value)


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
