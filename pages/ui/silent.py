"""The silent bug, drawn: the same questions before and after the repair, and the flags that catch it."""

import pandas as pd
import streamlit as st

from pages.ui import apart, charts, frame, palette, reading, resources, watching, words
from services.domain.checks import Check, CollectionHealth, Health
from services.domain.results import ExpectedRank, Ranking
from services.errors import ScriptoriumError
from services.silent_bug import Found, SilentBug
from services.workbench import Workbench

_KIND = "silent-bug"
_MINE, _REPAIRED = "silent_bug_mine", "silent_bug_repaired"
# The checks that have something to say here, in the words of the story.
_TELLING = {
    Check.MODEL: "The recorded model",
    Check.CANARIES: "Fixed sentences, embedded again",
    Check.EVIDENCE: "Stored passages, embedded again",
    Check.RANKINGS: "Questionnaires that get a ranking that says anything",
}
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
    """The button, how far it is, or what came of it for this visitor: another one's is not his."""
    job = resources.jobs(_KIND).current
    if job is not None and not job.finished:
        watching.until_done(_KIND, cancel="Nothing real was touched.")
        return None
    if job is not None and st.session_state.get(_MINE) == job.started:
        if isinstance(job.error, ScriptoriumError) and not job.cancelled:
            frame.say(job.error)
        if isinstance(job.result, SilentBug):
            return job.result
    if not workbench.catalogue.records:
        st.info("There are no scripts to copy yet. Import or write some first.")
    elif st.button("Reproduce it", type="primary", icon=":material/science:", help="Takes a few seconds."):
        _start(workbench)
    return None


def _start(workbench: Workbench) -> None:
    with frame.told():
        jobs = resources.jobs(_KIND)
        jobs.dismiss()
        st.session_state[_MINE] = jobs.start("The reproduction", workbench.silent_bug).started
        st.session_state[_REPAIRED] = False
        st.rerun()


def repaired() -> bool:
    """Whether this visitor has seen enough of the bug, and asked for the repair."""
    return bool(st.session_state.get(_REPAIRED))


def outcome(bug: SilentBug) -> None:
    """Over all questionnaires: how many of the right scripts came to the front; and the step from one to the other."""
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True):
        st.markdown("**Before**: embedded by a model that counts words, asked by MiniLM")
        _figure(bug.before.found, "Throwing dice would do as well.")
    with right, st.container(border=True):
        if repaired():
            st.markdown("**After the repair**: embedded by MiniLM, asked by MiniLM")
            _figure(bug.after.found, "")
        else:
            st.markdown("**The repair**: embed the scripts anew with the model that asks.")
            if st.button("Repair it", type="primary", icon=":material/build:"):
                st.session_state[_REPAIRED] = True
                st.rerun()
            st.caption("Nothing else changes: the same scripts, the same questions, the same index.")
    if repaired() and st.button("Start over", type="tertiary", icon=":material/replay:"):
        resources.jobs(_KIND).dismiss()
        st.rerun()


def _figure(found: Found, aside: str) -> None:
    if not found.just_right:
        st.caption("No questionnaire names a script that is just right, so there is nothing to count.")
        return
    st.metric(
        "Just-right scripts among the first five",
        f"{found.in_top} of {found.just_right}",
        help="Over all saved questionnaires and sections: the scripts that a practitioner graded just right.",
    )
    middle = words.ordinal(round(found.median_rank or 0))
    st.caption(f"Half of them come {middle} or later. {aside}", help="The median of their ranks.")


def question(workbench: Workbench, bug: SilentBug) -> None:
    """One questionnaire, before and after, section by section."""
    saved = dict(sorted(bug.questionnaires.items(), key=lambda item: item[1].title.lower()))
    if not saved:
        return
    ids = list(saved)
    opens = workbench.settings.opens_with
    named = apart.by_id({i: questionnaire.title or i for i, questionnaire in saved.items()})
    chosen = st.selectbox(
        "One of the questionnaires",
        ids,
        index=ids.index(opens) if opens in saved else 0,
        format_func=named.__getitem__,
    )
    before, after = bug.ask(saved[chosen])
    with st.container(key="reading_quote_query"):
        st.text(f"“{after.query}”")
    titles = {i: charts.title(r.script) for i, r in bug.after.catalogue.records.items()}
    sections = [section for section in bug.settings.sections if after.sections[section].scored][:_SECTIONS]
    # One scale for both sides: that the ticks of the left side crowd together is what there is to see.
    scale = charts.scale([answer.sections[s] for answer in (before, after) for s in sections])
    for section in sections:
        old, new = st.columns(2, gap="large")
        with old:
            _section(before.sections[section], bug, titles, scale, "before")
        if repaired():
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
    told, claimed, after = _worst(bug.before.told), _worst(bug.before.claimed), _worst(bug.after.told)
    rows = [
        _row("All together", words.state(told.state), words.state(claimed.state), words.state(after.state)),
        *(
            _row(_TELLING[check], *(words.cell(row.cell(check)) for row in (told, claimed, after)))
            for check in _TELLING
        ),
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")
    st.caption(
        "First column: Scriptorium records which model made the vectors, and that gives it away at once. Second: most "
        "stores keep no more than a name, and every record looks fine; what catches it is asking the model: sentences "
        "and stored passages come out elsewhere, and rankings are no better than those of unrelated questions."
    )


def _row(check: str, told: str, claimed: str, after: str) -> dict[str, str]:
    row = {"Check": check, "With what Scriptorium records": told, "With a mere name recorded": claimed}
    return row | ({"After the repair": after} if repaired() else {})


def _worst(health: Health) -> CollectionHealth:
    """The collection with the most to say; they are alike here."""
    return max(health.collections, key=lambda c: (c.random, sum(not cell.fine for cell in c.cells), c.passages))


def repair() -> None:
    """What mends it in a real workspace."""
    if not repaired():
        return
    st.subheader("In a real workspace", anchor=False)
    st.markdown(
        "Embed the scripts anew with the model that asks; the workbench proves the new index before it switches, and "
        "the old one stays for going back. Until then it refuses to answer instead of guessing."
    )
    with st.container(horizontal=True):
        st.page_link(frame.PAGES / "health.py", label="Health of this workspace", icon=":material/verified:")
