"""Tables whose columns a person assigns: what they are, a guess, and reading them so."""

import pytest

from services.errors import InvalidInput
from services.readers import tables
from tests.office import xlsx

GERMAN = (
    "Nr;Überschrift;Skripttext;Phase;Themen;Verfasserin\n"
    '1;Der See;"Atmen Sie tief ein, und lassen Sie los.";induction;Schlaf; Ada\n'
    "2;Der Wald;Schließen Sie nun die Augen und ruhen Sie.;awakening;Ruhe;Bo\n"
)
MAPPING = {
    "text": "Skripttext",
    "title": "Überschrift",
    "section": "Phase",
    "focus_areas": "Themen",
    "author": "Verfasserin",
    "source_id": "Nr",
}


@pytest.fixture
def german(tmp_path):
    path = tmp_path / "scripts.csv"
    path.write_bytes(GERMAN.encode("cp1252"))
    return path


def test_a_german_table_is_looked_at_guessed_and_read(german):
    look = tables.look(german)
    assert list(look.columns) == ["Nr", "Überschrift", "Skripttext", "Phase", "Themen", "Verfasserin"]
    assert tables.columns(german) == list(look.columns)
    assert look.rows == 2
    assert look.samples[0][:3] == ("1", "Der See", "Atmen Sie tief ein, und lassen Sie los.")
    assert tables.guess(look.columns, look.samples) == MAPPING

    first, second = tables.read(german, "scripts.csv", MAPPING)

    assert (first.title, first.section, first.text) == (
        "Der See",
        "induction",
        "Atmen Sie tief ein, und lassen Sie los.",
    )
    assert first.stated == {"focus_areas": ("Schlaf",), "author": " Ada", "source_id": "1"}
    assert (second.source, second.text) == ("scripts.csv line 3", "Schließen Sie nun die Augen und ruhen Sie.")


def test_a_workbook_has_the_columns_of_all_its_sheets(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(xlsx({"A": [["Inhalt", "Titel"], ["Sink.", "Lake"]], "B": [["Titel", "Menge"], ["x", 3]]}))

    assert tables.columns(path) == ["Inhalt", "Titel", "Menge"]
    assert tables.look(path).samples == (("Sink.", "Lake", ""), ("", "x", "3"))
    draft, refused = tables.read(path, "x.xlsx", {"text": "Inhalt", "title": "Titel"})
    assert (draft.text, draft.title) == ("Sink.", "Lake")
    assert (refused.source, refused.reason[:29]) == ("x.xlsx sheet B", "It has no column 'Inhalt' (it")


@pytest.mark.parametrize(
    ("columns", "row", "guessed"),
    [
        (["title", "text"], ["A", "b"], {"text": "text", "title": "title"}),
        (["Script name", "Words spoken"], ["A", "many words"], {"text": "Words spoken", "title": "Script name"}),
        (["text", "Volltext"], ["", "many words"], {"text": "Volltext"}),
        (["Beschreibung", "Titel"], ["many words here", "A"], {"text": "Beschreibung", "title": "Titel"}),
        (["text", "status"], ["words", "done yesterday"], {"text": "text"}),
        (["text", "status"], ["words", "draft"], {"text": "text", "status": "status"}),
        (
            ["text", "Autor*in", "SPRACHE"],
            ["w", "A", "de"],
            {"text": "text", "author": "Autor*in", "language": "SPRACHE"},
        ),
        (["a", "b"], ["", ""], {}),
        ([], [], {}),
    ],
)
def test_a_guess(columns, row, guessed):
    assert tables.guess(columns, [row]) == guessed


def test_without_samples_the_name_decides():
    assert tables.guess(["Inhalt", "Titel"], []) == {"text": "Inhalt", "title": "Titel"}


def test_columns_without_a_name_and_twice_the_same_can_be_chosen(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("sep=;\r\na;;a\r\n1;2;3\r\n", "utf-8")
    assert tables.columns(path) == ["a", "Column 2", "a (3)"]
    (draft,) = tables.read(path, "x.csv", {"text": "a (3)", "title": "Column 2"})
    assert (draft.text, draft.title, draft.source) == ("3", "2", "x.csv line 3")


@pytest.mark.parametrize(
    ("content", "mapping", "told"),
    [
        ("a,b\n1,2\n", {"text": "c"}, r"x\.csv has no column 'c' \(its columns: a, b\)"),
        ("a,b\n1,2\n", {"title": "a"}, "No column is chosen for the words"),
        ("a,b\n1,2\n", {"text": "a", "wrong": "b"}, "no field 'wrong'"),
        ("", {"text": "a"}, "has no header"),
    ],
)
def test_a_mapping_that_cannot_be_used(tmp_path, content, mapping, told):
    path = tmp_path / "x.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidInput, match=told):
        list(tables.read(path, "x.csv", mapping))


def test_what_is_no_table(tmp_path):
    assert not tables.is_table(tmp_path / "x.txt")
    assert tables.is_table(tmp_path / "X.XLSX")
    with pytest.raises(InvalidInput, match=r"x\.txt is no table"):
        tables.columns(tmp_path / "x.txt")
