"""The silent bug: scripts embedded by one model, asked by another, seen before and after the repair."""

from pages.ui import frame, silent

frame.guard()
with frame.page("The silent bug") as workbench:
    silent.story()
    reproduced = silent.reproduction(workbench)
    if reproduced is not None:
        silent.outcome(reproduced)
        silent.question(workbench, reproduced)
        silent.flags(reproduced)
        silent.repair()
