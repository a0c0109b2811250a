"""Library: browse, search and read the scripts; write, edit and delete them."""

import streamlit as st

from pages.ui import catalogue, editor, frame, reader

frame.guard()
with frame.page("Library") as workbench:
    reader.undo(workbench)
    if not workbench.catalogue.records and not editor.is_open():
        catalogue.empty(workbench)
    elif editor.is_open():
        editor.show(workbench)
    else:
        left, right = st.columns([5, 6], gap="large")
        with left:
            chosen = catalogue.choose(workbench)
        with right:
            reader.show(workbench, chosen)
