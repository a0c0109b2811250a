"""What the rule says to a run on the page: looked for beside it, and the same as on the command line."""

import threading
from dataclasses import replace

import pytest

from pages.ui import resources
from pages.ui.evaluate import rule
from services.domain.questionnaires import Expected, make_questionnaire
from services.judge.former import Former
from services.records import record_format
from services.workbench import Workbench
from tests.doubles import script


@pytest.fixture
def renamed(empty):
    """Its one script was called otherwise when the baseline was run."""
    with Workbench(empty) as bench:
        bench.save(script("harbour", title="Quiet water"), None)
        bench.save_questionnaire(
            make_questionnaire(id="night", title="Night", query="night", expected=(Expected("harbour", 3),))
        )
        bench.runs.set_baseline(bench.evaluate().id)
        old = bench.catalogue.records["harbour"]
        folder = empty / "records" / old.script.section
        (folder / "zephyr.yaml").write_bytes(
            record_format.encode(replace(old, script=replace(old.script, id="zephyr")))
        )
        (folder / "harbour.yaml").unlink()
        bench.save_questionnaire(
            make_questionnaire(id="night", title="Night", query="night", expected=(Expected("zephyr", 3),))
        )
        bench.evaluate()
    return empty


def test_the_history_is_looked_through_beside_the_page(renamed, open_app, monkeypatch):
    go, asked = threading.Event(), Former.asked

    def slowly(former, missing, here, commit="", report=None):
        report("Looking for scripts that are called otherwise now", 0, 1)
        go.wait(60)
        return asked(former, missing, here, commit)

    monkeypatch.setattr(Former, "asked", slowly)
    view = open_app(renamed, "evaluate")
    try:
        bars = [bar.proto.text for bar in view.app.get("progress")]
        assert any(bar.startswith("Looking for scripts that are called otherwise now: 0 of 1.") for bar in bars)
        assert "this workspace asks for" not in view.said()
    finally:
        go.set()
    view.until(lambda v: "As good as this workspace asks for" in v.said())
    assert "no fall below the baseline" in view.said()


def test_what_fails_there_is_said_and_may_be_tried_again(renamed, open_app, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("a bug")

    with monkeypatch.context() as failing:
        failing.setattr(Former, "asked", fail)
        view = open_app(renamed, "evaluate").run()
        assert "It stopped unexpectedly: RuntimeError: a bug." in view.said()
        assert resources._jobs(renamed, rule.KIND).current.finished
    view.button("gate_again").click().run()
    assert "As good as this workspace asks for" in view.said()
