"""Judge: how well scripts fit a questionnaire, one at a time, as people see it and not as they were ranked."""

from pages.ui import frame
from pages.ui.judge import beginning, choosing, judging, overview, place, unknown

frame.guard()
with frame.page("Judge") as workbench:
    saved = place.saved(workbench)
    if beginning.possible(workbench, saved):
        shown, judge = beginning.top(workbench)
        done = workbench.judging_progress(judge if shown == place.JUDGE else "")
        found = choosing.prepare(workbench, saved, done)
        if shown == place.OVERVIEW:
            overview.show(workbench, saved, done, found=found)
            unknown.show(workbench, saved)
        elif judge:
            where = choosing.choose(workbench, saved, done)
            judging.show(workbench, where, saved, judge)
