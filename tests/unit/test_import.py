"""What an import makes of its sources: every format, every bad input, and coming back a second time."""

import pytest

from services.cli.main import main
from services.domain.scripts import make_script
from services.errors import NotFound
from services.readers.csv import sniff
from services.readers.text import split_front
from services.workbench import Workbench
from tests.unit.command_line import make, run


@pytest.fixture
def workspace(tmp_path):
    return make(tmp_path / "corpus")


@pytest.fixture
def bring(workspace, capsys):
    """Import with these arguments: the exit code and what came of it."""

    def bring(*arguments):
        return run(capsys, "--workspace", workspace, "import", *arguments)

    return bring


def scripts(folder):
    with Workbench(folder) as workbench:
        return {name: record.script for name, record in workbench.catalogue.records.items()}


def reasons(done):
    return {item["source"]: item["reason"] for item in done["rejected"]}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, "utf-8")
    return path


# Text


def test_text_with_front_matter(bring, workspace, tmp_path):
    front = "title: Deep rest\nsituation: before sleep\nfocus_areas: Sleep; calm\ntechniques: counting\nstatus: draft\n"
    path = write(
        tmp_path / "in" / "awakening" / "x.txt", f"{front}section: induction\nid: rest\n---\n\nBreathe.\n\nOut.\n"
    )

    code, done = bring(path)

    assert (code, done["created"]) == (0, ["rest"])
    assert scripts(workspace)["rest"] == make_script(
        id="rest",
        section="induction",
        title="Deep rest",
        text="Breathe.\n\nOut.\n",
        situation="before sleep",
        focus_areas=("sleep", "calm"),
        techniques=("counting",),
        status="draft",
    )


def test_a_title_is_the_first_line_or_the_name_of_the_file(bring, workspace, tmp_path):
    write(tmp_path / "in" / "a.md", "# The lake\n\nStill water.")
    write(tmp_path / "in" / "long-way_home.txt", "word " * 40)

    bring(tmp_path / "in", "--section", "induction")

    assert {s.id: s.title for s in scripts(workspace).values()} == {
        "the-lake": "The lake",
        "long-way-home": "Long way home",
    }
    assert scripts(workspace)["the-lake"].text == "# The lake\n\nStill water."


@pytest.mark.parametrize(
    ("whole", "front", "body"),
    [
        ("title: A\n---\nText", {"title": "A"}, "Text"),
        ("---\ntitle: A\n---\nText", {"title": "A"}, "Text"),
        ("Focus areas: a\n\ntitle:\n---\nText", {"focus_areas": "a", "title": ""}, "Text"),
        ("Note: breathe\n---\nText", {}, "Note: breathe\n---\nText"),
        ("title: A\nNo key here\n---\nText", {}, "title: A\nNo key here\n---\nText"),
        ("Text\n---\nmore", {}, "Text\n---\nmore"),
        ("title: A", {}, "title: A"),
    ],
)
def test_where_front_matter_begins_and_ends(whole, front, body):
    assert split_front(whole, "x.txt") == (front, body)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("title: A\nfocus_area: b\n---\nText", "unknown key 'focus_area'"),
        ("title: A\ntitle: B\n---\nText", "'title' stands in front twice"),
        ("title: A\nstatus: ready\n---\nText", "'ready' is not a status"),
        ("title: A\nsection: nowhere\n---\nText", "no section 'nowhere'"),
        ("  \n\n", "has no text"),
        ("", "has no text"),
        (b"\xef\xbb\xbfcaf\xe9", "byte 6 is 0xe9"),
        (b"\xff\xfea\x00\x00\xd8", "not UTF-16"),
        (b"PK\x00\x00", "zero character"),
        (f"title: {'x' * 201}\n---\nText", "The title has 201 characters"),
    ],
)
def test_text_that_cannot_be_used_is_rejected_with_the_next_step(bring, workspace, tmp_path, content, told):
    path = write(tmp_path / "x.txt", content)

    code, done = bring(path, "--section", "induction")

    assert (code, done["created"]) == (1, [])
    assert told in reasons(done)["x.txt"]
    assert reasons(done)["x.txt"].count(". ") >= 1
    assert scripts(workspace) == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_three_encodings_read_the_same(bring, workspace, tmp_path, encoding):
    write(tmp_path / "a.txt", "Grüße\n\nAtme ein.".encode(encoding))
    write(tmp_path / "b.csv", "title,text\nMöwe,Flieg höher\n".encode(encoding))
    write(tmp_path / "c.jsonl", '{"title":"Übung","text":"Zähle rückwärts"}\n'.encode(encoding))

    for name in ("a.txt", "b.csv", "c.jsonl"):
        assert bring(tmp_path / name, "--section", "induction")[0] == 0

    assert {s.title: s.text for s in scripts(workspace).values()} == {
        "Grüße": "Grüße\n\nAtme ein.",
        "Möwe": "Flieg höher",
        "Übung": "Zähle rückwärts",
    }


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    assert sniff(delimiter.join(["title", "text", "a,b;c"]) + "\n") == delimiter


def test_a_csv_with_text_only(bring, workspace, tmp_path):
    path = write(tmp_path / "x.csv", "TEXT\nOne fine day in the spring of the year we met.\n")

    assert bring(path, "--section", "affirmations")[0] == 0

    (script,) = scripts(workspace).values()
    assert (script.title, script.section, script.status) == (
        "One fine day in the spring of the…",
        "affirmations",
        "approved",
    )


