"""Which scripts are not in one run what they were in the other, each a link to where it can be read."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import frame, words
from services.domain.between import Between, Differing
from services.domain.history import What
from services.workbench import Workbench

_LIBRARY = frame.PAGES / "library.py"
# So many are named; the others are counted.
_NAMED = 12
_HEADS = {
    What.EDITED: "Changed",
    What.MOVED: "Moved",
    What.CREATED: "Added",
    What.DELETED: "Deleted",
}
_HOW = (
    "As the history has them: from the commit that the workspace stood on in the run before to that of the run after. "
    "Scripts whose vectors alone are others are not among them."
)


def show(workbench: Workbench, found: Between, *, known: bool) -> bool:
    """A sentence and the names, where scripts differ; else why that cannot be told. Whether some are named.

    ``known``: both runs say which scripts they were made on.
    """
    if found.problem:
        told = "The scripts are others, and which ones" if known else "Whether the scripts are the same"
        st.caption(f":material/menu_book: {told} cannot be told. {words.plain(found.problem)}")
        return False
    sentence = found.sentence()
    if sentence:
        st.markdown(f":material/menu_book: **{sentence}** between the two.", help=_HOW)
        with st.container(key="altered", gap="xsmall"):
            _named(workbench, found)
    return bool(sentence)


def _named(workbench: Workbench, found: Between) -> None:
    left = _NAMED
    for what, head in _HEADS.items():
        those = found.those(what)
        shown = those[:left]
        left -= len(shown)
        if shown:
            with st.container(horizontal=True, vertical_alignment="center", gap=None):
                _row(workbench, head, shown)
    if not left and len(found.reworded) > _NAMED:
        st.caption(f"{len(found.reworded) - _NAMED:,} more are not named here.")


def _row(workbench: Workbench, head: str, shown: Sequence[Differing]) -> None:
    records = workbench.catalogue.records
    gone = [_label(one, one.title or one.id) for one in shown if one.id not in records]
    st.caption(" ".join([f"{head}:", ", ".join(gone)]).strip(), width="content")
    for one in shown:
        if one.id in records:
            label = _label(one, one.title or records[one.id].script.title)
            st.page_link(_LIBRARY, label=label, query_params={"script": one.id}, width="content")


def _label(one: Differing, title: str) -> str:
    if not one.was_in:
        return words.plain(title)
    return words.plain(f"{title} ({words.section(one.was_in)} to {words.section(one.section)})")
