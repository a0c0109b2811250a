"""The sections that an evaluation can ask, and why it cannot ask the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.domain.methods import Mode, Passages
from services.domain.scripts import VectorSet
from services.evaluate import spaces
from services.evaluate.subject import Subject
from services.ground.progress import Report
from services.ranking import Ground, needs_vectors
from services.sync import wanted


@dataclass(frozen=True, eq=False)
class Grounds:
    """What can be asked, by section; why others cannot; and which hold no script that could be found."""

    ready: Mapping[str, Ground]
    refused: Mapping[str, str]
    empty: tuple[str, ...]


def grounds_of(subject: Subject, report: Report) -> Grounds:
    """Every section with its vectors. Raises as ``evaluate`` does."""
    ready: dict[str, Ground] = {}
    refused: dict[str, str] = {}
    empty = []
    for section in subject.settings.sections:
        records = subject.section(section)
        if not records:
            empty.append(section)
            continue
        found = _vectors(subject, section, report)
        if isinstance(found, str):
            refused[section] = found
        else:
            ready[section] = Ground.of(section, records, found)
    return Grounds(ready, refused, tuple(empty))


def _vectors(subject: Subject, section: str, report: Report) -> Mapping[str, VectorSet] | str | None:
    """The vectors of a section's scripts, None where none are needed; or why it cannot be asked."""
    method = subject.settings.method
    if not needs_vectors(method, subject.stamp.model_digest):
        return None
    if method.mode is Mode.LEXICAL:
        # What it would only cut off or vary by, it does without where that cannot be trusted, as a live question does.
        found = _stored(subject, section)
        return None if isinstance(found, str) else found
    if subject.anew or method.passages is Passages.START:
        return spaces.embedded(subject.section(section), method.passages, subject.embedder, subject.cache, report)
    return _stored(subject, section)


def _stored(subject: Subject, section: str) -> Mapping[str, VectorSet] | str:
    """What the section's collection holds: the same scripts and vectors that a question of today is put to."""
    held, asks, trust = wanted(subject.catalogue, section, subject.stamp), subject.stamp, subject.known.get(section)
    if trust is not None and trust.random:
        return f"What '{section}' returned would be random. {trust.reason}"
    found = {script: record.vectors for script, record in held.records.items() if record.vectors is not None}
    if not found:
        return f"No script of '{section}' has vectors."
    # A stored vector outranks a recorded name, but nothing compares vectors with other numbers of numbers.
    named = trust is None and held.stamp.model_digest != asks.model_digest
    if named or held.stamp.dimensions != asks.dimensions:
        return f"'{section}' was embedded by {held.stamp.model_name}, and {asks.model_name} asks."
    return found
