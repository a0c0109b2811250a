"""A backup is verified before it replaces anything: damage, paths that lead elsewhere, other formats."""

from pathlib import Path

import pytest

from services.errors import InvalidBackup
from services.restore import reading, restore, unpacking
from tests.unit.backup.zips import add, beside, forge, free, tree, whole


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(workspace, backed, tmp_path, share):
    data, before = backed.read_bytes(), tree(workspace)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InvalidBackup, match="cut short"):
        restore(cut, workspace, free, whole)
    assert (tree(workspace), beside(workspace)) == (before, ["cut.zip", "out", "workspace"])


def test_every_byte_that_is_turned_is_found_or_means_nothing(workspace, backed, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking.os, "sync", lambda: None)
    data, before = bytearray(backed.read_bytes()), tree(workspace)
    turned, refused = tmp_path / "turned.zip", 0
    for place in range(0, len(data), max(1, len(data) // 80)):
        turned.write_bytes(data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :])
        target = tmp_path / f"t{place}"
        try:
            restore(turned, target, free, whole)
        except InvalidBackup:
            refused += 1
            assert not target.exists()
        else:
            assert tree(target) == before
    assert refused > 60


def test_the_damaged_member_is_named(workspace, backed, tmp_path):
    name = "records/awakening/awakening-sleep.yaml"

    def edit(members, listed):
        members[name] = members[name].replace(b"calm", b"cold")

    with pytest.raises(InvalidBackup, match=f"'{name}' in it is damaged"):
        restore(forge(backed, tmp_path / "f.zip", edit), workspace, free, whole)


def test_a_member_that_is_missing_or_too_many_is_named(workspace, backed, tmp_path):
    def lose(members, listed):
        del members["workspace.yaml"]

    def smuggle(members, listed):
        members["runs/more"] = b"x"

    with pytest.raises(InvalidBackup, match=r"'workspace\.yaml' is not in it"):
        restore(forge(backed, tmp_path / "f.zip", lose), workspace, free, whole)
    with pytest.raises(InvalidBackup, match=r"'runs/more' is in it and not in backup\.json"):
        restore(forge(backed, tmp_path / "f.zip", smuggle), workspace, free, whole)


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/outside",
        "runs/../../outside",
        "runs//x",
        "runs/./x",
        "derived/index/CURRENT",
        ".writer.lock",
        "runs/",
        "workspace.yaml/x",
        "runs/" + 300 * "x",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(workspace, backed, tmp_path, name):
    before = tree(tmp_path)
    forged = forge(backed, tmp_path / "f.zip", add(name))
    with pytest.raises(InvalidBackup):
        restore(forged, workspace, free, whole)
    forged.unlink()
    assert tree(tmp_path) == before
    assert not Path("/etc/outside").exists()


@pytest.mark.parametrize(
    "name", ["C:/outside", "runs\\..\\outside", "runs/one.json.", "runs/aux.txt", "runs/a|b", "a /b"]
)
def test_names_that_windows_takes_for_something_else_are_refused_there(workspace, backed, tmp_path, monkeypatch, name):
    forged = forge(backed, tmp_path / "f.zip", add(name))
    restore(forged, tmp_path / "here", free, whole)
    assert (tmp_path / "here" / name).read_bytes() == b"x"
    before = tree(workspace)
    monkeypatch.setattr(reading.os, "name", "nt")
    with pytest.raises(InvalidBackup, match="on this system"):
        reading._check_path(name)
    monkeypatch.undo()
    assert tree(workspace) == before


def test_what_this_disk_takes_for_one_file_is_refused(backed, tmp_path, monkeypatch):
    """As a disk does that takes one.json for One.JSON."""
    opened = Path.open

    def folding(path, mode="r", *more, **named):
        if mode == "xb" and path.parent.is_dir():
            there = {p.name.casefold() for p in path.parent.iterdir()}
            if path.name.casefold() in there:
                raise FileExistsError(17, "File exists", str(path))
        return opened(path, mode, *more, **named)

    forged = forge(backed, tmp_path / "f.zip", add("runs/One.JSON"))
    monkeypatch.setattr(Path, "open", folding)
    with pytest.raises(InvalidBackup, match=r"'runs/One.JSON' cannot be a file on this disk: File exists\."):
        restore(forged, tmp_path / "new", free, whole)
    monkeypatch.undo()
    assert not (tmp_path / "new").exists()
    assert restore(forged, tmp_path / "new", free, whole).files == 20


@pytest.mark.parametrize("name", [".GIT/config", "Derived/index/CURRENT"])
def test_other_spellings_of_reserved_names_are_refused_where_the_disk_takes_them_for_the_same(
    backed, tmp_path, monkeypatch, name
):
    forged = forge(backed, tmp_path / "f.zip", add(name))
    assert restore(forged, tmp_path / "new", free, whole).left_out == ()
    there = unpacking.os.path.lexists
    monkeypatch.setattr(unpacking.os.path, "lexists", lambda path: there(Path(path).with_name(Path(path).name.lower())))
    with pytest.raises(InvalidBackup, match="is a name that the workbench or git uses"):
        restore(forged, tmp_path / "other", free, whole)
