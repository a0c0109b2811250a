"""Comparisons that were made, on the server: drawn again, for whoever follows a link too, without being made anew."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from services.domain.between import Between
from services.domain.comparison import Comparison
from services.domain.runs import Grades, Run
from services.workbench import Workbench

_MOST = 8
# What cannot be told today may be told as soon as somebody has brought the rest of the history, which no commit says.
_AGAIN_SECONDS = 60
_Moment = tuple[str, int]
_Scripts = OrderedDict[tuple[str, ...], tuple[_Moment, Between]]


class Comparisons:
    """The last few, each for as long as the judgements are the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, str], tuple[Grades, Comparison]] = OrderedDict()
        # Which scripts differ, by two runs, or by a run, the commit of today and the scripts; and when that was found.
        self._scripts: _Scripts = OrderedDict()

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

    def scripts(self, workbench: Workbench, before: Run, after: Run) -> Between:
        """Which scripts are not in one run what they were in the other; half a second where they are hundreds."""
        return self._between(workbench, (before.id, after.id), lambda: workbench.changed_between(before, after))

    def since(self, workbench: Workbench, run: Run) -> Between:
        """Which scripts are not today what they were in a run."""
        key = run.id, workbench.commit, workbench.corpus
        return self._between(workbench, key, lambda: workbench.changed_since(run))

    def _between(self, workbench: Workbench, key: tuple[str, ...], made: Callable[[], Between]) -> Between:
        with self._lock:
            known = self._scripts.get(key)
        if known is None or known[1].problem:
            moment = workbench.commit, int(time.monotonic() // _AGAIN_SECONDS)
            known = known if known is not None and known[0] == moment else (moment, made())
        with self._lock:
            self._scripts[key] = known
            self._scripts.move_to_end(key)
            while len(self._scripts) > _MOST:
                self._scripts.popitem(last=False)
        return known[1]
