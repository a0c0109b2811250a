"""Many files at once: read, reviewed, and only then added; and undone in one step.

``stage`` writes what was uploaded to a private folder, ``review`` says what adding it would do, ``revise`` takes a
person's edits, ``add`` stores the chosen rows, ``undo`` takes all of them back.
"""

from services.upload.adding import Stores, add
from services.upload.review import Added, Alike, Edit, Fate, Review, Row, Undone
from services.upload.reviewing import review, revise
from services.upload.staging import Reading, Staged, StagedFile, Table, read, stage
from services.upload.suggesting import Corpus
from services.upload.undoing import undo

__all__ = [
    "Added",
    "Alike",
    "Corpus",
    "Edit",
    "Fate",
    "Reading",
    "Review",
    "Row",
    "Staged",
    "StagedFile",
    "Stores",
    "Table",
    "Undone",
    "add",
    "read",
    "review",
    "revise",
    "stage",
    "undo",
]
