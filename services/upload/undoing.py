"""Taking a whole upload back in one step, and naming what has to wait or stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from services.domain.reports import Rejected
from services.domain.upload_journal import Entry
from services.ground.progress import Report, deaf
from services.ports import Catalogue
from services.upload.adding import Stores
from services.upload.review import Undone

# So many at a time, so that a large upload shows how far its undo is.
_AT_A_TIME = 250


def undo(upload_id: str, *, sections: Sequence[str], stores: Stores, report: Report) -> Undone:
    """What an upload created goes to the bin, what it updated is again what it was, byte for byte.

    A script that was changed since is named and left alone. One whose section is gone, or whose file is damaged now, is
    named too, and stays to be undone when that is mended. Undoing again what was cut short goes on. Once begun it goes
    on to its end.

    Raises:
        NotFound: it has been undone, or is too old.
        WorkspaceBusy, StorageFailed: what was not undone yet can be undone again.
    """
    told = deaf(report)
    with stores.records.writing("undoing an upload"):
        upload = stores.uploads.get(upload_id)
        look = _Look(stores.records.catalogue(), sections)
        found = [(entry, look.standing(entry)) for entry in upload.entries]
        back = [entry for entry, standing in found if standing.returns and entry.before]
        gone = [entry.script for entry, standing in found if standing.returns and not entry.before]
        _in_parts([entry.before for entry in back], stores.records.put_back, told, "Putting back what was here before")
        _in_parts(gone, stores.records.discard_all, told, "Moving what was new to the bin")
        waiting = tuple(entry for entry, standing in found if standing.waits)
        if waiting:
            stores.uploads.put(replace(upload, entries=waiting))
        else:
            stores.uploads.forget(upload_id)
    left = tuple(Rejected(entry.title, standing.reason) for entry, standing in found if standing.reason)
    return Undone(tuple(gone), tuple(entry.script for entry in back), left, len(waiting))


@dataclass(frozen=True)
class _Standing:
    """How a script stands that an upload stored.

    ``returns``: it is as the upload stored it. ``reason``: why it is left. ``waits``: that can be mended.
    """

    returns: bool = False
    reason: str = ""
    waits: bool = False


_AS_STORED, _DONE = _Standing(returns=True), _Standing()


@dataclass(frozen=True)
class _Look:
    """What is there now."""

    catalogue: Catalogue
    sections: Sequence[str]

    def standing(self, entry: Entry) -> _Standing:
        """Whether it is as the upload stored it, as it was before, or why it is left alone."""
        if entry.script in self.catalogue.damaged:
            return _waiting("Its file is damaged now, and stays as it is. Mend it or delete it, then undo again.")
        present = self.catalogue.records.get(entry.script)
        if present is None:
            return self._absent(entry)
        if present.script.digest == entry.after:
            return self._as_stored(entry)
        if entry.before and present.script.digest == entry.before_digest:
            return _DONE
        return _Standing(reason="It was changed since, and stays as it is now; its history has the version before.")

    def _as_stored(self, entry: Entry) -> _Standing:
        home = entry.home
        return _missing(home) if entry.before and home not in self.sections else _AS_STORED

    def _absent(self, entry: Entry) -> _Standing:
        if entry.section and entry.section not in self.sections:
            return _missing(entry.section)
        if not entry.before:
            return _DONE
        return _Standing(reason="It was deleted since; bring it back from the bin to have it.")


def _missing(section: str) -> _Standing:
    return _waiting(f"Its section '{section[:80]}' is not there any more. Add that section again, then undo again.")


def _waiting(reason: str) -> _Standing:
    return _Standing(reason=reason, waits=True)


_Part = TypeVar("_Part")


def _in_parts(everything: Sequence[_Part], work: Callable[[Sequence[_Part]], None], report: Report, stage: str) -> None:
    for start in range(0, len(everything), _AT_A_TIME):
        report(stage, start, len(everything))
        work(everything[start : start + _AT_A_TIME])
