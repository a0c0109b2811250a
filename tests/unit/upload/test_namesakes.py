"""Scripts of one title: which of them an upload is an edit of is told by their words."""

from services.upload import Edit, Fate
from tests.doubles import TinyWorkbench
from tests.unit.upload.uploading import added, everything, reviewed

SEA = "Anna stands at the sea and hears the waves come and go. " * 4
HILL = "Bernd climbs the hill through a quiet forest of old trees. " * 4
TOWN = "Clara walks through the town at night and counts the lamps. " * 4
OWN = "It has the title of 'Session 1' and other words, so it is added as a script of its own."


def texts(bench: TinyWorkbench) -> dict[str, str]:
    records = bench.catalogue.records
    return {i: r.script.text.split()[0] for i, r in records.items() if r.script.title == "Session 1"}


def test_an_edit_of_the_second_of_two_namesakes_replaces_the_second(bench: TinyWorkbench) -> None:
    both = {"anna/induction/Session 1.txt": SEA, "bernd/induction/Session 1.txt": HILL}
    assert added(bench, both).created == ("session-1", "session-1-2")

    outcome = added(bench, {"bernd/induction/Session 1.txt": f"{HILL}One more sentence."})

    assert (outcome.created, outcome.updated) == ((), ("session-1-2",))
    assert texts(bench) == {"session-1": "Anna", "session-1-2": "Bernd"}


def test_the_order_of_an_upload_does_not_decide_which_namesake_is_meant(bench: TinyWorkbench) -> None:
    added(bench, {"1/induction/Session 1.txt": SEA, "2/induction/Session 1.txt": HILL})
    edits = {
        "3/induction/Session 1.txt": TOWN,
        "2/induction/Session 1.txt": f"{HILL}More.",
        "1/induction/Session 1.txt": f"{SEA}More.",
    }
    for files in (edits, dict(reversed(edits.items()))):
        found = {row.source[0]: (row.fate, row.script.id) for row in reviewed(bench, files).rows}
        assert found == {
            "1": (Fate.UPDATED, "session-1"),
            "2": (Fate.UPDATED, "session-1-2"),
            "3": (Fate.CREATED, "session-1-3"),
        }


def test_a_script_called_like_a_stored_one_with_other_words_is_one_of_its_own_and_says_so(bench: TinyWorkbench) -> None:
    added(bench, {"induction/Session 1.txt": SEA})
    files = {"induction/Session 1.txt": TOWN}

    review = reviewed(bench, files)

    (row,) = review.rows
    assert (row.fate, row.script.id) == (Fate.CREATED, "session-1-2")
    assert OWN in row.suspicions
    renamed = bench.revise_upload(review, {0: Edit(title="The town")}).rows[0]
    assert (renamed.script.id, OWN in renamed.suspicions) == ("the-town", False)
    assert OWN in bench.revise_upload(review, {0: Edit(status="draft")}).rows[0].suspicions
    assert bench.add_upload(review, everything(review)).created == ("session-1-2",)
    assert added(bench, files).unchanged == ("session-1-2",)


def test_a_namesake_of_other_words_does_not_say_the_section(bench: TinyWorkbench) -> None:
    added(bench, {"awakening/Session 1.txt": SEA})
    edit, other = (reviewed(bench, {"Session 1.txt": words}).rows[0] for words in (f"{SEA}More.", TOWN))
    assert (edit.script.id, edit.fate, edit.section_sureness) == ("session-1", Fate.UPDATED, None)
    assert other.fate is Fate.CREATED
    assert other.section_sureness is not None
