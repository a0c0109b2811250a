"""Whatever a backup states, reading it takes memory and time in proportion to what is in it."""

import hashlib
import json
import shutil
import subprocess
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from blake3 import blake3
from dulwich.objects import Blob
from dulwich.pack import write_pack_index
from dulwich.repo import Repo

from services.backup import LIST, backup
from services.errors import InvalidBackup, StorageFailed
from services.records import git_files, git_stored
from services.restore import reading, repositories, restore, verify
from services.wiring import look
from tests.doubles import TinyWorkbench, make_workspace, script
from tests.unit.backup.zips import add, forge, free, whole

GIT = shutil.which("git")
MOST = 40_000_000
STATED = 80 << 20


def odd(name):
    """A member whose path only the list tells."""

    def edit(members, listed):
        members["backup.odd/1"] = b"x"
        listed["files"][name] = {"size": 1, "digest": blake3(b"x").hexdigest(), "member": "backup.odd/1"}

    return edit


@pytest.mark.parametrize("name", ["a/" * 50_000 + "b", "a/" * 200 + "b", "a" * 256, ("a" * 100 + "/") * 41 + "b"])
def test_a_path_that_is_too_long_is_refused_at_once(backed, tmp_path, name):
    with pytest.raises(InvalidBackup, match="is too long for a path"):
        restore(forge(backed, tmp_path / "f.zip", odd(name)), tmp_path / "new", free, whole)


def test_the_longest_path_comes_back(backed, tmp_path):
    name = "a/" * 199 + "b"
    restore(forge(backed, tmp_path / "f.zip", odd(name)), tmp_path / "new", free, whole)
    assert (tmp_path / "new" / name).read_bytes() == b"x"


def test_repositories_are_found_in_time_in_proportion():
    """With a join for each folder this takes minutes."""
    before = time.process_time()
    deep = "a/" * 50_000
    found = repositories.Repositories.among(
        [f"{deep}.git/HEAD", f"{deep}b", "x/HEAD", "x/objects/1", "x/refs/1"], folds=False
    )
    assert (found.named, found.bare) == ({f"{deep}.git"}, {"x"})
    assert found.keeps("x/hooks/y", bytes) == (False, "x/hooks/y")
    assert time.process_time() - before < 3


def test_more_folders_than_a_workspace_can_have_are_refused(backed, tmp_path):
    def edit(members, listed):
        for number in range(60):
            add(f"{number}/" + "a/" * 190 + "b")(members, listed)

    with pytest.raises(InvalidBackup, match="more folders than"):
        restore(forge(backed, tmp_path / "f.zip", edit), tmp_path / "new", free, whole)


def test_a_list_that_unfolds_is_not_read(backed, tmp_path):
    listed = {"format": "scriptorium-backup/1", "files": {}, "more": [[]] * 100_000}
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr(LIST, json.dumps(listed))
    with pytest.raises(InvalidBackup, match=r"backup\.json in it is damaged"):
        restore(tmp_path / "f.zip", tmp_path / "new", free, whole)


def test_members_that_are_packed_in_another_way_are_not_read(backed, tmp_path):
    with zipfile.ZipFile(backed) as source, zipfile.ZipFile(tmp_path / "f.zip", "w", zipfile.ZIP_BZIP2) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    with pytest.raises(InvalidBackup, match="packed in another way"):
        restore(tmp_path / "f.zip", tmp_path / "new", free, whole)


def test_settings_of_megabytes_are_not_read(backed, tmp_path):
    forged = forge(backed, tmp_path / "f.zip", add("workspace.yaml", b"#" * (reading._MOST_SETTINGS + 1)))
    with pytest.raises(InvalidBackup, match="too large to be settings"):
        restore(forged, tmp_path / "new", free, whole)


def bomb():
    """The name and the file of a commit of zeros."""
    header = b"commit %d\0" % STATED
    packer, hasher = zlib.compressobj(9), hashlib.sha1(header)
    parts, zeros = [packer.compress(header)], bytes(1 << 20)
    for _ in range(STATED >> 20):
        parts.append(packer.compress(zeros))
        hasher.update(zeros)
    return hasher.hexdigest(), b"".join([*parts, packer.flush()])


def test_a_commit_of_a_hundred_megabytes_is_not_inflated(backed, tmp_path):
    name, data = bomb()

    def edit(members, listed):
        add(".git/refs/heads/main", name.encode() + b"\n")(members, listed)
        add(f".git/objects/{name[:2]}/{name[2:]}", data)(members, listed)

    forged = forge(backed, tmp_path / "f.zip", edit)
    tracemalloc.start()
    try:
        found = verify(forged, tmp_path / "new", look)
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()
    assert found.history == "The history cannot be read: something in it is larger than any script can be."
    done = restore(forged, tmp_path / "new", free, look)
    assert done.history == found.history
    assert not (tmp_path / "new" / ".git").exists()


