"""Catalogues and vectors made by hand."""

import numpy as np

from services.domain.passages import Passage
from services.domain.scripts import VectorSet
from services.ports import Catalogue
from tests.doubles import stamp


def corpus(*records):
    return Catalogue({r.script.id: r for r in records})


def vectors(*bodies, card=(1.0, 0.0)):
    """A card and body passages."""
    values = np.array([card, *bodies], np.float32)
    passages = (Passage("card"), *(Passage("body", i, i + 1) for i in range(len(bodies))))
    return VectorSet(stamp(dimensions=2), passages, values)
