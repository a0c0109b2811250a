"""The page as a whole: the row of controls, the picture with a panel beside it, and below what can be understood."""

import streamlit as st

from pages.ui import frame, words
from pages.ui.library import many, outgoing
from pages.ui.map import address, asking, chart, comparing, controls, drawing, picked, showing, understood
from services.domain.maps import Drawn, Map
from services.workbench import Workbench

_LIBRARY, _HEALTH = frame.PAGES / "library.py", frame.PAGES / "health.py"


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
    left, right = st.columns([2, 1], gap="large")
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
    answer = asking.ask(workbench, now, choice.asked)
    layers = chart.layers(choice, answer, found)
    with choice.export:
        showing.draw(now, choice, layers)
    left, right = st.columns([5, 3], gap="large")
    with left, st.container(key="map_picture_frame"):
        chart.draw(now, choice, layers)
        st.caption(asking.believed(now))
        understood.draw(workbench, now, choice, answer, found)
    with right, st.container(key="map_panel"):
        picked.show(workbench, len(now.scripts), alone=answer is None)
        if answer is not None:
            asking.show(workbench, now, answer)


def _head(workbench: Workbench, now: Map | None) -> None:
    """What there is to see, and how it was drawn."""
    total = len(workbench.catalogue.records)
    st.header(f"{words.count(total, 'script')}, like beside like", anchor=False)
    if now is None:
        return
    told = [now.note or _how(now)]
    if later := int((~now.fitted).sum()):
        told.append(f"{words.count(later, 'script')} came or changed since: open shapes, beside their neighbours.")
    if out := total - len(now.scripts):
        told.append(f"{words.count(out, 'script')} cannot be placed.")
    st.caption(" ".join(told), help=_why_left_out(workbench, now) or None)


def _how(now: Map) -> str:
    if now.drawn is Drawn.UMAP:
        return f"Placed by UMAP, from how {now.model_name} reads them."
    return (
        "A stand-in, until the full map is drawn: the two directions in which the scripts differ most, as "
        f"{now.model_name} reads them (PCA)."
    )


def _why_left_out(workbench: Workbench, now: Map) -> str:
    reasons = drawing.left_out(workbench)
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


def _nothing_placed(workbench: Workbench) -> None:
    reasons = sorted(set(drawing.left_out(workbench).values()))
    st.warning(
        f"**None of the {words.count(len(workbench.catalogue.records), 'script')} can be placed.** "
        f"{words.plain(' '.join(reasons[:3]))}",
        icon=":material/warning:",
    )
    st.caption(
        words.plain(
            f"The workspace asks with {workbench.embedder().identity.name}. A map shows how that model reads the "
            "scripts, and it has not read these."
        )
    )
    st.page_link(_HEALTH, label="See health", icon=":material/arrow_forward:")
