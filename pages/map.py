"""Map: every script as a point, near those that are near it; to look at, ask, select from, understand and pass on."""

from pages.ui import frame
from pages.ui.map import looking

frame.guard()
with frame.page("Map") as workbench:
    looking.show(workbench)
