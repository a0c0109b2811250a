"""What is made once for all visitors: every ``st.cache_resource`` lives here."""

import contextlib
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from pages.ui import signing
from pages.ui.evaluate.kept import Comparisons
from pages.ui.map.kept import Begun
from pages.ui.tune.kept import Benches
from pages.ui.upload.kept import Reviews
from services.domain import history
from services.errors import ScriptoriumError, WorkspaceBusy
from services.jobs import Job, Jobs
from services.wiring import KEY_NAME
from services.workbench import Workbench
from services.workspaces import default_workspace

_LOOK_EVERY_SECONDS = 0.1


def workbench() -> Workbench:
    """The open workspace: the one that ``SCRIPTORIUM_WORKSPACE`` names, else ``data/workspace``."""
    opened = _workbench(default_workspace())
    # A key that was added since is used without a restart.
    opened.secrets = _secrets()
    sign()
    return opened


def sign() -> None:
    """What this visitor saves from here on is theirs; work that goes on in a thread of its own takes the name along.

    A press is answered before its page is drawn, in a thread in which nobody has signed yet.
    """
    history.sign(signing.name())


def jobs(kind: str = "rebuild") -> Jobs:
    """The work of this kind that is under way for this workspace; of each kind one piece at a time."""
    sign()
    return _jobs(default_workspace(), kind)


def reviews() -> Reviews:
    """The reviews of uploads to this workspace that are under way."""
    return _reviews(default_workspace())


def benches() -> Benches:
    """The laboratories beside this workspace."""
    return _benches(default_workspace())


def comparisons() -> Comparisons:
    """Evaluations of this workspace that were compared."""
    return _comparisons(default_workspace())


def map_begun() -> Begun:
    """What was begun for the map of this workspace."""
    return _map_begun(default_workspace())


@st.cache_resource(show_spinner="Opening the workspace…", on_release=lambda bench: bench.close())
def _workbench(root: Path) -> Workbench:
    workbench = Workbench(root, _secrets())
    threading.Thread(target=_warm, args=(workbench, opening(workbench), jobs("check")), daemon=True).start()
    return workbench


def opening(workbench: Workbench) -> Job[object]:
    """The work of opening it: begun with the first visit, and once more where it has failed."""
    work = jobs("open")
    with contextlib.suppress(WorkspaceBusy):
        return work.start("Opening the workspace", workbench.refresh)
    return work.current or opening(workbench)


def _warm(workbench: Workbench, opened: Job[object], checks: Jobs) -> None:
    """Load the weights while the first visitor reads the page, then check, where both cost nothing but time."""
    while not opened.finished:
        # Whoever waits for the page needs the processor more.
        time.sleep(_LOOK_EVERY_SECONDS)
    workbench.warm()
    # Whoever visits the health page is told what stands in the way.
    with contextlib.suppress(ScriptoriumError):
        if workbench.embedder().local and workbench.check_due():
            checks.start("The check", workbench.check)


@st.cache_resource(show_spinner=False)
def _reviews(root: Path) -> Reviews:  # noqa: ARG001  one for each workspace
    return Reviews()


@st.cache_resource(show_spinner=False)
def _benches(root: Path) -> Benches:  # noqa: ARG001  one for each workspace
    return Benches()


@st.cache_resource(show_spinner=False)
def _comparisons(root: Path) -> Comparisons:  # noqa: ARG001  one for each workspace
    return Comparisons()


@st.cache_resource(show_spinner=False)
def _map_begun(root: Path) -> Begun:  # noqa: ARG001  one for each workspace
    return Begun()


@st.cache_resource(show_spinner=False)
def _jobs(root: Path, kind: str) -> Jobs:  # noqa: ARG001  one for each workspace and kind
    return Jobs()


def _secrets() -> Mapping[str, str]:
    try:
        return {KEY_NAME: str(st.secrets[KEY_NAME])}
    except (KeyError, StreamlitSecretNotFoundError):
        return {}
