"""Words in common: BM25 by hand, what is searched, and lexicons that are made only when they must be."""

from math import log

import numpy as np
import pytest

from services.domain.passages import Passage
from services.domain.scripts import Record, Status
from services.ports import Catalogue
from services.ranking import Lexicon, Lexicons, shared, wordiest
from services.ranking.lexical import words
from tests.doubles import script

ONE = script("one", title="Harbour", text="boats boats", focus_areas=("sleep",))
TWO = script("two", title="The door", text="a boat, and light", situation="night")


def test_bm25_by_hand(capfd: pytest.CaptureFixture[str]) -> None:
    # Words: harbour sleep boats boats; door night boat light. Four each, so that lengths bring nothing in.
    found = Lexicon.of([ONE, TWO]).scores(["Boats", "boats harbour", "the and", "", "zebra", "boats boats"])
    # One of two scripts has it: log(1 + 1.5 / 1.5); twice: 2 / (2 + 1.5), once: 1 / (1 + 1.5). Lucene has no k1 + 1.
    twice, once = log(2) * 2 / 3.5, log(2) * 1 / 2.5
    assert found[:, 0].tolist() == pytest.approx([twice, twice + once, 0, 0, 0, 2 * twice], rel=1e-5)
    assert not found[:, 1].any()
    assert capfd.readouterr() == ("", ""), "no progress bars"


@pytest.mark.parametrize("mark", ["'", "\u2019"])
def test_words_that_say_nothing_do_not_count_and_those_of_another_language_do(mark: str) -> None:
    asked = "I've said we're because you don't, couldn't when she'd go all down; it'll be Mum's, would us"
    assert words([asked.replace("'", mark)]) == [["said", "go", "mum"]]
    assert words(["Der Hafen am Abend, où l\u2019été"]) == [["der", "hafen", "abend", "o\u00f9", "\u00e9t\u00e9"]]
    held = Lexicon.of([ONE, script("haf", title="Hafen", text="Der Hafen und die Nacht.")])
    assert held.scores(["die Nacht im Hafen"])[0].tolist() == [0, pytest.approx(held.scores(["die nacht hafen"])[0, 1])]


def test_words_that_no_script_has_are_told_with_the_likely_ones() -> None:
    held = Lexicon.of([ONE, TWO])
    # One letter less, one more, one of five; a short word and one like none are only named.
    assert [(u.word, u.meant) for u in held.unknown("Harbor sleep harbourr lighd don't bot zebra harbor")] == [
        ("harbor", "harbour"),
        ("harbourr", "harbour"),
        ("lighd", "light"),
        ("bot", ""),
        ("zebra", ""),
    ]
    assert [u.meant for u in Lexicon.of([]).unknown("sleep")] == [""]


@pytest.mark.parametrize("scripts", [[], [script("bare", title="It", text="the of and")]])
def test_nothing_to_find_is_no_error(scripts: list) -> None:
    assert Lexicon.of(scripts).scores(["the harbour", ""]).tolist() == [[0.0] * len(scripts)] * 2


def test_title_situation_and_focus_areas_are_searched_and_the_words_that_weigh_most_come_first() -> None:
    made = Lexicon.of([ONE, TWO])
    # boats stands there twice.
    assert made.shared("Sleep: the HARBOUR, boats and sleep; light", 0) == ("boats", "sleep", "harbour")
    assert made.shared("a night at the door", 1) == ("night", "door")
    assert shared("Sleep: the HARBOUR, boats and sleep; light", ONE) == ("sleep", "harbour", "boats")
    assert made.shared("zebra", 0) == Lexicon.of([]).shared("zebra", 0) == ()


def test_the_passage_with_most_of_the_words_is_told() -> None:
    passages = (Passage("card"), Passage("body", 0, 5), Passage("body", 5, 9))
    assert wordiest(ONE, passages, ["harbour", "boats boats", "harbour boats"], ("harbour", "boats")) == passages[2]
    assert wordiest(ONE, passages, ["harbour", "boats boats", "x"], ("harbour", "boats")) == passages[0]
    assert wordiest(ONE, (), [], ("boats",)) == Passage("body", 0, len(ONE.text))


def catalogue(*scripts) -> Catalogue:
    return Catalogue({s.id: Record(s) for s in scripts})


def test_a_lexicon_is_kept_until_its_scripts_change() -> None:
    lexicons, here = Lexicons(), catalogue(TWO, ONE)
    first = lexicons.of(here, "induction", (Status.APPROVED,))
    assert [s.id for s in first.scripts] == ["one", "two"]
    assert lexicons.of(here, "induction", (Status.APPROVED,)) is first
    assert lexicons.of(catalogue(ONE, TWO, script("x", "awakening")), "induction", (Status.APPROVED,)) is first
    edited = script("two", text="other words")
    second = lexicons.of(catalogue(ONE, edited), "induction", (Status.APPROVED,))
    assert second is not first
    assert np.count_nonzero(second.scores(["words"])) == 1


def test_only_scripts_of_the_statuses_asked_for_are_counted() -> None:
    lexicons, here = Lexicons(), catalogue(ONE, script("draft", status="draft"))
    assert [s.id for s in lexicons.of(here, "induction", (Status.DRAFT,)).scripts] == ["draft"]
    assert [s.id for s in lexicons.of(here, "induction", ()).scripts] == ["draft", "one"]
