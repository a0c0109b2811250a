"""Retrieve: a questionnaire in, the nearest scripts of each section out, with their distances."""

from pages.ui import frame
from pages.ui.retrieve import answers, asking

frame.guard()
with frame.page("Retrieve") as workbench:
    question = asking.question(workbench)
    if question is not None:
        answers.show(workbench, question)
