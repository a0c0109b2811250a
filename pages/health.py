"""Health: can I trust what I retrieve? One sentence, then one row a collection, then the details."""

import streamlit as st

from pages.ui import frame
from pages.ui.health import checking, checks, history, rebuilding

frame.guard()
with frame.page("Health") as workbench:
    health = workbench.health()
    checks.verdict(health)
    if all(collection.empty for collection in health.collections):
        checks.findings(health, workbench.catalogue)
        checks.nothing_yet()
        st.stop()
    checking.controls(workbench, health)
    checks.cell(health, st.query_params.get("cell", ""))
    checks.matrix(health)
    checks.findings(health, workbench.catalogue)
    rebuilding.controls(workbench, health)
    history.show(workbench, health)
    checks.details(health, workbench)
