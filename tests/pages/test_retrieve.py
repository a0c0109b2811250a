"""The Retrieve page: from a questionnaire to its hits, and every way in which there are none."""

import pytest

from pages.ui import charts
from services import workspaces
from services.domain.settings import Paths
from services.workbench import Workbench
from tests.doubles import script
from tests.pages.view import mismatch

SECTIONS = ["induction", "affirmations", "awakening"]


def test_it_opens_with_the_demo_questionnaire_and_five_hits_a_section(demo, open_app):
    view = open_app(demo)
    assert view.field("Questionnaire").value == "getting-to-perth"
    columns = view.columns()
    assert list(columns) == SECTIONS
    for column in columns.values():
        assert len(column.hits) == len(column.distances) == 5
        assert column.distances == sorted(column.distances)
    assert "what it should help with" in view.field("What it should help with").label.lower()
    assert view.app.query_params == {}


def test_hits_are_those_of_the_service_in_rank_order(demo, open_app):
    view = open_app(demo)
    with Workbench(demo) as workbench:
        answer = workbench.retrieve(workbench.all_questionnaires["getting-to-perth"])
    for name, ranking in answer.sections.items():
        assert view.columns()[name].hits == [hit.script.id for hit in ranking.hits]
        assert view.columns()[name].distances == [round(hit.distance, 3) for hit in ranking.hits]


def test_an_expected_script_shows_its_rank_even_when_it_is_far(demo, open_app):
    awakening = open_app(demo).columns()["awakening"]
    expected = awakening.captions[-1]
    assert "1st** at 0.607 · Doors to manual · ★★★" in expected
    assert "27th** at 0.834 · Feet first · ★" in expected


def test_the_query_is_shown_word_for_word(demo, open_app):
    view = open_app(demo)
    assert any("A script that helps with going on a plane" in text for text in view.texts())


def test_another_challenge_changes_the_hits_and_the_address(demo, open_app):
    view = open_app(demo)
    before = view.hits()
    view.fill("What is hard about it", "the dog died and the house is quiet")
    assert view.hits() != before
    assert view.app.query_params["challenge"] == "the dog died and the house is quiet"
    assert view.app.query_params["questionnaire"] == "getting-to-perth"


def test_an_unchanged_questionnaire_needs_only_its_id_in_the_address(demo, open_app):
    view = open_app(demo).fill("Questionnaire", "foreman")
    assert view.app.query_params == {"questionnaire": "foreman"}
    again = open_app(demo, questionnaire="foreman")
    assert again.hits() == view.hits()
    assert again.field("What it should help with").value == "being in charge of my old mates"


def test_a_link_opens_the_very_view(demo, open_app):
    view = open_app(demo, focus="grief", challenge="my cat", k="2", status="approved", area="grief")
    assert view.field("Questionnaire").value is None
    assert [len(c.hits) for c in view.columns().values()] == [2, 2, 2]
    assert view.app.query_params == {"focus": "grief", "challenge": "my cat", "k": "2", "area": "grief"}
    assert view.app.slider[0].value == 2


@pytest.mark.parametrize(
    "wrong", [{"k": "many"}, {"k": "-1"}, {"k": "9999"}, {"k": "9" * 5000}, {"status": "odd"}, {"area": "no such"}]
)
def test_a_link_with_nonsense_opens_all_the_same(demo, open_app, wrong):
    view = open_app(demo, questionnaire="foreman", **wrong)
    assert list(view.columns()) == SECTIONS
    assert not view.app.error


def test_a_link_to_a_questionnaire_that_is_gone_says_so(demo, open_app):
    view = open_app(demo, questionnaire="no-such-one")
    assert "There is no questionnaire 'no-such-one' here." in view.said()
    assert not view.columns()


def test_clearing_the_questionnaire_empties_the_fields(demo, open_app):
    view = open_app(demo).fill("Questionnaire", None)
    fields = ("What it should help with", "What is hard about it", "How to feel instead", "Raw query")
    assert [view.field(label).value for label in fields] == [""] * 4
    assert not view.columns()
    assert "Say what the session should help with" in view.said()
    assert "Save" not in view.labels()


def test_what_was_asked_is_there_after_a_visit_to_another_page(demo, open_app):
    view = open_app(demo).fill("What is hard about it", "the dog died")
    before = view.hits()
    view.go("library").go("retrieve")
    assert view.field("What is hard about it").value == "the dog died"
    assert view.hits() == before


def test_the_library_keeps_its_own_filters(demo, open_app):
    view = open_app(demo).go("library")
    assert "status" not in view.app.query_params
    assert len(view.titles()) == 92


def test_a_raw_query_is_asked_as_it_stands(demo, open_app):
    view = open_app(demo).fill("Questionnaire", None).fill("Raw query", "harbour, boats, dusk")
    assert "“harbour, boats, dusk”" in view.texts()
    assert "the-harbour-at-dusk" in view.hits()["induction"]
    assert view.app.query_params == {"query": "harbour, boats, dusk"}


