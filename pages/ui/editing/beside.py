"""Beside the text as it is typed: what the model reads of it, what it is near, and which questionnaires retrieve it."""

import html

import streamlit as st

from pages.ui import frame, reading, resources, watching, words
from pages.ui.editing.unsaved import Edit
from pages.ui.marked import marked
from services.domain.differences import differences
from services.domain.scripts import Script, Status
from services.effects import Effect, Effects
from services.errors import ScriptoriumError
from services.jobs import Job
from services.nearness import Twin
from services.workbench import Workbench

_REST_SECONDS = 1.0
# Words that stay around a difference.
_AROUND = 40
_CELL = "padding:0.25rem 0.6rem 0.25rem 0;vertical-align:top"
_NUMBER = f"{_CELL};text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"


def show(workbench: Workbench, edit: Edit, script: Script | None) -> None:
    """Draw what is known of the text as it stands; have it found out in the background where it is not."""
    if script is None:
        st.caption("What this script is near to and which questionnaires find it: once it has a title and a text.")
        return
    job = resources.jobs(edit.work).current
    found = _found(edit, job)
    if job is not None and not job.finished:
        watching.until_done(edit.work)
    elif found is None or found.script != script:
        _ask(workbench, edit, script, job)
    if found is not None:
        if found.script != script:
            st.caption("As it was before your last change:")
        _draw(workbench, found)


def _found(edit: Edit, job: Job[object] | None) -> Effects | None:
    """What was found last for this edit; while it is looked for again, what was found before."""
    name = edit.of("found")
    if job is not None and isinstance(job.result, Effects):
        st.session_state[name] = job.result
    found: Effects | None = st.session_state.get(name)
    return found


def _ask(workbench: Workbench, edit: Edit, script: Script, job: Job[object] | None) -> None:
    """By itself once the text is at rest, where the model is on this machine; by a button where it may cost."""
    failed = job is not None and isinstance(job.error, ScriptoriumError)
    if job is not None and isinstance(job.error, ScriptoriumError):
        frame.say(job.error)
    told = "Finds out what this text is near to, and which questionnaires retrieve it. Nothing is saved."
    if st.button("See what it changes", key="edit_effects", icon=":material/visibility:", help=told):
        with frame.told():
            _start(workbench, edit, script)
            frame.redraw()
    elif workbench.embedder().local and not failed:
        _at_rest(workbench, edit, script, [True])


@st.fragment(run_every=_REST_SECONDS)
def _at_rest(workbench: Workbench, edit: Edit, script: Script, within_page: list[bool]) -> None:
    if within_page:
        within_page.pop()
        return
    if st.session_state["page"] != "Library":
        # A look that was due just as the person left the page: it must not bring them back.
        return
    with frame.told():
        _start(workbench, edit, script)
    st.rerun()


def _start(workbench: Workbench, edit: Edit, script: Script) -> None:
    resources.jobs(edit.work).start("What this edit changes", lambda report: workbench.effects(script, report))


def _draw(workbench: Workbench, found: Effects) -> None:
    st.caption(_read(found))
    for twin in found.twins:
        _twin(workbench, found.script, twin)
    _questionnaires(workbench, found)
    _neighbours(workbench, found)


def _read(found: Effects) -> str:
    # The first one is the card, which is no part of the text.
    parts = words.count(sum(passage.kind == "body" for passage in found.vectors.passages), "part")
    if not found.unread:
        return f"The model reads every word of it, in {parts}."
    share = found.unread / max(1, found.words)
    never = f"{words.count(found.unread, 'word')}, {share:.0%} of the text"
    return f"The model reads it in {parts}, but for {never}: those it never reads."


