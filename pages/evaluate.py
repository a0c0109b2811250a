"""Evaluate: how well questionnaires are answered. One figure, its history, then the questionnaires that fail."""

from pages.ui import frame
from pages.ui.evaluate import looking

frame.guard()
with frame.page("Evaluate") as workbench:
    looking.show(workbench)
