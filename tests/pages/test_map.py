"""The Map page: a stand-in at once and the full map after it, links, what is asked, picked and said."""

import threading

import pytest

from pages.ui import resources
from pages.ui.library import many
from services import wiring
from services.errors import EmbedderFailed, MapFailed
from services.map import understanding
from services.records.yaml_files import YamlRecordStore
from services.workbench import Workbench
from tests.doubles import FlatFitter
from tests.pages.view import mismatch

QUESTION = "decades-of-excuses"


class Held(FlatFitter):
    """Goes on when it is told to."""

    def __init__(self):
        super().__init__()
        self.go_on = threading.Event()

    def fit(self, *given, **more):
        assert self.go_on.wait(30)
        return super().fit(*given, **more)


class Failing(FlatFitter):
    def fit(self, *given, **more):
        super().fit(*given, **more)
        raise MapFailed("The process that places the scripts ended.", "Draw the map again.")


def fits(monkeypatch, fitter):
    monkeypatch.setattr(wiring, "fitter", lambda: fitter)
    return fitter


@pytest.fixture
def flat(monkeypatch):
    return fits(monkeypatch, FlatFitter())


def understood(view):
    """Until the map is drawn in full and looked into, and that nothing has failed on the way."""
    view.until(lambda v: any(label.startswith("Clusters ·") for label in below(v)))
    for kind in ("map-placing", "map", "map-looking"):
        job = resources.jobs(kind).current
        assert job is None or job.error is None, repr(job.error)
    return view


def below(view):
    return next((g.options for g in view.app.get("button_group") if g.label == "Below the picture"), [])


def address(view):
    return {name: said if isinstance(said, list) else [said] for name, said in view.app.query_params.items()}


def test_a_stand_in_is_there_at_once_and_the_page_is_used_until_the_full_map_is(demo, open_app, monkeypatch):
    held = fits(monkeypatch, Held())
    view = open_app(demo, "map")
    view.until(lambda v: "A stand-in, until the full map is drawn" in v.said())
    assert view.app.header[0].value == "92 scripts, like beside like"
    assert view.button("map_anew").disabled
    assert "how far nearness here can be trusted: 0." in view.said()
    view.fill("Colour by", "status")
    assert address(view)["colour"] == ["status"]
    held.go_on.set()
    understood(view)
    assert "Scripts that all-MiniLM-L6-v2 reads as alike lie together." in view.said()
    assert address(view)["colour"] == ["status"], "what was chosen meanwhile stays"
    assert len(held.began) == 1


def test_a_link_opens_the_same_view_with_true_distances(demo, open_app, flat):
    with Workbench(demo) as workbench:
        asked = workbench.retrieve(workbench.all_questionnaires[QUESTION]).sections["induction"].hits
    view = understood(
        open_app(demo, "map", questionnaire=QUESTION, maps="sections", chosen="quiet-lungs", below="table")
    )
    for hit in asked:
        assert view.button(f"map_hit_{hit.script.id}").label.replace("\\", "") == f"{hit.rank}  {hit.script.title}"
    shown = [html.value for html in view.app.get("html")]
    assert all(any(f"<b>{hit.distance:.3f}</b>" in html for html in shown) for hit in asked)
    picked, table = (frame.value for frame in view.app.dataframe)
    assert list(picked["Title"]) == ["Quiet lungs"]
    assert "1 of 92 · 1 ticked" in view.said()
    assert len(table) == 92
    first = table[table["Title"] == asked[0].script.title].iloc[0]
    assert first["Distance"] == pytest.approx(asked[0].distance)
    view.press("map_unask").press("map_let_go")
    assert set(address(view)) == {"maps", "below"}
    view.app.multiselect[0].set_value(["smoking"]).run()
    assert address(view)["area"] == ["smoking"]
    assert len(view.app.dataframe[0].value) < 92


def test_a_cluster_is_picked_from_its_list_and_any_words_can_be_asked(demo, open_app, flat):
    view = understood(open_app(demo, "map"))
    cluster = next(b for b in view.app.button if (b.key or "").startswith("map_clusters_"))
    cluster.click().run()
    picked = view.titles()
    assert f"Picked: {len(picked)} scripts" in view.said()
    assert f"{len(picked)} of 92 · {len(picked)} ticked" in view.said()
    view.press("map_let_go")
    assert not view.app.dataframe
    assert address(view) == {}
    typed = open_app(demo, "map", query="I cannot sleep")
    assert "“I cannot sleep”" in typed.texts()
    assert address(typed) == {"query": ["I cannot sleep"]}


