"""Attention: what was found, in plain words, each with a way to settle it right there or a link to where it is done."""

from dataclasses import replace

import pytest

from pages.ui import signing
from services.domain.scripts import Status
from services.errors import Cancelled
from services.nearness import repeated
from services.workbench import Workbench
from tests.doubles import script
from tests.pages.view import mismatch


def looked(view):
    return view.until(lambda v: "Looked at every script" in v.said())


@pytest.fixture
def twin(demo):
    """The demo, with a draft that says word for word what another script says."""
    with Workbench(demo) as workbench:
        script = workbench.catalogue.records["seat-14a"].script
        workbench.save(replace(script, id="seat-14b", title="Seat 14B", status=Status.DRAFT), None)
    return demo


def status_of(demo, script_id):
    with Workbench(demo) as workbench:
        return workbench.catalogue.records[script_id].script.status


def save_meanwhile(demo, script_id, **changes):
    with Workbench(demo) as workbench:
        record = workbench.catalogue.records[script_id]
        workbench.save(replace(record.script, **changes), record.digest)


def test_near_duplicates_and_drafts_are_settled_right_there(twin, open_app):
    view = looked(open_app(twin, "attention"))
    said = view.said()
    assert "Near-duplicates to settle · 1" in said
    assert "100% of the words in common" in said
    assert "Drafts to approve · 1" in said
    assert "24 saved questionnaires" in said
    view.press("compare_seat-14a_seat-14b")
    assert "The two texts are the same, word for word." in view.said()
    # A press is answered before its page is drawn: in the visitor's name all the same.
    view.app.session_state[signing.NAME] = "Anna"
    view.press("both_meant")
    with Workbench(twin) as workbench:
        assert [meant.by for meant in workbench.settled.all()[0].values()] == ["Anna"]
    assert "'Seat 14A' and 'Seat 14B' are both meant." in view.said()
    assert "Near-duplicates to settle" not in view.said()
    assert view.app.expander[0].label == "Both are meant: 1 pair"
    view.press("take_back_seat-14a_seat-14b")
    save_meanwhile(twin, "seat-14b", title="Seat 14B, again")
    view.press("retire_seat-14b")
    assert "Left as it is: 1 script" in view.said()
    assert "- Seat 14B, again: It was changed by somebody else meanwhile." in view.said()
    view.press("retire_seat-14b")
    assert "Retired 'Seat 14B, again'." in view.said()
    assert "Drafts to approve" not in view.said()
    view.press("settling_undo").until(lambda v: "Drafts to approve · 1" in v.said())
    next(box for box in view.app.checkbox if box.label == "Approve Seat 14B, again").check().run()
    view.press("approve_ticked")
    assert "Approved 'Seat 14B, again'." in view.said()
    assert status_of(twin, "seat-14b") is Status.APPROVED


def test_of_many_copies_one_is_kept(empty, open_app):
    with Workbench(empty) as bench:
        for number in range(4):
            bench.save(
                script(f"sea-{number}", title="Sea", text="Let the sea come in slowly, and let it go again."), None
            )
        drafted = replace(bench.catalogue.records["sea-3"].script, status=Status.DRAFT)
        bench.save(drafted, bench.catalogue.records["sea-3"].digest)
    view = looked(open_app(empty, "attention"))
    assert "Near-duplicates to settle · 1" in view.said()
    assert "and 2 more, the same word for word" in view.said()
    view.press("copies_sea-0").press("compare_sea-0_sea-2")
    assert "4 scripts with the same words." in view.said()
    assert "The two texts are the same, word for word." in view.said()
    view.press("both_meant")
    # sea-0 and sea-2 each are what sea-1 is; they are not compared with each other any more.
    assert {"compare_sea-0_sea-1", "compare_sea-1_sea-2", "compare_sea-0_sea-3"} <= {b.key for b in view.app.button}
    lost = "'Sea' is a draft: no question finds it until it is approved."
    assert lost in view.button("keep_sea-3").help
    assert lost not in view.button("keep_sea-1").help
    # Somebody else has kept another one, which this page does not show yet: not all of them are to go.
    save_meanwhile(empty, "sea-1", status=Status.RETIRED)
    view.press("keep_sea-1")
    assert "Nothing was changed: 'Sea', which was to be kept, is retired." in view.said()
    assert status_of(empty, "sea-0") is Status.APPROVED
    save_meanwhile(empty, "sea-1", status=Status.APPROVED)
    view.until(lambda v: "keep_sea-1" in {b.key for b in v.app.button}).press("keep_sea-1")
    assert "Retired 3 scripts with the same words as 'Sea'." in view.said()
    assert "Near-duplicates to settle" not in view.said()
    assert [status_of(empty, f"sea-{number}").value for number in range(4)] == [
        "retired",
        "approved",
        "retired",
        "retired",
    ]
    view.press("settling_undo").until(lambda v: "Near-duplicates to settle · 1" in v.said())
    assert status_of(empty, "sea-3") is Status.DRAFT
    save_meanwhile(empty, "sea-2", title="Another sea")
    view.press("keep_sea-1")
    assert "Left as it is: 1 script" in view.said()
    assert "Retired 2 scripts with the same words as 'Sea'." in view.said()


