"""Making a workspace: empty, or as a copy of another one without what is derived."""

import os
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from services import files
from services.errors import InvalidSettings, NotFound, ScriptoriumError
from services.settings import EmbedderSettings, Paths, Settings, read_settings, settings_as_yaml

ENVIRONMENT = "SCRIPTORIUM_WORKSPACE"
_DATA = Path(__file__).resolve().parent.parent / "data"
_NOT_COPIED = ("derived", ".writer.lock", ".writer.holder", ".git")


def create(root: Path, settings: Settings) -> None:
    """Make an empty workspace.

    Raises:
        InvalidSettings: the folder has files in it already.
        StorageFailed: the disk said no.
    """
    _check_free(root)
    paths = Paths(root)
    with files.storage_errors(root):
        for section in settings.sections:
            (paths.records / section).mkdir(parents=True, exist_ok=True)
        paths.questionnaires.mkdir(exist_ok=True)
    # Last: a folder is a workspace once it has this file.
    write_settings(paths, settings)


def copy(source: Path, root: Path) -> None:
    """Make a workspace with everything of another one but what is derived. It appears whole or not at all.

    Raises:
        NotFound: the source is no workspace.
        InvalidSettings: the folder has files in it already.
        StorageFailed: the disk said no.
    """
    read_settings(Paths(source))
    _check_free(root)
    with files.storage_errors(root):
        root.parent.mkdir(parents=True, exist_ok=True)
        unfinished = root.with_name(f".{root.name}-{secrets.token_hex(4)}")
        try:
            shutil.copytree(
                source, unfinished, ignore=shutil.ignore_patterns(*_NOT_COPIED), copy_function=shutil.copyfile
            )
            if root.exists():
                root.rmdir()
            os.replace(unfinished, root)  # noqa: PTH105
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def default_workspace(data: Path = _DATA) -> Path:
    """The workspace that is meant where none is named: the environment's, else ``data/workspace``, a copy of the demo.

    Several processes may ask at once: each gets the one copy that came first.

    Raises:
        NotFound: there is no demo to copy.
        StorageFailed: the disk said no.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named)
    root = data / "workspace"
    if not Paths(root).settings.exists():
        try:
            copy(data / "demo", root)
        except ScriptoriumError:
            if not Paths(root).settings.exists():
                raise
    return root


def write_settings(paths: Paths, settings: Settings) -> None:
    """Write ``workspace.yaml`` atomically. Raises ``StorageFailed``."""
    files.write_atomically(paths.settings, settings_as_yaml(settings))


def new_settings(name: str, sections: tuple[str, ...], embedder: str) -> Settings:
    """Settings for a new workspace, checked. Raises ``InvalidSettings``."""
    given = Settings(name=name, embedder=EmbedderSettings(name=embedder))
    return replace(given, sections=sections or given.sections)


def _check_free(root: Path) -> None:
    if root.is_file():
        raise NotFound(f"{root} is a file, not a folder.", "Name a folder that does not exist yet.")
    if root.is_dir() and any(root.iterdir()):
        raise InvalidSettings(f"{root} is not empty.", "Name a folder that is empty or does not exist yet.")
