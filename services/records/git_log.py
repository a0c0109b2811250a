"""Which commits touched which script, read from a repository's trees once and remembered, here and on the disk."""

import contextlib
import heapq
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dulwich.objects import Commit, ObjectID
from dulwich.repo import Repo

from services.domain import history
from services.domain.history import Facts, Lost, Touch
from services.errors import InvalidInput
from services.ground import digests
from services.records import bin_files, git_files, git_places, git_remembered, record_format
from services.records.git_differing import Change, Trees

_DIGEST = re.compile(rb"^digest: '?([0-9a-f]{64})'?$", re.MULTILINE)
_ADDRESS = re.compile(r"\s*<[^<>]*>\s*$")


@dataclass(frozen=True)
class _Known:
    """A commit, and the files of scripts that it changed, by the id of the script."""

    parents: tuple[ObjectID, ...]
    seconds: int
    author: str
    purpose: str
    changes: Mapping[str, Mapping[str, Change]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As a line of what is remembered."""
        return {**vars(self), "parents": [parent.decode() for parent in self.parents]}

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "_Known":
        """The same, read back."""
        changes = {
            script: {path: (old, new) for path, (old, new) in paths.items()}
            for script, paths in value["changes"].items()
        }
        parents = tuple(ObjectID(parent.encode()) for parent in value["parents"])
        return cls(parents, int(value["seconds"]), value["author"], value["purpose"], changes)


class GitLog:
    """The commits of one repository as they were read so far. Not safe to use from several threads."""

    def __init__(self, remembered: Path) -> None:
        """``remembered``: a derived file of what was read before."""
        self._remembered = remembered
        self._loaded = False
        self._known: dict[ObjectID, _Known] = {}
        self._order: tuple[ObjectID | None, list[ObjectID]] = (None, [])
        self._facts: dict[str, Facts] = {}
        self._unkept: list[object] = []
        self._places: tuple[ObjectID | None, Mapping[str, Lost]] = (None, {})
        self._titles: dict[str, str] = {}

    def touches(self, repo: Repo, head: ObjectID, script_id: str) -> list[Touch]:
        """The commits that touched a script, the oldest first."""
        self._load()
        found = []
        for name in self._ordered(repo, head):
            known = self._known[name]
            changes = known.changes.get(script_id)
            if changes:
                before = {path: old for path, (old, _) in changes.items() if old}
                after = {path: new for path, (_, new) in changes.items() if new}
                found.append(Touch(name.decode(), _time(known.seconds), known.author, known.purpose, before, after))
        return found

    def commits(self, repo: Repo, head: ObjectID) -> list[history.Commit]:
        """Every commit behind this one and itself, the newest first; children before their parents."""
        self._load()
        found = []
        for name in reversed(self._ordered(repo, head)):
            known = self._known[name]
            scripts = sum(any(path.startswith("records/") for path in paths) for paths in known.changes.values())
            found.append(history.Commit(name.decode(), _time(known.seconds), known.purpose, scripts))
        return found

    def facts(self, repo: Repo, blob: str) -> Facts:
        """The digests of a record, from its bytes."""
        if blob not in self._facts:
            data = git_files.read(repo, ObjectID(blob.encode())).as_raw_string()
            stated = _DIGEST.search(data)
            whole = digests.of_bytes(data)
            self._facts[blob] = Facts(whole, stated[1].decode() if stated else _content(data, whole))
            self._unkept.append({"blob": blob, "record": whole, "content": self._facts[blob].content})
        return self._facts[blob]

    def has_read(self, head: ObjectID) -> bool:
        """Whether ``last_places`` is known as of this commit."""
        return self._places[0] == head

    def last_places(self, repo: Repo, head: ObjectID) -> Mapping[str, Lost]:
        """Where each script lay last that was not put into the bin since; those that are there still among them."""
        if self._places[0] != head:
            self._load()
            commits = ((name, self._known[name]) for name in self._ordered(repo, head))
            steps = ((name.decode(), _time(known.seconds), known.changes) for name, known in commits)
            self._places = (head, git_places.last(steps))
        return self._places[1]

    def title(self, repo: Repo, blob: str) -> str:
        """The title of a record; empty where it cannot be read."""
        if blob not in self._titles:
            data = git_files.read(repo, ObjectID(blob.encode())).as_raw_string()
            self._titles[blob] = bin_files.title_of(data)
        return self._titles[blob]

    def remember(self) -> None:
        """Keep what was read since it was called last."""
        git_remembered.append(self._remembered, self._unkept)
        self._unkept = []

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        for value in git_remembered.load(self._remembered):
            with contextlib.suppress(KeyError, TypeError, AttributeError, ValueError):
                if "blob" in value:
                    facts = Facts(value["record"], value["content"])
                    # Of a record that states no digest its bytes were once taken for what it says: it is read anew.
                    if facts.content != facts.record:
                        self._facts[value["blob"]] = facts
                else:
                    self._known[ObjectID(value["commit"].encode())] = _Known.of_json(value)

    def _ordered(self, repo: Repo, head: ObjectID) -> list[ObjectID]:
        """Every commit behind this one, the oldest first and parents before their children."""
        if self._order[0] != head:
            self._follow(repo, head)
            try:
                self._order = (head, _sorted(self._known, head))
            except KeyError:
                # What was remembered breaks off half-way: a full disk, a kill. Everything is read once more.
                self._known.clear()
                self._follow(repo, head)
                self._order = (head, _sorted(self._known, head))
        return self._order[1]

    def _follow(self, repo: Repo, head: ObjectID) -> None:
        reading = Trees(repo)
        waiting = [head]
        while waiting:
            name = waiting.pop()
            if name in self._known:
                continue
            commit = reading.commit(name)
            if commit is None:
                raise TypeError(f"{name.decode()} is no commit")
            # Of a shallow clone the last commits name parents that are not there.
            parents = {parent: found for parent in commit.parents if (found := reading.commit(parent)) is not None}
            self._known[name] = _read(commit, parents, reading)
            self._unkept.append({"commit": name.decode(), **self._known[name].as_json()})
            waiting += parents


def _read(commit: Commit, parents: Mapping[ObjectID, Commit], trees: Trees) -> _Known:
    changed = [dict(trees.differing(parent.tree, commit.tree)) for parent in parents.values()]
    found = changed[0] if changed else dict(trees.differing(None, commit.tree))
    by_script: dict[str, dict[str, Change]] = {}
    for path, change in found.items():
        # What a merge took from one side is told by the commits of that side.
        if all(path in other for other in changed):
            by_script.setdefault(script_of(path), {})[path] = change
    author = commit.author.decode("utf-8", "replace")
    purpose = commit.message.decode("utf-8", "replace").strip().split("\n")[0]
    return _Known(tuple(parents), commit.commit_time, _ADDRESS.sub("", author) or author, purpose, by_script)


def _content(data: bytes, otherwise: str) -> str:
    """The digest of what a record says that states none: somebody wrote it by hand. ``otherwise`` where it is none."""
    try:
        return record_format.decode(data, source="").script.digest
    except InvalidInput:
        return otherwise


def script_of(path: str) -> str:
    """The id of the script that a path in ``records`` or ``bin`` is a file of."""
    return path.rpartition("/")[2].removesuffix(".yaml").partition(".")[0]


def _sorted(known: Mapping[ObjectID, _Known], head: ObjectID) -> list[ObjectID]:
    """The newest first as git does it, children before parents; then turned round."""
    children: dict[ObjectID, int] = {head: 0}
    waiting = [head]
    while waiting:
        for parent in known[waiting.pop()].parents:
            if parent not in children:
                children[parent] = 0
                waiting.append(parent)
            children[parent] += 1
    ready, found = [(-known[head].seconds, head)], []
    while ready:
        _, name = heapq.heappop(ready)
        found.append(name)
        for parent in known[name].parents:
            children[parent] -= 1
            if not children[parent]:
                heapq.heappush(ready, (-known[parent].seconds, parent))
    return found[::-1]


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
