"""What is in a workspace, and backups that somebody has changed."""

import contextlib
import json
import zipfile

from blake3 import blake3

from services.backup import LIST
from services.domain.history import Looked

CONFIG = b"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"


def free(_):
    return contextlib.nullcontext()


def whole(_):
    return Looked()


def tree(root, without=("derived", ".writer.lock")):
    found = (p for p in sorted(root.rglob("*")) if p.is_file())
    named = {p.relative_to(root).as_posix(): p.read_bytes() for p in found}
    return {name: data for name, data in named.items() if name.split("/")[0] not in without}


def beside(root):
    return sorted(p.name for p in root.parent.iterdir())


def forge(source, target, edit):
    """The same backup with other members: ``edit`` changes them and the list in place."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    listed = json.loads(members.pop(LIST))
    edit(members, listed)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in {**members, LIST: json.dumps(listed).encode()}.items():
            archive.writestr(name, data)
    return target


def add(name, data=b"x"):
    def edit(members, listed):
        members[name] = data
        listed["files"][name] = {"size": len(data), "digest": blake3(data).hexdigest()}

    return edit