def _twin(workbench: Workbench, script: Script, twin: Twin) -> None:
    record = workbench.catalogue.records.get(twin.id)
    if record is None:
        return
    with st.container(border=True):
        share = words.share(twin.words, same=record.script.text == script.text)
        st.markdown(
            f"**Nearly the same as '{words.plain(record.script.title)}'**: "
            f"{share} of the words stand in both, in the same order."
        )
        with st.container(horizontal=True):
            if st.button("See what differs", key=f"edit_differs_{twin.id}"):
                _compare(record.script, script)
            if st.button("Read it", key=f"edit_twin_{twin.id}"):
                open_whole(record.script)


def _questionnaires(workbench: Workbench, found: Effects) -> None:
    """The ranks now and after the edit."""
    st.markdown("**Questionnaires that find it**")
    if found.refusal:
        st.caption(f"Not asked: {words.plain(found.refusal)}")
        return
    if found.script.status is not Status.APPROVED:
        st.caption("Only approved scripts are retrieved, and this one is not approved.")
    top = workbench.settings.top_k
    rest = found.asked - len(found.effects)
    if found.effects:
        rows = "".join(_row(effect) for effect in found.effects)
        st.html(
            '<table style="width:100%;border-collapse:collapse;font-size:0.9rem"><thead><tr>'
            f'<th scope="col" style="{_CELL};text-align:left">Asked with</th><th scope="col" style="{_NUMBER}">Now</th>'
            f'<th scope="col" style="{_NUMBER}">After</th></tr></thead><tbody>{rows}</tbody></table>'
        )
    if rest:
        others = f"{words.count(rest, 'other questionnaire')}" if found.effects else words.count(rest, "questionnaire")
        st.caption(f"{others[:1].upper()}{others[1:]}: not among the first {top}, now or after.")
    elif not found.asked:
        st.caption("No questionnaire is saved yet.")


def _row(effect: Effect) -> str:
    title = html.escape(effect.questionnaire.title)
    if effect.expected:
        title += f' <small title="expected by the practitioner">{"★" * effect.expected} expected</small>'
    after = _rank(effect.after)
    if effect.moved:
        after = f"<b>{after} {_direction(effect)}</b>"
    return (
        f'<tr><td style="{_CELL}">{title}</td><td style="{_NUMBER}">{_rank(effect.before)}</td>'
        f'<td style="{_NUMBER}">{after}</td></tr>'
    )


def _rank(rank: int | None) -> str:
    return words.ordinal(rank) if rank else "none"


def _direction(effect: Effect) -> str:
    """Up is nearer to the first place; a word would crowd the column, and the numbers say it too."""
    before, after = effect.before or 10**9, effect.after or 10**9
    return "▲" if after < before else "▼"


def _neighbours(workbench: Workbench, found: Effects) -> None:
    st.markdown("**Nearest scripts**")
    sections = workbench.settings.sections
    if not found.neighbours:
        st.caption("No other script can be compared with it yet.")
    for section in (s for s in sections if s in found.neighbours):
        reading.section_heading(section, sections, "distance")
        with st.container(gap=None):
            for near in found.neighbours[section]:
                record = workbench.catalogue.records.get(near.id)
                if record is not None:
                    _neighbour(record.script, near.distance)


def _neighbour(script: Script, distance: float) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        _button(script, f"edit_near_{script.id}", words.plain(script.title))
        st.caption(f"{distance:.3f}", width="content")


def _button(script: Script, key: str, label: str) -> None:
    if st.button(label, key=key, type="tertiary", help="Read the whole script"):
        open_whole(script)


def open_whole(script: Script) -> None:
    """A script to read, over the page."""
    st.dialog(words.plain(script.title), width="medium")(_whole)(script)


def _compare(other: Script, typed: Script) -> None:
    st.dialog(f"Beside '{words.plain(other.title)}'", width="large")(_differing)(other, typed)


def _differing(other: Script, typed: Script) -> None:
    """Both texts as one, the differing words marked."""
    st.caption(f"Struck through: only in '{words.plain(other.title)}'. Underlined: only in what you typed.")
    marked(differences(other.text, typed.text), around=_AROUND)


def _whole(script: Script) -> None:
    st.caption(reading.facts(script))
    reading.body(script)
