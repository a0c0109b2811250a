"""What the tests of every index ask and put in."""

import numpy as np

from services.domain.scripts import Record
from services.ports import VectorIndex
from tests.doubles import stamp

S = "induction"
TWO = stamp(dimensions=2)
EAST, NORTH, WEST, SOUTH = (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)
NORTHEAST = (1.0, 1.0)


def asked(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def scores(index: VectorIndex, *vector: float, section: str = S) -> dict[str, float]:
    found = index.score(section, asked(*vector))
    return {name: round(float(near), 5) for name, near in zip(found.scripts, found.distances, strict=True)}


def put(index: VectorIndex, *records: Record, section: str = S, deletes: tuple[str, ...] = ()) -> None:
    used = records[0].vectors.stamp if records else TWO
    index.apply(section, used, records, deletes)
