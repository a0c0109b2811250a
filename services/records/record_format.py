"""A record as the bytes of a YAML file, and back. ``docs/formats.md`` describes the format."""

import binascii
from typing import Any

import numpy as np

from services.domain.model_digest import Stamp
from services.domain.passages import Passage
from services.domain.scripts import Record, Script, VectorSet, make_script
from services.errors import InvalidRecord
from services.ground import digests, yaml_text
from services.records import vector_text

FORMAT = "scriptorium-record/1"
_LISTS = ("focus_areas", "techniques")
_TEXTS = ("id", "section", "title", "situation", "person", "author", "language", "status", "source_id", "text")
_KEYS = {"format", *_TEXTS, *_LISTS, "digest", "vectors"}
_REQUIRED = ("id", "section", "title", "text")
_VECTOR_KEYS = {"model", "model_digest", "recipe_digest", "dimensions", "passages", "values"}


def encode(record: Record) -> bytes:
    """The bytes of a record's file; the same record always gives the same bytes."""
    script = record.script.as_json()
    body = script.pop("text")
    value: dict[str, Any] = {
        "format": FORMAT,
        **{k: v for k, v in script.items() if v},
        "text": body,
        "digest": record.script.digest,
    }
    if record.vectors is not None:
        value["vectors"] = _encode_vectors(record.vectors)
    return yaml_text.dump(value)


def decode(data: bytes, *, source: str) -> Record:
    """The record in a file's bytes, known to be stored under the digest of these bytes.

    A record without ``digest`` was written by hand; it is taken as it stands, and its vectors, if any, are not.
    Vectors that cannot be used leave a record that can: ``vectors_problem`` says why.

    Raises:
        InvalidYaml: see ``yaml_text.load``.
        InvalidRecord: a key that is missing, unknown or of the wrong kind, or a digest that does not fit the content.
    """
    value = yaml_text.load(data, source=source)
    script = _script(value, source)
    digest = digests.of_bytes(data)
    if "digest" not in value:
        return Record(script, None, "It was written by hand and has no vectors yet.", digest)
    if value["digest"] != script.digest:
        raise InvalidRecord(
            f"{source}: the digest does not fit the content; it was changed outside the workbench or damaged.",
            "If the change is meant, delete the line 'digest:' and the block 'vectors:' and it is taken as it stands.",
        )
    vectors, problem = _vectors(value.get("vectors"), len(script.text))
    return Record(script, vectors, problem, digest)


def _script(value: Any, source: str) -> Script:
    if not isinstance(value, dict):
        raise InvalidRecord(f"{source} is not a record: it is no mapping.", "See docs/formats.md for the format.")
    if value.get("format") != FORMAT:
        raise InvalidRecord(
            f"{source} does not begin with 'format: {FORMAT}'.", "Add that line, or update the workbench."
        )
    for key in value:
        if key not in _KEYS:
            raise InvalidRecord(f"{source} has the unknown key '{key[:80]}'.", "Remove it, or update the workbench.")
    for key in _REQUIRED:
        if key not in value:
            raise InvalidRecord(f"{source} has no '{key}'.", "Add it.")
    texts = {key: _text(value[key], key, source) for key in _TEXTS if key in value}
    lists = {key: _texts(value[key], key, source) for key in _LISTS if key in value}
    try:
        return make_script(**texts, **lists)  # type: ignore[arg-type]
    except InvalidRecord as error:
        raise InvalidRecord(f"{source}: {error.cause}", error.next_step) from None


def _text(value: Any, key: str, source: str) -> str:
    if not isinstance(value, str):
        raise InvalidRecord(f"{source}: '{key}' is not text.", "Write it as text.")
    return value


def _texts(value: Any, key: str, source: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidRecord(f"{source}: '{key}' is not a list of words.", "Write one a line, each after '- '.")
    return tuple(value)


def _encode_vectors(vectors: VectorSet) -> dict[str, Any]:
    return {
        "model": vectors.stamp.model_name,
        "model_digest": vectors.stamp.model_digest,
        "recipe_digest": vectors.stamp.recipe_digest,
        "dimensions": vectors.stamp.dimensions,
        "passages": [_encode_passage(passage) for passage in vectors.passages],
        "values": vector_text.encode(vectors.values),
    }


def _encode_passage(passage: Passage) -> str:
    return "card" if passage.kind == "card" else f"{passage.start}-{passage.end}"


def _vectors(value: Any, text_length: int) -> tuple[VectorSet | None, str]:
    """The vectors, or why there are none that can be used."""
    if value is None:
        return None, "It has no vectors yet."
    try:
        return _decode_vectors(value, text_length), ""
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        return None, f"Its vectors cannot be used: {error}."


def _decode_vectors(value: Any, text_length: int) -> VectorSet:
    if not isinstance(value, dict) or set(value) != _VECTOR_KEYS:
        raise ValueError("they lack a key or have one too many")
    stamp = Stamp(value["model"], value["model_digest"], value["recipe_digest"], int(value["dimensions"]))
    texts = (stamp.model_name, stamp.model_digest, stamp.recipe_digest, *value["passages"])
    if not all(isinstance(item, str) for item in texts):
        raise ValueError("the model or a passage is not text")
    passages = tuple(_decode_passage(passage, text_length) for passage in value["passages"])
    values = vector_text.decode(value["values"], len(passages), stamp.dimensions)
    if not np.isfinite(values).all():
        raise ValueError("a number in them is NaN or infinite")
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(values, axis=1)
    # Also lengths that float32 cannot square: they would become 0 or infinite when distances are computed.
    if not (lengths.all() and np.isfinite(lengths).all()):
        raise ValueError("one of them is zero, or has no length that can be computed with, and so has no direction")
    return VectorSet(stamp, passages, values)


def _decode_passage(spelled: str, text_length: int) -> Passage:
    if spelled == "card":
        return Passage("card")
    start, end = (int(part) for part in spelled.split("-"))
    if not 0 <= start < end <= text_length:
        raise ValueError(f"the passage {spelled} lies outside the text")
    return Passage("body", start, end)
