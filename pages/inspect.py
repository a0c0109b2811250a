"""Inspect: which model made the vectors of a store that somebody else built, and bringing its scripts home."""

from pages.ui import frame
from pages.ui.inspect import bringing, inspected, inspecting

frame.guard()
with frame.page("Inspect") as workbench:
    looked = inspecting.show(workbench)
    if looked is not None:
        inspecting.again()
        inspected.verdict(looked)
        inspected.table(looked)
        inspected.findings(looked)
        bringing.show(workbench, looked)
        inspected.details(looked)
