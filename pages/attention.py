"""Attention: what a practitioner may want to settle, approve, write or mend, each with a link to where it is done."""

from pages.ui import frame
from pages.ui.attention import attending, doing, repeated, settling

frame.guard()
with frame.page("Attention") as workbench:
    doing.outcome(workbench)
    found = attending.look(workbench)
    if found is not None:
        attending.verdict(workbench, found)
        attending.damaged(found)
        repeated.show(workbench, found)
        settling.drafts(workbench, found)
        attending.far(found)
        attending.unused(workbench, found)
        attending.left_out(workbench, found)
        attending.unread(workbench, found)
        attending.balance(found)
        attending.in_order(found)
        settling.settled(workbench)
