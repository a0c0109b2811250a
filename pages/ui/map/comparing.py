"""Two maps side by side: what to see, what it costs, the work apart from the page, and what came of it."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.map import address, compared, sides
from pages.ui.model import offering
from services.domain.model_change import Cost
from services.domain.moved import Compared, Side
from services.errors import ScriptoriumError
from services.ground.progress import Report
from services.wiring import KEY_NAME, key
from services.workbench import Workbench

KIND = "map-comparing"
_CANCEL = "What was embedded until then is kept. Nothing in the workspace has changed."
_COST = "map_compare_cost"
_SERVER = "openai"
_MAP, _COMPARE = "map", "compare"
_VIEWS = {_MAP: "Map", _COMPARE: "Compare"}
_Pair = tuple[Side, Side]


def chosen() -> bool:
    """Draw the choice between the map and two of them; whether it is two."""
    return bool(
        st.segmented_control(
            "What to see",
            list(_VIEWS),
            required=True,
            format_func=_VIEWS.__getitem__,
            key=address.one(address.SEEN, _VIEWS, _MAP),
            label_visibility="collapsed",
            on_change=address.taken(address.SEEN, _MAP),
        )
        == _COMPARE
    )


def show(workbench: Workbench) -> None:
    """The segment."""
    st.header("Two maps side by side", anchor=False)
    st.caption(
        "The same scripts as two models read them, or as they were and as they are. Both pictures begin alike, and the "
        "second is laid over the first, so that a script can be followed from one to the other. Nothing changes in the "
        "workspace."
    )
    _ready_made(workbench)
    # In one place, as below.
    with st.container():
        moments = sides.moments(workbench)
    left, right = st.columns(2, gap="large")
    with left:
        before = sides.choose(workbench, address.BEFORE, "First", moments)
    with right:
        after = sides.choose(workbench, address.AFTER, "Second", moments)
    pair = (before, after) if before and after else None
    found = workbench.maps_compared(*pair) if pair else None
    # In one place, so that what stands below is not drawn anew where it comes or goes.
    with st.container():
        _work(workbench, pair, found)
    if found is not None:
        compared.show(workbench, found)


def _ready_made(workbench: Workbench) -> None:
    ready = {
        "silent": ("The silent bug: asked by another model", ":material/science:", sides.silent_bug),
        "another": ("The scripts as another model reads them", ":material/model_training:", sides.another),
    }
    with st.container(horizontal=True):
        for name, (label, icon, put) in ready.items():
            st.button(
                label, key=f"map_compare_{name}", icon=icon, on_click=_ready, args=(workbench, put), disabled=_works()
            )


def _ready(workbench: Workbench, put: Callable[[Workbench], _Pair]) -> None:
    pair = put(workbench)
    address.put(address.FOLLOWED, [])
    # Another model may have to be asked for; whoever presses has not seen what it costs yet.
    if not _sent(workbench, pair) and workbench.maps_compared(*pair) is None:
        _start(workbench, pair)


def _work(workbench: Workbench, pair: _Pair | None, found: Compared | None) -> None:
    """How far it is; else the way to begin, and why the last try came to nothing."""
    if _works():
        watching.until_done(KIND, cancel=_CANCEL)
        return
    if pair is None:
        st.caption("Choose what to see on either side, or one of the two above.")
        return
    if found is not None:
        return
    _failed(pair)
    if pair[0] == pair[1]:
        st.caption("Both sides are the same: choose something else for one of them.")
        return
    ready = _costs(workbench, pair)
    st.button(
        "Draw both",
        key="map_compare_draw",
        type="primary",
        icon=":material/compare:",
        disabled=not ready,
        on_click=_start,
        args=(workbench, pair),
    )


def _start(workbench: Workbench, pair: _Pair) -> None:
    def work(report: Report) -> object:
        return workbench.compare_maps(*pair, report)

    with frame.told():
        resources.jobs(KIND).start("The comparison of two maps", work)
        resources.map_begun().comparing = pair


def _works() -> bool:
    job = resources.jobs(KIND).current
    return job is not None and not job.finished


def _failed(pair: _Pair) -> None:
    job = resources.jobs(KIND).current
    if job is None or resources.map_begun().comparing != pair:
        return
    if job.cancelled:
        st.info("**Stopped.** What was embedded until then is kept.", icon=":material/stop_circle:")
    elif isinstance(job.error, ScriptoriumError):
        frame.say(job.error)


def _sent(workbench: Workbench, pair: _Pair) -> list[str]:
    """The models behind a server that have to be asked."""
    names = {name for side in pair for name in (side.embedder, side.asked_by) if name}
    return sorted(name for name in names if not workbench.embedder(name).local)


def _costs(workbench: Workbench, pair: _Pair) -> bool:
    """Say what is asked of whom before it is; whether all has been said, and nothing stands in the way."""
    sent = _sent(workbench, pair)
    slow = sorted({side.embedder for side in pair if side.embedder} - set(sent))
    if slow:
        named = words.listed([sides.called(name) for name in slow])
        st.caption(words.plain(f"{named} reads the scripts on this machine first, where it has not yet."))
    if not sent:
        return True
    ready = all(_cost(workbench, name) for name in sent if name in {side.embedder for side in pair})
    if any(side.asked_by in sent for side in pair):
        asked = words.count(len(workbench.all_questionnaires), "questionnaire")
        st.caption(f"{asked} are sent to the server, as they are asked and by their answers alone.")
    if _SERVER in sent and not key(workbench.secrets):
        st.caption(
            f":material/key_off: There is no key yet: set {KEY_NAME} in the environment or in .streamlit/secrets.toml. "
            "What it would cost can be counted without one."
        )
        return False
    return ready


def _cost(workbench: Workbench, name: str) -> bool:
    """What embedding the scripts by this model would cost; whether that is told."""
    seen: tuple[object, str, Cost] | None = st.session_state.get(_COST)
    if seen is None or seen[0] is not workbench.catalogue or seen[1] != name:
        st.button(
            "See what it costs",
            key="map_compare_cost_button",
            icon=":material/calculate:",
            on_click=partial(_count, workbench, name),
        )
        return False
    offering.tell(seen[2])
    return True


def _count(workbench: Workbench, name: str) -> None:
    with frame.told(), st.spinner("Counting passages…"):
        cost = workbench.models.cost(workbench.settings.embedder.of(name))
        st.session_state[_COST] = (workbench.catalogue, name, cost)
