"""What both ways share: the work on a backup, of which one runs at a time, and the words for what both have."""

from collections.abc import Callable

import streamlit as st

from pages.ui import frame, resources, watching, words
from services.ground.progress import Report

KIND = "backup"
JOB = "backup_job"
PREFIX = "scriptorium-backup-"
MOST_NAMED = 5


def start(name: str, work: Callable[[Report], object]) -> None:
    """Begin it, and draw the page anew; what stands in the way is shown."""
    with frame.told():
        job = st.session_state[JOB] = resources.jobs(KIND).start(name, work)
        watching.wait_a_little(job)
        st.rerun()


def forget(key: str) -> None:
    """Let go of what this session has under this name."""
    st.session_state.pop(key, None)


def tell_digest(digest: str, told: str) -> None:
    """The digest of a backup, and what to do with it."""
    st.caption(f"Its digest (BLAKE3) tells this file from every other. {told}")
    st.code(digest, language=None, wrap_lines=True)


def tell_left_out(left_out: tuple[str, ...]) -> None:
    """What is not brought back, and why."""
    if left_out:
        named = words.plain(words.listed(left_out[:MOST_NAMED]))
        more = f" and {len(left_out) - MOST_NAMED:,} more" if len(left_out) > MOST_NAMED else ""
        st.info(
            "Settings and commands that git would run on this computer are not brought back, because a backup may come "
            f"from anybody. No script is among them. Left out: {named}{more}."
        )
