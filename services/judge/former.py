"""What scripts that are gone held once, by which it can be told what they are called now."""

import contextlib
import time
from collections.abc import Callable, Collection, Mapping
from functools import partial

from services.domain.scripts import Record, Script
from services.errors import InvalidInput, NotFound, StorageFailed
from services.ground.progress import Report, silent
from services.ports import History, RecordStore

# More that are gone are no renamed files but another corpus: none is looked up. As in ``services.domain.judged``.
MOST = 200
# So long a page may wait: the history takes twenty milliseconds for one of ten thousand scripts.
_PATIENCE_SECONDS = 0.03
_STAGE = "Looking for scripts that are called otherwise now"
# A commit, or a digest in the bin; and how what it holds is read.
_Place = tuple[str, Callable[[], Record]]


class Former:
    """Remembers what it has read: what a commit or a file of the bin holds never changes. Safe in several threads.

    What cannot be read any more gives no hint.
    """

    def __init__(self, records: RecordStore, past: History) -> None:
        self._records, self._past = records, past
        # By id and place; None where what lies there is no script.
        self._read: dict[tuple[str, str], Script | None] = {}
        # After which commit each was there last, of those that were deleted outside.
        self._lost: dict[str, str] = {}

    @property
    def is_read(self) -> bool:
        """Whether the history is read by now, so that it can be asked at no cost."""
        # A history that cannot be read is told wherever it is looked at.
        with contextlib.suppress(StorageFailed):
            return self._past.has_read()
        return False

    def known(self, missing: Collection[str], here: Collection[str]) -> tuple[Mapping[str, Script], bool]:
        """What they held last, as far as the bin and a history that is read already tell; and whether that is all.

        For a page: what would take long is left for the next time.
        """
        found: dict[str, Script] = {}
        if not 0 < len(missing) <= MOST:
            return found, True
        last = {**self._last(missing, here, ask=self.is_read), **self._binned(missing)}
        until, anew = time.monotonic() + _PATIENCE_SECONDS, 0
        for script_id, place in last.items():
            anew += (script_id, place[0]) not in self._read
            # One each time at least: sooner or later it is all.
            if anew > 1 and time.monotonic() > until:
                return found, False
            self._add(found, script_id, place)
        return found, True

    def asked(
        self, missing: Collection[str], here: Collection[str], commit: str = "", report: Report = silent
    ) -> Mapping[str, Script]:
        """What they held last, or else after this commit, whatever it costs to look for it. Not for a page run."""
        found: dict[str, Script] = {}
        if not 0 < len(missing) <= MOST:
            return found
        report(_STAGE, 0, len(missing))
        last = {**self._last(missing, here, ask=True), **self._binned(missing)}
        for done, script_id in enumerate(sorted(missing)):
            report(_STAGE, done, len(missing))
            if script_id in last:
                self._add(found, script_id, last[script_id])
            if script_id not in found and commit:
                self._add(found, script_id, self._after(script_id, commit))
        return found

    def was_there(self, script_id: str, commit: str) -> bool:
        """Whether there was such a script after a commit, as far as the history has that."""
        found: dict[str, Script] = {}
        self._add(found, script_id, self._after(script_id, commit))
        return bool(found)

    def _add(self, found: dict[str, Script], script_id: str, place: _Place) -> None:
        key = script_id, place[0]
        if key not in self._read:
            # What is not there now may be brought; what is no record stays none.
            with contextlib.suppress(NotFound, StorageFailed):
                try:
                    self._read[key] = place[1]().script
                except NotFound:
                    raise
                except InvalidInput:
                    self._read[key] = None
        held = self._read.get(key)
        if held is not None:
            found[script_id] = held

    def _binned(self, missing: Collection[str]) -> dict[str, _Place]:
        """Of several under one id the one that was put there last."""
        found: dict[str, _Place] = {}
        with contextlib.suppress(StorageFailed):
            for one in self._records.binned():
                if one.id in missing and one.id not in found:
                    found[one.id] = one.digest, partial(self._records.in_bin, one.id, one.digest)
        return found

    def _last(self, missing: Collection[str], here: Collection[str], *, ask: bool) -> dict[str, _Place]:
        """Where those lay last that were deleted outside."""
        with contextlib.suppress(StorageFailed):
            if ask:
                self._lost.update({one.id: one.commit for one in self._past.lost(here) if one.id in missing})
        return {script: self._after(script, self._lost[script]) for script in missing if script in self._lost}

    def _after(self, script_id: str, commit: str) -> _Place:
        return commit, partial(self._past.record, script_id, commit)
