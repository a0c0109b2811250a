"""Excel workbooks: each sheet is a table, a formula is its stored value, and nothing in them has no end."""

import datetime as dt

import pytest

from services.errors import InvalidInput
from services.readers.parsers import sheet as workbooks
from tests.office import draft, read, reason, xlsx, zipped


def test_each_sheet_with_a_header_is_a_table(tmp_path):
    rows = [["Text", "title", "focus_areas", "Stand"], ["Sink.", "Lake", "sleep; calm", dt.date(2026, 11, 21)], []]
    sheets = {"One": [[], *rows, [12.0, True, None, 0.5]], "Two": [["nothing"], ["x"]], "Blank": []}

    first, second, third = read(tmp_path / "x.xlsx", xlsx(sheets))

    assert (first.source, first.text, first.title) == ("x.xlsx sheet One row 3", "Sink.", "Lake")
    assert first.stated == {"focus_areas": ("sleep", "calm")}
    assert (second.text, second.title, second.source) == ("12", "true", "x.xlsx sheet One row 5")
    assert (third.source, third.reason[:27]) == ("x.xlsx sheet Two", "It has no column 'text' (it")


def test_a_formula_is_its_stored_value_or_said_to_have_none(tmp_path):
    made = draft(tmp_path / "x.xlsx", xlsx({"S": [["text", "title"], ["Sink.", "=1+1"]]}))
    assert (made.title, made.notes[0][:83]) == (
        "",
        "1 cell holds a formula whose result the file does not have; it was read as empty. O",
    )
    stored = zipped_sheet('<c t="str" r="A2"><f>UPPER("a")</f><v>A</v></c>')
    made = draft(tmp_path / "y.xlsx", stored)
    assert (made.text, made.notes) == ("A", ())


def test_cells_far_away_are_no_columns_where_they_are_blank(tmp_path, monkeypatch):
    far = '<c t="inlineStr" r="A2"><is><t>Sink.</t></is></c><c r="XFD2"/>'
    assert draft(tmp_path / "x.xlsx", zipped_sheet(far)).text == "Sink."
    far = '</row><row r="5000"><c t="inlineStr" r="A5000"><is><t>x</t></is></c>'
    (tmp_path / "y.xlsx").write_bytes(zipped_sheet(far))
    question = {"path": str(tmp_path / "y.xlsx"), "source": "y"}
    # The blank rows on the way are counted one by one: the million that Excel has would take a second.
    monkeypatch.setattr(workbooks, "_LAST_ROW", 5_000)
    assert workbooks.extract(question)["sheets"][0]["rows"][-1] == (5_000, ["x"], 0)
    monkeypatch.setattr(workbooks, "_LAST_ROW", 4_999)
    with pytest.raises(InvalidInput, match="y has rows where Excel has none"):
        workbooks.extract(question)


def test_what_looks_like_a_formula_and_was_escaped_comes_back(tmp_path):
    assert draft(tmp_path / "x.xlsx", xlsx({"S": [["text"], ["'=1+1"]]})).text == "=1+1"


def zipped_sheet(cells, shared=""):
    """A workbook with the header ``text`` and a second row of these cells."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    sheet = (
        f'<worksheet xmlns="{main}"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c t="inlineStr" r="A1"><is>'
        f'<t>text</t></is></c></row><row r="2">{cells}</row></sheetData></worksheet>'
    )
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml" '
            f'ContentType="{kinds}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
            f'ContentType="{kinds}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{shared}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no Office file"),
        (zipped({"a": "x"}), "cannot be read as an Excel workbook"),
        (xlsx({"S": []}), "no sheet with anything in it"),
        (xlsx({"S": [["a", "b"]]}), "no column 'text' (its columns: a, b)"),
        (xlsx({"S": [["text", "text"], ["a", "b"]]}), "the column 'text' twice"),
        (zipped_sheet("", '<!DOCTYPE w [<!ENTITY a "b">]>'), "declares XML entities"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "protected by a password"),
    ],
    ids=["empty", "other", "blank", "columns", "twice", "entities", "password"],
)
def test_a_workbook_that_cannot_be_used_is_refused(tmp_path, content, told):
    assert told in reason(tmp_path / "x.xlsx", content)


def test_a_workbook_may_not_have_endless_rows(tmp_path, monkeypatch):
    (tmp_path / "x.xlsx").write_bytes(xlsx({"S": [["text"], ["a"], ["b"]]}))
    question = {"path": str(tmp_path / "x.xlsx"), "source": "x.xlsx"}
    monkeypatch.setattr(workbooks, "_MAX_ROWS", 3)
    assert len(workbooks.extract(question)["sheets"][0]["rows"]) == 3
    monkeypatch.setattr(workbooks, "_MAX_ROWS", 2)
    with pytest.raises(InvalidInput, match="more than 2 rows"):
        workbooks.extract(question)
