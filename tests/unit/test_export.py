"""Exported files: they come back as the same scripts, and the same scripts give the same bytes."""

import contextlib
import csv
import io
import json
import zipfile
from pathlib import Path

import docx
import openpyxl
import polars as pl
import pytest
from blake3 import blake3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services import wiring
from services.cli.main import main
from services.domain.cells import guard, join_labels, split_labels, unguard
from services.domain.scripts import Record, make_script
from services.errors import InvalidRecord
from services.exporting import FORMATS, as_bytes
from services.workbench import Workbench
from tests.unit.command_line import make, run

AWKWARD = [
    {
        "id": "formula",
        "title": "=HYPERLINK(1)",
        "text": '+1, "quoted"; and\nnew lines\n\n\ttabs  ',
        "focus_areas": ("a;b", "back\\slash", "-calm"),
        "techniques": ("count down", "@home"),
    },
    {"id": "quoted", "title": "'=already", "text": "''-twice", "author": "@anna", "situation": "-3 °C"},
    {
        "id": "other",
        "title": "Zürich — 日本",
        "text": "ﬁ e\u0301 🜁\n",
        "status": "retired",
        "source_id": "MED 7",
        "language": "de",
    },
    {"id": "draft", "title": "tab", "text": "\tindented", "status": "draft", "person": "second"},
]


# What a spreadsheet may take for the beginning of a formula, or skip before one.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.fixture
def workspace(tmp_path):
    folder = make(tmp_path / "corpus")
    with Workbench(folder) as workbench:
        for section, fields in zip(("awakening", "induction", "induction", "affirmations"), AWKWARD, strict=True):
            workbench.save(make_script(section=section, **fields), base=None)
    return folder


def scripts(folder):
    with Workbench(folder) as workbench:
        return {name: record.script for name, record in workbench.catalogue.records.items()}


WAYS_BACK = [("csv", "csv"), ("jsonl", "jsonl"), ("yaml-zip", "zip"), ("docx", "docx")]


@pytest.mark.parametrize(("format_name", "ending"), WAYS_BACK)
def test_what_is_exported_comes_back_equal(workspace, tmp_path, capsys, format_name, ending):
    out = tmp_path / f"all.{ending}"
    assert run(capsys, "--workspace", workspace, "export", "--format", format_name, "--out", out)[0] == 0
    other = make(tmp_path / "other")

    code, done = run(capsys, "--workspace", other, "import", out)

    assert (code, done["rejected"]) == (0, [])
    assert scripts(other) == scripts(workspace)
    assert len(scripts(other)) == len(AWKWARD)


def test_an_export_over_its_own_workspace_changes_nothing(workspace, tmp_path, capsys):
    for format_name, ending in WAYS_BACK:
        out = tmp_path / f"all.{ending}"
        run(capsys, "--workspace", workspace, "export", "--format", format_name, "--out", out)
        _, done = run(capsys, "--workspace", workspace, "import", out)
        assert (done["created"], done["updated"], len(done["unchanged"])) == ([], [], len(AWKWARD))


def test_parquet_holds_every_field_with_lists_as_lists(workspace, tmp_path, capsys):
    out = tmp_path / "all.parquet"
    run(capsys, "--workspace", workspace, "export", "--format", "parquet", "--out", out)

    rows = {row["id"]: row for row in pl.read_parquet(out).iter_rows(named=True)}

    assert rows == {name: script.as_json() for name, script in scripts(workspace).items()}


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_same_scripts_give_the_same_bytes_whose_digest_is_told(workspace, tmp_path, capsys, format_name):
    copy = tmp_path / "copy"
    main(["init", str(copy), "--from", str(workspace)])
    one, two = tmp_path / "one", tmp_path / "two"

    _, first = run(capsys, "--workspace", workspace, "export", "--format", format_name, "--out", one)
    _, second = run(capsys, "--workspace", copy, "export", "--format", format_name, "--out", two)

    assert one.read_bytes() == two.read_bytes()
    assert first["digest"] == second["digest"] == blake3(one.read_bytes()).hexdigest()
    with Workbench(copy) as workbench:
        workbench.delete("draft")
    assert (
        run(capsys, "--workspace", copy, "export", "--format", format_name, "--out", two)[1]["digest"]
        != first["digest"]
    )


