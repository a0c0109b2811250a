"""What needs attention: looked for in the background, told in plain words, each finding with a way to settle it."""

import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.attention import waiting
from services.attention import Attention, Far
from services.errors import Cancelled, ScriptoriumError, WorkspaceBusy
from services.jobs import Job
from services.workbench import Workbench

_Found = TypeVar("_Found")

# More than a few are shown in part; the rest is a press away.
_FEW, _MORE = 6, 30
# Where all pairs that were found are settled.
MORE = "More near-duplicates are there and have not been looked for yet."
_ICONS = {
    "library": ":material/description:",
    "retrieve": ":material/search:",
    "health": ":material/verified:",
}


def look(workbench: Workbench) -> Attention | None:
    """What was found in the corpus, as far as it is still so; while it is looked through again, how far that is."""
    if not (workbench.catalogue.records or workbench.catalogue.damaged):
        _nothing_yet(workbench)
        return None
    found = workbench.attention_last
    jobs = resources.jobs(waiting.KIND)
    job = jobs.current
    if job is not None and not job.finished:
        watching.until_done(waiting.KIND, cancel="What was found before is kept.")
    elif found is None or found.run_out or found.basis != workbench.attention_basis():
        if job is not None and isinstance(job.error, ScriptoriumError):
            _again(workbench, job, found)
        else:
            # Another visitor may have begun just now: then that is what is waited for.
            with contextlib.suppress(WorkspaceBusy):
                jobs.start("Looking through the scripts", workbench.attention)
            watching.until_done(waiting.KIND, cancel="What was found before is kept.")
    return found


def _again(workbench: Workbench, job: Job[object], found: Attention | None) -> None:
    """It was stopped or has failed: nothing is looked for until somebody says so."""
    if isinstance(job.error, ScriptoriumError) and not isinstance(job.error, Cancelled):
        frame.say(job.error)
    with st.container(horizontal=True, vertical_alignment="center"):
        only_more = found is not None and found.run_out and found.basis == workbench.attention_basis()
        st.caption(MORE if only_more else "Something has changed that nobody has looked at yet.", width="content")
        if st.button("Look again", key="attention_again", icon=":material/refresh:"):
            resources.jobs(waiting.KIND).dismiss()
            st.rerun()


def verdict(workbench: Workbench, found: Attention) -> None:
    """How much there is to do, in one sentence, and what was looked at."""
    if found.count:
        more = "More than " if found.twins.more else ""
        st.header(f"{more}{words.count(found.count, 'thing')} to look at", anchor=False)
    else:
        nothing = "More near-duplicates are there" if found.twins.more else "Nothing needs your attention"
        st.header(nothing, anchor=False)
    for broken in workbench.settled.all()[1]:
        st.warning(f"**{words.plain(broken.cause)}** {words.plain(broken.next_step)}")
    every = "every script that can be read" if found.damaged else "every script"
    if found.asked and len(found.not_asked) == len(found.sizes):
        st.caption(f"Looked at {every}. The saved questionnaires were not asked: every answer would be random.")
    elif found.asked:
        asked = words.count(found.asked, "saved questionnaire")
        st.caption(f"Looked at {every}, and at what {asked} would retrieve: the first {found.top_k} of each section.")
    else:
        st.caption(
            f"Looked at {every}. No questionnaire is saved yet: once there are some, this page also says which "
            "scripts none of them finds, and which of them find nothing near."
        )
    if found.asked and 0 < len(found.not_asked) < len(found.sizes):
        named = words.listed([words.section(section) for section in found.not_asked])
        was = "was" if len(found.not_asked) == 1 else "were"
        st.caption(f"{named} {was} not asked: what would be found there is random.")


def damaged(found: Attention) -> None:
    """Scripts that are on no list, because their files cannot be read."""
    if not found.damaged:
        return
    why = "They may have been changed outside. What was saved is in their history, and can be restored."
    heading("Files that cannot be read", len(found.damaged), why)

    def file(one: tuple[str, str]) -> None:
        path, script_id = one
        with row():
            to("library", words.plain(script_id), script=script_id, history="1")
            st.caption(words.section(path.split("/")[1]), width="content")

    each("damaged", found.damaged, file)


def far(found: Attention) -> None:
    """Questionnaires for which nothing fitting has been written yet."""
    if not found.far:
        return
    why = "An unrelated question would come as near as these: a script for them is missing."
    heading("Questionnaires with nothing near", len(found.far), why)

    def question(one: Far) -> None:
        with row():
            to("retrieve", words.plain(one.title), questionnaire=one.questionnaire)
            st.caption(f"{words.section(one.section)}: the nearest is {one.distance:.3f} away", width="content")

    each("far", found.far, question)


def unused(workbench: Workbench, found: Attention) -> None:
    """Scripts that nobody ever gets."""
    if found.unused:
        why = (
            f"None of the saved questionnaires finds them among its first {found.top_k}. Perhaps a questionnaire is "
            "missing, or what the script is for should be said in its situation and focus areas."
        )
        heading("Scripts that no questionnaire retrieves", len(found.unused), why)
        each("unused", found.unused, lambda script_id: _script(workbench, script_id))