def test_top_k(demo, open_app):
    view = open_app(demo)
    view.app.slider[0].set_value(2).run()
    assert [len(c.hits) for c in view.columns().values()] == [2, 2, 2]
    assert view.app.query_params == {"questionnaire": "getting-to-perth", "k": "2"}


def test_status_filter(demo, open_app):
    view = open_app(demo)
    view.app.pills[0].set_value(["retired"]).run()
    assert [c.hits for c in view.columns().values()] == [[], [], []]
    assert "No script of this section passes the filters." in view.said()
    view.app.pills[0].set_value([]).run()
    assert [len(c.hits) for c in view.columns().values()] == [5, 5, 5]
    assert view.app.query_params["status"] == ""


def test_focus_filter_says_which_expected_scripts_it_leaves_out(demo, open_app):
    view = open_app(demo).fill("Only these focus areas", ["grief"])
    assert "her-chair-in-the-kitchen" in view.hits()["induction"]
    assert "filtered out" in view.columns()["awakening"].captions[-1]


def test_an_unknown_expected_script_is_named(demo, open_app):
    path = demo / "questionnaires" / "foreman.yaml"
    path.write_text(path.read_text().replace("the-tailor-measures-twice", "a-script-that-was"))
    view = open_app(demo, questionnaire="foreman")
    assert "expects scripts that the corpus does not have: a-script-that-was" in view.said()


def test_saving_a_question_makes_a_file_and_selects_it(demo, open_app):
    view = open_app(demo).fill("Questionnaire", None)
    view.fill("What it should help with", "sleeping").fill("Name to find it by", "Nights: awake").press("Save")
    assert (demo / "questionnaires" / "nights-awake.yaml").is_file()
    assert view.field("Questionnaire").value == "nights-awake"
    assert view.app.query_params == {"questionnaire": "nights-awake"}
    assert "Save" not in view.labels()


def test_saving_without_a_name_says_so_and_keeps_the_question(demo, open_app):
    view = open_app(demo).fill("What is hard about it", "the dog died").press("Save")
    assert "The questionnaire has no title." in view.said()
    assert view.field("What is hard about it").value == "the dog died"


def test_saving_a_change_keeps_the_expected_scripts(demo, open_app):
    view = open_app(demo).fill("How to feel instead", "steady").press("Save the change")
    saved = (demo / "questionnaires" / "getting-to-perth.yaml").read_text()
    assert "desired_feeling: steady" in saved
    assert "script: doors-to-manual" in saved
    assert "1st" in view.columns()["awakening"].captions[-1]


def test_a_mismatch_is_refused_with_both_names_and_the_way_to_mend_it(demo, open_app):
    mismatch(demo)
    view = open_app(demo)
    for column in view.columns().values():
        assert column.hits == []
        assert column.aside == "■ mismatch"
        assert "all-MiniLM-L6-v2" in column.errors[0]
        assert "hashing" in column.errors[0]
    assert "what retrieval would return there is random." in view.said()


@pytest.mark.parametrize("page", ["retrieve", "library"])
def test_a_mismatch_is_on_every_page(demo, open_app, page):
    mismatch(demo)
    said = open_app(demo, page).said()
    assert "■ Induction, Affirmations and Awakening: what retrieval would return there is random." in said


def test_a_mismatch_is_asked_when_forced_and_then_marked(demo, open_app):
    mismatch(demo)
    view = open_app(demo)
    view.app.toggle[0].set_value(True).run()
    for column in view.columns().values():
        assert len(column.hits) == 5
        assert column.aside.startswith("■ mismatch · ")
        assert "■ Random." in column.errors[0]
    assert view.app.query_params["mismatch"] == "yes"


def test_another_mode_is_kept_in_the_address_and_says_what_matched(demo, open_app):
    view = open_app(demo)
    assert "match · by meaning · top 5" in view.said()
    before = view.hits()
    view.app.segmented_control[0].set_value("hybrid").run()
    assert view.app.query_params == {"questionnaire": "getting-to-perth", "mode": "hybrid"}
    assert "match · by both · top 5" in view.said()
    assert view.hits() != before
    drawn = [html.value for block in view.app.columns for html in block.get("html")]
    assert sum("In common: " in html for html in drawn) == 15
    assert sum(" by meaning, " in html and 'title="Cosine distance 0.' in html for html in drawn) == 15
    # The distances are out of order here: neither they nor what they would say of the nearest scripts.
    assert [(c.distances, "clear" in str(c.captions)) for c in view.columns().values()] == [([], False)] * 3


def test_a_varied_order_shows_neither_distances_nor_what_they_would_say(demo, open_app):
    settings = demo / "workspace.yaml"
    settings.write_text(settings.read_text() + "retrieval:\n  name: Varied\n  variety: 0.5\n")
    view = open_app(demo)
    awakening = view.columns()["awakening"]
    assert "match · by meaning, varied · top 5" in view.said()
    assert awakening.captions[0] == "**In a varied order:** near the question, and unlike the scripts above."
    assert "**1st** · Doors to manual" in awakening.captions[-1]
    assert [(c.distances, "clear" in str(c.captions)) for c in view.columns().values()] == [([], False)] * 3
    assert not view.app.get("plotly_chart")
    drawn = [html.value for block in view.app.columns for html in block.get("html") if "by meaning" in html.value]
    assert len(drawn) == 15
    assert "<small>14th by meaning</small>" in drawn[11]
    assert 'title="Cosine distance 0.7' in drawn[11]