def test_bad_rows_are_rejected_by_line_and_the_rest_goes_on(bring, tmp_path):
    path = write(
        tmp_path / "x.csv",
        "id,section,text\n"
        'a,induction,"two\nlines"\n'
        "b,induction,one,more\n"
        "c,nowhere,words\n"
        "d,induction,\n"
        "\n"
        'e,induction,"pa"ir"\n'
        "f,induction,fine\n"
        "g,,words\n",
    )

    code, done = bring(path)

    assert (code, done["created"]) == (1, ["a", "f"])
    told = reasons(done)
    assert told.keys() == {f"x.csv line {n}" for n in (4, 5, 6, 8, 10)}
    assert "4 cells" in told["x.csv line 4"]
    assert "induction, affirmations, awakening" in told["x.csv line 5"]
    assert "no text" in told["x.csv line 6"]
    assert "--section" in told["x.csv line 10"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("title,body\na,b\n", "no column 'text' (its columns: title, body)"),
        ("", "no column 'text' (its columns: none)"),
        ("text,title,text\na,b,c\n", "'text' twice"),
    ],
)
def test_a_csv_without_a_usable_header(bring, tmp_path, content, told):
    code, done = bring(write(tmp_path / "x.csv", content), "--section", "induction")

    assert code == 1
    assert told in reasons(done)["x.csv"]


# JSON lines


def test_a_line_that_is_no_json_is_rejected_by_number(bring, tmp_path):
    lines = [
        '{"id": "a", "text": "one", "focus_areas": ["sleep"]}',
        "{oops",
        "",
        "[1]",
        '{"text": ["no"]}',
        '{"title": "no text"}',
        '{"focus_areas": 7, "text": "x"}',
        "[" * 100_000,
        '{"id": "b", "text": "two", "focus_areas": "sleep; calm"}',
    ]
    path = write(tmp_path / "x.jsonl", "\n".join(lines).encode() + b'\n{"text": "caf\xe9"}')

    code, done = bring(path, "--section", "induction")

    assert (code, done["created"]) == (1, ["a", "b", "cafe"])
    assert sorted(reasons(done)) == sorted(f"x.jsonl line {n}" for n in (2, 4, 5, 6, 7, 8))


# Folders


def test_a_folder_is_walked_and_its_folders_name_sections(bring, workspace, tmp_path):
    folder = tmp_path / "in"
    write(folder / "induction" / "a.txt", "Sink")
    write(folder / "awakening" / "b.txt", "Rise")
    write(folder / "elsewhere" / "c.txt", "Lost")
    write(folder / "awakening" / "d.doc", "Word")
    write(folder / ".hidden" / "e.txt", "Hidden")
    (folder / "induction" / "link.txt").symlink_to(folder / "induction" / "a.txt")

    code, done = bring(folder)

    assert (code, sorted(done["created"])) == (1, ["rise", "sink"])
    assert {s.id: s.section for s in scripts(workspace).values()} == {"sink": "induction", "rise": "awakening"}
    told = reasons(done)
    assert sorted(told) == ["awakening/d.doc", "elsewhere/c.txt", "induction/link.txt"]
    assert "save it as .docx" in told["awakening/d.doc"]
    assert "--section" in told["elsewhere/c.txt"]


def test_an_empty_folder_and_a_format_for_all(bring, workspace, tmp_path):
    (tmp_path / "none").mkdir()
    assert "nothing to import" in reasons(bring(tmp_path / "none")[1])[str(tmp_path / "none")]
    write(tmp_path / "in" / "a.csv", "text\nwords\n")
    write(tmp_path / "in" / "b.txt", "Text")

    assert bring(tmp_path / "in", "--format", "text", "--section", "induction")[1]["created"] == ["text"]
    assert bring(tmp_path / "in" / "b.txt", "--format", "csv", "--section", "induction")[1]["rejected"] == []


def test_a_path_that_does_not_exist_imports_nothing(bring, workspace, tmp_path):
    code, told = bring(write(tmp_path / "a.txt", "Text"), tmp_path / "b.txt", "--section", "induction")

    assert (code, told["error"]["kind"]) == (2, "NotFound")
    assert scripts(workspace) == {}


# Records


def test_the_records_of_another_workspace(bring, workspace, tmp_path, capsys):
    other = make(tmp_path / "other")
    assert (
        main(
            [
                "--workspace",
                str(other),
                "import",
                str(write(tmp_path / "x.csv", "text\nwords\n")),
                "--section",
                "awakening",
            ]
        )
        == 0
    )

    code, done = bring(other)

    assert (code, done["created"], done["rejected"]) == (0, ["words"], [])
    assert scripts(workspace) == scripts(other)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.yaml", "title: x\n", "does not begin with 'format:"),
        ("x.yaml", "[" * 100_000, "nested too deeply"),
        ("x.yaml", b"caf\xe9", "not UTF-8"),
        ("x.zip", b"PK nonsense", "cannot be unpacked"),
    ],
)
def test_records_that_cannot_be_used(bring, tmp_path, name, content, told):
    code, done = bring(write(tmp_path / name, content))

    assert code == 1
    assert told in reasons(done)[name]


def test_a_section_that_is_none_is_refused_before_anything_is_read(workspace, tmp_path):
    with Workbench(workspace) as workbench, pytest.raises(NotFound):
        workbench.import_paths([write(tmp_path / "a.txt", "x")], section="nowhere")
