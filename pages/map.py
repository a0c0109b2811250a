"""Map: every script as a point, near those that are near it; to look at, ask, select from, understand and pass on."""

from pages.ui import frame
from pages.ui.map import first

frame.guard()
with frame.page("Map", first.draw) as workbench:
    # Imported late: it brings tables with it, which the first picture does not wait for.
    from pages.ui.map import looking

    looking.show(workbench)
