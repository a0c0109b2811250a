"""The row above the picture: what is asked, what the colours mean, one map or several, and what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import apart, palette, words
from pages.ui.map import address, drawing
from services.domain.maps import Map
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Status
from services.map.look import TITLES, Colouring, Look
from services.map.panels import grid
from services.shelf import Row, Shelf, Wanted
from services.workbench import Workbench

ONE, BY_SECTION = "one", "sections"
# What is drawn besides the points, by its name in the address.
LAYERS = {"names": "Names of clusters", "joined": "Near-duplicates", "gaps": "Gaps"}
_MAPS = {ONE: "One map", BY_SECTION: "By section"}
_HEIGHT, _SMALL_HEIGHT = 640, 440
_FOUND = "map_found"
_Saved = Mapping[str, Questionnaire]


@dataclass(frozen=True)
class Choice:
    """What is to be seen."""

    asked: Questionnaire | None
    look: Look
    rows: Sequence[Row]
    # Of ``LAYERS``.
    layers: frozenset[str]
    # Where it is passed on.
    export: DeltaGenerator


def draw(workbench: Workbench, now: Map) -> Choice:
    """Draw the row."""
    saved = dict(sorted(workbench.all_questionnaires.items(), key=lambda item: item[1].title.lower()))
    with st.container(horizontal=True, vertical_alignment="bottom", key="map_row"):
        asked = _ask(saved)
        colouring = _colouring(possible=asked is not None)
        apart_by_section = _maps(workbench)
        rows = _filters(workbench)
        _anew(workbench, now)
        # Filled in once it is known what is shown.
        export = st.popover("Export", icon=":material/download:", key="map_export")
    layers = _layers()
    look = Look(
        sections=workbench.settings.sections,
        colouring=colouring,
        colours=palette.present(),
        by_section=apart_by_section,
        height=_SMALL_HEIGHT * grid(len(workbench.settings.sections))[1] if apart_by_section else _HEIGHT,
    )
    return Choice(asked, look, rows, layers, export)


def _ask(saved: _Saved) -> Questionnaire | None:
    """A questionnaire that is saved, or one that is typed."""
    typed = address.word(address.QUERY)
    labels = apart.by_id({one: questionnaire.title or one for one, questionnaire in saved.items()})
    key = address.one(address.QUESTIONNAIRE, saved, typed or None)
    st.selectbox(
        "Ask on the map",
        list(saved),
        format_func=lambda one: labels.get(one, one),
        key=key,
        placeholder="Pick a questionnaire, or type what somebody says",
        accept_new_options=True,
        width=420,
        on_change=_take_question,
        args=(tuple(saved),),
    )
    named = address.word(address.QUESTIONNAIRE)
    if named in saved:
        return saved[named]
    return Questionnaire(query=typed) if typed else None


def _take_question(saved: Sequence[str]) -> None:
    said = " ".join(str(st.session_state[address.key(address.QUESTIONNAIRE)] or "").split())
    address.put(address.QUESTIONNAIRE, [said] if said in saved else [])
    address.put(address.QUERY, [said] if said and said not in saved else [])


def _colouring(*, possible: bool) -> Colouring:
    options = [one.value for one in Colouring if possible or one is not Colouring.DISTANCE]
    chosen = st.selectbox(
        "Colour by",
        options,
        format_func=lambda one: TITLES[Colouring(one)],
        key=address.one(address.COLOUR, options, Colouring.SECTION.value),
        width=200,
        on_change=address.taken(address.COLOUR, Colouring.SECTION.value),
    )
    return Colouring(chosen)


def _maps(workbench: Workbench) -> bool:
    if len(workbench.settings.sections) == 1:
        return False
    chosen = st.segmented_control(
        "Maps",
        list(_MAPS),
        required=True,
        format_func=_MAPS.__getitem__,
        key=address.one(address.MAPS, _MAPS, ONE),
        label_visibility="collapsed",
        on_change=address.taken(address.MAPS, ONE),
    )
    return chosen == BY_SECTION


def _filters(workbench: Workbench) -> Sequence[Row]:
    """The scripts that are drawn."""
    shelf, sections = workbench.shelf, workbench.settings.sections
    count = sum(bool(address.all_of(name)) for name in address.FILTERS)
    with st.popover(f"Filter · {count}" if count else "Filter", icon=":material/filter_alt:", key="map_filter"):
        _search()
        for name, label, options, told in (
            (address.SECTION, "Section", sections, words.section),
            (address.STATUS, "Status", [status.value for status in Status], str.capitalize),
        ):
            st.pills(
                label,
                options,
                selection_mode="multi",
                format_func=told,
                key=address.some(name, options),
                on_change=address.taken(name),
            )
        st.multiselect(
            "Focus areas",
            shelf.focus_areas,
            key=address.some(address.AREA, shelf.focus_areas),
            placeholder="All focus areas",
            on_change=address.taken(address.AREA),
        )
        st.button(
            "Clear",
            key="map_clear",
            type="tertiary",
            disabled=not count,
            on_click=address.clear,
            args=(address.FILTERS,),
        )
    wanted = Wanted(
        address.word(address.FIND),
        tuple(s for s in address.all_of(address.SECTION) if s in sections),
        tuple(address.statuses()),
        tuple(a for a in address.all_of(address.AREA) if a in shelf.focus_areas),
    )
    return _found(shelf, wanted)


def _found(shelf: Shelf, wanted: Wanted) -> Sequence[Row]:
    """The same rows as before, where the same is looked for: what is drawn of them is then drawn already."""
    kept = cast("tuple[Shelf, Wanted, Sequence[Row]] | None", st.session_state.get(_FOUND))
    if kept is None or kept[0] is not shelf or kept[1] != wanted:
        kept = shelf, wanted, shelf.find(wanted)
        st.session_state[_FOUND] = kept
    return kept[2]


def _search() -> None:
    st.session_state[address.key(address.FIND)] = address.word(address.FIND)
    st.text_input(
        "Search",
        key=address.key(address.FIND),
        placeholder="Titles, situations and texts",
        on_change=address.taken(address.FIND),
    )


def _anew(workbench: Workbench, now: Map) -> None:
    due = workbench.map_due(now)
    st.button(
        "Draw anew",
        key="map_anew",
        icon=":material/refresh:",
        disabled=drawing.works(),
        help=words.plain(due)
        or "All places are computed once more from the beginning, and turned to lie on these as far as they can.",
        on_click=drawing.anew,
        args=(workbench,),
    )


def _layers() -> frozenset[str]:
    without = address.all_of(address.WITHOUT)
    key = address.key(address.WITHOUT)
    st.session_state[key] = [layer for layer in LAYERS if layer not in without]
    shown = st.pills(
        "Shown besides",
        list(LAYERS),
        selection_mode="multi",
        format_func=LAYERS.__getitem__,
        key=key,
        label_visibility="collapsed",
        on_change=_take_layers,
    )
    return frozenset(shown or ())


def _take_layers() -> None:
    shown = st.session_state[address.key(address.WITHOUT)]
    address.put(address.WITHOUT, [layer for layer in LAYERS if layer not in shown])
