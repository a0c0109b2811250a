"""Merging two edits: what only one changed is taken, what both changed is put to a person, and nothing is lost."""

import random
import time

import pytest

from services.domain.merging import Choice, Whose, merge, merge_details, merge_labels, merge_value

BASE = "The harbour is quiet. You breathe out.\n\nThe boats rest at the pier. Night comes."


def test_changes_of_different_sentences_are_both_taken():
    merged = merge(BASE, BASE.replace("quiet", "still"), BASE.replace("Night comes", "Night has come"))
    assert merged.conflicts == ()
    assert merged.text() == "The harbour is still. You breathe out.\n\nThe boats rest at the pier. Night has come."
    assert (merged.count(Whose.MINE), merged.count(Whose.THEIRS)) == (1, 1)


def test_the_same_change_is_no_conflict():
    both = BASE.replace("quiet", "still")
    merged = merge(BASE, both, both)
    assert (merged.text(), merged.conflicts, merged.count(Whose.BOTH)) == (both, (), 1)


def test_two_words_of_one_sentence_are_a_conflict_of_that_sentence():
    merged = merge(BASE, BASE.replace("boats", "ships"), BASE.replace("pier", "quay"))
    [conflict] = merged.conflicts
    assert conflict.mine.strip() == "The ships rest at the pier."
    assert conflict.theirs.strip() == "The boats rest at the quay."
    assert merged.text([Choice.THEIRS]) == BASE.replace("pier", "quay")
    assert merged.text([Choice.MINE]) == BASE.replace("boats", "ships")
    both = merged.text([Choice.BOTH])
    assert "The boats rest at the quay. The ships rest at the pier. Night comes." in both


def test_both_added_something_at_the_end():
    merged = merge("One.", "One. Mine.", "One. Theirs.")
    assert [c.mine for c in merged.conflicts] == [" Mine."]
    assert merged.text([Choice.BOTH]) == "One. Theirs. Mine."


def test_a_deleted_sentence_that_the_other_changed_is_a_conflict():
    merged = merge(BASE, BASE.replace(" Night comes.", ""), BASE.replace("Night", "Evening"))
    assert len(merged.conflicts) == 1
    assert merged.text([Choice.MINE]) == BASE.replace(" Night comes.", "")
    assert merged.text([Choice.THEIRS]) == BASE.replace("Night", "Evening")


def test_a_new_paragraph_and_a_change_before_it_go_together():
    mine = BASE + "\n\nYou sleep."
    merged = merge(BASE, mine, BASE.replace("quiet", "still"))
    assert (merged.conflicts, merged.text()) == ((), mine.replace("quiet", "still"))


WORDS = ["you", "breathe", "out", "the", "night", "is", "calm", ".", "!", "\n\n", "über", "海", "it's", "  ", '"']


def text(rnd):
    return "".join(rnd.choice(WORDS) + rnd.choice(("", " ")) for _ in range(rnd.randrange(40)))


def edited(rnd, base):
    units = list(base)
    for _ in range(rnd.randrange(4)):
        place, size = rnd.randrange(len(units) + 1), rnd.randrange(12)
        units[place : place + size] = text(rnd)[: rnd.randrange(20)]
    return "".join(units)


@pytest.mark.parametrize("seed", range(8))
def test_what_holds_for_any_three_texts(seed):
    rnd = random.Random(seed)
    for _ in range(60):
        base = text(rnd)
        mine, theirs = edited(rnd, base), edited(rnd, base)
        merged = merge(base, mine, theirs)
        for side, whole in (("base", base), ("mine", mine), ("theirs", theirs)):
            assert "".join(getattr(part, side) for part in merged.parts) == whole
        assert merge(base, mine, base).text() == mine
        assert merge(base, base, theirs).text() == theirs
        assert merge(base, mine, mine).text() == mine
        assert not merge(base, mine, base).conflicts
        turned = merge(base, theirs, mine)
        assert len(turned.conflicts) == len(merged.conflicts)
        chosen = [Choice.THEIRS] * len(merged.conflicts)
        assert turned.text() == merged.text(chosen)


@pytest.mark.parametrize("between", ["\n", " "])
def test_long_texts_are_merged_sentence_by_sentence_whether_they_have_lines_or_not(between):
    base = between.join(f"The wave number {i} of many rolls in, and you breathe." for i in range(4_000))
    assert len(base) > 200_000
    mine = base.replace("number 7 ", "of number 7 ").replace("number 2000 of many", "number 2000 of more")
    theirs = base.replace("number 3900 ", "of number 3900 ").replace("wave number 2000 ", "tide number 2000 ")
    merged = merge(base, mine, theirs)
    assert (merged.count(Whose.MINE), merged.count(Whose.THEIRS)) == (1, 1)
    [conflict] = merged.conflicts
    assert conflict.mine.strip() == "The wave number 2000 of more rolls in, and you breathe."
    assert conflict.theirs.strip() == "The tide number 2000 of many rolls in, and you breathe."
    assert merged.text() == mine.replace("number 3900 ", "of number 3900 ")


def test_thousands_of_changes_take_time_in_proportion():
    """With a search for each sentence this takes ten seconds."""
    base = " ".join(f"Sentence {i} is calm." for i in range(6_000))
    before = time.process_time()
    merged = merge(base, base.replace(" is ", " was "), base.replace(" calm", " still"))
    assert time.process_time() - before < 3
    assert len(merged.conflicts) == 6_000


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged", "conflict"),
    [
        ("draft", "draft", "approved", "approved", False),
        ("draft", "retired", "draft", "retired", False),
        ("draft", "approved", "approved", "approved", False),
        ("draft", "retired", "approved", "retired", True),
    ],
)
def test_a_detail_is_from_whoever_changed_it(base, mine, theirs, merged, conflict):
    assert merge_value(base, mine, theirs) == (merged, conflict)


def test_labels_are_added_and_taken_away_by_either():
    base, mine, theirs = ("sleep", "pain"), ("sleep", "grief"), ("sleep", "pain", "anger")
    assert merge_labels(base, mine, theirs) == ("sleep", "anger", "grief")


def test_details_are_merged_field_by_field():
    base = {"section": "induction", "status": "draft", "focus_areas": ("sleep",)}
    mine = {"section": "awakening", "status": "approved", "focus_areas": ("sleep", "pain")}
    theirs = {"section": "affirmations", "status": "draft", "focus_areas": ()}
    merged, conflicts = merge_details(base, mine, theirs)
    assert merged == {"section": "awakening", "status": "approved", "focus_areas": ("pain",)}
    assert conflicts == ("section",)
