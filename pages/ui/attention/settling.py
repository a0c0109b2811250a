"""What is settled right here: near-duplicates beside each other, and drafts that wait for somebody to approve them."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import marked, reading, words
from pages.ui.attention import attending, doing
from services.attention import Attention
from services.domain.differences import Kind, differences
from services.domain.scripts import Record, Status
from services.domain.settled import Meant
from services.nearness import Twin
from services.workbench import Workbench

# Words that stay around a difference.
_AROUND = 25
_OPEN, _TICKS = "attention_compared", "attention_ticked"


def twins(workbench: Workbench, found: Attention) -> None:
    """Near-duplicates, each to be compared."""
    if found.twins:
        why = "Two scripts that say nearly the same take two places. Keep one of them, or say that both are meant."
        attending.heading("Near-duplicates to settle", len(found.twins), why)
        attending.each("twins", found.twins, lambda pair: _pair(workbench, *pair))


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


def _pair(workbench: Workbench, first: str, twin: Twin) -> None:
    records = workbench.catalogue.records
    pair, one, other = (first, twin.id), records.get(first), records.get(twin.id)
    if one is None or other is None:
        return
    is_open = st.session_state.get(_OPEN) == pair
    with st.container(horizontal=True, vertical_alignment="center"):
        attending.link(workbench, first)
        attending.link(workbench, twin.id)
        st.caption(f"{twin.words:.0%} of the words in common", width="content")
        label, icon = ("Close", ":material/unfold_less:") if is_open else ("Compare", ":material/compare:")
        key = f"compare_{first}_{twin.id}"
        st.button(label, key=key, icon=icon, on_click=_open, args=(None if is_open else pair,))
    if is_open:
        with st.container(border=True, key="compared"):
            _compared(workbench, one, other)


def _compared(workbench: Workbench, one: Record, other: Record) -> None:
    """Both texts with the words that only one of them has marked, and what can be done."""
    pieces = differences(one.script.text, other.script.text)
    same = one.script.text == other.script.text
    whole = same or st.toggle("Show the whole texts", key="whole_texts")
    st.caption("The two texts are the same, word for word." if same else "Underlined: the words that differ.")
    left, right = st.columns(2, gap="large")
    for column, (ours, kind) in zip((left, right), ((one, Kind.GONE), (other, Kind.NEW)), strict=True):
        with column:
            with st.container(key=f"reading_title_{kind}"):
                st.subheader(words.plain(ours.script.title), anchor=False)
            st.caption(reading.facts(ours.script))
            marked.side(pieces, kind, around=None if whole else _AROUND)
            _retiring(workbench, ours)
    if workbench.writable:
        bases = {record.script.id: record.digest for record in (one, other)}
        titles = [words.plain(record.script.title) for record in (one, other)]
        st.button(
            "Both are meant",
            key="both_meant",
            icon=":material/done_all:",
            help="They do not come up again until one of the two texts changes.",
            on_click=doing.both_meant,
            args=(workbench, bases, f"'{titles[0]}' and '{titles[1]}' are both meant."),
        )


def _retiring(workbench: Workbench, record: Record) -> None:
    script = record.script
    if workbench.writable:
        st.button(
            "Retire this one",
            key=f"retire_{script.id}",
            icon=":material/inventory_2:",
            help="It is kept, and no longer found. The other one stays as it is.",
            on_click=doing.become,
            args=(workbench, Status.RETIRED, {script.id: record.digest}, f"Retired '{words.plain(script.title)}'."),
        )


def _open(pair: tuple[str, str] | None) -> None:
    st.session_state[_OPEN] = pair


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
    named = f"'{words.plain(ticked[0].script.title)}'" if len(ticked) == 1 else words.count(len(ticked), "script")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Approve {words.count(len(ticked), 'script')}" if ticked else "Approve",
            key="approve_ticked",
            icon=":material/check:",
            type="primary",
            disabled=not ticked,
            on_click=doing.become,
            args=(workbench, Status.APPROVED, bases, f"Approved {named}."),
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