def test_a_zip_holds_the_records_byte_for_byte_at_a_fixed_time(workspace, tmp_path, capsys):
    out = tmp_path / "all.zip"
    run(capsys, "--workspace", workspace, "export", "--format", "yaml-zip", "--out", out)

    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {m.date_time for m in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in archive.namelist():
            assert archive.read(name) == (workspace / name).read_bytes()
        assert len(archive.namelist()) == len(AWKWARD)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_workspace_without_scripts_gives_a_file_without_scripts(tmp_path, capsys, format_name):
    folder, out = make(tmp_path / "empty"), tmp_path / "out"

    code, told = run(capsys, "--workspace", folder, "export", "--format", format_name, "--out", out)

    assert (code, told["scripts"], out.exists()) == (0, 0, True)


def test_ids_and_sections_choose(workspace, tmp_path, capsys):
    def chosen(*arguments):
        out = tmp_path / "some.jsonl"
        run(capsys, "--workspace", workspace, "export", "--format", "jsonl", "--out", out, *arguments)
        return [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()]

    assert chosen() == ["draft", "formula", "other", "quoted"]
    assert chosen("--section", "induction") == ["other", "quoted"]
    assert chosen("--section", "induction", "awakening") == ["formula", "other", "quoted"]
    assert chosen("--id", "quoted", "draft") == ["draft", "quoted"]
    assert chosen("--id", "quoted", "draft", "--section", "affirmations") == ["draft"]


def test_no_cell_of_a_csv_is_a_formula(workspace, tmp_path, capsys):
    out = tmp_path / "all.csv"
    run(capsys, "--workspace", workspace, "export", "--format", "csv", "--out", out)

    cells = [cell for row in csv.reader(io.StringIO(out.read_text("utf-8"), newline="")) for cell in row]

    assert [cell for cell in cells if cell.startswith(STARTS)] == []
    assert "'=HYPERLINK(1)" in cells


def test_cells_come_back_through_a_spreadsheet(workspace, tmp_path, capsys):
    """As if the CSV had been opened in one and saved as a workbook: an apostrophe in a cell stays in it."""
    out, book = tmp_path / "all.csv", openpyxl.Workbook()
    run(capsys, "--workspace", workspace, "export", "--format", "csv", "--out", out)
    for row in csv.reader(io.StringIO(out.read_text("utf-8"), newline="")):
        book.active.append([cell or None for cell in row])
    book.save(tmp_path / "all.xlsx")
    other = make(tmp_path / "other")

    code, done = run(capsys, "--workspace", other, "import", tmp_path / "all.xlsx")

    assert (code, done["rejected"]) == (0, [])
    assert scripts(other) == scripts(workspace)


def test_a_word_file_reads_like_a_book(workspace, tmp_path, capsys):
    out = tmp_path / "some.docx"
    run(capsys, "--workspace", workspace, "export", "--format", "docx", "--out", out, "--id", "formula", "draft")

    document = docx.Document(str(out))

    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"] == ["tab", "=HYPERLINK(1)"]
    details = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    assert details[:3] == [["id", "formula"], ["section", "awakening"], ["focus_areas", "a\\;b; back\\\\slash; -calm"]]
    assert [p.text for p in document.paragraphs][-2:] == ['+1, "quoted"; and\nnew lines', "\ttabs  "]
    assert document.core_properties.last_modified_by == "Scriptorium"


def test_what_word_cannot_hold_becomes_the_sign_for_it(tmp_path, capsys):
    folder, out = make(tmp_path / "corpus"), tmp_path / "some.docx"
    with Workbench(folder) as workbench:
        workbench.save(make_script(id="odd", section="induction", title="Odd", text="a\ufffeb\uffffc"), base=None)
    run(capsys, "--workspace", folder, "export", "--format", "docx", "--out", out)
    assert docx.Document(str(out)).paragraphs[-1].text == "a\ufffdb\ufffdc"


def test_a_damaged_record_is_named_and_wants_attention(workspace, tmp_path, capsys):
    damaged = Path("records/induction/other.yaml")
    (workspace / damaged).write_text("format: [")

    code, told = run(capsys, "--workspace", workspace, "export", "--format", "csv", "--out", tmp_path / "x.csv")

    assert (code, told["scripts"], told["left_out"]) == (1, 3, [str(damaged)])


@given(st.text() | st.text(st.sampled_from("'=+-@\t\r\n\uff1da")))
def test_every_cell_comes_back_from_its_guard(cell):
    assert unguard(guard(cell)) == cell
    assert not guard(cell).startswith(STARTS)


BEGINNINGS = st.sampled_from(["", "=", "'=", "''+", "-", "'@", "'\uff1d", "\t=", "'\t", ";", "\\"])
FIELD = st.tuples(BEGINNINGS, st.text(st.characters(codec="utf-8"), max_size=60)).map("".join)


@pytest.mark.parametrize(("format_name", "ending"), WAYS_BACK[:3])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=3))
def test_any_words_come_back_from_an_export(tmp_path, format_name, ending, fields):
    made = []
    for number, (title, words, area) in enumerate(fields):
        with contextlib.suppress(InvalidRecord):
            one = make_script(id=f"s{number}", section="induction", title=title, text=words, focus_areas=(area,))
            made.append(Record(one, None))
    out = tmp_path / f"x.{ending}"
    out.write_bytes(as_bytes(made, format_name, wiring.encode_record))
    drafts = list(wiring.read_all([out], wiring.AUTO, wiring.READERS)) if made else []
    back = [make_script(id=d.id, section=d.section, title=d.title, text=d.text, **d.stated) for d in drafts]
    assert back == [record.script for record in made]


LABEL = st.text(st.characters(codec="utf-8"), min_size=1).map(str.strip).filter(bool)


@given(st.lists(LABEL))
def test_every_list_of_labels_comes_back_from_its_cell(labels):
    assert split_labels(join_labels(tuple(labels))) == tuple(labels)


def test_lists_as_people_type_them():
    assert split_labels("sleep;calm ; ;  self esteem") == ("sleep", "calm", "self esteem")
    assert split_labels("") == ()
    assert split_labels("a\\b") == ("a\\b",)
