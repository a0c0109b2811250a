"""What of a git repository is brought back: its history, and nothing that git would run or read elsewhere.

A repository's settings and hooks are commands that git runs for whoever stands in its folder, and a backup may come
from anybody.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

GIT = ".git"
# Longer is no setting and no name of a commit.
MOST = 1 << 16
_HISTORY = re.compile(
    r"HEAD|(ORIG|MERGE|CHERRY_PICK|REVERT)_HEAD|MERGE_(MSG|MODE)|packed-refs|shallow|description|info/exclude"
    r"|index|sharedindex\.[0-9a-f]{40,64}|objects/[0-9a-f]{2}/[0-9a-f]{38,62}"
    r"|objects/pack/[a-z]+-[0-9a-f]{40,64}\.(pack|idx|rev|mtimes|bitmap)|(refs|logs)/.+(?<!\.lock)|reftable/[\w.-]+"
)
# Of one moment, made anew when it is wanted, or only a sample: not worth a word.
_PASSING = re.compile(
    r".*\.lock|COMMIT_EDITMSG|FETCH_HEAD|gc\.log|gc\.pid|hooks/[^/]*\.sample|scriptorium/.*"
    r"|objects/pack/multi-pack-index|info/refs|objects/info/(packs|commit-graphs?(/.*)?)|objects/(.*/)?tmp_[^/]*"
)
# In a folder that is a repository without being called so.
_COMMANDS = re.compile(
    r"(config|config\.worktree|commondir|gitdir|hooks/.*|objects/info/(http-)?alternates|info/attributes)",
    re.IGNORECASE,
)
_BRANCH = re.compile(rb"refs(/(?!\.)[^\x00-\x20\x7f~^:?*\[\\/]+)+")
_SECTION = re.compile(r"\[(core|user|extensions)\]")
_SETTING = re.compile(r"(\w+)\s*=\s*([^\"\\#;\x00-\x1f]*)")
# What each clone has, and what is written anew as this system needs it.
_OF_THE_SYSTEM = {"filemode", "bare", "logallrefupdates", "ignorecase", "precomposeunicode", "symlinks"}
_EXTENSIONS = {
    ("objectformat", "sha256"),
    ("objectformat", "sha1"),
    ("refstorage", "reftable"),
    ("refstorage", "files"),
}


@dataclass(frozen=True)
class Repositories:
    """The folders of a backup that git would take for repositories; ``""`` is its root."""

    named: frozenset[str]
    bare: frozenset[str]
    # Whether this disk takes .GIT for .git.
    folds: bool

    @classmethod
    def among(cls, names: Iterable[str], *, folds: bool) -> "Repositories":
        """Those among these paths of files."""
        named, others, heads, elsewhere = set[str](), list[str](), set[str](), set[str]()
        for name in names:
            if repository := _named(name, folds=folds):
                named.add(repository)
                continue
            others.append(name)
            folder, _, last = name.rpartition("/")
            if last.lower() in {"head", "commondir"}:
                (heads if last.lower() == "head" else elsewhere).add(folder)
        inner = [{folder for folder in _around(others, part) if folder in heads} for part in ("objects", "refs")]
        return cls(frozenset(named), frozenset((inner[0] & inner[1]) | (heads & elsewhere)), folds)

    def keeps(self, name: str, read: Callable[[], bytes]) -> tuple[bool, str]:
        """Whether this file is brought back; and if not, how to name it, empty where nobody misses it.

        ``read`` gives its first bytes.
        """
        if repository := _named(name, folds=self.folds):
            inner = name[len(repository) + 1 :]
            return _of_named(inner, read, lambda told: f"{repository}/{told}".rstrip("/"))
        for place in _starts(name) if self.bare else ():
            if name[: max(0, place - 1)] in self.bare and _COMMANDS.fullmatch(name, place):
                return False, name
        return True, ""


def settings(given: bytes, *, folds: bool, posix: bool) -> tuple[bytes, bool]:
    """Settings for a repository that is brought back, and whether they say all that these said.

    Of these only who commits is taken, and which formats the repository is in.
    """
    taken, whole, section = dict[tuple[str, str], str](), True, ""
    for line in given.decode("utf-8", "replace").splitlines():
        line = line.strip()  # noqa: PLW2901  the same line
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            found = _SECTION.fullmatch(line)
            section = found[1] if found else ""
            whole = whole and bool(found)
            continue
        setting = _SETTING.fullmatch(line)
        key, value = (setting[1].lower(), setting[2].strip()) if setting else ("", "")
        if _is_plain(section, key, value):
            taken[section, key] = value
        elif section != "core" or key not in _OF_THE_SYSTEM:
            whole = False
    return _written(taken, folds=folds, posix=posix), whole


def _is_git(part: str, *, folds: bool) -> bool:
    return part == GIT or (folds and part.lower() in {GIT, "git~1"})


def _named(name: str, *, folds: bool) -> str:
    """The first folder of a path that git takes for a repository by its name; empty where none is."""
    reached = 0
    for part in name.split("/"):
        reached += len(part)
        if _is_git(part, folds=folds):
            return name[:reached]
        reached += 1
    return ""


def _starts(name: str) -> Iterator[int]:
    """Where the names in a path begin."""
    yield 0
    for place, letter in enumerate(name, start=1):
        if letter == "/":
            yield place


def _around(names: Iterable[str], part: str) -> Iterator[str]:
    """The folders around every folder that is called so."""
    called = re.compile(rf"(?:^|/){part}(?=/)", re.IGNORECASE)
    return (name[: found.start()] for name in names for found in called.finditer(name))


def _of_named(inner: str, read: Callable[[], bytes], path: Callable[[str], str]) -> tuple[bool, str]:
    first = inner.partition("/")[0]
    told = path(inner if first in {"info", "objects"} else first)
    if inner == "config":
        return False, ""  # written anew, and named then
    if _PASSING.fullmatch(inner):
        return False, ""
    if not _HISTORY.fullmatch(inner):
        return False, told
    if first == "info":
        rules = [line for line in read().splitlines() if line.strip() and not line.startswith(b"#")]
        return not rules, told if rules else ""
    if inner == "HEAD" or first == "refs":
        data = read()
        leads = data.startswith(b"ref:") and not _BRANCH.fullmatch(data[4:].strip())
        return not leads, path(inner) if leads else ""
    return True, ""


def _is_plain(section: str, key: str, value: str) -> bool:
    if section == "user":
        return key in {"name", "email"} and bool(value) and value.isprintable()
    if section == "core":
        return key == "repositoryformatversion" and value in {"0", "1"}
    return section == "extensions" and (key, value) in _EXTENSIONS


def _written(taken: dict[tuple[str, str], str], *, folds: bool, posix: bool) -> bytes:
    version = taken.get(("core", "repositoryformatversion"), "0")
    lines = ["[core]", f"\trepositoryformatversion = {version}", f"\tfilemode = {'true' if posix else 'false'}"]
    lines += ["\tbare = false", "\tlogallrefupdates = true", *(["\tignorecase = true"] if folds else [])]
    for section in ("extensions", "user"):
        said = [f"\t{key} = {value}" for (of, key), value in taken.items() if of == section]
        lines += [f"[{section}]", *said] if said else []
    return "".join(f"{line}\n" for line in lines).encode()
