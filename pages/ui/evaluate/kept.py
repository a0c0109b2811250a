"""Comparisons that were made, on the server: drawn again, for whoever follows a link too, without being made anew."""

import threading
from collections import OrderedDict

from services.domain.comparison import Comparison
from services.domain.runs import Grades, Run
from services.workbench import Workbench

_MOST = 8


class Comparisons:
    """The last few, each for as long as the judgements are the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, str], tuple[Grades, Comparison]] = OrderedDict()

    def of(self, workbench: Workbench, before: Run, after: Run) -> Comparison:
        """Compare two runs; a second or two where they are of a thousand questionnaires."""
        key, grades = (before.id, after.id), workbench.grades()
        with self._lock:
            made = self._made.get(key)
        if made is None or made[0] != grades:
            made = grades, workbench.compare(before, after)
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > _MOST:
                self._made.popitem(last=False)
        return made[1]
