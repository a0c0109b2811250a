"""The Health page: a sentence, what was found, and the buttons that mend it."""

from dataclasses import replace

from pages.ui import resources
from services.domain.scripts import Record
from services.records import record_format
from services.workbench import Workbench
from tests.pages.view import mismatch


def rebuilt(view):
    """Watch a rebuild to its end."""
    return view.until(lambda v: "Done" in v.labels())


def checked(view):
    """Watch a check to its end: the page shows what it found from then on."""
    return view.until(lambda v: resources.jobs("check").current is None and "Check now" in v.labels())


def matrix(view):
    return view.app.dataframe[0].value.set_index("Collection")


def test_all_is_well(demo, open_app):
    view = open_app(demo, "health")
    assert view.app.header[0].value == "All three collections can be trusted"
    assert list(matrix(view)["State"]) == ["● match"] * 3
    assert "92 scripts as 327 passages." in view.said()
    assert list(matrix(view)["Index"]) == ["● in sync"] * 3
    assert list(matrix(view)["Canary sentences"]) == ["● 1.0000"] * 3
    assert list(matrix(view)["Evidence"]) == ["● 1.0000"] * 3
    assert list(matrix(view)["Rankings"]) == ["● 24 of 24"] * 3
    assert not view.app.error
    assert not view.app.warning
    assert "Embed anew and rebuild" not in view.labels()


def test_a_rebuild_runs_to_success(demo, open_app):
    view = open_app(demo, "health").press("Rebuild the index")
    rebuilt(view)
    assert "Rebuilt and proved in" in view.said()
    assert "92 scripts, 327 passages, no model called." in view.said()
    view.press("Done")
    assert "Rebuild the index" in view.labels()


def test_a_rebuild_can_be_left_and_come_back_to(demo, open_app):
    view = open_app(demo, "health").press("Rebuild the index").go("retrieve")
    assert [len(c.hits) for c in view.columns().values()] == [5, 5, 5]
    assert "Rebuilt and proved in" in rebuilt(view.go("health")).said()


def test_a_mismatch_is_said_and_mended(demo, open_app):
    mismatch(demo)
    view = checked(open_app(demo, "health"))
    assert view.app.header[0].value == (
        "All three collections were embedded by another model: what would be returned is random"
    )
    assert list(matrix(view)["State"]) == ["■ mismatch"] * 3
    assert "all-MiniLM-L6-v2" in view.said()
    checked(rebuilt(view.press("Embed anew and rebuild")).press("Done"))
    assert view.app.header[0].value == "All three collections can be trusted"
    assert list(matrix(view)["Model"]) == ["● hashing"] * 3


def test_one_mismatched_collection_is_named(demo, open_app):
    with Workbench(demo) as workbench:
        hashing = workbench.embedder("hashing")
        store, records = workbench.records, workbench.catalogue.section("awakening")
        from services.vectors import embed  # noqa: PLC0415

        sets = embed([r.script for r in records], hashing)
        with store.writing("another model"):
            store.put([Record(r.script, v) for r, v in zip(records, sets, strict=True)])
    view = checked(open_app(demo, "health"))
    assert view.app.header[0].value == ("Awakening was embedded by another model: what would be returned is random")
    assert list(matrix(view)["State"]) == ["● match", "● match", "■ mismatch"]


def test_a_failed_rebuild_says_why_and_keeps_the_index(demo, open_app, monkeypatch):
    def broken(*_args, **_more):
        raise ValueError("a bug")

    view = open_app(demo, "health")
    monkeypatch.setattr("services.rebuild.sync", broken)
    rebuilt(view.press("Rebuild the index"))
    assert "It stopped unexpectedly" in view.said()
    checked(view.press("Done"))
    assert view.app.header[0].value == "All three collections can be trusted"


def test_broken_files_are_listed_and_the_rest_is_trusted(demo, open_app):
    (demo / "records" / "awakening" / "feet-first.yaml").write_text("id: [")
    (demo / "questionnaires" / "foreman.yaml").write_text("id: [")
    view = checked(open_app(demo, "health"))
    assert view.app.header[0].value == "All three collections can be trusted, but 2 files are left out"
    assert "records/awakening/feet-first.yaml" in view.said()
    assert "questionnaires/foreman.yaml" in view.said()


def test_a_script_without_vectors_is_named_and_embedded_anew(demo, open_app):
    with Workbench(demo) as workbench:
        script = workbench.catalogue.records["feet-first"].script
    (demo / "records" / "awakening" / "feet-first.yaml").write_bytes(record_format.encode(Record(script)))
    view = open_app(demo, "health")
    assert view.app.header[0].value == "All three collections can be trusted, but 1 script is left out"
    assert "- feet-first: " in view.said()
    checked(rebuilt(checked(view).press("Embed anew and rebuild")).press("Done"))
    assert view.app.header[0].value == "All three collections can be trusted"


def test_an_empty_workspace(empty, open_app):
    view = open_app(empty, "health")
    assert view.app.header[0].value == "There is nothing to retrieve from yet"
    assert not view.app.dataframe
    assert "Check now" not in view.labels()


def test_the_digests_are_there_in_full_for_an_engineer(demo, open_app):
    view = open_app(demo, "health")
    with Workbench(demo) as workbench:
        stamp = workbench.health().collections[0].query
    assert all(stamp.model_digest in code.value and stamp.recipe_digest in code.value for code in view.app.code)
    assert len(view.app.code) == 4


def test_a_link_to_a_cell_opens_it(demo, open_app):
    view = open_app(demo, "health", cell="awakening.evidence")
    assert "Awakening · Evidence: ● match" in view.said()
    assert "stored passages of" in view.said()


def test_a_link_to_a_cell_that_is_none_opens_the_page(demo, open_app):
    for named in ("nowhere.evidence", "awakening.nothing", "<b>", "."):
        assert open_app(demo, "health", cell=named).app.header[0].value == "All three collections can be trusted"


def test_every_page_says_where_answers_are_random(demo, open_app):
    mismatch(demo)
    for page in ("retrieve", "library", "inspect", "silent_bug"):
        said = open_app(demo, page).said()
        assert "Induction, Affirmations and Awakening: what retrieval would return there is random." in said


def test_checking_again_adds_to_the_history(demo, open_app):
    view = open_app(demo, "health")
    assert "Over time: 1 check" in [e.label for e in view.app.expander]
    checked(view.press("Check now"))
    assert "Over time: 2 checks" in [e.label for e in view.app.expander]


def test_a_visit_checks_what_has_changed(demo, open_app):
    with Workbench(demo) as workbench:
        record = workbench.catalogue.records["feet-first"]
        workbench.save(replace(record.script, title="Feet before all else"), base=record.digest)
        before = len(workbench.checks())
        assert workbench.check_due()
    checked(open_app(demo, "health"))
    with Workbench(demo) as workbench:
        assert len(workbench.checks()) > before
        assert not workbench.check_due()


def test_a_press_is_not_lost_when_a_check_has_ended_meanwhile(demo, open_app):
    view = open_app(demo, "health").press("Check now")
    resources.jobs("check").wait(60)
    assert resources.jobs("check").current.finished
    # What is seen is still the page of before; the press is told to the run that finds the check ended.
    view.press("Rebuild the index")
    assert resources.jobs().current is not None
    rebuilt(view)
