"""Maps as NumPy archives below ``derived/map``: ``<key>.npz``, the last ones of each model.

The archive holds arrays only and nothing that would be executed, and behind it stands its digest: libraries answer to
damaged archives in ways without number, and this one is given none. One that cannot be read, is not as it was written,
or was placed by another method, is as if it were not there: a map is drawn anew from the records.
"""

import contextlib
import io
import json
import os
import time
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from services.domain.maps import METHOD, Drawn, Map, Quality
from services.ground import digests, files

FORMAT = "scriptorium-map/2"
SUFFIX = ".npz"
# Of each model: enough to go back over a few changes.
KEPT = 6
_DIGITS = 16
# Characters of the digest behind an archive.
_DIGEST = len(digests.of_bytes(b""))
# Nobody writes a map for that long.
_STALE_SECONDS = 3_600


class MapFiles:
    """The maps of one workspace. Fulfils ``ports.MapStore``. ``writable``: where not, it keeps nothing."""

    def __init__(self, folder: Path, *, writable: bool = True) -> None:
        self._folder, self._writable = folder, writable

    def get(self, key: str) -> Map | None:
        """The map of this key; None where it is not kept, or is damaged. It is the last one from then on."""
        for path in self._folder.glob(f"*-{key}{SUFFIX}"):
            if (found := _read(path)) is not None and found.key == key:
                if self._writable:
                    _touch(path)
                return found
        return None

    def last(self, model_digest: str, but: str = "") -> Map | None:
        """The one of this model that was kept or asked for last and can be read, but for the one of that key."""
        paths = self._newest_first(model_digest)
        found = (_read(path) for path in paths if not but or not path.name.endswith(f"-{but}{SUFFIX}"))
        return next((one for one in found if one is not None and one.model_digest == model_digest), None)

    def put(self, made: Map) -> None:
        """Keep it, atomically, instead of the oldest of its model. Raises ``StorageFailed``."""
        if not self._writable:
            return
        files.write_atomically(self._folder / f"{made.model_digest[:_DIGITS]}-{made.key}{SUFFIX}", _encode(made))
        for path in (*self._newest_first(made.model_digest)[KEPT:], *self._half_written()):
            with contextlib.suppress(OSError):
                path.unlink()

    def _half_written(self) -> list[Path]:
        """What killed processes have left; what is younger may be another's that writes just now."""
        left = ((files.mark_of(path), path) for path in self._folder.glob(f"{files.TEMPORARY_PREFIX}*"))
        return [path for mark, path in left if mark is not None and time.time() - mark[0] / 1e9 > _STALE_SECONDS]

    def _newest_first(self, model_digest: str) -> list[Path]:
        marked = [(files.mark_of(path), path) for path in self._folder.glob(f"{model_digest[:_DIGITS]}-*{SUFFIX}")]
        return [path for mark, path in sorted(((m, p) for m, p in marked if m is not None), reverse=True)]


def _touch(path: Path) -> None:
    """Make it the last one. Where that is refused the order stays, on which nothing depends but a starting point."""
    with contextlib.suppress(OSError):
        os.utime(path)


def _encode(made: Map) -> bytes:
    told = {
        "format": FORMAT,
        "key": made.key,
        "drawn": made.drawn.value,
        "model_digest": made.model_digest,
        "model_name": made.model_name,
        "quality": asdict(made.quality) if made.quality else None,
        "seconds": round(made.seconds, 3),
        "note": made.note,
        "gone": made.gone,
        "method": made.method,
    }
    buffer = io.BytesIO()
    np.savez(
        buffer,
        told=np.frombuffer(json.dumps(told, sort_keys=True).encode("ascii"), np.uint8),
        scripts=np.array(made.scripts, dtype=str),
        digests=np.array(made.digests, dtype=str),
        positions=made.positions.astype("<f4"),
        clusters=made.clusters.astype("<i8"),
        fitted=made.fitted,
    )
    data = buffer.getvalue()
    return data + digests.of_bytes(data).encode("ascii")


def _read(path: Path) -> Map | None:
    """None for whatever is no map."""
    try:
        data, told = _parted(path.read_bytes())
        if digests.of_bytes(data).encode("ascii") != told:
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as held:
            return _decode({name: held[name] for name in held.files})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _parted(data: bytes) -> tuple[bytes, bytes]:
    """The archive, and the digest behind it."""
    return data[:-_DIGEST], data[-_DIGEST:]


def _decode(held: dict[str, Any]) -> Map:
    """Raises ``ValueError``, ``KeyError`` or ``TypeError``: it is no map of this format."""
    told = json.loads(held["told"].tobytes())
    scripts, count = tuple(held["scripts"].tolist()), len(held["scripts"])
    shapes = {name: held[name].shape for name in ("digests", "positions", "clusters", "fitted")}
    expected = {"digests": (count,), "positions": (count, 2), "clusters": (count,), "fitted": (count,)}
    if told["format"] != FORMAT or shapes != expected or not np.isfinite(held["positions"]).all():
        raise ValueError(told["format"])
    if told["method"] != METHOD:
        raise ValueError(told["method"])
    return Map(
        key=told["key"],
        drawn=Drawn(told["drawn"]),
        scripts=scripts,
        positions=held["positions"].astype(np.float32),
        digests=tuple(held["digests"].tolist()),
        fitted=held["fitted"].astype(bool),
        clusters=held["clusters"].astype(np.int64),
        model_digest=told["model_digest"],
        model_name=told["model_name"],
        quality=Quality(**told["quality"]) if told["quality"] else None,
        seconds=float(told["seconds"]),
        note=str(told["note"]),
        gone=int(told["gone"]),
        method=told["method"],
    )
