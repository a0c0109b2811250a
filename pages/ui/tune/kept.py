"""Laboratories that are under way, on the server: a reload of the page goes on where it was, by the address."""

import secrets
import threading
import time
from dataclasses import dataclass, field

from services.domain.model_change import Cost
from services.jobs import Job
from services.tuning import Curve, Trials

# Each holds the rankings of its trials: a few, and nobody comes back after a day.
_MOST = 12
_SECONDS = 86_400


@dataclass(eq=False)
class Bench:
    """What one person has tried so far."""

    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    trials: Trials = field(default_factory=Trials)
    # The last curve, the way that it is of, and what was asked: of anything else it says nothing.
    curve: tuple[str, tuple[object, ...], Curve] | None = None
    # What another model would cost, by its name.
    cost: tuple[str, Cost] | None = None
    job: Job[object] | None = None
    # Where on the page it was begun, and so is watched: one of the places of ``trying``.
    where: str = ""
    # Whether each setting was tried by itself: known also once that says nothing of now any more.
    each_tried: bool = False
    failed: Exception | None = None
    # What was tried on and compared with last, to be told from what is there now without reading it.
    seen: tuple[object, ...] = ()
    last_seen: float = field(default_factory=time.monotonic)


class Benches:
    """Those of one workspace, by key. Whoever has not the key does not find one. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Bench] = {}

    def keep(self, bench: Bench) -> None:
        """Keep one, now that there is something in it; the one that nobody has looked at for longest makes room."""
        with self._lock:
            bench.last_seen = time.monotonic()
            oldest = bench.last_seen - _SECONDS
            self._kept = {key: one for key, one in self._kept.items() if one.last_seen >= oldest}
            self._kept[bench.key] = bench
            for old in sorted(self._kept.values(), key=lambda one: one.last_seen)[:-_MOST]:
                del self._kept[old.key]

    def of(self, key: str) -> Bench | None:
        """The one with this key; None where it is not kept any more."""
        with self._lock:
            bench = self._kept.get(key)
            if bench is not None:
                bench.last_seen = time.monotonic()
            return bench
