"""What is settled right here: drafts that wait for somebody to approve them; and what was settled by keeping both."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import words
from pages.ui.attention import attending, doing
from services.attention import Attention
from services.domain.scripts import Record, Status
from services.domain.settled import Meant
from services.workbench import Workbench

_TICKS = "attention_ticked"


def drafts(workbench: Workbench, found: Attention) -> None:
    """Scripts that wait for somebody to approve them."""
    records = workbench.catalogue.records
    waiting = [records[i] for i in found.drafts if i in records]
    if not waiting:
        return
    attending.heading(
        "Drafts to approve", len(waiting), "Drafts are not found by any question until they are approved."
    )
    shown = attending.each("drafts", waiting, lambda record: _draft(workbench, record))
    if workbench.writable:
        _approving(workbench, shown)


def settled(workbench: Workbench) -> None:
    """What was settled by keeping both, with the way back."""
    meant = workbench.meant()
    if not meant:
        return
    with st.expander(f"Both are meant: {words.count(len(meant), 'pair')}", key="settled_pairs"):
        st.caption("They do not come up as near-duplicates for as long as both texts stay as they are.")
        attending.each("settled", meant, lambda one: _meant(workbench, one))


def _meant(workbench: Workbench, meant: Meant) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        for script_id in meant.pair:
            attending.link(workbench, script_id)
        said = (words.ago(meant.time) if meant.time else "", f"by {words.plain(meant.by)}" if meant.by else "")
        st.caption(" ".join(filter(None, said)), width="content")
        if workbench.writable:
            key = f"take_back_{meant.pair[0]}_{meant.pair[1]}"
            arguments = (workbench, meant.pair)
            st.button("Take back", key=key, type="tertiary", on_click=doing.take_back, args=arguments)


def _draft(workbench: Workbench, record: Record) -> None:
    script = record.script
    with st.container(horizontal=True, vertical_alignment="center"):
        if workbench.writable:
            st.checkbox(
                f"Approve {words.plain(script.title)}", key=_tick(record), label_visibility="collapsed", width="content"
            )
        attending.link(workbench, script.id)
        facts = (words.section(script.section), words.count(script.words, "word"))
        st.caption(" · ".join(facts), width="content")


def _approving(workbench: Workbench, shown: Sequence[Record]) -> None:
    ticked = [record for record in shown if st.session_state.get(_tick(record))]
    bases = {record.script.id: record.digest for record in ticked}

    def told(count: int) -> str:
        named = f"'{words.plain(ticked[0].script.title)}'" if len(ticked) == 1 else words.count(count, "script")
        return f"Approved {named}."

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Approve {words.count(len(ticked), 'script')}" if ticked else "Approve",
            key="approve_ticked",
            icon=":material/check:",
            type="primary",
            disabled=not ticked,
            on_click=doing.become,
            args=(workbench, Status.APPROVED, bases, told),
        )
        every = len(ticked) < len(shown)
        label = "Tick all that are shown" if every else "Untick all"
        st.button(label, key="tick_drafts", type="tertiary", on_click=_tick_all, args=(shown, every))
        attending.to("library", "All drafts in the library", status="draft")


def _tick(record: Record) -> str:
    """Of this version: what somebody saves meanwhile is not approved by a tick that was set before."""
    return f"{_TICKS}_{record.script.id}_{record.digest[:12]}"


def _tick_all(shown: Sequence[Record], every: bool) -> None:  # noqa: FBT001  args of a callback
    for record in shown:
        st.session_state[_tick(record)] = every
