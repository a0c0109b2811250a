"""Which of the stored scripts of one title a draft is: by their words, whatever the order, and in little time."""

import random
import time

import pytest

from services.domain.drafts import Draft
from services.domain.scripts import Record, make_script
from services.ground.progress import silent
from services.importing import import_items
from services.importing.namesakes import Namesakes
from services.importing.stored import Stored
from services.ports import Catalogue
from tests import doubles
from tests.doubles import TinyWorkbench

SEA = "Anna stands at the sea and hears the waves come and go. " * 4
HILL = "Bernd climbs the hill through a quiet forest of old trees. " * 4
TOWN = "Clara walks through the town at night and counts the lamps. " * 4


@pytest.fixture
def bring(tmp_path):
    """Import texts under one title each: (created, updated, unchanged), and the notes."""
    root = doubles.make_workspace(tmp_path / "workspace", [doubles.script("kept", "awakening")])
    with TinyWorkbench(root) as bench:

        def bring(*drafts, dry_run=False):
            items = [Draft(f"{n}", body, title=title, section="induction") for n, (title, body) in enumerate(drafts)]
            done = import_items(
                items,
                section="",
                settings=bench.settings,
                store=bench.records,
                questionnaires=bench.questionnaires,
                judgements=bench.judgements,
                embedder=bench.embedder(),
                report=silent,
                dry_run=dry_run,
            )
            return (done.created, done.updated, done.unchanged), done.notes

        yield bring


def scripts(*given):
    return [make_script(id=i, section="induction", title="Session 1", text=body) for i, body in given]


def test_the_nearest_namesake_is_updated_and_other_words_are_a_script_of_their_own(bring):
    assert bring(("Session 1", SEA), ("Session 1", HILL))[0] == (("session-1", "session-1-2"), (), ())
    assert bring(("Session 1", f"{HILL}More."))[0] == ((), ("session-1-2",), ())
    done, notes = bring(("Session 1", TOWN))
    assert done == (("session-1-3",), (), ())
    assert notes == ("0: It has the title of 'Session 1' and other words, so it is added as a script of its own.",)
    again = bring(("Session 1", TOWN), ("Session 1", f"{HILL}More."), ("Session 1", SEA))
    assert again == (((), (), ("session-1-3", "session-1-2", "session-1")), ())


def test_a_title_with_a_number_is_not_the_second_of_the_title_without(bring):
    assert bring(("Session 2", "Two short words"))[0] == (("session-2",), (), ())
    # Numbered past what is there, and nothing of it replaced.
    assert bring(("Session", SEA))[0] == (("session",), (), ())
    assert bring(("Session", HILL))[0] == (("session-3",), (), ())
    assert bring(("Session", "Of another kind"))[0] == (("session-4",), (), ())
    assert bring(("Session 2", "Three short words"))[0] == ((), ("session-2",), ())


def test_of_short_texts_the_title_is_enough_only_where_it_names_one(bring):
    assert bring(("Lake", "one"))[0] == (("lake",), (), ())
    # Which of the two it would be, nobody can tell.
    assert bring(("Lake", "four"), ("Lake", "five"), dry_run=True)[0] == (("lake-2", "lake-3"), (), ())
    assert bring(("Lake", TOWN))[0] == ((), ("lake",), ())
    # It has become a long one: words decide.
    assert bring(("Lake", "six"))[0] == (("lake-2",), (), ())


def test_of_titles_that_make_one_id_the_order_does_not_decide_which_is_the_edit(bring):
    assert bring(("Calm lake", SEA))[0] == (("calm-lake",), (), ())
    edits = ("Calm lake!", f"{SEA}More."), ("Calm-lake", f"{SEA}More.")
    for drafts in (edits, edits[::-1]):
        place = str(drafts.index(edits[0]))
        done, notes = bring(*drafts, dry_run=True)
        assert done == (("calm-lake-2",), ("calm-lake",), ())
        assert [note.startswith(place) for note in notes] == [False]


def test_a_third_of_the_words_makes_an_edit():
    words = [f"w{n}" for n in range(62)]
    stored = Namesakes(scripts(("a", " ".join(words))))
    # Of 60 runs of three words 20 are left, and 19.
    for kept, found in ((22, "a"), (21, None)):
        text = " ".join((*words[:kept], *(f"x{n}" for n in range(62 - kept))))
        assert stored.edited([text], ["a"]).get(text) == found
    # Of two, the one that it shares more with; not one that somebody else is.
    two = Namesakes(scripts(("a", " ".join(words[:40])), ("b", " ".join(words[:50]))))
    edit = " ".join((*words[:50], "more"))
    assert two.edited([edit], ["a", "b"]) == {edit: "b"}
    assert two.edited([edit], ["a"]) == {edit: "a"}


def test_an_id_that_a_person_has_retitled_is_found_by_its_words():
    renamed = make_script(id="session-1-2", section="induction", title="The hill", text=HILL)
    first = make_script(id="session-1", section="induction", title="Session 1", text=SEA)
    stored = Stored(Catalogue({s.id: Record(s) for s in (first, renamed)}))
    found = stored.edited("Session 1", f"{HILL}More.", ["induction"])
    assert found is not None
    assert found.id == "session-1-2"


def test_thousands_of_one_title_are_not_compared_each_with_each():
    rng = random.Random(7)
    shared = "Welcome to this session, make yourself at home and let the day go now. "
    made = [shared + " ".join(rng.choices([f"word{n}" for n in range(500)], k=40)) for _ in range(3000)]
    began = time.perf_counter()
    stored = Namesakes(scripts(*((f"session-1-{n + 2}", body) for n, body in enumerate(made))))
    texts = [f"{body} Goodbye." for body in made]
    found = stored.edited(texts, [s.id for s in stored.scripts])
    assert found == {text: f"session-1-{n + 2}" for n, text in enumerate(texts)}
    # Nine million comparisons of 50 words would take minutes.
    assert time.perf_counter() - began < 5
