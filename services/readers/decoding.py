"""Bytes of somebody's file as text, or the reason why they are none."""

import codecs
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from services.errors import InvalidInput
from services.readers import encodings

MAX_FILE = 64 * 1024 * 1024
# A line longer than this is no document but a damaged file.
MAX_LINE = 32 * 1024 * 1024
_SHIFTED, _SHIFTS = "iso2022_jp", b"\x1b$"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# The longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKED = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


def read_bytes(path: Path, source: str) -> bytes:
    """A whole file. Raises ``InvalidInput`` where it cannot be read or is larger than 64 MB."""
    check_size(path, source)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read ({error.strerror}).", "Check its permissions.") from None


def check_size(path: Path, source: str) -> None:
    """Raises ``InvalidInput`` where a file is larger than 64 MB, or cannot be looked at."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read ({error.strerror}).", "Check its permissions.") from None
    if size > MAX_FILE:
        raise InvalidInput(f"{source} is {size / 1e6:.0f} MB long.", "A file may have 64 MB; split it.")


@dataclass(frozen=True)
class Legible:
    """A file's text, and what had to be guessed to read it."""

    text: str
    notes: tuple[str, ...] = ()


def legible(data: bytes, source: str) -> Legible:
    """Bytes as text: UTF-8, UTF-16 or UTF-32 with a byte-order mark, else the encoding that fits best.

    Raises:
        InvalidInput: damaged, or no text at all.
    """
    marked = next((codec for mark, codec in _MARKED.items() if data.startswith(mark)), "")
    # Japanese mail is plain ASCII to the eye, with letters between escapes.
    if not marked and _SHIFTS in data and encodings.fits(data, _SHIFTED):
        return Legible(data.decode(_SHIFTED))
    if marked or _is_utf8(data):
        return Legible(decode(data, source))
    if encodings.damaged_utf8(data):
        return Legible(decode(data, source))
    guess = encodings.guess(data)
    if guess is None:
        # Which says what is wrong with it.
        return Legible(decode(data, source))
    text = _without_zero(data.decode(guess.codec).removeprefix("\ufeff"), source)
    if guess.sure:
        return Legible(text)
    return Legible(text, (f"Its encoding is not stated; it was read as {guess.called}. Check letters with accents.",))


def decode(data: bytes, source: str) -> str:
    """Bytes as text in UTF-8, or in UTF-16 or UTF-32 with a byte-order mark.

    Raises:
        InvalidInput: another encoding, named by its first byte that does not fit, or no text at all.
    """
    encoding = next((codec for mark, codec in _MARKED.items() if data.startswith(mark)), "utf-8-sig")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        shown = encoding.upper().removesuffix("-SIG")
        # The decoder counts from behind the byte-order mark.
        at = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        raise InvalidInput(
            f"{source} is not {shown} text: byte {at} is 0x{data[at]:02x}.", "Save it as UTF-8 and import it again."
        ) from None
    return _without_zero(text, source)


def _without_zero(text: str, source: str) -> str:
    if "\0" in text:
        raise InvalidInput(
            f"{source} has a zero character, so it is no plain text.", "Save it as plain text in UTF-8 and try again."
        )
    return text


def _is_utf8(data: bytes) -> bool:
    # UTF-16 of plain letters without its mark is valid UTF-8, too: with zeros all over.
    return b"\0" not in data and encodings.fits(data, "utf-8")


def legible_lines(path: Path, source: str) -> tuple[tuple[str, ...], Iterator[tuple[int, bytes]]]:
    """Notes on the encoding, and the lines in UTF-8 that are not blank, with their numbers.

    A file in UTF-8 is taken as it is, lines that are damaged among them; one in another encoding as ``legible`` does.
    """
    data = read_bytes(path, source)
    if data.startswith(tuple(_MARKED)) or not (_is_utf8(data) or encodings.damaged_utf8(data)):
        found = legible(data, source)
        return found.notes, _numbered(io.BytesIO(found.text.encode("utf-8", "replace")), source)
    return (), _numbered(io.BytesIO(data), source)


def lines(
    path: Path, source: str, max_bytes: int | None = MAX_FILE, *, cut_at: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """The lines in UTF-8 of a file that are not blank, with their numbers; one line at a time is in memory.

    With ``cut_at`` no line is endless: of one with more bytes the first come, one more than that, and it is for the
    caller to refuse it.

    Raises:
        InvalidInput: the file cannot be read, or is larger than ``max_bytes``, or has an endless line.
    """
    try:
        if max_bytes is not None and path.stat().st_size > max_bytes:
            raise InvalidInput(f"{source} is larger than {max_bytes // 1_048_576} MB.", "Split it.")
        with path.open("rb") as file:
            raw = _reencoded(path, source) if file.read(2) in _UTF16 else file
            file.seek(0)
            yield from _numbered(raw, source) if cut_at is None else _cut(raw, cut_at)
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read ({error.strerror}).", "Check its permissions.") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{source} is not UTF-16 text ({error.reason}).", "Save it as UTF-8.") from None


def _numbered(file: IO[bytes], source: str) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise InvalidInput(f"{source}: line {number} is longer than 32 MB.", "Split it into more lines.")
        if line.strip():
            yield number, line


def _cut(file: IO[bytes], longest: int) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        rest = line
        while not rest.endswith(b"\n") and (rest := file.readline(longest + 1)):
            pass
        if line.strip():
            yield number, line


def _reencoded(path: Path, source: str) -> IO[bytes]:
    """A UTF-16 file as UTF-8; it lies in memory whole, so it may not be large."""
    if path.stat().st_size > MAX_FILE:
        raise InvalidInput(f"{source} is larger than 64 MB, and in UTF-16.", "Save it as UTF-8, or split it.")
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
