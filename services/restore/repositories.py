"""What of a git repository is brought back: its history, and nothing that git would run or read elsewhere.

A repository's settings and hooks are commands that git runs for whoever stands in its folder, and a backup may come
from anybody.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

GIT = ".git"
# Longer is no setting and no name of a commit.
MOST = 1 << 16
_HISTORY = re.compile(
    r"HEAD|(ORIG|MERGE|CHERRY_PICK|REVERT)_HEAD|MERGE_(MSG|MODE)|packed-refs|shallow|description|info/exclude"
    r"|index|sharedindex\.[0-9a-f]{40,64}|objects/[0-9a-f]{2}/[0-9a-f]{38,62}|objects/pack/multi-pack-index"
    r"|objects/pack/[a-z]+-[0-9a-f]{40,64}\.(pack|idx|rev|mtimes|bitmap)|(refs|logs)/.+(?<!\.lock)|reftable/[\w.-]+"
)
# Of one moment, made anew when it is wanted, or only a sample: not worth a word.
_PASSING = re.compile(
    r".*\.lock|COMMIT_EDITMSG|FETCH_HEAD|gc\.log|gc\.pid|hooks/[^/]*\.sample|scriptorium/.*"
    r"|info/refs|objects/info/(packs|commit-graphs?(/.*)?)|objects/(.*/)?tmp_[^/]*"
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
        named, heads, objects, refs, elsewhere = (set[str]() for _ in range(5))
        for name in names:
            parts = name.split("/")
            for depth, part in enumerate(parts):
                within, last = "/".join(parts[:depth]), depth == len(parts) - 1
                lower = part.lower()
                if _is_git(part, folds=folds):
                    named.add("/".join(parts[: depth + 1]))
                if lower in {"objects", "refs"} and not last:
                    (objects if lower == "objects" else refs).add(within)
                if lower in {"head", "commondir"} and last:
                    (heads if lower == "head" else elsewhere).add(within)
        bare = heads & ((objects & refs) | elsewhere)
        return cls(frozenset(named), frozenset(bare - named), folds)

    def keeps(self, name: str, read: Callable[[], bytes]) -> tuple[bool, str]:
        """Whether this file is brought back; and if not, how to name it, empty where nobody misses it.

        ``read`` gives its first bytes.
        """
        parts = name.split("/")
        for depth, part in enumerate(parts):
            if _is_git(part, folds=self.folds):
                folder, inner = "/".join(parts[: depth + 1]), "/".join(parts[depth + 1 :])
                return _of_named(inner, read, lambda told, folder=folder: f"{folder}/{told}".rstrip("/"))  # type: ignore[misc]
        for depth in range(len(parts)):
            within, inner = "/".join(parts[:depth]), "/".join(parts[depth:])
            if within in self.bare and _COMMANDS.fullmatch(inner):
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
