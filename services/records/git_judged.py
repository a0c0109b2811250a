"""What people judged, as commits: each person's under their own name, although one file holds what several said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from dulwich.objects import Blob, ObjectID
from dulwich.repo import Repo

from services.domain import history
from services.domain.judgements import IMPORTED, Judgement
from services.errors import InvalidInput
from services.records import git_trees, judgement_files
from services.records.git_trees import Step
from services.records.git_work import Changes

PURPOSE = "judging"
_FILE = 0o100644
_Said = Mapping[tuple[str, str], Judgement]


@dataclass
class _File:
    """A file on its way from the last commit to what it is now."""

    path: bytes
    # None where it is gone.
    blob: ObjectID | None
    mode: int
    said: dict[tuple[str, str], Judgement]
    now: _Said
    # Who has said something else than at the last commit.
    left: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Who has said something else, follows."""
        pairs = self.said.keys() | self.now.keys()
        self.left = {
            judge for script, judge in pairs if self.said.get((script, judge)) != self.now.get((script, judge))
        }

    def pass_on(self, judge: str) -> tuple[git_trees.Entry, list[Blob]]:
        """The file with what this judge says now; the last one leaves it byte for byte as it lies there."""
        self.left.discard(judge)
        others = {pair: one for pair, one in self.said.items() if pair[1] != judge}
        self.said = {**others, **{pair: one for pair, one in self.now.items() if pair[1] == judge}}
        if not self.left:
            return (self.path, self.mode if self.blob else None, self.blob), []
        if not self.said:
            return (self.path, None, None), []
        name = self.path.decode().rpartition("/")[2].removesuffix(judgement_files.SUFFIX)
        blob = Blob.from_string(judgement_files.encode(name, self.said.values()))
        return (self.path, _FILE, blob.id), [blob]


def steps(repo: Repo, head: ObjectID | None, changes: Changes) -> list[Step]:
    """A commit a judge, who judged last comes last; first what cannot be read, or says the same in other bytes."""
    files, unknown = [], []
    present = [(change.path.encode(), change.blob, change.mode) for change in changes.now]
    for path, blob, mode in [*present, *((path.encode(), None, _FILE) for path in changes.gone)]:
        before, now = _said(repo, git_trees.blob_at(repo, head, path)), _said(repo, blob)
        file = None if before is None or now is None else _File(path, blob, mode, dict(before), now)
        if file is not None and file.left:
            files.append(file)
        else:
            unknown.append((path, mode if blob else None, blob))
    first = [Step(history.author(history.OUTSIDE), history.FOUND, unknown)] if unknown else []
    return [*first, *(_step(judge, files) for judge in _judges(files))]


def _step(judge: str, files: Collection[_File]) -> Step:
    passed = [file.pass_on(judge) for file in files if judge in file.left]
    by = history.author(history.OUTSIDE if judge == IMPORTED else judge) or history.DEFAULT_AUTHOR
    return Step(by, PURPOSE, [entry for entry, _ in passed], [blob for _, blobs in passed for blob in blobs])


def _judges(files: Collection[_File]) -> list[str]:
    """Who has said something else than at the last commit, by when they said something last."""
    last: dict[str, str] = {judge: "" for file in files for judge in file.left}
    for file in files:
        for (_, judge), one in file.now.items():
            if judge in last:
                last[judge] = max(last[judge], one.time)
    return sorted(last, key=lambda judge: (last[judge], judge))


def _said(repo: Repo, blob: ObjectID | None) -> _Said | None:
    """What a file says, by script and judge; nothing where there is no file, None where it cannot be read."""
    if blob is None:
        return {}
    try:
        _, judgements = judgement_files.decode(repo.object_store[blob].as_raw_string(), source="judgements")
    except InvalidInput:
        return None
    return {(one.script, one.judge): one for one in judgements}
