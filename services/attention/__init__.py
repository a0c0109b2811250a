"""What needs a practitioner's attention: what to settle, to approve, to write or to mend in the corpus."""

from services.attention.findings import Attention, Far
from services.attention.looking import BALANCE, Attended, attend, random_sections
from services.attention.remembered import Remembered

__all__ = ["BALANCE", "Attended", "Attention", "Far", "Remembered", "attend", "random_sections"]
