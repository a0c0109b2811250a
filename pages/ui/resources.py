"""What is made once for all visitors: every ``st.cache_resource`` lives here."""

import contextlib
import threading
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from services.domain import history
from services.errors import ScriptoriumError
from services.jobs import Jobs
from services.wiring import KEY_NAME
from services.workbench import Workbench
from services.workspaces import default_workspace


def workbench() -> Workbench:
    """The open workspace: the one that ``SCRIPTORIUM_WORKSPACE`` names, else ``data/workspace``."""
    opened = _workbench(default_workspace())
    # A key that was added since is used without a restart.
    opened.secrets = _secrets()
    # What this visitor saves is theirs; work that goes on in a thread of its own takes the name along.
    history.sign(st.session_state.get("your_name", ""))
    return opened


def jobs(kind: str = "rebuild") -> Jobs:
    """The work of this kind that is under way for this workspace; of each kind one piece at a time."""
    return _jobs(default_workspace(), kind)


@st.cache_resource(show_spinner="Opening the workspace…", on_release=lambda bench: bench.close())
def _workbench(root: Path) -> Workbench:
    workbench = Workbench(root, _secrets())
    threading.Thread(target=_warm, args=(workbench, jobs("check")), daemon=True).start()
    return workbench


def _warm(workbench: Workbench, checks: Jobs) -> None:
    """Load the weights while the first visitor reads the page, then check, where both cost nothing but time."""
    workbench.warm()
    # Whoever visits the health page is told what stands in the way.
    with contextlib.suppress(ScriptoriumError):
        if workbench.embedder().local and workbench.check_due():
            checks.start("The check", workbench.check)


@st.cache_resource(show_spinner=False)
def _jobs(root: Path, kind: str) -> Jobs:  # noqa: ARG001  one for each workspace and kind
    return Jobs()


def _secrets() -> Mapping[str, str]:
    try:
        return {KEY_NAME: str(st.secrets[KEY_NAME])}
    except (KeyError, StreamlitSecretNotFoundError):
        return {}
