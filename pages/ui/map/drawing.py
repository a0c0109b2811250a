"""Drawing the map, apart from the page: at once, then in full, then looked into; and how far that is."""

import contextlib
from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.map.kept import Read
from services.domain.landscape import Landscape
from services.domain.maps import Map
from services.errors import MapNotKept, ScriptoriumError, WorkspaceBusy
from services.ground.progress import Report
from services.jobs import Job
from services.workbench import Workbench

PLACING, DRAWING, LOOKING = "map-placing", "map", "map-looking"
# Longer than it takes to place some thousand scripts, and less than anybody minds on a first visit.
_PATIENCE_SECONDS = 1.2
_CANCEL = "The picture that is shown stays. It can be drawn anew at any time."


def shown(workbench: Workbench) -> Map | None:
    """What there is to see now. Begins whatever is missing; None while nothing is placed, or where nothing can be."""
    now = workbench.map_shown()
    if now is None and not nothing(workbench):
        _place(workbench)
        now = workbench.map_shown()
    if now is not None and not _works(DRAWING):
        _draw_where_due(workbench, now)
    if now is not None and not _works(DRAWING):
        _look(workbench, now)
    return now


def nothing(workbench: Workbench) -> bool:
    """Whether none of the scripts can be placed."""
    return _read(workbench).same(resources.map_begun().nothing)


def understood(workbench: Workbench, now: Map) -> Landscape | None:
    """What is known of this map by now."""
    return workbench.landscape_shown(now)


def anew(workbench: Workbench) -> None:
    """Draw all of it once more, as the answer to a press."""
    with frame.told():
        _begin(workbench, anew=True)


def place_again() -> None:
    """Before anything is drawn: forget that the scripts could not be placed, so that it is tried once more."""
    begun = resources.map_begun()
    begun.placing = begun.nothing = None


def look_again(workbench: Workbench, now: Map) -> None:
    """Look into the map once more, as the answer to a press."""
    with frame.told():
        _begin_looking(workbench, now)


def progress(workbench: Workbench, now: Map | None) -> None:
    """How far the work is that goes on beside the page; once it has led to something, the page."""
    if any(_works(kind) for kind in (PLACING, DRAWING, LOOKING)):
        look = partial(_state, workbench, now)
        _watch(look, look(), [True])


@st.fragment(run_every=watching.LOOK_EVERY_SECONDS)
def _watch(look: Callable[[], object], drawn: object, within_page: list[bool]) -> None:
    # Within the page's own run a rerun would lose the press of a button further down: the next look will do.
    first = within_page.pop() if within_page else False
    if not first and look() != drawn:
        st.rerun()
    if _works(DRAWING):
        watching.progress(_job(DRAWING), _CANCEL)
    elif _works(PLACING):
        watching.progress(_job(PLACING))
    elif _works(LOOKING):
        job = _job(LOOKING)
        far = f": {job.done:,} of {job.total:,}" if job.total else ""
        st.caption(f"{job.stage}{far}…")


def failed(workbench: Workbench, now: Map | None) -> None:
    """Why there is no picture, or no better one."""
    begun = resources.map_begun()
    if now is None:
        if _say(PLACING, applies=_read(workbench).same(begun.placing)):
            st.button("Try again", key="map_place_again", icon=":material/refresh:", on_click=place_again)
        return
    _say(DRAWING, applies=begun.drawing == now.key)
    if _say(LOOKING, applies=begun.looking is now):
        looking_again(workbench, now, "map_look_again")


def in_vain(now: Map) -> bool:
    """Whether somebody has looked into this map, and it came to nothing."""
    return resources.map_begun().looking is now and not _works(LOOKING) and _failed(LOOKING)


def looking_again(workbench: Workbench, now: Map, key: str) -> None:
    """The button of this key that looks into the map once more."""
    st.button(
        "Look again",
        key=key,
        icon=":material/refresh:",
        disabled=_works(LOOKING),
        on_click=look_again,
        args=(workbench, now),
    )


def works() -> bool:
    """Whether a full map is being drawn."""
    return _works(DRAWING)


def _say(kind: str, *, applies: bool) -> bool:
    """Say why the last work of this kind has failed; whether it has."""
    job = _job(kind)
    if not applies or job.error is None or job.cancelled:
        return False
    if isinstance(job.error, MapNotKept):
        _not_kept(job.error)
    elif isinstance(job.error, ScriptoriumError):
        frame.say(job.error)
    else:
        st.error("**Something went wrong that nobody foresaw.** The scripts are as they were.", icon=":material/error:")
    return True


def _not_kept(error: MapNotKept) -> None:
    """A warning: all is there to be looked at. The file that stands in the way is called by what no person reads."""
    head, _, why = error.cause.partition(": ")
    st.warning(f"**{words.plain(head)}.** {words.plain(error.next_step)}", icon=":material/warning:")
    st.caption("The exact reason", help=words.plain(why))


def _place(workbench: Workbench) -> None:
    begun, read = resources.map_begun(), _read(workbench)
    if not _works(PLACING) and read.same(begun.placing) and _failed(PLACING):
        return

    def work(report: Report) -> Map | None:
        report("Placing the scripts", 0, 0)
        placed = workbench.map_of()
        # Of those that have come meanwhile it says nothing.
        if placed is None and read.same(_read(workbench)):
            begun.nothing = read
        return placed

    with contextlib.suppress(WorkspaceBusy):
        job = resources.jobs(PLACING).start("The map", work)
        begun.placing = read
        watching.wait_a_little(job, _PATIENCE_SECONDS)


def _draw_where_due(workbench: Workbench, now: Map) -> None:
    # Once for each picture: what has failed or was stopped is begun again by a press.
    if resources.map_begun().drawing == now.key or not workbench.map_due(now):
        return
    with contextlib.suppress(WorkspaceBusy):
        _begin(workbench, anew=False)


def _begin(workbench: Workbench, *, anew: bool) -> None:
    now = workbench.map_shown()
    resources.jobs(DRAWING).start("The map", lambda report: workbench.draw_map(report, anew=anew))
    resources.map_begun().drawing = now.key if now else ""


def _look(workbench: Workbench, now: Map) -> None:
    if _works(LOOKING) or workbench.landscape_shown(now) is not None or in_vain(now):
        return
    with contextlib.suppress(WorkspaceBusy):
        _begin_looking(workbench, now)


def _begin_looking(workbench: Workbench, now: Map) -> None:
    resources.jobs(LOOKING).start("Looking into the map", lambda report: workbench.landscape(now, report))
    resources.map_begun().looking = now


def _read(workbench: Workbench) -> Read:
    """What is to be placed: the same scripts as another model reads them are something else."""
    return Read(workbench.catalogue, workbench.embedder().identity.digest)


def _job(kind: str) -> Job[object]:
    """The last work of this kind; finished where there was none."""
    return resources.jobs(kind).current or Job("", finished=True)


def _works(kind: str) -> bool:
    return not _job(kind).finished


def _failed(kind: str) -> bool:
    return _job(kind).error is not None


def _state(workbench: Workbench, now: Map | None) -> tuple[object, ...]:
    """Changes once the page has something else to show."""
    there = workbench.map_shown()
    looked = there is not None and workbench.landscape_shown(there) is not None
    return now is there, looked, *(_works(kind) for kind in (PLACING, DRAWING, LOOKING))
