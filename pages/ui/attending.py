"""What needs attention: looked for in the background, told in plain words, each finding with a way to settle it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import streamlit as st

from pages.ui import frame, resources, watching, words
from services.attention import Attention, Far
from services.errors import Cancelled, ScriptoriumError
from services.nearness import Twin
from services.workbench import Workbench

_Found = TypeVar("_Found")

_KIND = "attention"
_PAGES = Path(__file__).parent.parent
# More than a few are named in part; the rest is a press away.
_FEW, _FIRST = 9, 6


def look(workbench: Workbench) -> Attention | None:
    """What was found in the corpus as it is now; while that is being looked for, how far it is."""
    if not workbench.catalogue.records:
        _nothing_yet(workbench)
        return None
    jobs = resources.jobs(_KIND)
    job = jobs.current
    if job is not None and not job.finished:
        watching.until_done(_KIND)
        return None
    if job is not None and isinstance(job.error, ScriptoriumError) and not isinstance(job.error, Cancelled):
        frame.say(job.error)
        if st.button("Look again", key="attention_again", icon=":material/refresh:"):
            jobs.dismiss()
            st.rerun()
        return None
    found = job.result if job is not None else None
    if isinstance(found, Attention) and found.basis == workbench.attention_basis():
        return found
    jobs.start("Looking through the corpus", workbench.attention)
    watching.until_done(_KIND)
    return None


def verdict(found: Attention) -> None:
    """How much there is to do, in one sentence."""
    count = len(found.twins) + len(found.drafts) + len(found.unused) + len(found.far) + len(found.unread)
    count += len(found.thin)
    if found.nothing:
        st.header("Nothing needs your attention", anchor=False)
    else:
        st.header(f"{words.count(count, 'thing')} to look at", anchor=False)
    st.caption(
        f"Looked at every script, and at what {words.count(found.asked, 'saved questionnaire')} would retrieve: "
        f"the first {found.top_k} of each section."
    )
    if found.not_asked:
        named = words.listed([words.section(section) for section in found.not_asked])
        st.info(f"{named} was not asked: what it returns is random until its model is put right. See Health.")


def twins(workbench: Workbench, found: Attention) -> None:
    """Near-duplicates, side by side."""
    if not found.twins:
        return
    _heading("Near-duplicates to settle", len(found.twins), "Two scripts that say nearly the same take two places.")

    def pair(both: tuple[str, Twin]) -> None:
        first, twin = both
        with st.container(horizontal=True, vertical_alignment="center"):
            _link(workbench, first)
            _link(workbench, twin.id)
            st.caption(f"{twin.words:.0%} of the words in common")

    _each("twins", found.twins, pair)


def drafts(workbench: Workbench, found: Attention) -> None:
    """Scripts that wait for somebody to approve them."""
    if found.drafts:
        _heading("Drafts to approve", len(found.drafts), "Drafts are not retrieved until somebody approves them.")
        _each("drafts", found.drafts, lambda script_id: _script(workbench, script_id))
        _to("library", "All drafts in the library", status="draft")


def far(found: Attention) -> None:
    """Questionnaires for which nothing fitting has been written yet."""
    if not found.far:
        return
    why = "An unrelated question would come as near as these: a script for them is missing."
    _heading("Questionnaires with nothing near", len(found.far), why)

    def question(one: Far) -> None:
        with st.container(horizontal=True, vertical_alignment="center"):
            _to("retrieve", words.plain(one.title), questionnaire=one.questionnaire)
            st.caption(f"{words.section(one.section)}: the nearest is {one.distance:.3f} away")

    _each("far", found.far, question)


def unused(workbench: Workbench, found: Attention) -> None:
    """Approved scripts that nobody ever gets."""
    if found.unused:
        why = (
            f"None of the saved questionnaires finds them among its first {found.top_k}. Perhaps a questionnaire is "
            "missing, or what the script is for should be said in its situation and focus areas."
        )
        _heading("Scripts that no questionnaire retrieves", len(found.unused), why)
        _each("unused", found.unused, lambda script_id: _script(workbench, script_id))


def unread(workbench: Workbench, found: Attention) -> None:
    """Scripts of which the model never reads a part."""
    if found.unread:
        why = "As the last check found. No script is found by words that the model never reads."
        _heading("Text that is never read", len(found.unread), why)
        _each("unread", found.unread, lambda one: _script(workbench, one[0], f"{one[1]:.0%} of its words"))


def balance(found: Attention) -> None:
    """Sections with few scripts beside the largest."""
    if not found.thin:
        return
    _heading("Sections out of balance", len(found.thin), "A session needs each section; these have few to choose from.")
    largest = max(found.sizes.values())
    for section in found.thin:
        with st.container(horizontal=True, vertical_alignment="center"):
            _to("library", words.section(section), section=section)
            st.caption(f"{words.count(found.sizes[section], 'approved script')}; the largest section has {largest:,}")


def in_order(found: Attention) -> None:
    """What was looked at as well, and is as it should be."""
    fine = [
        said
        for said, some in (
            ("no near-duplicates", found.twins),
            ("no drafts waiting", found.drafts),
            ("every questionnaire finds something near", found.far or found.not_asked or not found.asked),
            (
                "every approved script is found by some questionnaire",
                found.unused or found.not_asked or not found.asked,
            ),
            ("the sections are in balance", found.thin),
        )
        if not some
    ]
    if fine:
        st.caption(f"In order: {words.listed(fine)}.")


def _nothing_yet(workbench: Workbench) -> None:
    st.subheader("There is nothing to look at yet", anchor=False)
    st.write("Once there are scripts, this page says which need you: near-duplicates, drafts, gaps.")
    if workbench.writable:
        st.page_link(_PAGES / "library.py", label="To the library", icon=":material/menu_book:")


def _heading(title: str, count: int, why: str) -> None:
    st.subheader(f"{title} · {count:,}", anchor=False)
    st.caption(why)


def _each(name: str, found: Sequence[_Found], draw: Callable[[_Found], None]) -> None:
    """The first few, and all where somebody asks."""
    key = f"attention_{name}"
    every = len(found) <= _FEW or bool(st.session_state.get(key))
    for one in found if every else found[:_FIRST]:
        draw(one)
    if len(found) > _FEW:
        st.toggle(f"Show all {len(found):,}", key=key)


def _script(workbench: Workbench, script_id: str, also: str = "") -> None:
    """A script with its section, and what is to say of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        _link(workbench, script_id)
        record = workbench.catalogue.records.get(script_id)
        section = words.section(record.script.section) if record else "Deleted meanwhile"
        st.caption(" · ".join(filter(None, (section, also))))


def _link(workbench: Workbench, script_id: str) -> None:
    record = workbench.catalogue.records.get(script_id)
    _to("library", words.plain(record.script.title if record else script_id), script=script_id)


def _to(page: str, label: str, **parameters: str) -> None:
    icons = {"library": ":material/description:", "retrieve": ":material/search:"}
    st.page_link(_PAGES / f"{page}.py", label=label, icon=icons[page], query_params=parameters)
