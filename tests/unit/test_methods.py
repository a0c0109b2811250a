"""Methods as they are written and read."""

import math

import pytest

from services.domain.methods import Method, Mode, Nearest, Passages, make_method
from services.errors import InvalidSettings


def test_what_is_not_given_has_its_default() -> None:
    assert make_method({}) == Method()
    assert make_method({"name": "  "}).name == "Nearest passage"
    assert make_method({"name": "a\nb" + "c" * 99}).name == "a b" + "c" * 77


def test_every_field_comes_back() -> None:
    method = Method("Mine", Mode.HYBRID, Passages.CARD, Nearest.MEAN, 0.5, 2.0, 0.25, {"b": 0.7, "a": 0.0})
    assert make_method(method.as_json()) == method
    assert list(method.as_json()["cut_offs"]) == ["a", "b"]
    assert (
        make_method({key: str(value) for key, value in method.as_json().items() if key != "cut_offs"}).variety == 0.25
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"colour": "red"}, "no field 'colour'"),
        ({"mode": "psychic"}, "'psychic' is no mode"),
        ({"passages": ["card"]}, "is no passages"),
        ({"nearest": "worst"}, "'worst' is no nearest"),
        ({"dense_weight": 0, "lexical_weight": "0"}, "Both weights of a hybrid method are 0."),
        ({"dense_weight": -1}, "'dense_weight' of a retrieval method is -1.0."),
        ({"lexical_weight": 101}, "'lexical_weight'"),
        ({"lexical_weight": "much"}, "'lexical_weight' of a retrieval method is no number."),
        ({"variety": 1.01}, "'variety' of a retrieval method is 1.01."),
        ({"variety": math.nan}, "'variety'"),
        ({"cut_offs": 0.5}, "'cut_offs' of a retrieval method is no mapping."),
        ({"cut_offs": {"abc": 2.5}}, "'abc' of a retrieval method is 2.5."),
        ({"cut_offs": {"abc": None}}, "'abc' of a retrieval method is no number."),
    ],
)
def test_refused(given: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        make_method(given)
    assert told in caught.value.cause
    assert caught.value.next_step


def test_a_cut_off_is_of_one_model() -> None:
    method = Method(cut_offs={"abc": 0.5})
    assert (method.cut_off("abc"), method.cut_off("abd")) == (0.5, None)


def test_only_the_beginning_is_in_no_index() -> None:
    assert [passages for passages in Passages if not Method(passages=passages).stored] == [Passages.START]
