"""Two commits compared by the scripts that they hold, and all scripts of one commit."""

import re
from collections.abc import Iterable, Mapping

from dulwich.objects import Commit, ObjectID
from dulwich.repo import Repo

from services.domain.between import Between, Differing, differing
from services.domain.history import What
from services.domain.scripts import BrokenRecord, Record
from services.errors import InvalidInput, NotFound
from services.ground import text
from services.ground.progress import Report
from services.ports import Catalogue
from services.records import git_files, git_places, record_format
from services.records.git_differing import Change, Trees
from services.records.git_log import GitLog, script_of

_COMMIT = re.compile("[0-9a-f]{40}")
_RECORDS = b"records"
_SHORT = 12
# So many scripts are looked into, a millisecond each: a page waits for it.
_MOST = 500
# Files between two reports of progress.
_TELL_EVERY = 50
_PARTLY = "Parts of the history are missing."


def between(repo: Repo, before: str, after: str, log: GitLog) -> Between:
    """Which scripts differ between two commits; where one is not there, that is said. Raises ``StorageFailed``."""
    if before and before == after:
        return Between()
    trees = Trees(repo)
    for commit, when in ((before, "before"), (after, "after")):
        problem = _unknown(repo, trees, commit, when)
        if problem:
            return Between(problem=problem)
    try:
        old, new = (_records(trees, commit) for commit in (before, after))
        return _differing(repo, trees.differing(old, new, "records/"), log)
    except KeyError:
        # Of a repository that holds commits without what is in them.
        return Between(problem=_PARTLY)


def records_at(repo: Repo, commit: str, report: Report) -> Catalogue:
    """All records of a commit, and the files that are none. Raises ``NotFound``, ``StorageFailed``."""
    trees = Trees(repo)
    if _commit(trees, commit) is None:
        raise NotFound(
            f"The history has no commit '{commit[:_SHORT]}'.", "Choose one that the history of a script shows."
        )
    try:
        files = sorted(trees.differing(None, _records(trees, commit), "records/"))
    except KeyError:
        raise NotFound(f"{_PARTLY} What lay in {commit[:_SHORT]} is among them.", "Choose another commit.") from None
    records: dict[str, Record] = {}
    broken: list[BrokenRecord] = []
    for done, (path, (_, blob)) in enumerate(files):
        if done % _TELL_EVERY == 0:
            report("Reading the scripts as they were", done, len(files))
        found = _read(repo, path, blob or "", records) if path.endswith(".yaml") else None
        if isinstance(found, Record):
            records[found.script.id] = found
        elif found is not None:
            broken.append(found)
    return Catalogue(records, tuple(broken))


def _commit(trees: Trees, commit: str) -> Commit | None:
    return trees.commit(ObjectID(commit.encode())) if _COMMIT.fullmatch(commit) else None


def _records(trees: Trees, commit: str) -> ObjectID | None:
    """The tree of the records of a commit that is there; None where it has none. Raises ``KeyError``."""
    found = _commit(trees, commit)
    return dict(trees.entries(found.tree)).get(_RECORDS, (0, None))[1] if found else None


def _unknown(repo: Repo, trees: Trees, commit: str, when: str) -> str:
    """Why the scripts of a commit cannot be had; empty where they can."""
    if not commit:
        return f"Of the scripts {when}, no commit of a history is known."
    if _commit(trees, commit) is not None:
        return ""
    short = bool(repo.get_shallow())
    why = "it was cut short when it was copied" if short else "they are another workspace's, or it was rewritten since"
    return f"The history here does not have the scripts {when} (commit {commit[:_SHORT]}): {why}."


def _differing(repo: Repo, changed: Iterable[tuple[str, Change]], log: GitLog) -> Between:
    by_script: dict[str, dict[str, Change]] = {}
    for path, change in changed:
        if git_places.is_record(path) and text.is_slug(script_of(path)):
            by_script.setdefault(script_of(path), {})[path] = change
    look = len(by_script) <= _MOST
    found = [_one(repo, script, changes, log if look else None) for script, changes in by_script.items()]
    return differing(found, looked_into=look)


def _one(repo: Repo, script_id: str, changes: Mapping[str, Change], log: GitLog | None) -> Differing:
    """What became of a script; without a log, as its files alone tell."""
    before, after = ({path: change[side] for path, change in changes.items() if change[side]} for side in (0, 1))
    was, now = (next(iter(files.items()), ("", "")) for files in (before, after))
    path, blob = now if after else was
    title = log.title(repo, blob or "") if log else ""
    what = _what(before, after)
    if what is What.EDITED and log and log.facts(repo, was[1] or "").content == log.facts(repo, now[1] or "").content:
        what = What.EMBEDDED
    return Differing(script_id, what, _section(path), title, _section(was[0]) if what is What.MOVED else "")


def _what(before: Mapping[str, object], after: Mapping[str, object]) -> What:
    if not before or not after:
        return What.DELETED if before else What.CREATED
    return What.EDITED if before.keys() == after.keys() else What.MOVED


def _section(path: str) -> str:
    return path.split("/")[1]


def _read(repo: Repo, path: str, blob: str, known: Mapping[str, Record]) -> Record | BrokenRecord:
    try:
        data = git_files.read(repo, ObjectID(blob.encode())).as_raw_string()
        found = record_format.decode(data, source=path)
    except KeyError:
        return BrokenRecord(path, f"{path} is not in the history here.", "Bring the rest of it: git fetch")
    except InvalidInput as error:
        return BrokenRecord(path, error.cause, error.next_step)
    script = found.script
    if path != f"records/{script.section}/{script.id}.yaml":
        stated = f"{script.section}/{script.id}"
        return BrokenRecord(path, f"{path} says that it is {stated}.", "Choose another commit.")
    if script.id in known:
        return BrokenRecord(path, f"The id '{script.id}' is used twice.", "Choose another commit.")
    return found
