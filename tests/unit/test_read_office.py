"""Workbooks, PDFs and RTF files, and the process apart that reads them."""

import datetime as dt
import os

import pytest

from services.domain.drafts import Draft
from services.errors import InvalidInput
from services.readers.child import Apart
from services.readers.documents import joined
from services.readers.parsers import sheet as workbooks
from tests.office import docx, draft, paragraph, pdf, read, reason, rtf, xlsx, zipped

# Workbooks


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


def test_cells_far_away_are_no_columns_where_they_are_blank(tmp_path):
    far = '<c t="inlineStr" r="A2"><is><t>Sink.</t></is></c><c r="XFD2"/>'
    assert draft(tmp_path / "x.xlsx", zipped_sheet(far)).text == "Sink."
    far = '</row><row r="999999999"><c t="inlineStr" r="A999999999"><is><t>x</t></is></c>'
    assert reason(tmp_path / "y.xlsx", zipped_sheet(far)).startswith("It has rows where Excel has none.")


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


# PDF


def test_a_pdf_is_its_pages_with_paragraphs_put_together(tmp_path):
    first = [
        "Breathe in slowly and let the shoulders sink down to",
        "where they want to be. Now rest.",
        "",
        "Out.",
        "Page 1 of 2",
    ]
    made = draft(tmp_path / "evening-rest.pdf", pdf([first, ["And wake.", "Page 2 of 2"]], title="The lake"))
    assert made.title == "The lake"
    assert made.text == (
        "Breathe in slowly and let the shoulders sink down to where they want to be. Now rest.\n\nOut.\n\nAnd wake."
    )


def test_what_stands_on_every_page_is_left_out_and_told(tmp_path):
    pages = [
        ["Scripts of the house", "The lake", "", "Breathe in slowly and let the", "page 1 of 3"],
        ["Scripts of the house", "shoulders sink down as far as", "they like to sink.", "", "Out.", "page 2 of 3"],
        ["Scripts of the house", "And wake.", "11/21/26, 10:27 AM The lake", "https://house.example/lake 3/3"],
    ]
    made = draft(tmp_path / "x.pdf", pdf(pages, title="The lake"))
    assert made.text == (
        "Breathe in slowly and let the shoulders sink down as far as they like to sink.\n\nOut.\n\nAnd wake."
    )
    assert made.notes == (
        (
            "Taken for headers, footers or page numbers and left out: Scripts of the house; page 1 of 3; page 2 of 3; "
            "11/21/26, 10:27 AM The lake; https://house.example/lake 3/3"
        ),
    )


@pytest.mark.parametrize(
    "pages",
    [
        [["Sink.", "10", "9", "8", "7"], ["6", "5", "4", "3", "2", "1", "Deeply relaxed now."]],
        [["Count with me.", "3", "2", "1"]],
        [["Day 1", "Rest.", "3"], ["Day 2", "Rest more.", "2"], ["Day 3", "Wake.", "1"]],
        [["Breathe.", "You are safe."], ["Rest.", "You are safe."]],
    ],
    ids=["a countdown over two pages", "on one page", "headings that count", "a refrain"],
)
def test_what_counts_or_returns_is_text(tmp_path, pages):
    made = draft(tmp_path / "x.pdf", pdf(pages))
    assert made.text.split() == " ".join(line for page in pages for line in page).split()
    assert made.notes == ()


@pytest.mark.parametrize("numbers", [["1", "2"], ["- 7 -", "- 8 -", "- 9 -"]])
def test_numbers_that_follow_the_pages_are_left_out_and_told(tmp_path, numbers):
    made = draft(tmp_path / "x.pdf", pdf([[f"Rest {word}.", n] for word, n in zip("abc", numbers, strict=False)]))
    assert made.text.split("\n\n") == [f"Rest {word}." for word, _ in zip("abc", numbers, strict=False)]
    assert made.notes == (f"Taken for headers, footers or page numbers and left out: {'; '.join(numbers)}",)


def test_a_narrow_column_is_joined_and_a_verse_is_not(tmp_path):
    column = ["Breathe in slowly", "and let the whole", "of you sink down,", "to where it likes", "to be. Now rest."]
    assert draft(tmp_path / "x.pdf", pdf([column])).text == " ".join(column)
    verse = ["Breathe in.", "And out, as long as you like.", "Rest.", "The lake is still.", "So are you."]
    assert draft(tmp_path / "x.pdf", pdf([verse])).text == "\n".join(verse)


def test_short_paragraphs_stay_apart(tmp_path):
    lines = ["Rest.", "", "Let it all go, as far as", "it goes.", "", "Wake.", "", "Up."]
    made = draft(tmp_path / "x.pdf", pdf([lines, ["Out."]], title="https://house.example/"))
    assert made.text == "Rest.\n\nLet it all go, as far as it goes.\n\nWake.\n\nUp.\n\nOut."
    assert made.title == ""


def test_a_word_split_at_a_line_end_is_joined_only_where_the_text_has_it(tmp_path):
    lines = ["Relax your body. You re-", "lax and find self-", "esteem, a well-", "spring of calm. Relax. Self-esteem."]
    made = draft(tmp_path / "x.pdf", pdf([lines]))
    assert made.text == "Relax your body. You relax and find self-esteem, a well-\nspring of calm. Relax. Self-esteem."
    assert made.notes == ("Words may still be split at line ends (1); look for hyphens there.",)


