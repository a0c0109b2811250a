"""The grade that follows from what several people say."""

import pytest

from services.domain.judgements import IMPORTED, MAX_NOTE, Judgement, checked, grades, make_judgement
from services.domain.questionnaires import Expected, make_questionnaire
from services.errors import InvalidInput

ASKED = make_questionnaire(id="q", query="x", expected=(Expected("one", 1), Expected("two", 3)))


@pytest.mark.parametrize(
    ("given", "grade"),
    [
        ([], 1),
        ([("Ada", 3)], 3),
        ([("Ada", 0), ("Bert", 3)], 0),
        ([("Ada", 0), ("Bert", 2), ("Cleo", 3)], 2),
        ([("Ada", 1), ("Bert", 2), ("Cleo", 3), ("Dan", 3)], 2),
        ([(IMPORTED, 0)], 0),
        ([(IMPORTED, 0), ("Ada", 3)], 3),
    ],
)
def test_people_outrank_files_and_files_what_is_expected(given, grade):
    found = grades(ASKED, [Judgement("one", judge, graded) for judge, graded in given])
    assert found == {"one": grade, "two": 3}


@pytest.mark.parametrize(
    "wrong",
    [
        {"script": "No slug"},
        {"judge": "  "},
        {"grade": 4},
        {"grade": -1},
        {"grade": True},
        {"note": "x" * (MAX_NOTE + 1)},
    ],
)
def test_what_is_no_judgement_is_refused(wrong):
    with pytest.raises(InvalidInput):
        make_judgement(**{"script": "one", "judge": "Ada", "grade": 2, **wrong})


def test_names_are_on_one_line():
    assert make_judgement(script="one", judge=" Ada \n Lovelace ", grade=2, note=" why\n").judge == "Ada Lovelace"


def test_nobody_signs_with_the_name_of_what_is_imported():
    with pytest.raises(InvalidInput, match="'qrels' is the name that judgements from imported files have"):
        make_judgement(script="one", judge=f" {IMPORTED}\n", grade=2)
    assert checked(script="one", judge=IMPORTED, grade=0).judge == IMPORTED
