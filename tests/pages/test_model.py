"""The Model page: what embeds, what another would cost, and a change that is left, stopped, resumed, gone back on."""

import re
import threading

import pytest

from services.domain.settings import EmbedderSettings
from services.embedders.hashing import Hashing
from services.errors import EmbedderUnavailable
from services.workbench import Workbench
from tests.pages.view import mismatch


def changed(view):
    """Watch a change to its end."""
    return view.until(lambda v: "Done" in v.labels())


def figures(view):
    return {metric.label: metric.value for metric in view.app.metric}


def model_of(workspace):
    with Workbench(workspace) as workbench:
        records = workbench.records.catalogue().records.values()
        return {r.vectors.stamp.model_name for r in records}, workbench.settings.embedder.name


def offered(view):
    return view.fill("Embed with", "hashing").press("See what it costs")


def test_it_says_what_embeds_now_and_what_another_one_costs(demo, open_app):
    view = open_app(demo, "model")
    assert view.app.header[0].value == "Scripts and questions are embedded by all\\-MiniLM\\-L6\\-v2"
    assert "384 dimensions · reads 254 tokens of a text · runs on this machine" in view.said()
    assert "Change the model" not in view.labels()
    offered(view)
    assert "Under a second on this machine, nothing to pay, nothing is sent anywhere." in view.said()
    assert "92 scripts, 289 passages, " in view.said()
    # Eight of the 289 were embedded to measure the time.
    assert "8 are kept, those embedded to measure the time among them; 281 to embed." in view.said()
    assert "Change the model" in view.labels()


def test_the_model_in_use_is_nothing_to_pay_for(demo, open_app):
    view = open_app(demo, "model").press("See what it costs")
    assert "every script is embedded by it" in view.said()
    assert "Change the model" not in view.labels()