def test_a_page_without_text_is_named(tmp_path):
    assert draft(tmp_path / "x.pdf", pdf([["Rest."], []])).notes == (
        "No text was found on page 2: pictures cannot be read.",
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (pdf([[], []]), "its pages are pictures, as of a scan. Let a program recognise the text (OCR)"),
        (pdf([["x"]], password="secret"), "protected by a password. Open it, print it to a PDF without one"),
        (
            pdf([["x"]]).replace(
                b"<< /Size",
                b"<< /Encrypt << /Filter /Standard /V 5 /R 6 /Length 256 /P -4 /O <%s> /U <%s> /OE <%s> /UE <%s> "
                b"/Perms <%s> /CF << /StdCF << /CFM /AESV3 >> >> /StmF /StdCF /StrF /StdCF >> /ID [<00> <00>] /Size"
                % (*(b"0" * digits for digits in (96, 96, 64, 64, 32)),),
            ),
            "protected by a password",
        ),
        (b"", "cannot be read as a PDF: it is damaged, cut short or none at all. Open it, copy its words"),
        (b"%PDF-1.4\n" + b"\0" * 500, "cannot be read as a PDF"),
    ],
    ids=["scan", "password", "AES", "empty", "damaged"],
)
def test_a_pdf_that_cannot_be_used_is_refused_with_the_next_step(tmp_path, content, told):
    assert told in reason(tmp_path / "x.pdf", content)


# RTF


def test_bytes_are_read_by_the_code_page_of_their_font(tmp_path):
    content = (
        rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\fcharset128 C;}}"
        rb"{\info{\title Der See}{\author X}}\f0 Gr\'fc\'dfe \u8211?{\f1 \'cf\'f0\'e8} {\f2 \'96\'da} \'80\par Ende"
        b" \xe9}"
    )
    made = draft(tmp_path / "x.rtf", content)
    assert (made.title, made.text) == ("Der See", "Grüße –При 目 €\n\nEnde é")  # noqa: RUF001


def test_what_is_no_text_is_left_out_and_said(tmp_path):
    content = (
        rb"{\rtf1\ansi Keep{\deleted  gone}{\*\unknown no}{\v hidden}{\pict\bin4 }}\}no}{\footnote note}"
        rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt  link}}\par{\listtext\'b7\tab}a\par{\listtext 2.\tab}b}after"
    )
    made = draft(tmp_path / "x.rtf", content)
    assert made.text == "Keep link\n\n- a\n\n2. b"
    assert "Text deleted in tracked changes was left out." in made.notes
    assert "Its footnotes were left out." in made.notes
    assert "Hidden text was left out." in made.notes


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no RTF file"),
        (b"plain", "no RTF file"),
        (b"{\\rtf1 }", "has no text"),
        (b"{\\rtf1 " + b"{" * 100_000, "nested too deeply"),
    ],
    ids=["empty", "plain", "blank", "deep"],
)
def test_an_rtf_file_that_cannot_be_used_is_refused(tmp_path, content, told):
    assert told in reason(tmp_path / "x.rtf", content)


@pytest.mark.parametrize(
    ("paragraphs", "text"),
    [
        (["a", "b"], "a\n\nb"),
        (["a", "b", ""], "a\n\nb"),
        (["a", "", "b"], "a\n\nb"),
        (["", "a", "b", "", "c"], "\na\nb\n\nc"),
        (["a\n"], "a\n"),
        ([], ""),
    ],
)
def test_paragraphs_are_joined_with_the_blank_lines_they_have(paragraphs, text):
    assert joined(paragraphs) == text


# The process apart


@pytest.fixture
def apart():
    made = Apart(seconds=2)
    yield made
    made.close()


@pytest.fixture
def lake(tmp_path):
    path = tmp_path / "lake.docx"
    path.write_bytes(docx(paragraph("Sink.")))
    return path


def test_one_process_reads_many_files(apart, lake):
    assert apart.process_id == 0
    said = [apart.ask("word", lake, "lake.docx")["paragraphs"] for _ in range(3)]
    first = apart.process_id
    assert said == [["Sink."]] * 3
    assert first not in (0, os.getpid())
    apart.close()
    assert apart.ask("word", lake, "lake.docx")["paragraphs"] == ["Sink."]
    assert apart.process_id != first


def test_a_file_that_never_ends_costs_the_process_apart_and_the_next_one_is_read(apart, lake, tmp_path):
    apart.ask("word", lake, "lake.docx")
    first = apart.process_id
    os.mkfifo(tmp_path / "endless.rtf")

    with pytest.raises(InvalidInput, match=r"endless\.rtf could not be read within 2 seconds\. It may be damaged"):
        apart.ask("rtf", tmp_path / "endless.rtf", "endless.rtf")

    assert apart.ask("word", lake, "lake.docx")["paragraphs"] == ["Sink."]
    assert apart.process_id != first


def test_a_process_that_dies_of_a_file_is_replaced(apart, lake, tmp_path):
    apart.ask("word", lake, "lake.docx")
    os.kill(apart.process_id, 9)
    assert apart.ask("word", lake, "lake.docx")["paragraphs"] == ["Sink."]


def test_memory_is_limited(lake, tmp_path):
    apart = Apart(seconds=20, memory=150 * 2**20)
    path = tmp_path / "long.rtf"
    path.write_bytes(b"{\\rtf1 " + b"a" * 50_000_000)
    with pytest.raises(InvalidInput, match=r"long\.rtf needs more memory than a file may\."):
        apart.ask("rtf", path, "long.rtf")
    assert apart.ask("word", lake, "lake.docx")["paragraphs"] == ["Sink."]
    apart.close()


def test_a_plain_rtf_file(tmp_path):
    assert isinstance(read(tmp_path / "x.rtf", rtf("Sink."))[0], Draft)
