"""Tune: other ways of finding scripts, tried on the saved questionnaires beside the workspace's own."""

from pages.ui import frame
from pages.ui.tune import laboratory

frame.guard()
with frame.page("Tune") as workbench:
    laboratory.show(workbench)
