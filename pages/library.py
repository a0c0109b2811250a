"""Library: browse, search and read the scripts; write, edit and delete them."""

import streamlit as st

from pages.ui import frame
from pages.ui.editing import editor, offered
from pages.ui.library import backing_up, catalogue, damaged, many, outgoing, reader
from pages.ui.library import bin as waste

frame.guard()
with frame.page("Library") as workbench:
    # In one place, so that the list below does not move to another, and is not drawn anew under a hand that ticks.
    with st.container():
        reader.undo(workbench)
        many.outcome(workbench)
        outgoing.outcome()
    if backing_up.is_open():
        backing_up.show(workbench)
    elif waste.is_open():
        waste.show(workbench)
    elif not (workbench.catalogue.records or workbench.catalogue.damaged or editor.is_open()):
        offered.show(workbench)
        catalogue.empty(workbench)
        waste.link(workbench)
        backing_up.link()
    elif editor.is_open():
        editor.show(workbench)
    else:
        with st.container():
            offered.show(workbench)
        with st.container(key="shelf"):
            left, right = st.columns(2, gap="large")
            with left, st.container(key="shelf_list"):
                damaged.note(workbench)
                chosen = catalogue.choose(workbench)
            # Another name here, and not around both: the list would be drawn anew, and lose the keys pressed in it.
            with right, st.container(key="shelf_opened" if "script" in st.query_params else "shelf_first"):
                reader.show(workbench, chosen)
