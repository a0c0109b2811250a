"""Options that read alike are told apart, on every choice by title."""

from pages.ui import apart
from services.domain.questionnaires import make_questionnaire
from services.workbench import Workbench


def test_labels_that_repeat_get_their_id_or_number():
    assert apart.by_id({"a": "Night", "b": "Day", "c": "Night"}) == {"a": "Night · a", "b": "Day", "c": "Night · c"}
    # One is called like another one with its id.
    twisted = apart.by_id({"a": "Night", "b": "Night · a", "c": "Night"})
    assert twisted == {"a": "Night · a · a", "b": "Night · a · b", "c": "Night · c"}
    assert apart.by_number({"c": "x", "b": "y", "a": "x"}) == {"c": "x (2)", "b": "y", "a": "x (1)"}


def test_two_questionnaires_with_one_title(demo, open_app):
    with Workbench(demo) as bench:
        for named, query in (("evening", "An evening alone"), ("evening-2", "An evening together")):
            bench.save_questionnaire(make_questionnaire(id=named, title="Evening", query=query))
    view = open_app(demo)
    assert {o for o in view.field("Questionnaire").options if o.startswith("Evening")} >= {
        "Evening · evening",
        "Evening · evening-2",
    }
    for named, query in (("evening-2", "An evening together"), ("evening", "An evening alone")):
        view.fill("Questionnaire", named)
        assert view.field("Raw query").value == query
