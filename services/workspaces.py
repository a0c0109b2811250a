"""Making a workspace: empty, or as a copy of another one without what is derived."""

import os
import secrets
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

from services.domain.settings import EmbedderSettings, Paths, Settings, parse_settings, read_settings, settings_as_yaml
from services.errors import InvalidSettings, NotFound, ScriptoriumError
from services.ground import files
from services.ground.yaml_text import load
from services.restore import settle

ENVIRONMENT = "SCRIPTORIUM_WORKSPACE"
_DATA = Path(__file__).resolve().parent.parent / "data"
_NOT_COPIED = {"derived", "editing", "checks", ".writer.lock", ".writer.holder", ".git"}


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


def copy(source: Path, root: Path, *, sections: tuple[str, ...] = (), embedder: str = "") -> Settings:
    """Make a workspace with everything of another one but what is derived. It appears whole or not at all.

    ``sections`` are added to those it has; ``embedder`` is what it asks with, while the scripts keep the vectors that
    they have. Returns the settings of the source.

    Raises:
        NotFound: the source is no workspace.
        InvalidSettings: the folder has files in it already or lies in the source, or a section is none.
        StorageFailed: the disk said no.
    """
    settings = read_settings(Paths(source))
    # What could finish it lies in what is derived, which is not copied.
    if Paths(source).changing.exists():
        raise InvalidSettings(
            f"A change of the model of {source} is not finished.",
            f"Finish it first: python -m services --workspace {source} health",
        )
    changed = _changed(settings, sections, embedder)
    _check_free(root)
    if root.resolve().is_relative_to(source.resolve()):
        raise InvalidSettings(f"{root} lies inside {source}, which is to be copied.", "Name a folder outside of it.")
    with files.storage_errors(root):
        root.parent.mkdir(parents=True, exist_ok=True)
        unfinished = root.with_name(f".{root.name}-{secrets.token_hex(4)}")
        try:
            shutil.copytree(source, unfinished, ignore=partial(_not_copied, source), copy_function=shutil.copyfile)
            if changed != settings:
                write_settings(Paths(unfinished), changed)
            if root.exists():
                root.rmdir()
            os.replace(unfinished, root)  # noqa: PTH105
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return settings


def default_workspace(data: Path = _DATA) -> Path:
    """The workspace that is meant where none is named: the environment's, else ``data/workspace``, a copy of the demo.

    Several processes may ask at once: each gets the one copy that came first.

    Raises:
        NotFound: there is no demo to copy.
        StorageFailed: the disk said no.
    """
    root = default_root(data)
    if os.environ.get(ENVIRONMENT):
        return root
    settle(root)
    if not Paths(root).settings.exists():
        try:
            copy(data / "demo", root)
        except ScriptoriumError:
            if not Paths(root).settings.exists():
                raise
    return root


def default_root(data: Path = _DATA) -> Path:
    """Where the workspace is that is meant where none is named, whether there is one or not."""
    return Path(os.environ.get(ENVIRONMENT) or data / "workspace")


def write_settings(paths: Paths, settings: Settings) -> None:
    """Write ``workspace.yaml`` atomically. Raises ``StorageFailed``."""
    files.write_atomically(paths.settings, settings_as_yaml(settings))


def new_settings(name: str, sections: tuple[str, ...], embedder: str) -> Settings:
    """Settings for a new workspace, checked. Raises ``InvalidSettings``."""
    given = Settings(name=name, embedder=EmbedderSettings(name=embedder))
    return _checked(replace(given, sections=sections or given.sections))


def _changed(settings: Settings, sections: tuple[str, ...], embedder: str) -> Settings:
    more = tuple(s for s in dict.fromkeys(sections) if s not in settings.sections)
    changed = replace(settings, sections=(*settings.sections, *more))
    if embedder and embedder != settings.embedder.name:
        changed = replace(changed, embedder=EmbedderSettings(name=embedder))
    return _checked(changed)


def _checked(settings: Settings) -> Settings:
    """The settings as they would be read back: what was typed may be no section."""
    return parse_settings(load(settings_as_yaml(settings), source="workspace.yaml"))


def _not_copied(source: Path, folder: str, names: list[str]) -> set[str]:
    """What is left behind of a folder: only at the top, for a section may be called like what is derived."""
    return _NOT_COPIED.intersection(names) if Path(folder) == source else set()


def _check_free(root: Path) -> None:
    if root.is_file():
        raise NotFound(f"{root} is a file, not a folder.", "Name a folder that does not exist yet.")
    if root.is_dir() and any(root.iterdir()):
        raise InvalidSettings(f"{root} is not empty.", "Name a folder that is empty or does not exist yet.")
