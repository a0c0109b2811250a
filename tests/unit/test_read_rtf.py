"""RTF files: their code pages, what is no text in them, and their paragraphs put together."""

import pytest

from services.domain.drafts import Draft
from services.readers.documents import joined
from tests.office import draft, read, reason, rtf


def test_a_plain_rtf_file(tmp_path):
    assert isinstance(read(tmp_path / "x.rtf", rtf("Sink."))[0], Draft)


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
