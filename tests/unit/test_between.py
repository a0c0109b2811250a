"""What differs between two commits, in a sentence, and on the command line."""

import pytest

from services.cli.altered import Altered
from services.domain.between import Between, Differing, differing
from services.domain.history import What


def some(*what: What) -> Between:
    return differing([Differing(f"s{place:02}", one, "induction") for place, one in enumerate(what)])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (some(), ""),
        (some(What.EMBEDDED), ""),
        (some(What.CREATED), "1 script was added"),
        (some(*[What.DELETED] * 2, What.EDITED, What.EMBEDDED), "1 script was changed, 2 deleted"),
        (some(*[What.EDITED] * 1200, What.MOVED), "1,200 scripts were changed, 1 moved to another section"),
    ],
)
def test_the_sentence_counts_what_says_something_else(found: Between, said: str) -> None:
    assert found.sentence() == said


def test_a_dozen_is_named_and_the_rest_counted() -> None:
    lines = list(Altered("run-1", some(*[What.CREATED] * 14)).lines())
    names = ", ".join(f"s{place:02}" for place in range(12))
    assert lines == [f"Since run-1, 14 scripts were added: {names} and 2 more."]


def test_what_cannot_be_told_is_said_and_without_a_baseline_nothing() -> None:
    told = Altered("run-1", Between(problem="The history is away."))
    assert list(told.lines()) == ["Which scripts changed since run-1 cannot be told. The history is away."]
    assert (list(Altered().lines()), Altered().as_json()) == ([], None)