def test_what_fails_is_said_once_and_tried_again_by_a_press(demo, open_app, monkeypatch):
    failing = fits(monkeypatch, Failing())
    view = open_app(demo, "map").until(lambda v: "The process that places the scripts ended." in v.said())
    view.run()
    assert len(failing.began) == 1
    assert "A stand-in" in view.said()
    view.press("Draw anew").until(lambda v: len(failing.began) == 2)


def test_what_stands_in_the_way_is_said(demo, empty, open_app, flat, monkeypatch):
    assert "There is none yet." in open_app(empty, "map").said()
    monkeypatch.setattr(YamlRecordStore, "writable", property(lambda _: False))
    view = open_app(demo, "map", chosen="quiet-lungs").until(lambda v: "Picked: 1 script" in v.said())
    assert not {"map_edit_quiet-lungs", "many_retire"} & {b.key for b in view.app.button}
    mismatch(demo)
    view.until(lambda v: "None of the 92 scripts can be placed." in v.said())
    assert "They were read by another model, all-MiniLM-L6-v2." in view.said()
    assert view.app.header[0].value == "92 scripts"


def test_a_map_that_cannot_be_kept_is_shown_and_a_warning_says_so(demo, open_app, flat):
    (demo / "derived" / "map").write_text("a file in the way")
    view = open_app(demo, "map").until(lambda v: v.app.warning)
    assert "**The map is drawn, and could not be kept for the next time.** It has to be" in view.app.warning[0].value
    # The file is called by its digest, which nobody reads.
    assert ".npz" not in view.said()
    assert not view.app.error


def test_a_model_that_is_set_wrong_and_put_right_leaves_the_map_as_it_was(demo, open_app, flat):
    view = understood(open_app(demo, "map"))
    settings = demo / "workspace.yaml"
    right = settings.read_text()
    mismatch(demo)
    view.until(lambda v: "None of the 92 scripts can be placed." in v.said())
    assert view.button("map_place_again")
    settings.write_text(right)
    view.until(lambda v: "lie together" in v.said(), limit=15)


def test_what_is_ticked_and_hidden_is_named_before_anything_is_done_to_it(demo, open_app, flat):
    view = open_app(demo, "map", chosen="quiet-lungs", section="induction")
    view.until(lambda v: "Picked: 1 script" in v.said())
    assert "**Ticked, and hidden on the picture by the filter:** Quiet lungs." in view.said()
    view.press("map_untick")
    assert not {word for word in ("Ticked", "ticked") if word in view.said()}
    assert view.button("many_delete").disabled


def test_a_server_is_asked_for_gaps_by_a_press_and_again_where_that_failed(demo, open_app, flat, minilm, monkeypatch):
    monkeypatch.setattr(minilm, "local", False)
    asks, away = understanding.ask, [True]
    failed = understanding.Gaps(without="The saved questionnaires could not be asked. It is away.", failed=True)
    view = understood(open_app(demo, "map", below="gaps"))
    assert "Not looked for: it asks the model's server." in view.said()
    assert below(view)[3] == "Gaps", "nobody knows how many"
    monkeypatch.setattr(understanding, "ask", lambda *given, **more: failed if away else asks(*given, **more))
    view.press("map_gaps_again").until(lambda v: failed.without in v.said())
    away.clear()
    view.press("map_gaps_again").until(lambda v: "Saved questionnaires that have nothing near." in v.said())


def test_a_question_that_fails_is_not_put_again_until_somebody_says_so(demo, open_app, flat, monkeypatch):
    asked = []

    def ask(*_):
        asked.append(1)
        raise EmbedderFailed("The server is away.", "Try again later.")

    monkeypatch.setattr(Workbench, "ask_map", ask)
    view = understood(open_app(demo, "map", questionnaire=QUESTION))
    assert "The server is away." in view.said()
    before = len(asked)
    view.run()
    assert len(asked) == before
    view.press("map_ask_again")
    assert len(asked) == before + 1


class Counted(list):
    """How often it was gone through."""

    times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


def test_ticking_goes_through_the_list_once_however_many_are_ticked(monkeypatch):
    monkeypatch.setattr(many.st, "session_state", {"ticked": dict.fromkeys(["there", "a", "b"])})
    shown = Counted(["a", "b", "c"])
    many.tick(shown, ["c"])
    assert many.selected() == ["there", "c"]
    assert shown.times == 1