def left_out(workbench: Workbench, found: Attention) -> None:
    """Scripts that are approved, and that no question can find."""
    if found.left_out:
        why = "They are approved, but the model that is asked has not read them. Health says what mends it."
        heading("Scripts that cannot be found yet", len(found.left_out), why)
        each("left_out", found.left_out, lambda one: _script(workbench, one[0], words.plain(one[1])))
        with st.container(key="found_health"):
            to("health", "See health")


def unread(workbench: Workbench, found: Attention) -> None:
    """Scripts of which the model never reads a part."""
    if found.unread:
        why = "No script is found by words that the model never reads. Saving it anew, or a shorter text, mends it."
        heading("Text that is never read", len(found.unread), why)
        each("unread", found.unread, lambda one: _script(workbench, one[0], f"{_share(one[1])} of its words"))


def balance(found: Attention) -> None:
    """Sections with few scripts beside the largest."""
    if not found.thin:
        return
    heading("Sections out of balance", len(found.thin), "A session needs each section; these have few to choose from.")
    largest = max(found.sizes.values())
    for section in found.thin:
        with row():
            to("library", words.section(section), section=section)
            few = words.count(found.sizes[section], "script")
            st.caption(f"{few} that can be found; the largest section has {largest:,}", width="content")


def in_order(found: Attention) -> None:
    """What was looked at as well, and is as it should be."""
    unasked = found.not_asked or not found.asked
    fine = [
        said
        for said, some in (
            (_no_twins(found), found.twins or found.twins.more),
            ("no drafts waiting", found.drafts),
            ("every questionnaire finds something near", found.far or unasked),
            ("every approved script is found by some questionnaire", found.unused or found.left_out or unasked),
            ("the model reads every word", found.unread or found.not_asked),
            ("the sections are in balance", found.thin or len(found.sizes) == 1),
        )
        if not some
    ]
    if fine:
        st.caption(f"In order: {words.listed(fine)}.")


def heading(title: str, count: int, why: str, *, more: bool = False) -> None:
    """A kind of finding, with how many there are, or that there are ``more``, and why they matter."""
    st.subheader(f"{title} · {count:,}{'+' if more else ''}", anchor=False)
    st.caption(why)


def each(name: str, found: Sequence[_Found], draw: Callable[[_Found], None]) -> Sequence[_Found]:
    """Draw the first few, and some more with each press; those that are drawn."""
    key = f"attention_{name}"
    few = st.session_state.get(key, _FEW)
    # A single one takes no more room than the offer to show it.
    shown = found if len(found) <= few + 1 else found[:few]
    with st.container(key=f"found_{name}"):
        for one in shown:
            draw(one)
    if rest := len(found) - len(shown):
        more = min(rest, _MORE)
        label = f"Show the other {rest:,}" if more == rest else f"Show {more} of the other {rest:,}"
        st.button(label, key=f"{key}_more", type="tertiary", on_click=_show, args=(key, len(shown) + more))
    return shown


def title(workbench: Workbench, script_id: str) -> str:
    """A script's title as it is drawn; its id where it is gone."""
    record = workbench.catalogue.records.get(script_id)
    return words.plain(record.script.title if record else script_id)


def link(workbench: Workbench, script_id: str) -> None:
    """The way to a script."""
    to("library", title(workbench, script_id), script=script_id)


def to(page: str, label: str, **parameters: str) -> None:
    """The way to a page."""
    st.page_link(frame.PAGES / f"{page}.py", label=label, icon=_ICONS[page], query_params=parameters)


def _no_twins(found: Attention) -> str:
    among = found.twins.looked_among
    return f"no near-duplicates{f' among the {among:,} pairs that lie nearest to each other' if among else ''}"


def _show(key: str, count: int) -> None:
    st.session_state[key] = count


def _share(part: float) -> str:
    return f"{part:.0%}" if part >= 0.01 else "under 1%"  # noqa: PLR2004


def _nothing_yet(workbench: Workbench) -> None:
    st.subheader("There is nothing to look at yet", anchor=False)
    st.write("Once there are scripts, this page says which need you: near-duplicates, drafts, gaps.")
    if workbench.writable:
        with st.container(key="found_nothing"):
            address = {"new": "1"}
            with row():
                st.page_link(
                    frame.PAGES / "library.py", label="New script", icon=":material/add:", query_params=address
                )
            with row():
                st.page_link(frame.PAGES / "upload.py", label="Upload scripts", icon=":material/upload:")


def _script(workbench: Workbench, script_id: str, also: str = "") -> None:
    """A script with its section, and what is to say of it."""
    with row():
        link(workbench, script_id)
        record = workbench.catalogue.records.get(script_id)
        section = words.section(record.script.section) if record else "Deleted meanwhile"
        st.caption(" · ".join(filter(None, (section, also))), width="content")


def row() -> "st.delta_generator.DeltaGenerator":
    """A finding: its links, what is said of it, what can be done."""
    return st.container(horizontal=True, vertical_alignment="center")
