"""Two models side by side: another one asked the same questionnaires, with the active one left as it is."""

import streamlit as st

from pages.ui import frame, words
from pages.ui.model import changing, offering
from pages.ui.tune import address, trying
from pages.ui.tune.kept import Bench
from services.tuning import Wanted
from services.wiring import EMBEDDERS, KEY_NAME, key
from services.workbench import Workbench


def draw(workbench: Workbench, bench: Bench) -> None:
    """The choice of another model, what trying it costs, and the button."""
    st.subheader("Another model, side by side", anchor=False)
    st.caption(
        "It is asked the same questionnaires in the way that the workspace is asked now. The model in use stays; "
        "what is embedded is kept, so that changing to it later pays for nothing twice."
    )
    others = [name for name in EMBEDDERS if name != workbench.settings.embedder.name]
    name = address.choice(address.MODEL, others, others[0])
    st.selectbox(
        "Model to try",
        others,
        format_func=changing.called,
        key=address.MODEL,
        width=420,
        on_change=address.chosen,
        args=(address.MODEL,),
    )
    st.caption(changing.about(name))
    keyless = name == "openai" and not key(workbench.secrets)
    if keyless:
        st.caption(
            f":material/key_off: There is no key yet: set {KEY_NAME} in the environment or in .streamlit/secrets.toml. "
            "What it would cost can be counted without one."
        )
    st.button(
        "See what it costs",
        key="tune_cost",
        icon=":material/calculate:",
        on_click=_count,
        args=(workbench, bench, name),
    )
    if bench.cost is None or bench.cost[0] != name:
        return
    offering.tell(bench.cost[1])
    if not bench.cost[1].local:
        asked = words.count(len(workbench.all_questionnaires), "question")
        st.caption(f"The {asked} of the questionnaires are sent too.")
    wanted = Wanted(workbench.settings, changing.called(name).split(",")[0], name)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Try it on the same questionnaires",
            key="tune_model",
            type="primary",
            icon=":material/compare:",
            disabled=keyless or trying.waits(bench),
            on_click=trying.start,
            args=(workbench, bench, [wanted], f"Trying {wanted.name}", trying.MODEL),
        )
        st.page_link(frame.PAGES / "model.py", label="Change to it for good", icon=":material/model_training:")


def _count(workbench: Workbench, bench: Bench, name: str) -> None:
    with frame.told(), st.spinner("Counting passages…"):
        bench.cost = (name, workbench.models.cost(workbench.settings.embedder.of(name)))
