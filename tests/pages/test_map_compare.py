"""Two maps side by side on the Map page: the ready-made mismatch, the table of what moved, links, and Cancel."""

import pytest

from pages.ui import resources
from pages.ui.map.comparing import KIND
from services import wiring
from tests.doubles import FlatFitter


@pytest.fixture(autouse=True)
def flat(monkeypatch):
    fitter = FlatFitter()
    monkeypatch.setattr(wiring, "fitter", lambda: fitter)
    return fitter


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
    assert "Asked by MiniLM, which reads the scripts too. A questionnaire is 0.567 from its nearest script" in said
    assert "Asked by Word hashing, the scripts read by MiniLM: a clump apart. A questionnaire is 0.883 from" in said
    assert not view.app.dataframe, "nothing has moved"
    link = {name: v if isinstance(v, str) else v[0] for name, v in view.app.query_params.items()}
    assert link == {
        "view": "compare",
        "before": "now",
        "after": "now",
        "asks_before": "minilm",
        "asks_after": "hashing",
    }
    view.press("The scripts as another model reads them")
    drawn(view.until(lambda v: v.app.dataframe))
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
    assert "The 24 questions of the questionnaires are sent to the server." in view.said()
    assert "There is no key yet" in view.said()
    assert view.button("map_compare_draw").disabled
    view.press("See what it costs")
    assert "the words of the passages are sent to the server" in view.said()
    assert view.button("map_compare_draw").disabled, "there is no key"
    assert flat.began == []
