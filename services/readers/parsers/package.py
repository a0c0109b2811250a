"""The packages of Word and Excel: zip files of XML parts, looked at before anything in them is parsed."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree

from services.errors import InvalidInput

MAX_PART = 128 * 2**20
_MAX_PARTS = 10_000
_MAX_WHOLE = 512 * 2**20
# Text packs to a tenth; what packs a thousand times better was made to fill memories.
_MAX_RATIO = 1_000
_RATIO_FROM = 2**20
# How files begin that Office wrote before 2007, or encrypted since.
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
_BLOCK = 2**20
_XML = (".xml", ".rels", ".vml")
_UTF8 = (b"utf-8", b"us-ascii", b"ascii")


@contextmanager
def opened(path: Path, source: str) -> Iterator[zipfile.ZipFile]:
    """The package, after a look at its parts.

    Raises:
        InvalidInput: it is none, has a password, is made to fill a memory, or declares XML entities.
    """
    with path.open("rb") as file:
        if file.read(len(_COMPOUND)) == _COMPOUND:
            raise InvalidInput(
                f"{source} is protected by a password, or was written by Office before 2007.",
                "Open it, take the password away, save it as .docx or .xlsx and import that.",
            )
    try:
        with zipfile.ZipFile(path) as package:
            _check(package, source)
            yield package
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        raise InvalidInput(
            f"{source} is damaged, or no Office file.", "Open it, save it again and import that."
        ) from None


def part(package: zipfile.ZipFile, name: str, source: str) -> Any:
    """The root of an XML part; None where there is none of this name. Nothing it points to is loaded."""
    if name not in package.NameToInfo:
        return None
    with package.open(name) as file:
        data = file.read(MAX_PART + 1)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise InvalidInput(
            f"{source} is damaged: its part {name[:80]} cannot be read.", "Open it, save it again and import that."
        ) from None


def _check(package: zipfile.ZipFile, source: str) -> None:
    parts = package.infolist()
    if len(parts) > _MAX_PARTS:
        raise InvalidInput(f"{source} has {len(parts):,} parts.", "It is no ordinary Office file; do not trust it.")
    left = _MAX_WHOLE
    for one in parts:
        if one.flag_bits & 1:
            raise InvalidInput(f"{source} is encrypted.", "Take the password away, save it and import that.")
        _check_ratio(one, source)
        if one.filename.lower().endswith(_XML):
            left -= _check_xml(package, one, left, source)


def _check_ratio(one: zipfile.ZipInfo, source: str) -> None:
    packed = max(1, one.compress_size)
    if one.file_size > _RATIO_FROM and one.file_size > _MAX_RATIO * packed:
        raise InvalidInput(
            f"{source} unpacks to {one.file_size // packed:,} times its size, as files do that are made to do harm.",
            "Copy its words into a text file and import that.",
        )


def _check_xml(package: zipfile.ZipFile, one: zipfile.ZipInfo, left: int, source: str) -> int:
    """The size of a part, as it really is. Raises ``InvalidInput``."""
    size, tail = 0, b""
    with package.open(one) as file:
        while block := file.read(_BLOCK):
            if not size:
                _check_encoding(block, one.filename, source)
            size += len(block)
            if size > min(left, MAX_PART):
                raise InvalidInput(f"{source} unpacks to more than a memory holds.", "Split it into several files.")
            if any(mark in tail + block for mark in _ENTITIES):
                raise InvalidInput(
                    f"{source} declares XML entities in {one.filename[:80]}, which no Office program writes.",
                    "Do not trust it. Copy its words into a text file and import that.",
                )
            tail = block[-16:]
    return size


def _check_encoding(block: bytes, name: str, source: str) -> None:
    """Office writes UTF-8; in another encoding a declaration of entities would not be seen."""
    head = block[:200]
    _, said, rest = head.partition(b"encoding=")
    stated = (
        rest[1:].split(rest[:1])[0].lower() if said and head.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml") else b"utf-8"
    )
    if b"\0" in head or head[:2] in (b"\xff\xfe", b"\xfe\xff") or stated not in _UTF8:
        raise InvalidInput(f"{source}: {name[:80]} is not UTF-8.", "Open it in Office, save it again and import that.")