def test_openai_is_priced_before_a_key_is_there(demo, open_app, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    view = open_app(demo, "model").fill("Embed with", "openai").press("See what it costs")
    assert "Under 1 cent" in view.said() or ", under 1 cent, " in view.said()
    # 92 scripts in 79,590 tokens at 2 cents a million.
    assert "At most $0.0016, by OpenAI's list as read in November 2026" in view.said()
    assert "There is no key yet" in view.said()
    assert view.button("Change the model").disabled
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789")
    view.run()
    assert "There is no key yet" not in view.said()
    assert not view.button("Change the model").disabled


def test_a_change_can_be_left_and_come_back_to_and_gone_back_on(demo, open_app):
    view = offered(open_app(demo, "model")).press("Change the model").go("retrieve")
    assert [len(c.hits) for c in view.columns().values()] == [5, 5, 5]
    changed(view.go("model"))
    # All 289, less the eight that were embedded to measure the time.
    assert ": 92 scripts, 289 passages, 281 passages embedded." in view.said()
    assert re.search(r"Changed to hashing in \d+\.\d s: 92", view.said())
    assert "Go back to all-MiniLM-L6-v2" in view.labels(), "the way back is there at once"
    view.press("Done")
    assert view.app.header[0].value == "Scripts and questions are embedded by hashing"
    assert model_of(demo) == ({"hashing"}, "hashing")
    assert "What moved from all-MiniLM-L6-v2 to hashing" in [s.value.replace("\\", "") for s in view.app.subheader]
    assert set(figures(view)) == {f"{s}: same scripts in front" for s in ("Induction", "Affirmations", "Awakening")}
    kept = view.app.dataframe[1].value
    assert list(kept["Model"]) == ["hashing", "all-MiniLM-L6-v2"]
    assert "Going back to all-MiniLM-L6-v2 asks no model" in view.said()
    changed(view.press("Go back to all-MiniLM-L6-v2"))
    assert re.search(r"Back to all-MiniLM-L6-v2 in \d+\.\d s: .*, no model called", view.said())
    assert model_of(demo) == ({"all-MiniLM-L6-v2"}, "minilm")


def test_a_change_can_be_cancelled_and_resumed(demo, open_app, monkeypatch):
    monkeypatch.setattr("services.change.source.BATCH_HERE", 8)
    embed, asked, go_on = Hashing.embed_documents, [], threading.Event()

    def held(self, texts, progress=None):
        # After the canaries and two batches, until somebody has pressed.
        asked.append(len(texts))
        if len(asked) > 3:
            assert go_on.wait(60)
        return embed(self, texts, progress)

    view = offered(open_app(demo, "model"))
    monkeypatch.setattr(Hashing, "embed_documents", held)
    view.press("Change the model").run().press("Cancel")
    go_on.set()
    changed(view)
    assert "Cancelled. Nothing has changed, and what was embedded is kept." in view.said().replace("*", "")
    assert model_of(demo) == ({"all-MiniLM-L6-v2"}, "minilm")
    assert "See what it costs" in view.labels(), "the controls are there beside what came of it"
    assert "was begun and not finished" not in view.said()
    assert re.search(r"\d+ of 289 passages are kept of a change to hashing\.", view.said())
    view.press("Done")
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
    assert "A change to hashing was begun and not finished.** The model is away." in view.said()
    assert "0 of 289 passages are kept, and not paid for again." in view.said()
    assert "Asks no more about this change." in view.button("Forget").help
    view.press("Forget")
    assert "See what it costs" in view.labels()
    assert "not finished" not in view.said()


def test_health_and_model_show_the_same_work(demo, open_app):
    view = offered(open_app(demo, "model")).press("Change the model").go("health")
    assert "Rebuild the index" not in view.labels()
    changed(view)
    assert "Changed to hashing in " in view.said()
    assert "Rebuild the index" in view.labels()


def test_a_change_that_failed_on_another_page_hides_nothing(demo, open_app, monkeypatch):
    def away(self, texts, progress=None):
        raise EmbedderUnavailable("The model is away.", "Try again later.")

    view = offered(open_app(demo, "model"))
    with monkeypatch.context() as broken:
        broken.setattr(Hashing, "embed_documents", away)
        changed(view.press("Change the model").go("health"))
        assert "The model is away." in view.said()
        assert "Rebuild the index" in view.labels()
    view.go("model")
    assert view.said().count("The model is away.") == 1
    assert {"Done", "Resume", "Forget", "See what it costs"} <= set(view.labels())


def test_a_mismatch_has_two_ways_out_and_the_nearer_one_embeds_nothing(demo, open_app, monkeypatch):
    before = {p: p.read_bytes() for p in (demo / "records").rglob("*.yaml")}
    mismatch(demo)
    view = open_app(demo, "model")
    assert view.app.header[0].value.replace("\\", "") == (
        "Questions are asked by hashing; the scripts were embedded by all-MiniLM-L6-v2"
    )
    assert not any("in use" in option for option in view.field("Embed with").options)
    assert "92 scripts, 289 passages, " in view.said(), "what the other way costs"
    assert {"Ask with all-MiniLM-L6-v2 again", "Embed the scripts anew"} <= set(view.labels())
    changed(view.press("Ask with all-MiniLM-L6-v2 again"))
    assert "Set back to all-MiniLM-L6-v2 in " in view.said()
    assert "92 scripts, 327 passages, no model called." in view.said()
    assert model_of(demo) == ({"all-MiniLM-L6-v2"}, "minilm")
    assert {p: p.read_bytes() for p in (demo / "records").rglob("*.yaml")} == before
    assert view.app.header[0].value.startswith("Scripts and questions are embedded by all")
    assert not any(label.startswith(("Go back", "Ask with")) for label in view.labels())


def test_models_of_one_name_are_told_apart(demo, open_app):
    settings = demo / "workspace.yaml"
    settings.write_text(settings.read_text().replace("name: minilm", "name: minilm-int8"))
    view = open_app(demo, "model")
    assert view.app.header[0].value.replace("\\", "") == (
        "Questions are asked by all-MiniLM-L6-v2 in 8 bits; the scripts were embedded by all-MiniLM-L6-v2"
    )


def test_an_empty_workspace_can_choose(empty, open_app):
    view = open_app(empty, "model")
    assert view.app.header[0].value.replace("\\", "") == (
        "Nothing is embedded yet; new scripts will be embedded by all-MiniLM-L6-v2"
    )
    assert "Nothing has to be embedded" in offered(view).said()
    changed(view.press("Change the model"))
    assert model_of(empty) == (set(), "hashing")