def test_where_all_that_was_found_is_settled_and_there_is_more_it_says_so(empty, open_app, monkeypatch):
    monkeypatch.setattr(repeated, "MOST", 1)
    with Workbench(empty) as bench:
        for how in ("slowly", "softly", "quietly"):
            bench.save(script(how, text=f"Let the sea come in {how} over the wide sand, and let it go again."), None)
        for words in ("You are able.", "You are kind."):
            bench.save(script(f"say-{words[8:12]}", "affirmations", words), None)
        for words in ("Count up to five.", "Open your eyes."):
            bench.save(script(f"wake-{words[:4].lower()}", "awakening", words), None)
    view = looked(open_app(empty, "attention"))
    assert "This one is the nearest; the others come up once it is settled." in view.said()
    view.press(next(button.key for button in view.app.button if button.key.startswith("compare_")))

    def stopped(*_):
        raise Cancelled("Stopped.", "")

    monkeypatch.setattr(Workbench, "attention", stopped)
    view.press("both_meant").until(lambda v: "Look again" in v.labels())
    said = view.said()
    assert [header.value for header in view.app.header] == ["More near-duplicates are there"]
    assert "More near-duplicates are there and have not been looked for yet." in said
    assert "Something has changed" not in said
    assert "no near-duplicates" not in said
    assert "Near-duplicates to settle" not in said


def test_files_that_cannot_be_read_are_named(empty, open_app):
    with Workbench(empty) as bench:
        bench.save(script("one"), None)
    (empty / "records" / "induction" / "one.yaml").write_text("{")
    view = open_app(empty, "attention").until(lambda v: "1 thing to look at" in v.said())
    said = view.said()
    assert "Files that cannot be read · 1" in said
    assert "Looked at every script that can be read." in said
    assert "Looked at every script." not in said
    (link,) = (link.proto for link in view.app.get("page_link") if link.proto.label == "one")
    assert link.query_string == "script=one&history=1"


def test_an_empty_workspace(empty, open_app):
    view = open_app(empty, "attention")
    assert "There is nothing to look at yet" in view.said()
    assert {"New script", "Upload scripts"} <= {link.proto.label for link in view.app.get("page_link")}


def test_without_questionnaires_it_says_what_it_cannot_know(demo, open_app):
    for path in (demo / "questionnaires").iterdir():
        path.unlink()
    said = looked(open_app(demo, "attention")).said()
    assert "No questionnaire is saved yet" in said
    assert "Scripts that no questionnaire retrieves" not in said
    assert "every questionnaire finds something near" not in said


def test_with_another_model_nothing_is_asked(demo, open_app):
    mismatch(demo)
    said = looked(open_app(demo, "attention")).said()
    assert "The saved questionnaires were not asked: every answer would be random." in said
    assert "Scripts that no questionnaire retrieves" not in said
    assert "every questionnaire finds something near" not in said
