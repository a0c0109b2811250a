"""Two maps side by side on the Map page: the ready-made mismatch, the table of what moved, links, and Cancel."""

from dataclasses import replace

import pytest

from pages.ui import resources
from pages.ui.map.comparing import KIND
from services import wiring
from services.domain.questionnaires import Questionnaire
from services.retrieve import Options
from services.workbench import Workbench
from tests.doubles import FlatFitter


@pytest.fixture(autouse=True)
def flat(monkeypatch):
    fitter = FlatFitter()
    monkeypatch.setattr(wiring, "fitter", lambda: fitter)
    return fitter


def retrieved(root, embedder):
    """Of each questionnaire the title and the distance of the first of all sections, whoever asks."""
    asked = Options(top_k=1, allow_mismatch=True)
    with Workbench(root) as other:
        answers = [other.retrieve(one, asked, embedder).sections for one in other.all_questionnaires.values()]
    best = [min((r.hits[0] for r in one.values()), key=lambda hit: hit.distance) for one in answers]
    return [(hit.script.title, pytest.approx(hit.distance, abs=1e-5)) for hit in best]


def drawn(view):
    """Until both pictures are there, and that nothing has failed on the way."""
    view.until(lambda v: len(v.app.get("plotly_chart")) == 2)
    assert resources.jobs(KIND).current.error is None
    return view


def test_the_silent_bug_is_one_press_and_a_link_opens_what_was_compared(demo, open_app, flat):
    view = open_app(demo, "map", view="compare")
    assert flat.began == [], "nobody asked for a map of its own"
    assert "Choose what to see on either side" in view.said()
    drawn(view.press("The silent bug: asked by another model"))
    said = view.said().replace("*", "")
    assert "No script has moved: both sides have the same scripts" in said
    assert "Asked by MiniLM, which reads the scripts too. A questionnaire is 0.582 from its nearest script" in said
    assert "Asked by Word hashing, the scripts read by MiniLM: a clump apart. A questionnaire is 0.854 from" in said
    assert "Moved most" not in view.said(), "nothing has moved"
    askers = view.app.dataframe[0].value
    sides = ("Distance, first", "Distance, second", "Nearest, first", "Nearest, second")
    assert (tuple(askers), len(askers)) == (("Questionnaire", *sides), 24)
    assert [round(askers[side].median(), 3) for side in sides[:2]] == [0.582, 0.854]
    for embedder, side in (("minilm", "first"), ("hashing", "second")):
        told = zip(askers[f"Nearest, {side}"], askers[f"Distance, {side}"], strict=True)
        assert retrieved(demo, embedder) == list(told)
    assert [one.label for one in view.app.get("download_button")] == ["Download as a page"]
    told = view.app.get("plotly_chart")[1].proto.alt
    assert told == (
        "92 scripts as points, and 24 questionnaires as stars. The table Who asks has what is nearest to each "
        "questionnaire, and how far. No script has moved."
    )
    link = {name: v if isinstance(v, str) else v[0] for name, v in view.app.query_params.items()}
    assert link == {
        "view": "compare",
        "before": "now",
        "after": "now",
        "asks_before": "minilm",
        "asks_after": "hashing",
    }
    view.press("The scripts as another model reads them")
    drawn(view.until(lambda v: "Moved most" in v.said()))
    assert "Of the 15 scripts that are truly nearest to one, 24% stay so" in view.said().replace("*", "")
    table = view.app.dataframe[0].value
    assert len(table) == 92
    assert list(table["Neighbours lost"]) == sorted(table["Neighbours lost"], reverse=True)
    assert table["Library"][0].startswith("library?script=")
    first = table["Library"][0].partition("=")[2]
    view.fill("Follow a script", first)
    assert view.app.query_params["followed"] == first
    other = open_app(demo, "map", **link)
    assert [box.value for box in other.app.selectbox][:4] == ["now", "minilm", "now", "hashing"]
    assert len(other.app.get("plotly_chart")) == 2, "what this server has drawn is there at once"
    assert len(flat.began) == 4


def test_a_server_is_not_asked_before_its_cost_is_told(demo, open_app, flat):
    view = open_app(demo, "map", view="compare", before="now", after="openai", asks_after="openai")
    assert "24 questionnaires are sent to the server, as they are asked and by their answers alone." in view.said()
    assert "There is no key yet" in view.said()
    assert view.button("map_compare_draw").disabled
    view.press("See what it costs")
    assert "the words of the passages are sent to the server" in view.said()
    assert view.button("map_compare_draw").disabled, "there is no key"
    assert flat.began == []


def test_the_history_is_read_apart_from_the_page_and_what_is_evaluated_is_there_at_once(demo, open_app):
    with Workbench(demo) as other:
        known = other.catalogue.records["quiet-lungs"]
        other.save(replace(known.script, text=f"{known.script.text} More."), known.digest)
        view = open_app(demo, "map", view="compare", before="@", after="now")
        view.until(lambda v: len(moments(v)) == 1)
        assert moments(view)[0].endswith("the workspace as it was found")
        # No script changes with it.
        other.evaluate(name="the first")
        other.save_questionnaire(Questionnaire(id="noon", title="Noon", query="garden at noon"))
    view.until(lambda v: len(moments(v)) == 2)
    assert moments(view)[0].endswith("saving 'quiet-lungs', evaluated: the first")


def moments(view):
    return next(box.options for box in view.app.selectbox if box.label == "When")
