"""Where the question's model is another one or away: who is refused, and what words alone still answer."""

import numpy as np
import pytest

from services.domain.methods import Method, Mode
from services.domain.model_digest import State
from services.domain.scripts import Record
from services.errors import EmbedderUnavailable
from services.ports import Catalogue
from services.sync import sync
from tests.doubles import script, stamp
from tests.unit.retrieving.bearings import FIVE, SECTIONS, TWO, WORDED, Away, East, by, ranked, ranked_in, world


def test_another_model_is_refused_naming_both_and_the_command() -> None:
    other = stamp("ada", 2)
    ranking = ranked(query=East("ada", 2))
    assert not ranking.answered
    assert ranking.state is State.MISMATCH
    assert ranking.hits == ()
    assert ranking.refusal == (
        f"'induction' was embedded by tiny ({TWO.model_digest[:12]}), the question by ada ({other.model_digest[:12]}): "
        "what it returned would be random."
    )
    assert "python -m services rebuild --embedder ada" in ranking.next_step


def test_another_model_answers_where_the_person_says_so_and_is_marked() -> None:
    ranking = ranked(query=East("ada", 2), allow_mismatch=True)
    assert ranking.answered
    assert ranking.state is State.MISMATCH
    assert len(ranking.hits) == 3


@pytest.mark.parametrize("allow", [True, False])
def test_another_dimension_is_always_refused(*, allow: bool) -> None:
    ranking = ranked(query=East("ada", 3), allow_mismatch=allow)
    assert "numbers (2 and 3)" in ranking.refusal
    assert "python -m services rebuild --embedder ada" in ranking.next_step


def test_another_preparation_answers_and_is_marked_stale() -> None:
    ranking = ranked(query=East("tiny", 2, window=3))
    assert ranking.state is State.STALE
    assert len(ranking.hits) == 3


@pytest.mark.parametrize("whole", [True, False])
def test_a_section_emptied_under_another_model_refuses_nothing(*, whole: bool) -> None:
    _, index = world(*FIVE)
    sync(Catalogue({}), index, SECTIONS, TWO)
    ranking = ranked_in(Catalogue({}), index, East("ada", 2), whole_section=whole)
    assert (ranking.answered, ranking.hits) == (True, ())


def test_words_answer_where_another_model_made_the_vectors_and_say_so() -> None:
    ranking = by(Method(), mode=Mode.LEXICAL, query_by=East("ada", 3))
    assert [(h.script.id, h.distance) for h in ranking.hits] == [("back", None), ("far", None)]
    assert (ranking.state, ranking.random, ranking.refusal) == (State.MISMATCH, False, "")
    assert ranking.without_distances == (
        "'induction' was embedded by tiny, the question by ada: there are no distances between them."
    )
    assert np.isnan(ranking.distances).all()
    assert not by(Method(), mode=Mode.HYBRID, query_by=East("ada", 3)).answered


def test_words_answer_where_the_model_cannot_be_reached_and_say_so() -> None:
    ranking = by(Method(), mode=Mode.LEXICAL, query_by=Away(dimensions=2))
    assert [h.script.id for h in ranking.hits] == ["back", "far"]
    assert ranking.without_distances == "The question has no vector. The model cannot be reached."
    with pytest.raises(EmbedderUnavailable):
        by(Method(), mode=Mode.HYBRID, query_by=Away(dimensions=2))


def test_words_find_a_script_that_has_no_vectors() -> None:
    bare = Record(script("bare", text="sleep sleep"), None, "It has no vectors yet.", "d")
    assert ranked(*WORDED, bare).left_out == 1
    found = by(Method(mode=Mode.LEXICAL), records=[*WORDED, bare])
    hit = next(h for h in found.hits if h.script.id == "bare")
    assert (hit.distance, hit.passage_text, found.left_out) == (None, "sleep sleep", 0)
