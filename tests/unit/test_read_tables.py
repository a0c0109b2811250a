"""Tables whose columns a person assigns: what they are, a guess, and reading them so."""

import pytest

from services.domain import section_names
from services.domain.cells import join_labels
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


@pytest.mark.parametrize(
    ("cells", "told", "read"),
    [
        # Nobody separates at semicolons here.
        (["Schlaf, Ruhe", "Mut"], True, [("Schlaf", "Ruhe"), ("Mut",)]),
        # Somebody does: a comma is part of a label.
        (["Schlaf, tief", "Mut; Ruhe"], False, [("Schlaf, tief",), ("Mut", "Ruhe")]),
        (["Schlaf", ""], False, [("Schlaf",), ()]),
        # As we write them ourselves, a single label with a comma among them.
        ([join_labels(("Schlaf, tief",)), join_labels(("Mut",))], False, [("Schlaf, tief",), ("Mut",)]),
        ([join_labels(("a, b\\", "c;d"))], False, [("a, b\\", "c;d")]),
    ],
)
def test_labels_are_separated_at_commas_where_a_column_has_no_semicolon(tmp_path, cells, told, read):
    path = tmp_path / "x.csv"
    path.write_text("text\tThemen\n" + "".join(f"Sink.\t{cell}\n" for cell in cells), "utf-8")
    found = list(tables.read(path, "x.csv", {"text": "text", "focus_areas": "Themen"}))
    assert [draft.stated["focus_areas"] for draft in found] == read
    notes = ("Its column 'Themen' is separated at commas.",) if told else ()
    assert {(draft.table, draft.table_notes, draft.notes) for draft in found} == {("x.csv", notes, ())}


def test_a_formula_without_a_result_is_noted_at_its_row_alone(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(xlsx({"S": [["text", "title"], ["Sink.", "=1+1"], ["Rest.", "Lake"]]}))
    first, second = tables.read(path, "x.xlsx", {"text": "text", "title": "title"})
    told = "1 cell holds a formula whose result the file does not have; it was read as empty. "
    assert first.notes[0].startswith(told)
    assert (second.notes, second.table_notes) == ((), ())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AFFIRMATIONS", "affirmations"),
        ("affirm", "affirmations"),
        ("Affirmationen", "affirmations"),
        ("Deep sleep", "deep-sleep"),
        ("Einleitung", "induction"),
        ("Hauptteil", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_section_is_guessed(name, meant):
    assert section_names.guess(name, ("induction", "affirmations", "deep-sleep")) == meant


def test_what_is_no_table(tmp_path):
    assert not tables.is_table(tmp_path / "x.txt")
    assert tables.is_table(tmp_path / "X.XLSX")
    with pytest.raises(InvalidInput, match=r"x\.txt is no table"):
        tables.columns(tmp_path / "x.txt")
