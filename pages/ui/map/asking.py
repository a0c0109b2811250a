"""What the corpus answers to the question on the map: the hits of each section with their true distances."""

from typing import cast

import streamlit as st

from pages.ui import charts, frame, palette, reading, words
from pages.ui.map import address, picked
from services.domain.landscape import AskedOnMap, Landing, SectionAsked
from services.domain.maps import Map
from services.domain.questionnaires import Questionnaire
from services.errors import ScriptoriumError
from services.map import said
from services.workbench import Workbench

_KEPT = "map_asked"
_BAR_WIDTH = 130
# What was asked of what: told apart by what it is, then by what it says; and the answer, or why there is none.
_Asked = tuple[tuple[object, ...], tuple[object, ...], AskedOnMap | ScriptoriumError]


def ask(workbench: Workbench, now: Map, asked: Questionnaire | None) -> AskedOnMap | None:
    """Put the question; the answer is kept until something else is asked, or of something else."""
    if asked is None:
        st.session_state.pop(_KEPT, None)
        return None
    # What the answer depends on; the settings are replaced whole where they change.
    held, told = (now, workbench.catalogue, workbench.settings), (asked, dict(workbench.trusts(as_seen=True)))
    kept = cast("_Asked | None", st.session_state.get(_KEPT))
    if kept is None or kept[1] != told or any(one is not other for one, other in zip(kept[0], held, strict=True)):
        kept = held, told, _answer(workbench, now, asked)
        st.session_state[_KEPT] = kept
    if isinstance(kept[2], AskedOnMap):
        return kept[2]
    frame.say(kept[2])
    st.button("Ask again", key="map_ask_again", icon=":material/refresh:", on_click=_forget)
    return None


def _answer(workbench: Workbench, now: Map, asked: Questionnaire) -> AskedOnMap | ScriptoriumError:
    """A failure is kept as an answer is: the model is not asked again in every run."""
    try:
        with st.spinner("Asking…"):
            return workbench.ask_map(now, asked)
    except ScriptoriumError as error:
        return error


def _forget() -> None:
    st.session_state.pop(_KEPT, None)


def show(workbench: Workbench, answer: AskedOnMap) -> None:
    """The list beside the picture."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Asked", anchor=False, width="content")
        st.button("Take it off", key="map_unask", type="tertiary", icon=":material/close:", on_click=_unask)
    with st.container(key="reading_quote_map_query"):
        st.text(f"“{answer.query}”")
    _how_far(answer)
    for section in answer.sections:
        _section(workbench, section)
    st.caption("The distances are the true ones, whatever the picture shows.")
    known = {"questionnaire": answer.questionnaire} if answer.questionnaire else {"query": answer.query}
    st.page_link(
        frame.PAGES / "retrieve.py",
        label="Read the answers on Retrieve",
        icon=":material/search:",
        query_params=known,
    )


def _how_far(answer: AskedOnMap) -> None:
    """What stands against the answer as a whole."""
    silent = [words.section(section.section) for section in answer.sections if section.refusal]
    if answer.refused:
        st.error(f"**No section could be asked: {words.plain(words.listed(silent))}.**", icon=":material/error:")
        return
    if answer.unrelated:
        st.warning(
            "**An unrelated question would come as near.** Nothing here answers this one, and its star says nothing.",
            icon=":material/warning:",
        )
    if silent:
        st.caption(f"Not on the picture, because not asked: {words.plain(words.listed(silent))}.")
    if answer.without_position:
        st.caption(words.plain(answer.without_position))


def believed(now: Map) -> None:
    """How far places can be believed."""
    st.caption(
        said.believed(now),
        help="The share of kept neighbours, and trustworthiness (Venna and Kaski, 2001), which falls with every script "
        "that is near here and far in truth. 1 is best."
        if now.quality
        else None,
    )


def _section(workbench: Workbench, section: SectionAsked) -> None:
    sections = workbench.settings.sections
    aside = "asked all the same: means nothing" if section.random else ""
    if section.hits and not section.random:
        aside = words.verdict(section.separation)
    reading.section_heading(section.section, sections, aside)
    if section.refusal:
        st.error(f"**{words.plain(section.refusal)}** {words.plain(section.next_step)}", icon=":material/error:")
        return
    if section.without_distances:
        st.caption(words.plain(section.without_distances))
    if not section.hits:
        st.caption("No script is found here.")
    colour = palette.of_section(section.section, sections)
    with st.container(gap="xsmall", key=f"asked_map_{section.section}"):
        for hit in section.hits:
            _hit(hit, colour)


def _hit(hit: Landing, colour: str) -> None:
    # On a narrow screen a long title takes a second line, and the distance stays beside it.
    with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container():
            st.button(
                f"{hit.rank}  {words.plain(hit.title)}",
                key=f"map_hit_{hit.script}",
                type="tertiary",
                on_click=picked.pick,
                args=([hit.script],),
            )
        with st.container(width=_BAR_WIDTH):
            charts.bar(hit.distance, colour)


def _unask() -> None:
    address.clear({address.QUESTIONNAIRE, address.QUERY})
