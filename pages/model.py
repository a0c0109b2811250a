"""Model: what embeds the scripts, what another one would cost, and changing to it."""

from pages.ui import frame
from pages.ui.model import changed, changing

frame.guard()
with frame.page("Model") as workbench:
    changing.present(workbench)
    changing.controls(workbench)
    changed.comparison(workbench)
    changed.generations(workbench)
