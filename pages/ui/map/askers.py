"""Who asks on either side of a comparison: the true distances beside the impression."""

import pandas as pd
import streamlit as st

from pages.ui import words
from pages.ui.map import sides
from services.domain.moved import Compared
from services.map import beside
from services.workbench import Workbench

_HEIGHT, _ROWS = 320, 8


def show(workbench: Workbench, found: Compared) -> None:
    """The true distances beside the impression."""
    if found.before.asked is None and found.after.asked is None:
        return
    st.subheader("Who asks", anchor=False)
    for seen in (found.before, found.after):
        if seen.asked is None:
            continue
        told = beside.distances(seen.asked, sides.names(workbench, seen))
        drawn = f"**{words.plain(told.head)}** {words.plain(told.rest)}"
        if seen.asked.apart:
            st.error(drawn, icon=":material/warning:")
        else:
            st.markdown(drawn)
    st.caption(beside.ABOUT_DISTANCES)
    _table(found)


def _table(found: Compared) -> None:
    """Each questionnaire with what is nearest to it on either side: what the stars on the pictures show."""
    cells = beside.questionnaires(found)
    st.dataframe(
        pd.DataFrame(cells),
        hide_index=True,
        height=_HEIGHT if len(cells["Questionnaire"]) > _ROWS else "content",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f") for name in cells if name.startswith(beside.DISTANCE)
        },
        key="map_askers",
    )
