"""Attention: what a practitioner may want to settle, approve, write or mend, each with a link to where it is done."""

from pages.ui import attending, frame

frame.guard()
with frame.page("Attention") as workbench:
    found = attending.look(workbench)
    if found is not None:
        attending.verdict(found)
        attending.twins(workbench, found)
        attending.drafts(workbench, found)
        attending.far(found)
        attending.unused(workbench, found)
        attending.unread(workbench, found)
        attending.balance(found)
        attending.in_order(found)
