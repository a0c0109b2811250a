"""The page as a whole: the row of controls, the picture with a panel beside it, and below what can be understood."""

import streamlit as st

from pages.ui import frame, words
from pages.ui.library import many, outgoing
from pages.ui.map import (
    address,
    asking,
    chart,
    comparing,
    controls,
    drawing,
    picked,
    pointing,
    showing,
    understood,
    view,
)
from services.domain.maps import Drawn, Map
from services.map import said
from services.workbench import Workbench

_LIBRARY, _HEALTH = frame.PAGES / "library.py", frame.PAGES / "health.py"
_FRAME = "map_picture_frame"


def show(workbench: Workbench) -> None:
    """Draw it."""
    address.begin()
    # In one place, so that the picture below is not drawn anew where one of them comes or goes.
    with st.container():
        many.outcome(workbench)
        outgoing.outcome()
    if not workbench.catalogue.records:
        _no_scripts(workbench)
        return
    if comparing.chosen():
        comparing.show(workbench)
        address.write()
        return
    now = drawing.shown(workbench)
    left, right = st.columns([2, 1], gap="small")
    with left:
        _head(workbench, now)
    # Beside it, so that nothing moves when it has ended.
    with right, st.container():
        drawing.failed(workbench, now)
        drawing.progress(workbench, now)
    if now is None:
        if drawing.nothing(workbench):
            _nothing_placed(workbench)
        return
    _map(workbench, now)
    address.write()


def _map(workbench: Workbench, now: Map) -> None:
    found = drawing.understood(workbench, now)
    choice = controls.draw(workbench, now)
    # In one place, as above: what it says comes and goes.
    with st.container():
        answer = asking.ask(workbench, now, choice.asked)
    layers = chart.layers(choice, answer, found)
    with choice.export:
        showing.draw(now, choice, layers)
    rows = picked.rows_of(workbench)
    # As wide whatever is picked: where its width changed, what a person has zoomed to would have to change too.
    left, right = st.columns([2, 1], gap="medium")
    with left, st.container(key=_FRAME):
        drawn = chart.draw(now, choice, layers)
        view.keep(_FRAME)
        pointing.tell([pointing.Told(_FRAME, drawn, now, choice.rows, choice.look, layers)])
        asking.believed(now)
    with right, st.container(key="map_panel"):
        if rows:
            picked.show(workbench, rows, choice.rows, len(now.scripts))
        elif answer is None:
            picked.hint()
        if answer is not None:
            asking.show(workbench, answer)
    # Below both: on a narrow screen the panel comes before the lists.
    understood.draw(workbench, now, choice, answer, found)


def _head(workbench: Workbench, now: Map | None) -> None:
    """What there is to see, and how it was drawn."""
    total = len(workbench.catalogue.records)
    # One has nothing beside it, and what cannot be placed lies nowhere.
    alike = ", like beside like" if total > 1 and now is not None else ""
    st.header(f"{words.count(total, 'script')}{alike}", anchor=False)
    if now is None:
        return
    told = [now.note or _how(workbench, now)]
    if later := int((~now.fitted).sum()):
        told.append(f"{words.count(later, 'script')} came or changed since: open shapes, beside their neighbours.")
    if out := total - len(now.scripts):
        told.append(f"{words.count(out, 'script')} cannot be placed.")
    # What the exact terms are for whoever wants them, and why some are left out.
    exact = "UMAP" if now.drawn is Drawn.UMAP else "The first two principal components"
    about = f"{exact} of the mean direction of each script's passages, read by {words.plain(now.model_name)}."
    st.caption(
        words.plain(" ".join(told)), help="\n\n".join(part for part in (about, _why_left_out(workbench, now)) if part)
    )


def _how(workbench: Workbench, now: Map) -> str:
    told = said.shortly(now)
    if now.drawn is Drawn.UMAP or not (drawing.works() or workbench.map_due(now)):
        return told
    then = "until the full map is drawn" if drawing.works() else "and Draw anew begins the full map"
    return f"{told} A stand-in, {then}."


def _why_left_out(workbench: Workbench, now: Map) -> str:
    reasons = workbench.map_left_out()
    lines = [
        f"- {words.plain(workbench.catalogue.records[i].script.title)}: {words.plain(reason)}"
        for i, reason in list(reasons.items())[:12]
        if i in workbench.catalogue.records and i not in now.places
    ]
    return "\n".join(lines)


def _no_scripts(workbench: Workbench) -> None:
    st.header("The map of the scripts", anchor=False)
    st.markdown("Every script will be a point here, with like beside like. There is none yet.")
    if workbench.writable:
        st.page_link(_LIBRARY, label="Write or upload the first", icon=":material/menu_book:")


def _why_nothing(workbench: Workbench) -> str:
    """What stands in the way of all of them: most often that another model has read them."""
    asks = workbench.embedder().identity.digest
    made = [record.vectors.stamp for record in workbench.catalogue.records.values() if record.vectors]
    if len(made) == len(workbench.catalogue.records) and all(stamp.model_digest != asks for stamp in made):
        return f"They were read by another model, {words.listed(sorted({stamp.model_name for stamp in made}))}."
    return " ".join(sorted(set(workbench.map_left_out().values()))[:3])


def _nothing_placed(workbench: Workbench) -> None:
    st.warning(
        f"**None of the {words.count(len(workbench.catalogue.records), 'script')} can be placed.** "
        f"{words.plain(_why_nothing(workbench))}",
        icon=":material/warning:",
    )
    st.caption(
        words.plain(
            f"The workspace asks with {workbench.embedder().identity.name}. A map shows how that model reads the "
            "scripts, and it has not read these."
        )
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(_HEALTH, label="See health", icon=":material/arrow_forward:")
        st.button("Try again", key="map_place_again", icon=":material/refresh:", on_click=drawing.place_again)
