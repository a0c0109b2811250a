"""Word files: every word in reading order, as they stand when all changes are accepted, and nothing that harms."""

import pytest

from services.domain.scripts import Record
from services.exporting import word as exporting
from tests import doubles
from tests.office import docx, draft, paragraph, read, reason, zipped


@pytest.fixture
def path(tmp_path):
    return tmp_path / "the-lake.docx"


def text_of(path, body, **parts):
    return draft(path, docx(body, **parts)).text


def test_paragraphs_breaks_and_tabs(path):
    run = '<w:p><w:r><w:t>in</w:t><w:tab/><w:t>and</w:t><w:br/><w:t xml:space="preserve"> out </w:t></w:r></w:p>'
    assert text_of(path, run + paragraph("Rest.")) == "in\tand\n out \n\nRest."


def test_blank_paragraphs_are_the_blank_lines_of_whoever_set_them(path):
    body = "".join(map(paragraph, ["One", "two", "", "", "three", ""]))
    assert text_of(path, body) == "One\ntwo\n\n\nthree\n"


def test_a_title_above_the_text_is_none_of_it_and_a_heading_is(path):
    title = paragraph("The lake", '<w:pStyle w:val="T"/>')
    heading = paragraph("First", '<w:pStyle w:val="H"/>')

    both = draft(path, docx(title + heading + paragraph("Sink.")))
    assert (both.title, both.text) == ("The lake", "First\n\nSink.")
    one = draft(path, docx(heading + paragraph("Sink.")))
    assert (one.title, one.text) == ("First", "First\n\nSink.")
    none = draft(path, docx(paragraph("word " * 30)))
    assert (none.title, none.fallback_title) == ("", "The lake")


def test_lists_are_numbered_and_tables_read_row_by_row(path):
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr>'
    listed = paragraph("a", '<w:pStyle w:val="M"/>') + paragraph("b", numbered) + paragraph("c", numbered)

    def row(*cells):
        return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"

    table = (
        f"<w:tbl>{row(paragraph('1'), paragraph('2'))}{row(paragraph('3') + paragraph('4'), paragraph('5'))}</w:tbl>"
    )
    assert text_of(path, listed + table + paragraph("end")) == "- a\n3. b\n4. c\n\n1\t2\n\n3\n\n4\n\n5\n\nend"


def test_changes_are_accepted_and_what_is_left_out_is_said(path):
    body = (
        "<w:p><w:r><w:t>Keep</w:t></w:r><w:ins><w:r><w:t> new</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText> old</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t> gone</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>, moved</w:t></w:r></w:moveTo>"
        '<w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>'
        "<w:hyperlink><w:r><w:t> link</w:t></w:r></w:hyperlink></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>One</w:t></w:r></w:p>"
        "<w:p><w:r><w:t> line</w:t></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>Control</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    made = draft(path, docx(body.replace("<w:t>", '<w:t xml:space="preserve">')))
    assert made.text == "Keep new, moved link\n\nOne line\n\nControl"
    assert made.notes == (
        "Text deleted in tracked changes was left out (2 places).",
        "Its footnote was left out.",
        "Hidden text was left out (1 place).",
    )


def test_a_text_box_is_read_once_behind_its_paragraph(path):
    box = f"<w:txbxContent>{paragraph('boxed')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>Around</w:t><mc:AlternateContent><mc:Choice><w:drawing>"
        f"{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
        "</w:r></w:p>"
    )
    assert text_of(path, body) == "Around\n\nboxed"


def test_a_file_that_was_exported_is_its_scripts_again(path):
    texts = ["One\nline.\n\n\n\nTab\there. ", "\n\n lead", "Plain. \U0001f642\n"]
    scripts = [
        doubles.script(f"s-{n}", text=text, focus_areas=("sleep", "a;b"), status="draft")
        for n, text in enumerate(texts)
    ]
    data = exporting.encode(
        [Record(script) for script in scripts], lambda zipped, name, data: zipped.writestr(name, data)
    )

    back = read(path, data)

    assert [item.text for item in back] == texts
    assert [item.id for item in back] == ["s-0", "s-1", "s-2"]
    assert {item.section for item in back} == {"induction"}
    assert {item.stated["focus_areas"] for item in back} == {("sleep", "a;b")}
    assert {item.stated["status"] for item in back} == {"draft"}


BOMB = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no Office file"),
        (b"PK\x03\x04 nonsense", "no Office file"),
        (zipped({"a.txt": "x"}), "no text of a Word file"),
        (zipped({"word/document.xml": "<not closed"}), "is damaged: its part word/document.xml cannot be read."),
        (docx(""), "has no text"),
        (zipped({"word/document.xml": f"{BOMB}<w>&b;</w>"}), "declares XML entities"),
        (zipped({"word/document.xml": f"{OUTSIDE}<w>&x;</w>"}), "declares XML entities"),
        (docx(paragraph("x"), word_styles=f"{BOMB}<w/>"), "declares XML entities"),
        (zipped({"word/document.xml": f"{BOMB}<w/>".encode("utf-16")}), "not UTF-8"),
        (zipped({"word/document.xml": b'<?xml version="1.0" encoding="cp037"?><w/>'}), "not UTF-8"),
        (docx("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000), "its part word/document.xml cannot be read."),
        (zipped({"word/document.xml": b" " * 30_000_000}), "times its size"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "protected by a password"),
    ],
    ids=["empty", "no zip", "other zip", "no XML", "no text", "bomb", "outside", "bomb in styles", "UTF-16", "EBCDIC",
         "deep", "ratio", "password"],
)  # fmt: skip
def test_a_word_file_that_cannot_be_used_is_refused_with_the_reason(path, content, told):
    assert told in reason(path, content)
