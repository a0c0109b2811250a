"""Where each script lay last, from what every commit changed: so that one which nobody binned can be found again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.domain.history import Lost

# What a path held before and after; None where it was not there.
_Changes = Mapping[str, tuple[str | None, str | None]]
# Folder, section, file.
_PARTS = 3


def last(steps: Iterable[tuple[str, str, Mapping[str, _Changes]]]) -> dict[str, Lost]:
    """By script, from the commits, the oldest first: each with its time and the files that it changed, by script.

    A script that went to the bin, or left it for good, is not there; one that is there still has no time.
    """
    found: dict[str, Lost] = {}
    for commit, time, by_script in steps:
        for script_id, changes in by_script.items():
            _step(found, script_id, changes, commit, time)
    return found


def _step(found: dict[str, Lost], script_id: str, changes: _Changes, commit: str, time: str) -> None:
    records = {path: held for path, held in changes.items() if path.startswith("records/") and is_record(path)}
    now = {path: new for path, (_, new) in records.items() if new}
    binned = any(path.startswith("bin/") for path in changes)
    if now:
        path, blob = next(iter(now.items()))
        found[script_id] = Lost(script_id, path.split("/")[1], commit, blob)
    elif binned:
        # Put there, or thrown away for good: either was meant.
        found.pop(script_id, None)
    elif records and script_id in found:
        found[script_id] = replace(found[script_id], time=time)


def is_record(path: str) -> bool:
    """Whether a path is that of a script among the records."""
    return path.count("/") == _PARTS - 1 and path.endswith(".yaml")
