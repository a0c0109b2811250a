"""What is placed on the map: of each script one direction."""

from collections.abc import Mapping

import numpy as np

from services.domain.directions import unit
from services.domain.maps import Points
from services.domain.model_digest import Stamp
from services.domain.scripts import Record, Vectors
from services.ground import digests

_DIGITS = 32
_NO_LENGTH = 1e-6
_NONE = "It has no vectors yet."
_NO_NUMBER = "Its vectors hold something that is no number."
_NOWHERE = "Its vectors point nowhere: they cancel each other out."


class Gathering:
    """Gathers points again and again: of scripts whose vectors are as before, nothing is worked out anew.

    For one thread at a time.
    """

    def __init__(self) -> None:
        self._digest = ""
        # Of each script the vectors that were looked at, with what became of them: its row below, or the reason.
        self._seen: dict[str, tuple[Vectors, int | str]] = {}
        self._directions: Vectors = np.zeros((0, 1), np.float32)
        self._told: tuple[str, ...] = ()

    def of(self, records: Mapping[str, Record], stamp: Stamp) -> Points:
        """Every script that has vectors of this model: the direction of the mean of its passages, card and body."""
        left_out, held = _held(records, stamp)
        if stamp.model_digest != self._digest:
            self._seen, self._told, self._directions = {}, (), np.zeros((0, stamp.dimensions), np.float32)
        known = {i: row for i, (values, row) in self._seen.items() if held.get(i) is values}
        new = {script_id: values for script_id, values in held.items() if script_id not in known}
        made, problems = _directions(list(new.values()), stamp.dimensions)
        before = len(self._directions)
        rows = known | {i: problems.get(row, before + row) for row, i in enumerate(new)}
        placed = {i: row for i in held if isinstance(row := rows[i], int)}
        left_out |= {i: row for i in held if isinstance(row := rows[i], str)}
        chosen = list(placed.values())
        vectors: Vectors = np.concatenate([self._directions, made])[chosen]
        told = (*self._told, *(digests.of_bytes(vector.tobytes())[:_DIGITS] for vector in made))
        self._digest, self._directions = stamp.model_digest, vectors
        self._told = tuple(told[row] for row in chosen)
        after = {i: row for row, i in enumerate(placed)}
        self._seen = {i: (values, after.get(i, left_out.get(i, ""))) for i, values in held.items()}
        return Points(tuple(placed), vectors, self._told, stamp.model_digest, stamp.model_name, left_out)


def points_of(records: Mapping[str, Record], stamp: Stamp) -> Points:
    """The points of these records, once."""
    return Gathering().of(records, stamp)


def _held(records: Mapping[str, Record], stamp: Stamp) -> tuple[dict[str, str], dict[str, Vectors]]:
    """Which scripts have no vectors of this model, with the reason, and the vectors of the others."""
    left_out, held = dict[str, str](), dict[str, Vectors]()
    for script_id, record in records.items():
        if record.vectors is None or not len(record.vectors.values):
            left_out[script_id] = record.vectors_problem or _NONE
        elif record.vectors.stamp.model_digest != stamp.model_digest:
            left_out[script_id] = f"Its vectors are of another model, {record.vectors.stamp.model_name}."
        elif record.vectors.values.shape[1] != stamp.dimensions:
            left_out[script_id] = f"Its vectors have {record.vectors.values.shape[1]} numbers each."
        else:
            held[script_id] = record.vectors.values
    return left_out, held


def _directions(sets: list[Vectors], dimensions: int) -> tuple[Vectors, Mapping[int, str]]:
    """``float32[n, d]`` of unit length, and which of them are none, with the reason."""
    if not sets:
        return np.zeros((0, dimensions), np.float32), {}
    starts = np.cumsum([0, *(len(values) for values in sets)])[:-1]
    with np.errstate(all="ignore"):  # what is no number is told below
        # Passages count alike, however long their vectors are.
        sums = np.add.reduceat(unit(np.concatenate(sets)), starts, axis=0)
        lengths = np.sqrt(np.vecdot(sums, sums))
        problems = {int(row): _NO_NUMBER for row in np.flatnonzero(~np.isfinite(lengths))}
        problems |= {int(row): _NOWHERE for row in np.flatnonzero(lengths < _NO_LENGTH)}
        directions: Vectors = (sums / lengths[:, np.newaxis]).astype(np.float32)
    return directions, problems
