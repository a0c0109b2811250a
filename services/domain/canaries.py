"""A few fixed sentences by whose vectors a model is known again: behaviour, where an identity is only declared.

They are embedded when a model first embeds scripts here, kept, and embedded again at each check.
"""

from dataclasses import dataclass

import numpy as np

from services.domain.scripts import Vectors

# Of several kinds and lengths, so that no change of a model leaves all of them in place. Changing one makes a new set.
SENTENCES = (
    "Let your shoulders drop, and notice that the chair is holding you.",
    "I am calm before the exam, and I remember what I have learned.",
    "The ferry leaves at 7.40 from the second pier; tickets cost 12 euros.",
    "Photosynthesis.",
    "Wenn der Wecker klingelt, öffnest du die Augen, wach und ausgeruht.",
)


@dataclass(frozen=True, eq=False)
class Canaries:
    """The vectors of ``sentences`` by one model: as documents and as questions, ``float32[n, d]`` each."""

    model_name: str
    model_digest: str
    # When they were embedded, in UTC, as ISO 8601.
    recorded: str
    sentences: tuple[str, ...]
    documents: Vectors
    questions: Vectors


def min_cosine(then: Canaries, now: Canaries) -> float:
    """The smallest cosine between a sentence's vector then and now, over documents and questions; -1 to 1.

    0 where their numbers of dimensions differ.
    """
    if then.documents.shape != now.documents.shape or then.questions.shape != now.questions.shape:
        return 0.0
    documents, questions = cosines(then.documents, now.documents), cosines(then.questions, now.questions)
    return float(min(documents.min(), questions.min()))


def cosines(one: Vectors, other: Vectors) -> Vectors:
    """``float32[n]``: the cosine of each row of ``float32[n, d]`` with the same row of the other; NaN counts as 0."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        found = np.vecdot(a, b) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    result: Vectors = np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    return result
