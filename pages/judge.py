"""Judge: how well scripts fit a questionnaire, one at a time, as people see it and not as they were ranked."""

from pages.ui import frame
from pages.ui.judge import beginning, choosing, judging, overview, place, unknown

frame.guard()
with frame.page("Judge") as workbench:
    saved = place.saved(workbench)
    if beginning.possible(workbench, saved):
        shown, judge = beginning.top(workbench)
        done = workbench.judging_progress(judge if shown == place.JUDGE else "")
        # Opening the page is no reason to ask a model everything: somebody who judges, or looks at how far it is, is.
        begin = workbench.writable and bool(judge or shown == place.OVERVIEW)
        found = choosing.prepare(workbench, saved, done, begin=begin)
        if shown == place.OVERVIEW:
            overview.show(workbench, saved, done, found=found)
            unknown.show(workbench, saved)
        elif judge:
            where = choosing.choose(workbench, saved, done)
            judging.show(workbench, where, saved, done, judge)
