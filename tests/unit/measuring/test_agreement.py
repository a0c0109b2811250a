"""How far judges agree, by hand."""

import json
import warnings

import pytest

from services.domain.agreement import Agreement, Unit, agreement
from services.domain.judgements import Judgement


def judged(**by_judge: str) -> list[Judgement]:
    """The grades of each judge, a letter a script; "." where there is none."""
    return [
        Judgement(f"s-{i}", judge, int(grade))
        for judge, grades in by_judge.items()
        for i, grade in enumerate(grades)
        if grade != "."
    ]


def of(**by_judge: str) -> Agreement:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return agreement({"q": judged(**by_judge)})


def test_alpha_by_hand():
    # Eight grades: three 0, two 1, three 2. An ordinal distance squared is all that lies between, both ends by half:
    # 0 to 1 (2.5²), 1 to 2 (2.5²), 0 to 2 (5²). Seen: 2·25 = 50. Expected: 2 (6·6.25 + 6·6.25 + 9·25) / 7 = 600/7.
    assert of(ada="0120", ben="0122").alpha == pytest.approx(1 - 50 / (600 / 7))


def test_the_names_of_grades_nobody_gave_change_nothing():
    assert of(ada="0130", ben="0133").alpha == pytest.approx(of(ada="0120", ben="0122").alpha)


def test_full_agreement_is_1_and_the_opposite_is_below_0():
    assert of(ada="0213", ben="0213").alpha == pytest.approx(1)
    assert of(ada="0033", ben="3300").alpha < 0


@pytest.mark.parametrize(
    "by_judge",
    [{}, {"ada": "0123"}, {"ada": "01..", "ben": "..23"}, {"ada": "222", "ben": "222"}, {"ada": "0223", "ben": ".22."}],
    ids=["nobody", "one-judge", "nothing-shared", "one-grade", "one-grade-where-shared"],
)
def test_no_alpha_where_nothing_tells_agreement_from_habit(by_judge):
    assert of(**by_judge).alpha is None


def test_pairs_and_the_widest_disagreements_first():
    found = of(ada="0120", ben="012.", cem="3.2.")
    assert [(p.judges, p.shared, p.equal, p.share) for p in found.pairs] == [
        (("ada", "ben"), 3, 3, 1.0),
        (("ada", "cem"), 2, 1, 0.5),
        (("ben", "cem"), 2, 1, 0.5),
    ]
    assert len(found.units) == 3
    assert found.disagreements == [Unit("q", "s-0", {"ada": 0, "ben": 0, "cem": 3})]


def test_disagreements_of_several_questionnaires():
    found = agreement({"late": judged(ada="01", ben="22"), "early": judged(ada="1", ben="2")})
    assert [(u.questionnaire, u.script, u.spread) for u in found.disagreements] == [
        ("late", "s-0", 2),
        ("early", "s-0", 1),
        ("late", "s-1", 1),
    ]
    json.dumps(found.as_json(), allow_nan=False)


def test_who_judges_a_script_again_has_one_grade():
    twice = [Judgement("s", "ada", 0), Judgement("s", "ben", 2), Judgement("s", "ada", 2)]
    assert agreement({"q": twice}).units == (Unit("q", "s", {"ada": 2, "ben": 2}),)


def test_what_came_in_a_file_is_nobodys_grade():
    assert of(ada="0120", qrels="3333") == of(ada="0120")
