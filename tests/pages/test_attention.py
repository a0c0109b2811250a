"""Attention: what was found, in plain words, with links to where it is settled."""

from dataclasses import replace

from services.domain.scripts import Status
from services.workbench import Workbench


def looked(view):
    return view.until(lambda v: "Looked at every script" in v.said())


def test_it_says_what_to_do_on_the_demo(demo, open_app):
    with Workbench(demo) as workbench:
        record = workbench.catalogue.records["seat-14a"]
        twin = replace(record.script, id="seat-14b", title="Seat 14B", status=Status.DRAFT)
        workbench.save(twin, None)
    said = looked(open_app(demo, "attention")).said()
    assert "Near-duplicates to settle · 1" in said
    assert "100% of the words in common" in said
    assert "Drafts to approve · 1" in said
    assert "24 saved questionnaires" in said


def test_an_empty_workspace(empty, open_app):
    assert "There is nothing to look at yet" in open_app(empty, "attention").said()
