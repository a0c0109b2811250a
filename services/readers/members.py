"""The members of a zip file: which are wanted, what they are called, and which are refused by what they say."""

import re
import stat
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from services.errors import InvalidInput
from services.ground import text

MAX_MEMBERS = 20_000
# What the directory of so many takes, with long names.
_MAX_DIRECTORY = 8 * 2**20
_END, _END_SIZE, _MAX_COMMENT = b"PK\x05\x06", 22, 65_535
_END_64, _END_64_SIZE, _LOCATOR, _LOCATOR_SIZE = b"PK\x06\x06", 56, b"PK\x06\x07", 20
# Text packs to a tenth; what packs five hundred times better was made to fill disks.
_MAX_RATIO = 500
_RATIO_FROM = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF8_FLAG = 0x800
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_WORKSPACE = "workspace.yaml"
Named = tuple[str, zipfile.ZipInfo]


def check_directory(path: Path, source: str) -> None:
    """Whether the archive lists more than is read, before its list is read: a million members take minutes.

    Raises:
        InvalidInput: it does, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            whole = file.seek(0, 2)
            at = max(0, whole - _END_SIZE - _MAX_COMMENT)
            file.seek(at)
            tail = file.read()
            count, size = _stated(tail)
            if (found := _stated_64(tail)) is not None:
                count, size = found
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read ({error.strerror}).", "Check its permissions.") from None
    if count > MAX_MEMBERS or size > _MAX_DIRECTORY:
        raise InvalidInput(
            f"{source} lists {count:,} files in a directory of {size / 1e6:,.0f} MB.",
            f"A zip file may have {MAX_MEMBERS:,}; split it.",
        )


def wanted(archive: zipfile.ZipFile, source: str) -> list[Named]:
    """The members that are files and not hidden, by name; of a workspace its records.

    Raises:
        InvalidInput: there are too many, or none.
    """
    listed = archive.infolist()
    if len(listed) > MAX_MEMBERS:
        raise InvalidInput(f"{source} holds {len(listed):,} files.", f"It may have {MAX_MEMBERS:,}; split it.")
    found = [(_name(member), member) for member in listed if not member.is_dir()]
    found = [(name, member) for name, member in found if not _hidden(name)]
    roots = [name.removesuffix(_WORKSPACE) for name, _ in found if PurePosixPath(name).name == _WORKSPACE]
    for root in roots:
        found = [
            (name, member) for name, member in found if not name.startswith(root) or name.startswith(f"{root}records/")
        ]
    if not found:
        raise InvalidInput(f"{source} holds nothing to import.", "Check that it is the right zip file.")
    return sorted(found, key=lambda pair: (text.natural(pair[0]), pair[0]))


def refusals(found: Sequence[Named]) -> dict[int, str]:
    """Why members are refused, by their ``id()``."""
    seen: dict[str, str] = {}
    made = {}
    for name, member in found:
        # Case and composition: on some disks the two names are one file.
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
        reason = _place(name) or _kind(member) or _packing(member)
        if not reason and folded in seen:
            alike = "by the same name" if seen[folded] == name else f"like '{seen[folded][-80:]}' but for its spelling"
            reason = f"There is another file {alike} in the zip file. Rename one of the two."
        seen.setdefault(folded, name)
        if reason:
            made[id(member)] = reason
    return made


def _place(name: str) -> str:
    if _ABSOLUTE.match(name):
        return "It names a place outside of the zip file. Make the zip file again from a folder."
    if ".." in PurePosixPath(name).parts:
        return "It names a place above the zip file ('..'). Make the zip file again from a folder."
    if _UNPRINTABLE.search(name):
        return "Its name has characters that no file's name should have. Rename it."
    return ""


def _kind(member: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "It is a link, and links are not followed. Put the file itself into the zip file."
    if kind not in (0, stat.S_IFREG):
        return "It is no ordinary file. Leave it out of the zip file."
    if member.flag_bits & 1:
        return "It is encrypted. Make the zip file again without a password."
    return ""


def _packing(member: zipfile.ZipInfo) -> str:
    if member.compress_type not in _METHODS:
        return "It is packed in an unusual way. Make the zip file again with the tools of your system."
    if member.file_size > _RATIO_FROM and member.file_size > _MAX_RATIO * max(1, member.compress_size):
        times = member.file_size // max(1, member.compress_size)
        return f"It unpacks to {times:,} times its size, as files do that are made to do harm. Leave it out."
    return ""


def _name(member: zipfile.ZipInfo) -> str:
    """As its maker meant it: with slashes, and in UTF-8 where an old Mac forgot to say so."""
    name = member.orig_filename
    if not member.flag_bits & _UTF8_FLAG and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.orig_filename
    return name.replace("\\", "/")


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts)


def _stated(tail: bytes) -> tuple[int, int]:
    """Members and bytes that the end of the archive states; zeros where it has none."""
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        return 0, 0
    return int.from_bytes(tail[at + 10 : at + 12], "little"), int.from_bytes(tail[at + 12 : at + 16], "little")


def _stated_64(tail: bytes) -> tuple[int, int] | None:
    """The same of a large archive, whose end stands in front of the other one; None where there is none."""
    at = tail.rfind(_END) - _LOCATOR_SIZE - _END_64_SIZE
    if at < 0 or tail[at : at + 4] != _END_64 or tail[at + _END_64_SIZE : at + _END_64_SIZE + 4] != _LOCATOR:
        return None
    return int.from_bytes(tail[at + 32 : at + 40], "little"), int.from_bytes(tail[at + 40 : at + 48], "little")
