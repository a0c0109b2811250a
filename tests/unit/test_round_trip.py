"""Exactly the text that went in comes out, whatever file it came in."""

import csv
import importlib
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services import wiring
from services.domain.cells import guard
from services.ground.text import normalise
from tests.office import rtf, xlsx

# What no XML can hold is left to the formats without any.
IN_XML = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), min_size=1, max_size=200)
ANY = st.text(st.characters(codec=None), min_size=1, max_size=200)
WORDS = "breathe Größe \u201cnow\u201d résumé \U0001f642 目 "


def as_txt(text, encoding="utf-8"):
    return text.encode(encoding)


def as_docx(text):
    document = importlib.import_module("docx").Document()
    document.add_paragraph(text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def as_xlsx(text):
    return xlsx({"S": [["text"], [guard(text)]]})


def as_csv(text):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([["title", "text"], ["a", guard(text)]])
    return buffer.getvalue().encode("utf-8")


def as_jsonl(text):
    return json.dumps({"text": text}).encode("ascii")


MAKERS = {"txt": as_txt, "docx": as_docx, "xlsx": as_xlsx, "rtf": rtf, "csv": as_csv, "jsonl": as_jsonl}


@pytest.fixture(scope="module")
def back(tmp_path_factory):
    """The text that comes of a file of this kind, once it is normalised as every text on entry is."""
    folder = tmp_path_factory.mktemp("in")

    def back(kind, data):
        path = folder / f"x.{kind}"
        path.write_bytes(data)
        (draft,) = wiring.read_all([path], wiring.AUTO, wiring.READERS)
        return normalise(draft.text)

    return back


def given_texts(strategy):
    def decorate(test):
        relaxed = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        return relaxed(given(strategy.map(normalise).filter(str.strip))(test))

    return decorate


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
@given_texts(IN_XML)
def test_any_text_comes_back_from_office_files(back, kind, text):
    assert back(kind, MAKERS[kind](text)) == text


@pytest.mark.parametrize("kind", ["txt", "csv", "jsonl", "rtf"])
@given_texts(ANY)
def test_any_text_comes_back_from_other_files(back, kind, text):
    assert back(kind, MAKERS[kind](text)) == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@given_texts(ANY)
def test_any_text_comes_back_from_any_unicode_encoding(back, encoding, text):
    assert back("txt", as_txt(text, encoding)) == text


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("words", [5, 50_000])
def test_few_words_and_many_come_back(back, kind, words):
    # One cell of a workbook has room for 32,767 characters.
    text = normalise(" ".join((WORDS * words).split()[: min(words, 4_000 if kind == "xlsx" else words)]))
    assert back(kind, MAKERS[kind](text)) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85"])
def test_lines_of_every_system_are_lines(back, end):
    assert back("txt", f"one{end}two{end}{end}three".encode()) == "one\ntwo\n\nthree"


@pytest.mark.parametrize(
    "text", ["_x000D_ and _x0041_", "=1+1", "'=1+1", " spaces ", "\n\nlines\n\n", "a\n\n\nb", "{\\x}"]
)
@pytest.mark.parametrize("kind", MAKERS)
def test_what_some_format_could_take_for_its_own(back, kind, text):
    assert back(kind, MAKERS[kind](text)) == text
