"""Checks as lines of JSON, a file a month: ``checks/2026-11.jsonl``.

A line is added and never changed. One that a kill cut short is no line: it is passed over, and the next begins anew.
"""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from services.domain.model_digest import Stamp
from services.domain.trust import Evidence, Measured, Measurement
from services.ground import files
from services.records import vector_text

_MONTH = len("2026-11")


class JsonCheckLog:
    """The checks of one workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[files.Mark, list[Measurement]]] = {}

    def all(self) -> Sequence[Measurement]:
        """Every check, the oldest first. Reads only files that changed since the last call."""
        with self._lock:
            self._read = {path: self._current(path) for path in sorted(self._folder.glob("[!.]*.jsonl"))}
            found = [measurement for _, month in self._read.values() for measurement in month]
        return sorted(found, key=lambda measurement: measurement.time)

    def append(self, measurement: Measurement) -> None:
        """Add a line, on disk when this returns. Raises ``StorageFailed``."""
        path = self._folder / f"{measurement.time[:_MONTH]}.jsonl"
        line = json.dumps(encode(measurement), separators=(",", ":"), allow_nan=False)
        with files.storage_errors(path):
            self._folder.mkdir(parents=True, exist_ok=True)
            with path.open("a+b") as file:
                file.write(b"\n" * _torn(file) + line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            files.fsync_folder(self._folder)

    def _current(self, path: Path) -> tuple[files.Mark, list[Measurement]]:
        try:
            mark = files.mark(path.stat())
            known = self._read.get(path)
            if known is not None and known[0] == mark:
                return known
            lines = path.read_bytes().splitlines()
        except OSError:
            return files.NO_MARK, []
        return mark, [found for line in lines if (found := _decoded(line)) is not None]


def encode(measurement: Measurement) -> dict[str, Any]:
    """A check as JSON values; ``docs/formats.md`` describes them."""
    return {
        "time": measurement.time,
        "embedder": measurement.embedder,
        "address": measurement.address,
        "query": asdict(measurement.query),
        "canary_min_cosine": measurement.canary_min_cosine,
        "canary_recorded": measurement.canary_recorded,
        "failure": measurement.failure,
        "accepted": measurement.accepted,
        "versions": dict(measurement.versions),
        "sections": {section: _encode_section(found) for section, found in measurement.sections.items()},
    }


def _encode_section(found: Measured) -> dict[str, Any]:
    return {
        "recorded": asdict(found.recorded) if found.recorded else None,
        "records": found.records,
        "evidence": {
            "cosines": {script: round(cosine, 6) for script, cosine in found.evidence.cosines.items()},
            "passages": found.evidence.passages,
            "scripts": found.evidence.scripts,
        },
        "dimensions": len(found.centroid),
        "centroid": vector_text.encode(found.centroid),
        "unread": {script: round(share, 4) for script, share in found.unread.items()},
        "unread_scripts": found.unread_scripts,
        "unread_share": round(found.unread_share, 6),
        "separations": dict(found.separations),
    }


def _torn(file: BinaryIO) -> bool:
    """Whether the file ends in the middle of a line."""
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _decoded(line: bytes) -> Measurement | None:
    try:
        return _decode(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _decode(value: Mapping[str, Any]) -> Measurement:
    canary = value["canary_min_cosine"]
    time = str(value["time"])
    datetime.fromisoformat(time)  # a line with another one is none
    return Measurement(
        time=time,
        embedder=str(value["embedder"]),
        address=str(value.get("address", "")),
        query=_stamp(value["query"]),
        canary_min_cosine=None if canary is None else float(canary),
        canary_recorded=str(value["canary_recorded"]),
        failure=str(value["failure"]),
        sections={str(section): _decode_section(found) for section, found in value["sections"].items()},
        versions={str(name): str(number) for name, number in value["versions"].items()},
        accepted=bool(value["accepted"]),
    )


def _decode_section(value: Mapping[str, Any]) -> Measured:
    seen = value["evidence"]
    cosines = {str(script): float(cosine) for script, cosine in seen["cosines"].items()}
    return Measured(
        recorded=_stamp(value["recorded"]) if value["recorded"] else None,
        records=str(value["records"]),
        evidence=Evidence(cosines, int(seen["passages"]), int(seen["scripts"])),
        centroid=vector_text.decode(value["centroid"], 1, int(value["dimensions"]))[0],
        unread={str(script): float(share) for script, share in value["unread"].items()},
        unread_scripts=int(value["unread_scripts"]),
        unread_share=float(value["unread_share"]),
        separations={str(verdict): int(count) for verdict, count in value["separations"].items()},
    )


def _stamp(value: Mapping[str, Any]) -> Stamp:
    name, model, recipe = (str(value[key]) for key in ("model_name", "model_digest", "recipe_digest"))
    return Stamp(name, model, recipe, int(value["dimensions"]))
