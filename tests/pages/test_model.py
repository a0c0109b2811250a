"""The Model page: what embeds, what another would cost, and a change that is left, stopped, resumed, gone back on."""

import time

import pytest

from services.embedders.hashing import Hashing
from services.errors import EmbedderUnavailable
from services.settings import EmbedderSettings
from services.workbench import Workbench


def changed(view, limit=90):
    """Watch a change to its end."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        view.run()
        if "Done" in view.labels():
            return view
        time.sleep(0.1)
    raise AssertionError(view.said())


def figures(view):
    return {metric.label: metric.value for metric in view.app.metric}


def model_of(workspace):
    with Workbench(workspace) as workbench:
        records = workbench.records.catalogue().records.values()
        return {r.vectors.stamp.model_name for r in records}, workbench.settings.embedder.name


def offered(view):
    return view.fill("Another model", "hashing").press("See what it costs")


def test_it_says_what_embeds_now_and_what_another_one_costs(demo, open_app):
    view = open_app(demo, "model")
    assert view.app.header[0].value == "Scripts and questions are embedded by all\\-MiniLM\\-L6\\-v2"
    assert "384 dimensions · reads 254 tokens of a text · runs on this machine" in view.said()
    assert "Change the model" not in view.labels()
    offered(view)
    shown = figures(view)
    assert (shown["Scripts"], shown["Passages"], shown["Price"]) == ("92", "289", "nothing")
    assert "nothing is sent anywhere" in view.said()
    assert "Change the model" in view.labels()


def test_the_model_in_use_is_nothing_to_pay_for(demo, open_app):
    view = open_app(demo, "model").press("See what it costs")
    assert "every script is embedded by it" in view.said()
    assert "Change the model" not in view.labels()


def test_openai_is_priced_before_a_key_is_there(demo, open_app, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    view = open_app(demo, "model").fill("Another model", "openai").press("See what it costs")
    assert figures(view)["Price"] == "under 1 cent"
    # 92 scripts in 79,590 tokens at 2 cents a million.
    assert "At most $0.0016, by OpenAI's list as read in November 2026" in view.said()
    assert "There is no key yet" in view.said()
    changed(view.press("Change the model"))
    assert "There is no key for api.openai.com" in view.said()
    assert model_of(demo) == ({"all-MiniLM-L6-v2"}, "minilm")


def test_a_change_can_be_left_and_come_back_to_and_gone_back_on(demo, open_app):
    view = offered(open_app(demo, "model")).press("Change the model").go("retrieve")
    assert [len(c.hits) for c in view.columns().values()] == [5, 5, 5]
    changed(view.go("model"))
    assert ": 92 scripts, 289 passages, 281 passages embedded." in view.said()
    view.press("Done")
    assert view.app.header[0].value == "Scripts and questions are embedded by hashing"
    assert model_of(demo) == ({"hashing"}, "hashing")
    assert "What moved from all-MiniLM-L6-v2 to hashing" in [s.value.replace("\\", "") for s in view.app.subheader]
    assert set(figures(view)) == {f"{s}: same scripts in front" for s in ("Induction", "Affirmations", "Awakening")}
    kept = view.app.dataframe[1].value
    assert list(kept["Model"]) == ["hashing", "all-MiniLM-L6-v2"]
    assert "Going back to all-MiniLM-L6-v2 asks no model" in view.said()
    changed(view.press("Go back to all-MiniLM-L6-v2"))
    assert "no model called" in view.said()
    assert model_of(demo) == ({"all-MiniLM-L6-v2"}, "minilm")


def test_a_change_can_be_cancelled_and_resumed(demo, open_app, monkeypatch):
    monkeypatch.setattr("services.change.source.BATCH_HERE", 8)
    slow = Hashing.embed_documents

    def slowly(self, texts, progress=None):
        time.sleep(0.1)
        return slow(self, texts, progress)

    monkeypatch.setattr(Hashing, "embed_documents", slowly)
    view = offered(open_app(demo, "model")).press("Change the model")
    changed(view.run().press("Cancel"))
    assert "Cancelled. Nothing has changed, and what was embedded is kept." in view.said().replace("*", "")
    assert model_of(demo) == ({"all-MiniLM-L6-v2"}, "minilm")
    view.press("Done")
    assert "A change to hashing was begun and not finished" in view.said()
    assert "What is kept is not paid for again" in view.said()
    changed(view.press("Resume"))
    assert model_of(demo) == ({"hashing"}, "hashing")


def test_a_change_that_broke_off_can_be_forgotten(demo, open_app, monkeypatch):
    def away(self, texts, progress=None):
        raise EmbedderUnavailable("The model is away.", "Try again later.")

    with monkeypatch.context() as broken:
        broken.setattr(Hashing, "embed_documents", away)
        with Workbench(demo) as workbench, pytest.raises(EmbedderUnavailable):
            workbench.change(EmbedderSettings("hashing"))
    view = open_app(demo, "model")
    assert "The model is away." in view.said()
    view.press("Forget")
    assert "See what it costs" in view.labels()
    assert "not finished" not in view.said()


def test_health_and_model_show_the_same_work(demo, open_app):
    view = offered(open_app(demo, "model")).press("Change the model").go("health")
    changed(view)
    assert "Rebuild the index" not in view.labels()


def test_an_empty_workspace_can_choose(empty, open_app):
    view = offered(open_app(empty, "model"))
    assert figures(view)["Scripts"] == "0"
    changed(view.press("Change the model"))
    assert model_of(empty) == (set(), "hashing")
