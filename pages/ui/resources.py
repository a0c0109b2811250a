"""What is made once for all visitors: every ``st.cache_resource`` lives here."""

import threading
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from services.jobs import Jobs
from services.wiring import KEY_NAME
from services.workbench import Workbench
from services.workspaces import default_workspace


def workbench() -> Workbench:
    """The open workspace: the one that ``SCRIPTORIUM_WORKSPACE`` names, else ``data/workspace``."""
    opened = _workbench(default_workspace())
    # A key that was added since is used without a restart.
    opened.secrets = _secrets()
    return opened


def jobs() -> Jobs:
    """The work under way for this workspace."""
    return _jobs(default_workspace())


@st.cache_resource(show_spinner="Opening the workspace…", on_release=lambda bench: bench.close())
def _workbench(root: Path) -> Workbench:
    workbench = Workbench(root, _secrets())
    # The weights load while the first visitor reads the page; whoever asks sooner waits for the same loading.
    threading.Thread(target=workbench.warm, daemon=True).start()
    return workbench


@st.cache_resource(show_spinner=False)
def _jobs(root: Path) -> Jobs:  # noqa: ARG001  one for each workspace
    return Jobs()


def _secrets() -> Mapping[str, str]:
    try:
        return {KEY_NAME: str(st.secrets[KEY_NAME])}
    except (KeyError, StreamlitSecretNotFoundError):
        return {}
