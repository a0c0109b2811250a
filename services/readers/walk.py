"""From the paths that a person names to the sources in them, each with its format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from services.domain.drafts import Item, Reader, refused
from services.domain.reports import Rejected
from services.errors import InvalidInput, NotFound
from services.readers.beir import CORPUS

AUTO = "auto"
_FORMATS = {
    ".yaml": "records",
    ".yml": "records",
    ".zip": "archive",
    ".txt": "text",
    ".md": "text",
    ".markdown": "text",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".docx": "word",
    ".docm": "word",
    ".pdf": "pdf",
    ".rtf": "rtf",
    ".xlsx": "sheet",
    ".xlsm": "sheet",
}
# What is often tried, and how it becomes one of the above.
_NEARLY = {
    ".doc": "Open it in Word and save it as .docx.",
    ".odt": "Open it and save it as .docx.",
    ".pages": "Open it in Pages and export it to Word.",
    ".xls": "Open it in Excel and save it as .xlsx.",
    ".ods": "Open it and save it as .xlsx.",
    ".numbers": "Open it in Numbers and export it to Excel.",
    ".html": "Open it, copy its words into a text file and import that.",
    ".htm": "Open it, copy its words into a text file and import that.",
    ".json": "Write one object a line and save it as .jsonl.",
    ".rar": "Unpack it and import the folder.",
    ".7z": "Unpack it and import the folder.",
    ".gz": "Unpack it and import what it holds.",
}
_WORKSPACE = "workspace.yaml"


@dataclass(frozen=True)
class Source:
    """A file, or the folder of a BEIR corpus, and how messages call it."""

    path: Path
    name: str
    format: str


def read_all(paths: Sequence[Path], format_name: str, readers: Mapping[str, Reader]) -> Iterator[Item]:
    """Everything that the paths hold, in an order that depends on names only.

    Raises:
        InvalidInput: an unknown format.
        NotFound: a path that does not exist.
    """
    if format_name not in (AUTO, *readers):
        raise InvalidInput(f"There is no format '{format_name[:40]}'.", f"Use one of: auto, {', '.join(readers)}.")
    for path in paths:
        if not path.exists():
            raise NotFound(f"{path} does not exist.", "Check the spelling, and the folder that you are in.")
    for path in paths:
        for source in _named(path, format_name, alone=len(paths) == 1):
            yield from _read(source, readers)


def read_file(path: Path, name: str, readers: Mapping[str, Reader]) -> Iterator[Item]:
    """What one file holds, by its ending; messages call it ``name``."""
    yield from _read(_file(path, name, AUTO), readers)


def _read(source: Source | Rejected, readers: Mapping[str, Reader]) -> Iterator[Item]:
    if isinstance(source, Rejected):
        yield source
        return
    try:
        yield from readers[source.format](source.path, source.name)
    except InvalidInput as error:
        yield refused(source.name or source.path.name, error)


def _named(path: Path, format_name: str, *, alone: bool) -> Iterator[Source | Rejected]:
    """The sources of one named path; a name alone says enough where only one path was named."""
    if not path.is_dir():
        name = path.name if alone else str(path)
        if path.name == CORPUS and format_name in (AUTO, "beir"):
            yield Source(path.parent, "" if alone else str(path.parent), "beir")
            return
        yield _file(path, name, format_name)
        return
    prefix = "" if alone else str(path)
    if format_name == "beir":
        yield Source(path, prefix, "beir")
        return
    found = list(_walk(path, prefix, format_name))
    yield from found or [Rejected(str(path), "The folder holds nothing to import. Check that it is the right one.")]


def _walk(folder: Path, prefix: str, format_name: str) -> Iterator[Source | Rejected]:
    if format_name == AUTO and (folder / CORPUS).is_file():
        yield Source(folder, prefix, "beir")
        return
    try:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        yield Rejected(prefix or folder.name, f"The folder cannot be read ({error.strerror}). Check its permissions.")
        return
    # Of a workspace, its records: the rest are settings and what is derived.
    for name in ["records"] if _WORKSPACE in names else names:
        path, called = folder / name, f"{prefix}/{name}" if prefix else name
        if path.is_symlink():
            yield Rejected(called, "It is a link, and links in a folder are not followed. Name what it points to.")
        elif path.is_dir():
            yield from _walk(path, called, format_name)
        elif format_name == AUTO or _chosen(path.name, format_name) == format_of(path.name):
            yield _file(path, called, format_name)


def _file(path: Path, name: str, format_name: str) -> Source | Rejected:
    if not path.is_file():
        return Rejected(name, "It is no ordinary file. Name a file or a folder.")
    chosen = format_of(path.name) if format_name == AUTO else _chosen(path.name, format_name)
    if chosen == "beir" and format_of(path.name) != "archive":
        return Rejected(name, f"A BEIR corpus is a folder with {CORPUS}, or a ZIP of it. Name that.")
    if not chosen:
        return Rejected(name, unknown(path.name))
    return Source(path, name, chosen)


def _chosen(name: str, format_name: str) -> str:
    """The format that was asked for; records may come in a zip file."""
    return "archive" if format_name == "records" and format_of(name) == "archive" else format_name


def format_of(name: str) -> str:
    """The format of a file with this name; empty where none is known."""
    return _FORMATS.get(PurePath(name).suffix.lower(), "")


def unknown(name: str) -> str:
    """Why a file of this name is not read, and what to do."""
    suffix = PurePath(name).suffix
    kind = f"files that end in '{suffix[:20]}'" if suffix else "files without an ending"
    step = _NEARLY.get(suffix.lower(), "Save it as .txt, .md, .docx, .csv, .xlsx, .jsonl or .yaml.")
    return f"The format of {kind} is not known. {step}"
