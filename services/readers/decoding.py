"""Bytes of somebody's file as text, or the reason why they are none."""

import codecs
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from services.errors import InvalidInput

MAX_FILE = 64 * 1024 * 1024
# A line longer than this is no document but a damaged file.
MAX_LINE = 32 * 1024 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bytes(path: Path, source: str) -> bytes:
    """A whole file. Raises ``InvalidInput`` where it cannot be read or is larger than 64 MB."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise InvalidInput(f"{source} is {size / 1e6:.0f} MB long.", "A file may have 64 MB; split it.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read ({error.strerror}).", "Check its permissions.") from None


def read_text(path: Path, source: str) -> str:
    """A whole text file in UTF-8, or in UTF-16 with a byte-order mark. Raises ``InvalidInput``."""
    return decode(read_bytes(path, source), source)


def decode(data: bytes, source: str) -> str:
    """Bytes as text.

    Raises:
        InvalidInput: another encoding, named by its first byte that does not fit, or no text at all.
    """
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        shown = "UTF-16" if encoding == "utf-16" else "UTF-8"
        # The decoder counts from behind the byte-order mark.
        at = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        raise InvalidInput(
            f"{source} is not {shown} text: byte {at} is 0x{data[at]:02x}.", "Save it as UTF-8 and import it again."
        ) from None
    if "\0" in text:
        raise InvalidInput(
            f"{source} has a zero character, so it is no plain text.", "Save it as plain text in UTF-8 and try again."
        )
    return text


def lines(path: Path, source: str, max_bytes: int | None = MAX_FILE) -> Iterator[tuple[int, bytes]]:
    """The lines in UTF-8 of a file that are not blank, with their numbers; one line at a time is in memory.

    Raises:
        InvalidInput: the file cannot be read, or is larger than ``max_bytes``, or has an endless line.
    """
    try:
        if max_bytes is not None and path.stat().st_size > max_bytes:
            raise InvalidInput(f"{source} is larger than {max_bytes // 1_048_576} MB.", "Split it.")
        with path.open("rb") as file:
            raw = _reencoded(path) if file.read(2) in _UTF16 else file
            file.seek(0)
            number = 0
            while line := raw.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise InvalidInput(f"{source} line {number} is longer than 32 MB.", "Split it into more lines.")
                if line.strip():
                    yield number, line
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read ({error.strerror}).", "Check its permissions.") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{source} is not UTF-16 text ({error.reason}).", "Save it as UTF-8.") from None


def _reencoded(path: Path) -> IO[bytes]:
    """A UTF-16 file as UTF-8; rare and never large, so it may lie in memory."""
    return io.BytesIO(path.read_bytes().decode("utf-16").encode())


def json_object(line: bytes, source: str) -> dict[str, Any]:
    """The JSON object in one line.

    Raises:
        InvalidInput: not UTF-8, no JSON, or JSON that is no object.
    """
    try:
        value = json.loads(decode(line, source))
    except (ValueError, RecursionError) as error:
        told = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply or a number too long"
        raise InvalidInput(f"{source} is no JSON ({told}).", "Mend that line and import the file again.") from None
    if not isinstance(value, dict):
        raise InvalidInput(f"{source} is no JSON object.", 'Write it as {"text": "..."}.')
    return value


def text_of(value: dict[str, Any], key: str, source: str) -> str:
    """A field as text, empty where it is missing or null; a whole number, as ids often are, in digits.

    Raises:
        InvalidInput: something else, such as a list.
    """
    found = value.get(key)
    if found is None:
        return ""
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str):
        raise InvalidInput(f"{source}: '{key}' is not text.", "Write it as text in quotes.")
    return found
