"""Asking for a stranger's store: the field, the progress, and what belongs here before anything was asked."""

from dataclasses import dataclass, field, replace
from typing import cast

import streamlit as st

from pages.ui import frame, resources, watching, words
from services.domain.inspection import Inspection
from services.errors import InvalidInput, ScriptoriumError
from services.ground import addresses
from services.inspect import SAMPLE
from services.jobs import Job
from services.workbench import Workbench

_MOST_SAMPLED = 1_000
_KIND = "inspect"
# The work that may follow, and where the visitor who began it keeps it.
IMPORTING = "import from a store"
_FIELD, _SIZE = "inspect_target", "inspect_sample"
# What belongs to this visitor alone, as an address does: the job while it runs, then what it found.
_MINE, _FOUND = "inspect_job", "inspected"


@dataclass(frozen=True)
class Looked:
    """What was inspected, by an address that may hold a password: it is shown as ``shown`` only."""

    target: str = field(repr=False)
    inspection: Inspection
    seconds: float = 0.0

    @property
    def shown(self) -> str:
        """The address without its password."""
        return addresses.masked(self.target)


def show(workbench: Workbench) -> Looked | None:
    """The field and what leads to it, or how far the work is; what was found once it is done."""
    job = _mine()
    if job is not None and job.finished and isinstance(job.result, Looked):
        st.session_state[_FOUND] = replace(job.result, seconds=job.seconds)
        _forget(job)
    if found := st.session_state.get(_FOUND):
        return cast("Looked", found)
    st.header("Which model made these vectors?", anchor=False)
    st.caption(
        "Inspect a store that somebody else made. Some of its documents are embedded again, by each model that is "
        "set up here, and compared with the vectors stored beside them. Nothing in the store is changed."
    )
    if job is not None and not job.finished:
        watching.until_done(_KIND, cancel="Nothing was changed, there or here.")
    elif watching.others_work(_KIND, job):
        watching.until_free(_KIND, "Another inspection is under way, begun by somebody else.")
    else:
        _form(workbench)
        if job is None:
            _empty()
        else:
            _failed(job)
    return None


def _mine() -> Job[object] | None:
    """The work that this visitor has begun."""
    return cast("Job[object] | None", st.session_state.get(_MINE))


def _forget(job: Job[object]) -> None:
    """The work has been read, here and where all work is kept; not what somebody else has begun since."""
    st.session_state.pop(_MINE, None)
    jobs = resources.jobs(_KIND)
    if jobs.current is job:
        jobs.dismiss()


def _failed(job: Job[object]) -> None:
    """Why there is no result. Whoever has read it and comes back later begins anew."""
    if frame.arrived() and st.session_state.get("inspect_told") == job.started:
        _forget(job)
        frame.redraw()
        return
    st.session_state["inspect_told"] = job.started
    if job.cancelled:
        st.info(words.plain(str(job.error)))
    elif isinstance(job.error, ScriptoriumError):
        frame.say(job.error)


def again() -> None:
    """Back to the field."""
    if st.button("Inspect another", type="tertiary", icon=":material/arrow_back:"):
        st.session_state.pop(_FOUND, None)
        st.session_state.pop(IMPORTING, None)
        st.rerun()


def _form(workbench: Workbench) -> None:
    with st.form("inspect", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                "Chroma folder or PostgreSQL address",
                key=_FIELD,
                placeholder="/data/chroma  or  postgresql://user:password@host:5432/database",
                help="A folder on the machine that this workbench runs on, or a database that it can reach.",
                autocomplete="off",
            )
            st.form_submit_button(
                "Inspect", type="primary", icon=":material/troubleshoot:", on_click=_begin, args=[workbench]
            )
        with st.expander("Sample size"):
            st.number_input(
                "Documents of a collection that are embedded again",
                min_value=1,
                max_value=_MOST_SAMPLED,
                value=SAMPLE,
                key=_SIZE,
                help="More take longer and find smaller mixtures. Where the first ones disagree, more are taken.",
            )
    if problem := st.session_state.pop("inspect_problem", None):
        frame.say(problem)


def _begin(workbench: Workbench) -> None:
    """Start the work. A callback, because only there the field can be emptied: no password stays in it."""
    target, sample = str(st.session_state[_FIELD]).strip(), int(st.session_state[_SIZE])
    if job := _mine():
        # What was said of the last one is said no more.
        _forget(job)
    try:
        if not target:
            raise InvalidInput("There is nothing to inspect yet.", "Give the path of a folder, or an address.")
        # Its name may be told to others, who are not to know the address.
        st.session_state[_MINE] = resources.jobs(_KIND).start(
            "An inspection",
            lambda report: Looked(target, workbench.inspect(target, sample, report)),
        )
    except ScriptoriumError as error:
        st.session_state["inspect_problem"] = error
        return
    if addresses.masked(target) != target:
        st.session_state[_FIELD] = ""


def _empty() -> None:
    st.space("small")
    what, how, then = st.columns(3, gap="large")
    with what:
        st.subheader("What can be inspected", anchor=False)
        st.write(
            "A folder of Chroma, the one with the file chroma.sqlite3 in it, such as /home/you/project/chroma; also "
            "one that may only be read. Or a PostgreSQL database with pgvector: every table and view that has a "
            "vector column."
        )
    with how:
        st.subheader("What you will know", anchor=False)
        st.write(
            "Which model made the vectors, or that none of yours did. Whether what the store says of itself is true. "
            "Whether two models were mixed, and what is missing, double or bunched."
        )
    with then:
        st.subheader("What stays as it is", anchor=False)
        st.write(
            "Everything. A folder is copied first and only the copy is opened; a database is asked in read-only "
            "transactions. Afterwards you may import the scripts into this workspace."
        )
