"""What every page stands in: navigation, the banner, and one place where errors become sentences."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import streamlit as st

from pages.ui import navigation, opening, resources, style, words
from pages.ui.attention import waiting
from services.errors import ScriptoriumError
from services.workbench import Workbench

# Where the pages are, for links to them.
PAGES = Path(__file__).parent.parent
# A file of our own: a Material symbol as icon would be fetched from another server.
_ICON = Path(__file__).with_name("icon.svg")
_LOGO = Path(__file__).with_name("logo.svg")
_log = logging.getLogger(__name__)


def pages() -> list[st.Page]:
    """The pages in the order of the navigation."""
    retrieve = PAGES / "retrieve.py"
    return [
        st.Page(retrieve, title="Retrieve", icon=":material/search:", url_path="first", default=True),
        # Whoever curates begins here: what waits for them stands beside its name.
        st.Page(PAGES / "attention.py", title=waiting.title(), icon=":material/notifications:"),
        st.Page(PAGES / "library.py", title="Library", icon=":material/menu_book:"),
        st.Page(PAGES / "map.py", title="Map", icon=":material/scatter_plot:"),
        st.Page(PAGES / "upload.py", title="Upload", icon=":material/upload:"),
        st.Page(PAGES / "judge.py", title="Judge", icon=":material/rule:"),
        st.Page(PAGES / "evaluate.py", title="Evaluate", icon=":material/monitoring:"),
        st.Page(PAGES / "tune.py", title="Tune", icon=":material/tune:"),
        st.Page(PAGES / "health.py", title="Health", icon=":material/verified:"),
        st.Page(PAGES / "model.py", title="Model", icon=":material/model_training:"),
        st.Page(PAGES / "inspect.py", title="Inspect", icon=":material/troubleshoot:"),
        st.Page(PAGES / "silent_bug.py", title="The silent bug", icon=":material/science:"),
        # The default page lives at the bare address, whatever its path; whoever writes its name out gets there too.
        st.Page(retrieve, title="Retrieve", url_path="retrieve", visibility="hidden"),
    ]


def run() -> None:
    """Run the page that the address names. Called by ``app.py`` only."""
    _declare().run()


def guard() -> None:
    """Every page's first line.

    On a fresh server Streamlit runs a page named in the address without ``app.py`` around it; declaring the navigation
    and running again mends that, with the query parameters kept.
    """
    if "framed" not in st.session_state:
        _declare()
        st.rerun()


def _declare() -> st.Page:
    """Set up the page and the navigation; the page that the address names."""
    st.session_state["framed"] = True
    st.set_page_config(page_title="Scriptorium", page_icon=str(_ICON), layout="wide")
    st.logo(str(_LOGO), size="large")
    return st.navigation(pages(), position="top")


@contextlib.contextmanager
def page(title: str, meanwhile: Callable[[Workbench, int], None] | None = None) -> Iterator[Workbench]:
    """The frame of one page: style and banner; what goes wrong inside is said, and what is drawn already stays.

    ``meanwhile`` draws what can be seen before the workspace is open, see ``opening.until_open``.
    """
    style.apply()
    st.session_state["arrived"] = st.session_state.get("page") != title
    st.session_state["page"] = title
    with told():
        # One place for what comes and goes, so that the page below it is not drawn anew and keeps the keyboard's place.
        with st.container():
            navigation.close_when_chosen()
            workbench = resources.workbench()
            opening.until_open(workbench, meanwhile)
            st.session_state["words_a_minute"] = workbench.settings.words_a_minute
            _banner(workbench, title)
        st.session_state["redraw"] = False
        yield workbench
        if st.session_state["redraw"] or waiting.is_outdated():
            st.rerun()
        return
    # What went wrong has been said. A page that could not begin has nothing to draw, and ends here.
    st.stop()


def redraw() -> None:
    """Draw the page once more after this run: something above has changed since it was drawn.

    A rerun in the middle of a page would lose the press of a button further down, which is told to one run only.
    """
    st.session_state["redraw"] = True


def arrived() -> bool:
    """Whether this run is the first on its page since the person came to it."""
    return bool(st.session_state["arrived"])


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What is done here is this visitor's; an error is said in its own words, an unexpected one in ours.

    The details of the unexpected one are in the log.
    """
    resources.sign()
    try:
        yield
    except ScriptoriumError as error:
        say(error)
    except Exception:  # noqa: BLE001  a person sees a sentence, whatever it was
        _log.exception("unexpected")
        st.error(
            "**Something went wrong that nobody foresaw.** Nothing that was saved is lost. "
            "Reload the page; if it happens again, the details are in the log of the workbench.",
            icon=":material/error:",
        )


def say(error: ScriptoriumError) -> None:
    """An error as a box: what happened, then what to do."""
    cause, step = words.plain(error.cause), words.plain(error.next_step)
    st.error(f"**{cause}** {step}" if step else f"**{cause}**", icon=":material/error:")


def _banner(workbench: Workbench, title: str) -> None:
    """What nobody may overlook, on every page, with a link to the cell that shows it."""
    random = {section: trust for section, trust in workbench.trusts(as_seen=True).items() if trust.random}
    if random and title != "Health":
        named = words.listed([words.section(section) for section in random])
        section, trust = next(iter(random.items()))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.error(
                f"**{words.SHAPES[trust.state]} {named}: what retrieval would return there is random.** "
                f"{words.plain(trust.reason)}",
                icon=":material/warning:",
            )
            st.page_link(
                PAGES / "health.py",
                label="See health",
                icon=":material/arrow_forward:",
                query_params={"cell": f"{section}.{trust.shown_by}"},
            )
    if not workbench.writable:
        st.info("This workspace is read-only: everything can be searched and read, nothing changed.")
