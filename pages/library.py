"""Library: browse, search and read the scripts; write, edit and delete them."""

import streamlit as st

from pages.ui import bin as waste
from pages.ui import catalogue, drafting, editor, frame, many, reader

frame.guard()
with frame.page("Library") as workbench:
    reader.undo(workbench)
    many.outcome(workbench)
    if not editor.is_open():
        drafting.offer(workbench)
    if waste.is_open():
        waste.show(workbench)
    elif not workbench.catalogue.records and not editor.is_open():
        catalogue.empty(workbench)
        waste.link(workbench)
    elif editor.is_open():
        editor.show(workbench)
    else:
        with st.container(key="shelf_open" if "script" in st.query_params else "shelf"):
            left, right = st.columns(2, gap="large")
            with left, st.container(key="shelf_list"):
                chosen = catalogue.choose(workbench)
            with right:
                reader.show(workbench, chosen)
