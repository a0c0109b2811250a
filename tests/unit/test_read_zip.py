"""Zip files: members are read as files are, and no member is believed."""

import io
import stat
import struct
import zipfile

import pytest

from services.domain.drafts import Draft
from services.domain.reports import Rejected
from services.readers import archive, members
from tests import doubles
from tests.office import docx, paragraph, read, reason, zipped


@pytest.fixture
def path(tmp_path):
    (tmp_path / "below").mkdir()
    return tmp_path / "below" / "scripts.zip"


def told(path, content):
    """Texts and reasons by the names of members."""
    return {
        item.source.removeprefix("scripts.zip: "): item.text if isinstance(item, Draft) else item.reason
        for item in read(path, content)
    }


def member(name, content=b"Sink.", **more):
    """A zip file with one member whose header says more."""
    buffer = io.BytesIO()
    info = zipfile.ZipInfo(name)
    for key, value in more.items():
        setattr(info, key, value)
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(info, content)
    return buffer.getvalue()


def test_members_are_read_by_their_endings_and_their_folders_are_sections(path):
    parts = {
        "induction/a.txt": "Sink.",
        "induction/b.docx": docx(paragraph("Word.")),
        "c.csv": "text\none\ntwo\n",
        "__MACOSX/._a.txt": "x",
        ".DS_Store": "x",
        "folder/": "",
    }
    items = read(path, zipped(parts))
    assert [(i.source, i.folder, i.text) for i in items if isinstance(i, Draft)] == [
        ("scripts.zip: c.csv line 2", "", "one"),
        ("scripts.zip: c.csv line 3", "", "two"),
        ("scripts.zip: induction/a.txt", "induction", "Sink."),
        ("scripts.zip: induction/b.docx", "induction", "Word."),
    ]
    assert len(items) == 4


def test_a_title_comes_from_the_members_name(path):
    (item,) = read(path, zipped({"x/long-way_home.txt": "word " * 40}))
    assert item.fallback_title == "Long way home"


def test_an_export_comes_back_as_records(path, tmp_path):
    scripts = [doubles.script("one"), doubles.script("two", "awakening")]
    with doubles.TinyWorkbench(doubles.make_workspace(tmp_path / "a", scripts)) as workbench:
        workbench.export(path, "yaml-zip")
    with doubles.TinyWorkbench(doubles.make_workspace(tmp_path / "b")) as workbench:
        assert sorted(workbench.import_paths([path]).created) == ["one", "two"]
        back = {name: record.script for name, record in workbench.catalogue.records.items()}
    assert back == {"one": scripts[0], "two": scripts[1]}


def test_of_a_workspace_the_records_are_taken(path):
    found = told(path, zipped({"w/workspace.yaml": "x", "w/manifest.yaml": "x", "w/records/a.txt": "Sink."}))
    assert found == {"w/records/a.txt": "Sink."}


LINK = (stat.S_IFLNK | 0o777) << 16
DEVICE = (stat.S_IFCHR | 0o666) << 16


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (member("../up.txt"), "a place above the zip file ('..')"),
        (member("a/../../up.txt"), "a place above the zip file ('..')"),
        (member("..\\up.txt"), "a place above the zip file ('..')"),
        (member("/etc/up.txt"), "a place outside of the zip file"),
        (member("C:\\up.txt"), "a place outside of the zip file"),
        (member("\\\\host\\up.txt"), "a place outside of the zip file"),
        (member("a\x1bb.txt"), "characters that no file's name should have"),
        (member("link.txt", b"/etc/passwd", external_attr=LINK), "It is a link"),
        (member("device.txt", external_attr=DEVICE), "no ordinary file"),
        (member("a.txt", b"Sink. " * 500_000, compress_type=zipfile.ZIP_DEFLATED), "times its size"),
        (member("a.txt", compress_type=zipfile.ZIP_LZMA), "packed in an unusual way"),
        (member("in.zip", zipped({"a.txt": "x"})), "a zip file within a zip file"),
        (member("a.exe"), "files that end in '.exe' is not known"),
        (member("a.docx", b"PK nonsense"), "no Office file"),
        (member("a.yaml", b"[" * 100_000), "nested too deeply"),
        (member("a.txt").replace(b"Sink.", b"Rise."), "cannot be unpacked: it is damaged"),
        (member("a.txt").replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"),
         "encrypted"),
    ],
    ids=["up", "inner up", "backslash", "absolute", "drive", "host", "escape", "link", "device", "ratio", "method",
         "nested", "ending", "damaged inside", "YAML bomb", "checksum", "encrypted"],
)  # fmt: skip
def test_a_member_is_refused_by_name_with_the_reason(path, tmp_path, content, said):
    assert said in reason(path, content)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["below", "scripts.zip"]


