"""What is saved shows at once, and what is changed on disk is followed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from services import workspaces
from services.domain.model_digest import State
from services.domain.settings import EmbedderSettings, Paths
from services.errors import IdTaken, InvalidSettings, NotFound, RecordMoved, StorageFailed
from tests import doubles
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, record, script, store_of
from tests.unit.workbench.house import QUESTION, answers, from_the_records


def test_save_edit_delete_and_restore_show_at_once(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        saved = workbench.save(script("new", text="A calm night."), None)
        assert "new" in [name for name, _ in answers(workbench)["induction"]]
        moved = workbench.save(script("new", "awakening", text="A calm night."), saved.record.digest)
        assert "new" not in [name for name, _ in answers(workbench)["induction"]]
        assert answers(workbench) == from_the_records(workspace)
        with pytest.raises(RecordMoved):
            workbench.save(script("new", text="Late."), saved.record.digest)
        with pytest.raises(IdTaken):
            workbench.save(script("new"), None)
        workbench.delete("new")
        assert answers(workbench) == from_the_records(workspace)
        assert workbench.restore("new").record.digest == moved.record.digest
        assert answers(workbench) == from_the_records(workspace)
        assert workbench.check().trusted


def test_a_section_that_does_not_exist_is_refused(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench, pytest.raises(NotFound, match="no section 'sleep'"):
        workbench.save(script("new", "sleep"), None)


def in_step(workbench: TinyWorkbench) -> bool:
    return all(c.in_sync and c.state is State.MATCH for c in workbench.health().collections)


def test_nothing_is_embedded_to_start(workspace: Path) -> None:
    for _ in range(2):
        with TinyWorkbench(workspace, {"tiny": TinyEmbedder(left=0)}) as workbench:
            workbench.refresh()
            assert in_step(workbench)
    shutil.rmtree(workspace / "derived")
    with TinyWorkbench(workspace, {"tiny": TinyEmbedder(left=0)}) as workbench:
        assert in_step(workbench)


def test_a_file_changed_from_outside_is_followed(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        answers(workbench)
        store = store_of(workspace)
        with store.writing("git pull"):
            store.put([record(script("induction-sleep", text="Something else altogether."))])
            store.discard("awakening-grief")
        assert answers(workbench) == from_the_records(workspace)


def test_refreshing_twice_does_nothing_the_second_time(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        workbench.refresh()
        assert workbench.refresh() is workbench.refresh()


def test_an_empty_workspace_answers_nothing_and_lives(tmp_path: Path) -> None:
    with TinyWorkbench(doubles.make_workspace(tmp_path / "empty")) as workbench:
        assert answers(workbench) == {section: [] for section in SECTIONS}
        assert workbench.check().trusted
        assert workbench.trusts() == {}


# Settings on disk.


def test_settings_edited_on_disk_are_noticed(workspace: Path) -> None:
    paths = Paths(workspace)
    with TinyWorkbench(workspace) as workbench:
        answers(workbench)
        settings = workbench.settings
        workspaces.write_settings(paths, replace(settings, top_k=1, sections=("awakening", "induction")))
        found = workbench.retrieve(QUESTION)
        assert list(found.sections) == ["awakening", "induction"]
        assert all(len(ranking.hits) == 1 for ranking in found.sections.values())
        assert [b.path for b in workbench.broken] == [
            f"records/affirmations/affirmations-{word}.yaml" for word in ("anger", "grief", "sleep")
        ]
        workspaces.write_settings(paths, settings)
        assert answers(workbench) == from_the_records(workspace)


def test_another_embedder_in_the_settings_refuses_until_the_scripts_are_embedded_by_it(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        assert set(workbench.health().collections[0].as_json()) >= {"state", "recorded_digest", "query_digest"}
        changed = replace(workbench.settings, embedder=EmbedderSettings("other"))
        workspaces.write_settings(workbench.paths, changed)
        assert workbench.retrieve(QUESTION).refused
        assert {c.state for c in workbench.health().collections} == {State.MISMATCH}
        assert workbench.health().state == "broken"
        workbench.rebuild("other")
        assert not workbench.retrieve(QUESTION).refused
        assert workbench.check().trusted
        assert {section: trust.state for section, trust in workbench.trusts().items()} == dict.fromkeys(
            SECTIONS, State.MATCH
        )


def test_settings_that_no_longer_make_sense_are_told_and_mended(workspace: Path) -> None:
    path = Paths(workspace).settings
    with TinyWorkbench(workspace) as workbench:
        before, good = answers(workbench), path.read_bytes()
        path.write_text("format: [")
        with pytest.raises(InvalidSettings, match=r"workspace\.yaml"):
            answers(workbench)
        path.unlink()
        with pytest.raises(StorageFailed) as caught:
            answers(workbench)
        assert caught.value.next_step == "Bring the workspace back and reload."
        path.write_bytes(good)
        assert answers(workbench) == before
