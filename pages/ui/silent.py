"""The silent bug, drawn: the same questions before and after the repair, and the flags that catch it."""

from pathlib import Path

import pandas as pd
import streamlit as st

from pages.ui import charts, frame, palette, reading, resources, watching, words
from services.checks import CollectionHealth, Health
from services.errors import ScriptoriumError
from services.results import ExpectedRank, Ranking
from services.silent_bug import Found, Scene, SilentBug
from services.workbench import Workbench

_PAGES = Path(__file__).parent.parent
_KIND = "silent-bug"
# Two strips a section, and a page bears eight.
_SECTIONS = charts.MAX_STRIPS // 2


def story() -> None:
    """What happened, in three sentences."""
    st.header("Retrieval was random for months, and nothing failed", anchor=False)
    st.markdown(
        "The scripts were embedded by one model and the questions by another. Both make vectors of the same size, so "
        "every question was answered, quickly, with well-written scripts; they were just not about what had been asked."
    )
    st.caption(
        "This page does it again on copies in memory, with two models that are both here: one that only counts words "
        "embeds the scripts, and MiniLM asks; both make 384 numbers. Nothing real is touched."
    )


def reproduction(workbench: Workbench) -> SilentBug | None:
    """The button, how far it is, or what came of it."""
    job = resources.jobs(_KIND).current
    if job is None:
        if not workbench.catalogue.records:
            st.info("There are no scripts to copy yet. Import or write some first.")
        elif st.button("Reproduce it", type="primary", icon=":material/science:", help="Takes a few seconds."):
            _start(workbench)
        return None
    if not job.finished:
        watching.until_done(_KIND, cancel="Nothing real was touched.")
        return None
    if isinstance(job.error, ScriptoriumError) and not job.cancelled:
        frame.say(job.error)
    if st.button("Reproduce it again" if job.result else "Reproduce it", icon=":material/science:"):
        resources.jobs(_KIND).dismiss()
        _start(workbench)
    return job.result if isinstance(job.result, SilentBug) else None


def _start(workbench: Workbench) -> None:
    with frame.told():
        resources.jobs(_KIND).start("The reproduction", workbench.silent_bug)
        st.rerun()


def outcome(bug: SilentBug) -> None:
    """Over all questionnaires: how many of the right scripts came to the front."""
    left, right = st.columns(2, gap="large")
    with left:
        _figure("Before", bug.before, bug.before.found, right=False)
    with right:
        _figure("After the repair", bug.after, bug.after.found, right=True)


def _figure(title: str, scene: Scene, found: Found, *, right: bool) -> None:
    with st.container(border=True):
        st.markdown(f"**{title}** · scripts embedded by {words.plain(scene.embedded_by)}, asked by MiniLM")
        if not found.just_right:
            st.caption("No questionnaire names a script that is just right, so there is nothing to count.")
            return
        st.metric(
            "Just-right scripts among the first five",
            f"{found.in_top} of {found.just_right}",
            help="Over all saved questionnaires and sections: the scripts that a practitioner graded just right.",
        )
        middle = f"In the middle they come {words.ordinal(round(found.median_rank or 0))}."
        st.caption(middle if right else f"{middle} Throwing dice would do as well.")


def question(workbench: Workbench, bug: SilentBug) -> None:
    """One questionnaire, before and after, section by section."""
    saved = dict(sorted(bug.questionnaires.items(), key=lambda item: item[1].title.lower()))
    if not saved:
        return
    ids = list(saved)
    opens = workbench.settings.opens_with
    chosen = st.selectbox(
        "The same questionnaire, before and after",
        ids,
        index=ids.index(opens) if opens in saved else 0,
        format_func=lambda i: saved[i].title or i,
    )
    before, after = bug.ask(saved[chosen])
    with st.container(key="reading_quote_query"):
        st.text(f"“{after.query}”")
    titles = {i: charts.title(r.script) for i, r in bug.after.catalogue.records.items()}
    sections = [section for section in bug.settings.sections if after.sections[section].scored][:_SECTIONS]
    old, new = st.columns(2, gap="large")
    # One scale for both sides: that the ticks of the left side crowd together is what there is to see.
    scale = charts.scale([answer.sections[s] for answer in (before, after) for s in sections])
    for section in sections:
        with old:
            _section(before.sections[section], bug, titles, scale, "before")
        with new:
            _section(after.sections[section], bug, titles, scale, "after")


def _section(ranking: Ranking, bug: SilentBug, titles: dict[str, str], scale: tuple[float, float], name: str) -> None:
    sections = bug.settings.sections
    reading.section_heading(ranking.section, sections, f"{name}: {words.verdict(ranking.separation)}")
    charts.strip(ranking, titles, palette.of_section(ranking.section, sections), scale, name=name)
    first = words.plain(ranking.hits[0].script.title) if ranking.hits else "none"
    lines = [f"First: **{first}**", *(_expected(e, len(ranking.scored)) for e in ranking.expected)]
    st.caption("  \n".join(lines))


def _expected(expected: ExpectedRank, of: int) -> str:
    where = f"**{words.ordinal(expected.rank)}** of {of}" if expected.rank else expected.reason
    return f"Expected: {words.plain(expected.title)} {'★' * expected.grade} came {where}"


def flags(bug: SilentBug) -> None:
    """What would have caught it: each check, where the truth is recorded and where the name is all that is."""
    st.subheader("What catches it", anchor=False)
    told, claimed = _worst(bug.before.told), _worst(bug.before.claimed)
    after = _worst(bug.after.told)
    rows = [
        {
            "Check": name.capitalize(),
            "The model's digest is recorded": words.cell(told.cell(check)),
            "Only the asking model's name is recorded": words.cell(claimed.cell(check)),
            "After the repair": words.cell(after.cell(check)),
        }
        for check, name in words.CHECKS.items()
    ]
    whole = {
        "Check": "All together",
        "The model's digest is recorded": words.state(told.state),
        "Only the asking model's name is recorded": words.state(claimed.state),
        "After the repair": words.state(after.state),
    }
    st.dataframe(pd.DataFrame([whole, *rows]), hide_index=True, height="content")
    st.caption(
        "Left: what Scriptorium records gives it away at once. Middle: a store that keeps no more than a name looks "
        "fine by every record, and is caught by asking: the canary sentences and the stored passages come out "
        "elsewhere, and the rankings are no better than those of unrelated questions."
    )


def _worst(health: Health) -> CollectionHealth:
    """The collection with the most to say; they are alike here."""
    return max(health.collections, key=lambda c: (c.random, sum(not cell.fine for cell in c.cells), c.passages))


def repair() -> None:
    """What mends it in a real workspace."""
    st.subheader("The repair", anchor=False)
    st.markdown(
        "Embed the scripts anew with the model that asks; the workbench proves the new index before it switches, and "
        "the old one stays for going back. Until then it refuses to answer instead of guessing."
    )
    with st.container(horizontal=True):
        st.page_link(_PAGES / "health.py", label="Health of this workspace", icon=":material/verified:")