def test_the_rest_is_read(path):
    found = told(path, zipped({"../x.txt": "no", "good.txt": "Sink.", "bad.docx": "no"}))
    assert found["good.txt"] == "Sink."
    assert len(found) == 3


def test_names_that_collide_on_some_disk_are_refused_but_for_the_first(path):
    names = ["A.txt", "a.txt", "caf\u00e9.txt", "cafe\u0301.txt"]
    found = told(path, zipped(dict.fromkeys(names, "Sink.")))
    assert [found[name] == "Sink." for name in names] == [True, False, False, True]
    assert "like 'A.txt' but for its spelling" in found["a.txt"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice(path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("a.txt", "one")
        made.writestr("a.txt", "two")
    first, second = read(path, buffer.getvalue())
    assert first.text == "one"
    assert "by the same name" in second.reason


def test_a_name_in_utf8_that_does_not_say_so_is_read(path):
    content = (
        member("caf\u00e9.txt")
        .replace(b"\x14\x00\x00\x08", b"\x14\x00\x00\x00")
        .replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x08", b"PK\x01\x02\x14\x03\x14\x00\x00\x00")
    )
    assert list(told(path, content)) == ["caf\u00e9.txt"]


def with_size(content, size):
    """The same, whose directory and header say that the member is so long."""
    at, local = content.rindex(b"PK\x01\x02"), content.index(b"PK\x03\x04")
    lied = bytearray(content)
    lied[at + 24 : at + 28] = lied[local + 22 : local + 26] = struct.pack("<I", size)
    return bytes(lied)


@pytest.mark.parametrize("size", [1, 3_000_000_000])
def test_a_size_that_is_a_lie(path, size):
    content = with_size(member("a.txt", b"Sink. " * 10_000, compress_type=zipfile.ZIP_DEFLATED), size)
    assert reason(path, content)


def test_more_than_64_mb_are_not_unpacked(path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILE", 2_000_000)
    parts = {"a.txt": bytes(range(65, 91)) * 100_000, "b.txt": "Sink."}
    monkeypatch.setattr(members, "_MAX_RATIO", 10**9)
    found = told(path, zipped(parts))
    assert (found["a.txt"], found["b.txt"]) == ("It unpacks to more than 64 MB. Split it.", "Sink.")


def test_all_of_it_may_not_be_too_long(path, monkeypatch):
    monkeypatch.setattr(archive._Budget, "__init__", lambda self: setattr(self, "left", 8))
    found = told(path, zipped({"a.txt": "Sink.", "b.txt": "Sink."}))
    assert found["a.txt"] == "Sink."
    assert "beyond the first 4 GB" in found["b.txt"]


def test_a_million_members_are_refused_before_they_are_listed(path):
    entry = b"PK\x01\x02" + struct.pack("<6H3L5H2L", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    many = 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * many, 0, 0)
    assert reason(path, entry * many + end).startswith("It lists 65,535 files in a directory of 47 MB.")


def test_a_member_within_bounds_and_many_more(path, monkeypatch):
    monkeypatch.setattr(members, "MAX_MEMBERS", 3)
    assert len(told(path, zipped({f"{n}.txt": "Sink." for n in range(3)}))) == 3
    assert "lists 4 files" in reason(path, zipped({f"{n}.txt": "Sink." for n in range(4)}))


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"x" * 100])
def test_no_zip_file(path, content):
    (item,) = read(path, content)
    assert isinstance(item, Rejected)
    assert "cannot be unpacked" in item.reason or "holds nothing to import" in item.reason