def size(kind, number):
    """What begins an entry of a pack."""
    told = [kind << 4 | number & 15]
    number >>= 4
    while number:
        told[-1] |= 128
        told.append(number & 127)
        number >>= 7
    return bytes(told)


def varint(number):
    told = bytearray()
    while number > 127:
        told.append(number & 127 | 128)
        number >>= 7
    return bytes([*told, number])


def packed(folder, entries):
    """A pack of these entries, named ``000…``, ``010…``, ``020…``; the folder of its objects."""
    (folder / "pack").mkdir(parents=True)
    data, places = b"PACK" + (2).to_bytes(4) + len(entries).to_bytes(4), []
    for entry in entries:
        places.append(len(data))
        data += entry
    checksum = hashlib.sha1(data).digest()
    (folder / "pack" / "pack-x.pack").write_bytes(data + checksum)
    named = [(bytes([number]) + bytes(19), place, 0) for number, place in enumerate(places)]
    with (folder / "pack" / "pack-x.idx").open("wb") as file:
        write_pack_index(file, named, checksum)
    return folder


def named(number):
    return (bytes([number]) + bytes(19)).hex().encode()


LITTLE = size(3, 3) + zlib.compress(b"abc")
# Copies all of its base, three bytes, and states that this makes a hundred megabytes.
DELTA = varint(3) + varint(STATED) + b"\x90\x03"
UNFOLDING = {
    "a commit": [size(1, STATED) + zlib.compress(bytes(STATED))],
    "a delta": [LITTLE, size(7, len(DELTA)) + bytes(20) + zlib.compress(DELTA)],
    "a delta itself": [LITTLE, size(7, STATED) + bytes(20) + zlib.compress(bytes(STATED))],
    "a ring": [size(7, 4) + bytes(20) + zlib.compress(b"\x03\x03\x90\x03")],
    "more than it states": [size(3, 3) + zlib.compress(bytes(STATED))],
    "less than it states": [size(3, 9) + zlib.compress(b"abc")],
}


@pytest.mark.parametrize("entries", UNFOLDING.values(), ids=UNFOLDING)
def test_an_object_of_a_pack_that_unfolds_is_not_inflated(tmp_path, entries):
    folder = packed(tmp_path / "objects", entries)
    tracemalloc.start()
    try:
        with git_stored.Stored([folder]) as stored, pytest.raises(StorageFailed, match="The history cannot be read"):
            stored.read(named(len(entries) - 1))
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(GIT is None, reason="asks git, which is not here")
def test_what_git_has_packed_is_read_as_dulwich_reads_it(tmp_path):
    root = make_workspace(tmp_path / "workspace", [script("one")])
    with TinyWorkbench(root) as bench:
        for number in range(3):
            text = "".join(f"You breathe out {n} times.\n" for n in range(200 + number))
            bench.save(script("two", text=text), bench.catalogue.records["two"].digest if number else None)
    for offsets in ("true", "false"):
        command = [GIT, "-C", root, "-c", f"repack.useDeltaBaseOffset={offsets}", "repack", "-adfq"]
        subprocess.run(command, check=True)
        [index] = (root / ".git/objects/pack").glob("*.idx")
        listed = subprocess.run([GIT, "verify-pack", "-v", index], check=True, capture_output=True, text=True)
        assert "chain length" in listed.stdout, "some are made from others"
        with Repo(str(root)) as repo, git_stored.Stored([git_files.objects(repo)]) as stored:
            names = list(repo.object_store)
            assert len(names) > 10
            for name in names:
                obj = repo.object_store[name]
                assert stored.kind(name) == obj.type_name
                assert stored.read(name) == (obj.type_name, obj.as_raw_string())
            assert Blob.from_string(b"nowhere").id not in stored


def test_a_list_of_branches_of_megabytes_is_not_read(tmp_path):
    root = make_workspace(tmp_path / "workspace", [script("one")])
    with TinyWorkbench(root) as bench:
        bench.save(script("two"), None)
    assert look(root).amiss == ""
    with (root / ".git" / "packed-refs").open("wb") as file:
        file.truncate(9 << 20)
    assert look(root).amiss == "The history cannot be read: something in it is larger than any script can be."
    backup(root, tmp_path / "b.zip")
    assert verify(tmp_path / "b.zip", Path(tmp_path / "new"), look).newest == ""
