"""What could not be used: named, with why and what to do, and as a list to take away."""

import csv
import io
from collections.abc import Sequence

import streamlit as st

from pages.ui import words
from services.domain.cells import guard
from services.domain.reports import Rejected

_MOST = 20


def show(refused: Sequence[Rejected], what: str = "could not be used", most: int = _MOST) -> None:
    """The list, with the first ``most`` written out; nothing where there is none. ``what`` happened to each of them."""
    if not refused:
        return
    st.markdown(f"**{words.count(len(refused), 'thing')} {what}**")
    st.markdown("\n".join(f"- **{words.plain(one.source)}**: {words.plain(one.reason)}" for one in refused[:most]))
    if len(refused) > most:
        st.caption(f"And {len(refused) - most:,} more in the list.")
    st.download_button(
        "Download this list",
        data=as_csv(refused),
        file_name="not-used.csv",
        mime="text/csv",
        icon=":material/download:",
        key="upload_refused_list",
        on_click="ignore",
    )


def as_csv(refused: Sequence[Rejected]) -> bytes:
    """The list as a table that spreadsheets open as UTF-8."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(["what", "why and what to do"])
    table.writerows([guard(one.source), guard(one.reason)] for one in refused)
    return out.getvalue().encode("utf-8-sig")
