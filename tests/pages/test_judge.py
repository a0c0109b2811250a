"""Judge: one candidate after another without ranks, kept under the judge's name; and what has come of it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pages.ui import resources
from pages.ui.judge import choosing
from services import workspaces
from services.domain.judgements import Judgement
from services.domain.questionnaires import Expected, make_questionnaire
from services.workbench import Workbench
from tests.doubles import script
from tests.pages.conftest import asking_once
from tests.pages.view import HOSTILE, mismatch, undone

DUSK, STAIRS = "harbour-at-dusk", "lantern-on-the-stairs"
SEA = {"questionnaire": "by-the-sea", "section": "induction"}


@pytest.fixture(scope="module")
def seaside(minilm, tmp_path_factory):
    """Two inductions that a questionnaire finds; one of them is expected. Made once; tests copy it."""
    root = tmp_path_factory.mktemp("seaside") / "workspace"
    workspaces.create(root, workspaces.new_settings("Seaside", (), "minilm"))
    with asking_once(minilm), Workbench(root) as workbench:
        for name, text in ((DUSK, "The harbour at dusk."), (STAIRS, "A lantern on the stairs above the harbour.")):
            workbench.save(script(name, text=text), None)
        asked = make_questionnaire(title="By the sea", focus_area="the harbour", expected=(Expected(STAIRS, 2),))
        workbench.save_questionnaire(asked)
    return root


@pytest.fixture
def small(seaside, tmp_path):
    return Path(shutil.copytree(seaside, tmp_path / "workspace"))


def judge(workspace, *given, questionnaire="by-the-sea"):
    with Workbench(workspace) as workbench:
        for judgement in given:
            workbench.judge(questionnaire, judgement)


def said(workspace):
    with Workbench(workspace) as workbench:
        given = workbench.judgements.all()[0].get("by-the-sea", ())
        return {(one.script, one.judge): (one.grade, one.note) for one in given}


def signed(view, name="Anna"):
    # In a form nothing is told before it is sent.
    view.field("Your name").set_value(name)
    return view.press("Begin")


def title(view):
    """Of the candidate; empty where there is none."""
    return next((head.value for head in view.app.subheader if head.value.startswith(("Harbour", "Lantern"))), "")


def progress(view):
    """How many are judged, and what was said of this one before."""
    return undone(view.app.get("progress")[0].proto.text).replace("**", "")


def give(view, label):
    return view.press(next(b.key for b in view.app.button if b.label == label))


def test_one_candidate_after_another_is_graded_under_the_name_of_who_reads(small, open_app, monkeypatch):
    view = open_app(small, "judge", **SEA)
    assert "Who is judging?" in view.said()
    assert not view.field("Your name").value, "the server's name is nobody's in particular"
    assert resources.jobs(choosing.KIND).current is None, "nobody waits for candidates yet"
    assert title(view) == ""
    signed(view)
    assert progress(view) == "0 of 2 judged"
    assert "the harbour" in view.texts()
    first = title(view)
    assert not any(told in view.said() for told in ("0.", "1st", "MiniLM", "expected"))
    view.fill("Note", "Near the sea, and calm.")
    give(view, "Fits well")
    second = title(view)
    assert progress(view) == "1 of 2 judged"
    assert {first, second} == {"Harbour at dusk", "Lantern on the stairs"}
    ids = {"Harbour at dusk": DUSK, "Lantern on the stairs": STAIRS}
    assert said(small) == {(ids[first], "Anna"): (2, "Near the sea, and calm.")}
    give(view, "Back")
    assert title(view) == first
    assert "You said 'Fits well' just now." in progress(view)
    give(view, "Just right")
    assert said(small) == {(ids[first], "Anna"): (3, "Near the sea, and calm.")}
    assert title(view) == second
    give(view, "Skip")
    assert "1 script left that you skipped" in view.said()
    view.press("judge_those")
    told, asked = Workbench.judging_progress, []
    monkeypatch.setattr(Workbench, "judging_progress", lambda *given: asked.append(given[1:]) or told(*given))
    give(view, "Does not fit")
    assert asked == [("Anna",)], "once a run: it looks at every questionnaire"
    assert "Induction is done for this questionnaire" in view.said()
    assert "Just right: 1 · Fits well: 0 · Would do: 0 · Does not fit: 1" in view.said()
    assert "you have judged every candidate of every questionnaire" in view.said()
    give(view, "Back")
    give(view, "Take it back")
    assert title(view) == second
    assert said(small) == {(ids[first], "Anna"): (3, "Near the sea, and calm.")}


def test_who_judges_next_sees_nothing_of_what_was_said(small, open_app):
    judge(small, Judgement(DUSK, "Ben", 0, "Too wet."), Judgement(STAIRS, "Ben", 0))
    view = signed(open_app(small, "judge", **SEA))
    assert progress(view) == "0 of 2 judged"
    assert "Ben" not in view.said()
    assert "Too wet." not in view.texts()
    assert not any(b.proto.type == "primary" for b in view.app.button if b.key.startswith("grade_"))


def test_a_guideline_is_written_beside_the_candidate(small, open_app):
    view = signed(open_app(small, "judge", **SEA)).press("Write the guideline")
    view.fill("Guideline for Induction", f"Calm comes first. {HOSTILE[0]}").press("guideline_save")
    assert f"Calm comes first. {HOSTILE[0]}" in view.texts()
    with Workbench(small) as workbench:
        assert workbench.settings.guidelines == {"induction": f"Calm comes first. {HOSTILE[0]}"}


def test_a_colleagues_guideline_is_not_overwritten_and_nothing_typed_is_lost(small, open_app):
    view = signed(open_app(small, "judge", **SEA)).press("Write the guideline")
    with Workbench(small) as workbench:
        workbench.write_guideline("induction", "Theirs.")
    view.fill("Guideline for Induction", "Mine.").press("guideline_save")
    assert "Somebody else has changed this guideline meanwhile." in view.said()
    assert "Theirs." in view.texts()
    assert view.field("Guideline for Induction").value == "Mine."
    with Workbench(small) as workbench:
        assert workbench.settings.guidelines == {"induction": "Theirs."}
    view.press("guideline_save")
    with Workbench(small) as workbench:
        assert workbench.settings.guidelines == {"induction": "Mine."}


def test_a_note_stays_with_its_script_until_it_is_graded(small, open_app):
    view = signed(open_app(small, "judge", **SEA))
    first = title(view)
    give(view.fill("Note", "Half a thought"), "Skip")
    assert view.field("Note").value == ""
    give(view, "Back")
    assert title(view) == first
    assert view.field("Note").value == "Half a thought"


def test_a_link_with_another_section_leads_to_the_scripts_own(small, open_app):
    view = signed(open_app(small, "judge", questionnaire="by-the-sea", section="awakening", script=DUSK))
    assert title(view) == "Harbour at dusk"
    assert "Guideline for Induction" in view.said()
    give(view, "Fits well")
    assert progress(view) == "1 of 2 judged"


def test_agreement_is_told_in_words_and_leads_to_where_two_differ(small, open_app):
    judge(small, Judgement(DUSK, "Ben", 3, HOSTILE[1]), Judgement(STAIRS, "Ben", 0))
    view = open_app(small, "judge", view="overview").until(lambda v: "2 of 2 candidates" in v.said())
    assert "One person has judged so far." in view.said()
    # Both scripts 3 and 0: observed disagreement 4 of 4, expected 2 * 2 * 2 / 3; 1 - 4 / (8 / 3) = -0.5.
    judge(small, Judgement(DUSK, HOSTILE[4], 0, "Too wet."), Judgement(STAIRS, HOSTILE[4], 3))
    view.run()
    assert "you agree no more than by chance" in view.said()
    assert "alpha -0.50, from 2 scripts that several have graded" in view.said()
    assert "the same grade for 0 of 2 scripts" in view.said()
    assert "Furthest apart · 2" in view.said()
    assert all(note in view.said() for note in (HOSTILE[1], "Too wet."))
    assert HOSTILE[1] not in view.shown()
    assert HOSTILE[4] not in view.shown()
    signed(view.press(f"judge_again_by-the-sea_{DUSK}"), "Ben")
    assert title(view) == "Harbour at dusk"
    assert "You said 'Just right' just now." in progress(view)


def test_scripts_that_are_gone_are_named_with_the_likely_new_id_and_mended(small, open_app):
    with Workbench(small) as workbench:
        asked = workbench.all_questionnaires["by-the-sea"]
        gone = (Expected("harbor-at-dusk", 3), Expected("nothing-like-it", 1))
        workbench.save_questionnaire(replace(asked, expected=(*asked.expected, *gone)))
    view = open_app(small, "judge", view="overview")
    assert "Scripts that no longer exist · 2" in view.said()
    assert "'By the sea' expects **harbor-at-dusk**." in view.said()
    assert f"Likely meant: 'Harbour at dusk' ({DUSK})." in view.said()
    view.press("rename_by-the-sea_harbor-at-dusk").press("forget_by-the-sea_nothing-like-it")
    assert "Scripts that no longer exist" not in view.said()
    with Workbench(small) as workbench:
        expected = workbench.all_questionnaires["by-the-sea"].expected
        assert set(expected) == {Expected(STAIRS, 2), Expected(DUSK, 3)}


def test_what_was_judged_of_a_renamed_script_counts_for_the_new_one(small, open_app):
    judge(small, Judgement(DUSK, "Ben", 3, "Calm."), Judgement(DUSK, "Eva", 1))
    with Workbench(small) as workbench:
        record = workbench.catalogue.records[DUSK]
        workbench.save(replace(record.script, id="the-harbour-at-dusk"), None)
        workbench.delete(DUSK, record.digest)
    judge(small, Judgement("the-harbour-at-dusk", "Eva", 2))
    open_app(small, "judge", view="overview").press(f"rename_by-the-sea_{DUSK}")
    assert said(small) == {("the-harbour-at-dusk", "Ben"): (3, "Calm."), ("the-harbour-at-dusk", "Eva"): (2, "")}


def test_where_another_model_embedded_the_scripts_candidates_come_from_the_words(small, open_app):
    mismatch(small)
    view = signed(open_app(small, "judge", **SEA))
    assert "Candidates come from the words alone" in view.said()
    assert progress(view) == "0 of 2 judged"


def test_without_questionnaires_or_scripts_the_first_step_is_offered(empty, open_app):
    view = open_app(empty, "judge")
    assert "There is nothing to judge yet" in view.said()
    labels = {link.proto.label for link in view.app.get("page_link")}
    assert {"Write or upload scripts", "Save a questionnaire on Retrieve"} <= labels


def test_who_may_only_read_sees_what_has_come_of_it(small, open_app, monkeypatch):
    judge(small, Judgement(DUSK, "Ben", 3))
    monkeypatch.setattr(Workbench, "writable", property(lambda _: False))
    view = open_app(small, "judge", **SEA)
    assert "**Ben** 1 script" in view.said()
    assert resources.jobs(choosing.KIND).current is None, "nobody can judge, so nobody waits for candidates"
    assert not [b for b in view.app.button if b.key and b.key.startswith(("grade_", "judge_again"))]
