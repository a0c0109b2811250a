"""The repository of a workspace: making it, finding one around it, and whom its settings name."""

import contextlib
import os
import shutil
from pathlib import Path

from dulwich.config import StackedConfig
from dulwich.repo import Repo

from services.domain import history
from services.domain.settings import Paths
from services.ground import files

_BRANCH = b"main"
_IGNORED = b"/derived/\n/editing/\n/uploads/\n/changing.json\n.writer.lock\n.writer.holder\n.writing-*\n"


def create(root: Path) -> None:
    """Make the repository: it appears whole or not at all."""
    unfinished = root / f"{files.TEMPORARY_PREFIX}git"
    with files.storage_errors(root / ".git"):
        shutil.rmtree(unfinished, ignore_errors=True)
        Repo.init(str(unfinished), mkdir=True, default_branch=_BRANCH).close()
        if not (root / ".gitignore").exists():
            files.write_atomically(root / ".gitignore", _IGNORED)
        os.replace(unfinished / ".git", root / ".git")  # noqa: PTH105
        unfinished.rmdir()


def around(paths: Paths) -> str:
    """Why a workspace has no repository of its own: one around it keeps it already. Empty where none does."""
    root = paths.root.resolve()
    outer = next((folder for folder in root.parents if (folder / ".git").exists()), None)
    if outer is None:
        return ""
    try:
        with contextlib.closing(Repo(str(outer))) as repo:
            kept = paths.settings.resolve().relative_to(outer).as_posix().encode() in repo.open_index()
    except Exception as error:  # noqa: BLE001  dulwich raises what it likes at what it does not know
        return f"The repository around the workspace cannot be read ({error})."
    told = f"The workspace belongs to the repository {outer.name}, which keeps its history: look there with git."
    return told if kept else ""


def configured(repo: Repo | None) -> str:
    """Whom git would name; empty where nobody told it."""
    config = repo.get_config_stack() if repo else StackedConfig.default()
    try:
        name, address = (config.get((b"user",), key).decode("utf-8", "replace") for key in (b"name", b"email"))
    except KeyError:
        return ""
    return history.author(f"{name} <{address}>")
