"""Index honesty: of the scripts that are really nearest, how many the index's own search brings back."""

from collections.abc import Sequence
from typing import cast

import pandas as pd
import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.evaluate import numbers
from services.domain.scripts import Status
from services.errors import Cancelled, ScriptoriumError
from services.ground import text
from services.honesty import Filter, Honesty, Measured
from services.jobs import Job
from services.workbench import Workbench

_KIND, _MINE = "honesty", "evaluate_honesty"
_MOST_NAMED = 5


def show(workbench: Workbench, *, possible: bool) -> None:
    """The button, how far it is, and what was found last."""
    jobs = resources.jobs(_KIND)
    job = jobs.current
    busy = job is not None and not job.finished
    with st.expander("Does the index bring back what is nearest?", icon=":material/balance:", expanded=job is not None):
        st.caption(
            "To be quick, an index looks at some of the passages only, and may miss one that is nearer. This asks "
            "every saved questionnaire twice, of the index and of all passages, and compares the first scripts."
        )
        if busy:
            if watching.others_work(_KIND, cast("Job[object] | None", st.session_state.get(_MINE))):
                watching.until_free(_KIND, "Somebody else is comparing the index.", how_far=True)
            else:
                watching.until_done(_KIND, cancel="Nothing is kept of it.")
            return
        if job is not None and isinstance(job.error, ScriptoriumError) and not isinstance(job.error, Cancelled):
            frame.say(job.error)
        if job is not None and isinstance(job.result, Measured):
            _found(job.result)
        if possible:
            st.button(
                "Compare with the exact ranking",
                key="honesty_start",
                icon=":material/play_arrow:",
                on_click=_start,
                args=(workbench,),
            )


def _start(workbench: Workbench) -> None:
    with frame.told():
        job = resources.jobs(_KIND).start("The comparison with the exact ranking", workbench.honesty)
        st.session_state[_MINE] = job


def _found(found: Measured) -> None:
    st.markdown(f"**{_sentence(found)}**")
    if found.refused:
        named = words.listed([words.section(section) for section in found.refused])
        st.caption(f"Not asked: {named}. What is returned there would be random; Health says what mends it.")
    missing = [row for row in found.rows if row.missed]
    if missing:
        _table(missing, found.k)
    fine = [row for row in found.rows if not row.missed]
    if fine:
        which = "all" if not missing else "the others"
        if st.toggle(f"Show {which}: {words.count(len(fine), 'row')}", key="honesty_rows"):
            _table(fine, found.k)
    if found.rows:
        st.caption(f"Index: {words.plain(found.index)}.")


def _table(rows: Sequence[Honesty], k: int) -> None:
    st.dataframe(
        pd.DataFrame([_row(row, k) for row in rows]),
        hide_index=True,
        column_config={
            f"recall@{k}": st.column_config.TextColumn(
                help=f"Of the {k} scripts that are nearest by all passages, the share that the index brings "
                "back; the mean over the questionnaires, with its 95% bootstrap interval."
            ),
            "Found through": st.column_config.TextColumn(help="Which scripts of the section may be found."),
        },
        alt="One row a section and filter, with how much of the exact ranking the index brings back",
    )


def _sentence(found: Measured) -> str:
    asked = [row for row in found.rows if row.recall.value is not None]
    if not asked:
        return "Nothing could be asked"
    missing = [row for row in asked if row.missed]
    if not missing:
        return "Nothing is missed: the index brings back what is really nearest, everywhere"
    worst = min(missing, key=lambda row: row.recall.value or 0.0)
    return (
        f"Something is missed in {len(missing):,} of {len(asked):,} rows; most in {words.section(worst.section)}, "
        f"{_filter(worst.filter)}"
    )


def _row(row: Honesty, k: int) -> dict[str, object]:
    between = numbers.between(row.recall)
    return {
        "Section": words.section(row.section),
        "Found through": _filter(row.filter),
        "Scripts": row.scripts,
        f"recall@{k}": f"{numbers.value(row.recall)}{f' ({between})' if between else ''}",
        "Questionnaires": row.recall.n,
        "Something missed for": text.named(row.missed, _MOST_NAMED),
    }


def _filter(chosen: Filter) -> str:
    if chosen.area:
        return f"focus area {chosen.area}"
    return "approved scripts" if chosen.statuses == (Status.APPROVED,) else "scripts of every status"
