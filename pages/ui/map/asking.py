"""What the corpus answers to the question on the map: the hits of each section with their true distances."""

from typing import cast

import streamlit as st

from pages.ui import charts, frame, palette, reading, words
from pages.ui.map import address, picked
from services.domain.landscape import AskedOnMap, Landing, SectionAsked
from services.domain.maps import Map
from services.domain.questionnaires import Questionnaire
from services.errors import ScriptoriumError
from services.workbench import Workbench

_KEPT = "map_asked"
_BAR_WIDTH = 130
_Asked = tuple[tuple[object, ...], AskedOnMap]


def ask(workbench: Workbench, now: Map, asked: Questionnaire | None) -> AskedOnMap | None:
    """Put the question; the answer is kept until something else is asked, or of something else."""
    if asked is None:
        st.session_state.pop(_KEPT, None)
        return None
    # What the answer depends on; the settings are replaced whole where they change.
    of = (now, workbench.catalogue, workbench.settings, asked)
    kept = cast("_Asked | None", st.session_state.get(_KEPT))
    if kept is None or not _same(kept[0], of):
        try:
            kept = of, workbench.ask_map(now, asked)
        except ScriptoriumError as error:
            frame.say(error)
            return None
        st.session_state[_KEPT] = kept
    return kept[1]


def _same(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """Whether it is the same question to the same scripts: the question by what it says, the rest as it is held."""
    return before[-1] == after[-1] and all(one is other for one, other in zip(before[:-1], after[:-1], strict=True))


def show(workbench: Workbench, now: Map, answer: AskedOnMap) -> None:
    """The list beside the picture."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Asked", anchor=False, width="content")
        st.button("Take it off", key="map_unask", type="tertiary", icon=":material/close:", on_click=_unask)
    with st.container(key="reading_quote_map_query"):
        st.text(f"“{answer.query}”")
    if answer.without_position:
        st.caption(words.plain(answer.without_position))
    for section in answer.sections:
        _section(workbench, now, section)
    st.caption("The distances are the true ones, whatever the picture shows.")
    known = {"questionnaire": answer.questionnaire} if answer.questionnaire else {"query": answer.query}
    st.page_link(
        frame.PAGES / "retrieve.py",
        label="Read the answers on Retrieve",
        icon=":material/search:",
        query_params=known,
    )


def believed(now: Map) -> str:
    """How far places can be believed."""
    told = "Where a point stands is only an impression: a plane has no room for all distances."
    if now.quality is None:
        return told
    return (
        f"{told} Of the {now.quality.neighbours} scripts that are truly nearest to one, {now.quality.kept:.0%} are "
        f"among the {now.quality.neighbours} nearest here; trustworthiness is {now.quality.trustworthiness:.2f}."
    )


def _section(workbench: Workbench, now: Map, section: SectionAsked) -> None:
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
    with st.container(gap=None):
        for hit in section.hits:
            _hit(now, hit, colour)


def _hit(now: Map, hit: Landing, colour: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.button(
            f"{hit.rank}  {words.plain(hit.title)}",
            key=f"map_hit_{hit.script}",
            type="tertiary",
            on_click=picked.pick,
            args=(now, [hit.script]),
        )
        with st.container(width=_BAR_WIDTH):
            charts.bar(hit.distance, colour)


def _unask() -> None:
    address.clear({address.QUESTIONNAIRE, address.QUERY})
