"""Passing the map on: as a page that opens anywhere, as a picture, or as numbers."""

import streamlit as st

from pages.ui.map.controls import Choice
from services.domain.maps import Map
from services.exporting import maps
from services.exporting.maps import Shown
from services.map.look import Layers

_FORMATS = {
    "html": "A page that opens anywhere (HTML)",
    "png": "A picture (PNG)",
    "svg": "A picture to print large (SVG)",
    "csv": "Places as a spreadsheet (CSV)",
    "parquet": "Places for data tools (Parquet)",
}
_SAYS = {
    "html": "One file with everything in it: it can be moved about and pointed at, with no network.",
    "png": "As it looks here, without what was picked.",
    "svg": "As it looks here, without what was picked.",
    "csv": "A line for each script that is shown: title, section, status, cluster, and where it stands.",
    "parquet": "A line for each script that is shown: title, section, status, cluster, and where it stands.",
}


def draw(now: Map, choice: Choice, layers: Layers) -> None:
    """The contents of the popover; a file is made when its button is pressed, and not before."""
    st.caption("The address of this page is a link to this view.")
    kind = st.selectbox("As", list(_FORMATS), format_func=lambda name: _FORMATS[name], key="map_export_format")
    st.caption(_SAYS[kind])
    with_text = kind == "html" and st.checkbox(
        "With the scripts' words",
        key="map_export_text",
        help="Also the words of questionnaires that no near script has. Otherwise it holds what the picture and its "
        "table show: titles, sections, focus areas, status and authors, the words that name clusters, titles of "
        "questionnaires with a gap, and what is asked on the map.",
    )
    of = Shown(now, tuple(choice.rows), choice.look, layers)
    st.download_button(
        "Download",
        lambda: maps.as_bytes(of, kind, with_text=with_text),
        file_name=f"map.{kind}",
        key="map_export_download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        disabled=not choice.rows,
    )