def test_a_word_that_no_script_has_is_named_with_what_may_be_meant(demo, open_app):
    view = open_app(demo, query="aeroplnes", mode="lexical")
    columns = view.columns()
    assert [c.aside for c in columns.values()] == ["31 scripts", "31 scripts", "30 scripts"]
    assert columns["induction"].captions == ["No script has 'aeroplnes'."]
    assert columns["affirmations"].captions == ["No script has 'aeroplnes'. Did you mean 'aeroplanes'?"]
    assert "**By words, for this question only.** The workspace finds scripts by meaning." in view.said()
    view.press("Find by meaning")
    assert [len(hits) for hits in view.hits().values()] == [5, 5, 5]
    assert view.app.query_params == {"query": "aeroplnes"}
    assert "Find by meaning" not in view.labels()


def test_words_answer_although_another_model_made_the_vectors(demo, open_app):
    mismatch(demo)
    settings = demo / "workspace.yaml"
    settings.write_text(settings.read_text() + "retrieval:\n  name: Words\n  mode: lexical\n  variety: 0.8\n")
    view = open_app(demo, query="harbour, boats, dusk", mode="psychic")
    induction = view.columns()["induction"]
    assert induction.hits[0] == "the-harbour-at-dusk"
    assert (induction.distances, induction.errors) == ([], [])
    assert "there are no distances between them. The order is not varied." in induction.captions[0]
    # Of these vectors nobody knows what is alike.
    assert ("by words · top 5" in view.said(), "what is like a script above" in view.said()) == (True, False)
    assert view.app.query_params == {"query": "harbour, boats, dusk"}, "it is the workspace's own mode"


def test_a_title_is_what_a_chart_shows_of_it():
    assert charts.title(script("a", title='Say "yes" & <b>don\'t</b>')) == 'Say "yes" &amp; &lt;b&gt;don\'t&lt;/b&gt;'


def test_an_empty_workspace_says_where_to_begin(empty, open_app):
    view = open_app(empty)
    assert "There are no scripts to retrieve from yet." in view.said()
    view.fill("What it should help with", "sleep")
    assert [c.hits for c in view.columns().values()] == [[], [], []]
    assert "This section has no scripts yet." in view.said()


@pytest.mark.parametrize("page", ["retrieve", "library", "health"])
def test_a_workspace_that_is_not_there(tmp_path, open_app, page):
    view = open_app(tmp_path / "nowhere", page)
    assert "nowhere is not a workspace: it has no workspace.yaml." in view.said()
    assert "python -m services init" in view.said()
    assert len(view.app.error) == 1


@pytest.mark.parametrize("page", ["retrieve", "library", "health"])
def test_a_workspace_whose_settings_are_broken(demo, open_app, page):
    (demo / "workspace.yaml").write_text("format: scriptorium-workspace/1\ncolour: blue\n")
    assert "unknown key 'colour'" in open_app(demo, page).said()


def test_a_broken_record_and_a_broken_questionnaire_leave_the_rest_working(demo, open_app):
    (demo / "records" / "awakening" / "feet-first.yaml").write_text("id: [")
    (demo / "questionnaires" / "foreman.yaml").write_text("id: [")
    view = open_app(demo)
    assert [len(c.hits) for c in view.columns().values()] == [5, 5, 5]
    assert "foreman" not in view.field("Questionnaire").options
    assert "the corpus does not have: feet-first" in view.said()


def test_a_changed_file_is_seen_on_the_next_run(demo, open_app):
    view = open_app(demo)
    (demo / "records" / "induction" / "seat-14a.yaml").unlink()
    assert "seat-14a" in view.hits()["induction"]
    assert "seat-14a" not in view.run().hits()["induction"]


def test_a_hit_opens_the_whole_script_with_the_matched_passage(demo, open_app):
    view = open_app(demo, questionnaire="foreman")
    with Workbench(demo) as workbench:
        answer = workbench.retrieve(workbench.all_questionnaires["foreman"])
    hit = next(h for h in answer.sections["induction"].hits if h.passage.kind == "body")
    next(b for b in view.app.button if b.key == f"read_{hit.script.id}").click().run()
    assert hit.passage_text.strip("\n") in view.texts()
    assert "What matched: the part with the line beside it." in view.said()


def test_more_sections_than_columns_stand_below_each_other(tmp_path, open_app):
    root = tmp_path / "many"
    workspaces.create(root, workspaces.new_settings("Many", ("a", "b", "c", "d", "e"), "hashing"))
    view = open_app(root, focus="sleep")
    assert view.said().count("This section has no scripts yet.") == 5
    assert Paths(root).records.is_dir()
