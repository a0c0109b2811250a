"""The whole house: what a page or a command holds, with other processes and damaged folders around it."""

import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services import workspaces
from services.domain.canaries import SENTENCES
from services.domain.checks import Check, Health
from services.domain.model_digest import State
from services.domain.questionnaires import make_questionnaire
from services.domain.settings import EmbedderSettings, Paths
from services.errors import IdTaken, InvalidSettings, NotFound, RecordMoved, StorageFailed
from services.indexes import probe
from services.indexes.exact import ExactIndex
from services.retrieve import Options
from services.sync import sync
from tests import doubles
from tests.checking import Changed, negated
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, record, script, stamp, store_of

QUESTION = make_questionnaire(query="a calm night")
ALL = Options(top_k=50, statuses=())


def answers(workbench: TinyWorkbench) -> dict[str, list[tuple[str, float]]]:
    found = workbench.retrieve(QUESTION, ALL)
    return {
        name: [(hit.script.id, round(hit.distance, 5)) for hit in ranking.hits]
        for name, ranking in found.sections.items()
    }


def from_the_records(root: Path) -> dict[str, list[tuple[str, float]]]:
    """What the records alone say, worked out in memory."""
    catalogue, index = store_of(root).catalogue(), ExactIndex()
    sync(catalogue, index, SECTIONS, stamp())
    found = {}
    for section in SECTIONS:
        scores = index.score(section, TinyEmbedder().embed_query("a calm night"))
        order = np.argsort(scores.distances, kind="stable")
        found[section] = [(scores.scripts[i], round(float(scores.distances[i]), 5)) for i in order]
    return found


# Another process, which says what it does and does what it is told.
OTHER = """
import sys, pathlib
from tests.doubles import TinyWorkbench, script
workbench = TinyWorkbench(pathlib.Path(sys.argv[1]))
for line in sys.stdin:
    what, _, name = line.strip().partition(" ")
    if what == "open":
        workbench.refresh()
    elif what == "save":
        workbench.save(script(name), None)
    elif what == "rebuild":
        workbench.rebuild()
    elif what == "close":
        workbench.close()
    print(what, workbench.note, flush=True)
"""


class Other:
    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, what: str) -> str:
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def other_process(root: Path) -> Iterator[Other]:
    other = Other(root)
    try:
        yield other
    finally:
        other.process.kill()
        other.process.communicate()


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


# Checks.


def unverified(found: Health) -> set[str]:
    return {cell.check.value for cell in found.collections[0].cells if cell.state is State.UNVERIFIED}


def test_health_asks_no_model_and_a_check_does(workspace: Path) -> None:
    tiny = TinyEmbedder()
    with TinyWorkbench(workspace, {"tiny": tiny}) as workbench:
        before = workbench.health()
        assert (before.state, before.checked, unverified(before)) == (
            "attention",
            "",
            {"canaries", "evidence", "unread", "rankings"},
        )
        assert workbench.check_due()
        assert tiny.asked == []
        assert list(workbench.checks()) == []
        checked = workbench.check()
        assert (checked.state, unverified(checked)) == ("ok", set())
        asked = len(tiny.asked)
        assert asked > len(SENTENCES)
        assert workbench.health().as_json() == checked.as_json()
        assert not workbench.check_due()
        assert len(tiny.asked) == asked
    assert [path.parent.name for path in (*workspace.glob("checks/*"), *workspace.glob("canaries/*"))] == [
        "checks",
        "canaries",
    ]


def test_what_was_checked_is_known_to_the_next_process_and_an_edit_makes_a_check_due(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        found = workbench.check()
    with TinyWorkbench(workspace, {"tiny": TinyEmbedder(left=0)}) as workbench:
        assert workbench.health().checked == found.checked
        assert workbench.health().state == "ok"
        assert not workbench.check_due()
        shutil.rmtree(workspace / "derived")
        assert len(workbench.checks()) == 1
    with TinyWorkbench(workspace) as workbench:
        workbench.save(script("new"), None)
        assert workbench.check_due()


def test_an_accepted_check_is_what_later_ones_are_compared_with(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        with pytest.raises(NotFound):
            workbench.accept_baseline()
        workbench.check()
        for word in ("anger", "grief", "sleep"):
            workbench.delete(f"induction-{word}")
        for word in ("zzzz", "zz"):
            workbench.save(script(word, text=word * 60), None)
        assert workbench.check().collections[0].cell(Check.SHIFT).state is State.DRIFTED
        workbench.accept_baseline()
        assert workbench.health().collections[0].cell(Check.SHIFT).fine
        assert workbench.check().state == "ok"
        assert [check.accepted for check in workbench.checks()] == [False, True, False]


def test_the_first_script_of_a_workspace_records_the_canaries_of_its_model(tmp_path: Path) -> None:
    with TinyWorkbench(doubles.make_workspace(tmp_path / "empty")) as workbench:
        assert workbench.checkups.canaries == {}
        workbench.save(script("one"), None)
        (first,) = workbench.checkups.canaries.values()
        workbench.save(script("two"), None)
        assert [c.recorded for c in workbench.checkups.canaries.values()] == [first.recorded]
        assert workbench.check().collections[0].cell(Check.CANARIES).state is State.MATCH


def test_damaged_canaries_want_attention_and_are_recorded_anew_on_evidence_only(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        workbench.check()
        (path,) = workspace.glob("canaries/*.yaml")
        path.write_bytes(path.read_bytes()[:200])
        told = workbench.health()
        assert (told.state, [b.path for b in told.broken]) == ("attention", [f"canaries/{path.name}"])
        moved = Changed(TinyEmbedder(), negated)
        workbench.made["tiny"] = moved
        workbench._embedders.clear()
        assert workbench.check().state == "broken"
        assert workbench.checkups.canaries == {}
        workbench.made["tiny"] = TinyEmbedder()
        workbench._embedders.clear()
        assert workbench.check().state == "ok"
        assert len(workbench.checkups.canaries) == 1


# Two processes.


def test_a_second_process_answers_from_memory_and_takes_over_when_the_first_lets_go(workspace: Path) -> None:
    with other_process(workspace) as other, TinyWorkbench(workspace) as workbench:
        assert other.do("open") == "open"
        assert answers(workbench) == from_the_records(workspace)
        assert "Another process has the index open" in workbench.note
        assert workbench.health().index == "exact"
        assert workbench.note in workbench.health().notes
        assert other.do("save from-the-other") == "save"
        workbench.save(script("from-this-one"), None)
        names = [name for name, _ in answers(workbench)["induction"]]
        assert {"from-the-other", "from-this-one"} <= set(names)
        other.do("close")
        assert answers(workbench) == from_the_records(workspace)
        assert workbench.note == ""
        assert workbench.health().index == "chroma"
        assert workbench.check().trusted
        assert "Another process" in other.do("open")


def test_a_killed_owner_lets_go(workspace: Path) -> None:
    with other_process(workspace) as other, TinyWorkbench(workspace) as workbench:
        other.do("open")
        assert workbench.refresh()
        assert workbench.note
    with TinyWorkbench(workspace) as workbench:
        assert answers(workbench) == from_the_records(workspace)
        assert workbench.health().index == "chroma"
        assert workbench.check().trusted


def test_a_generation_that_another_process_made_is_picked_up(workspace: Path) -> None:
    with other_process(workspace) as other, TinyWorkbench(workspace) as workbench:
        before = workbench.health().generation
        assert other.do("rebuild") == "rebuild"
        assert answers(workbench) == from_the_records(workspace)
        assert "Another process" in workbench.note
        other.do("close")
        after = workbench.check()
        assert after.trusted
        assert after.index == "chroma"
        assert after.generation != before
        assert (workspace / "derived" / "index" / "CURRENT").read_text().strip() == after.generation
        assert answers(workbench) == from_the_records(workspace)


def test_a_rebuild_in_the_process_that_borrows_makes_a_stored_generation(workspace: Path) -> None:
    with other_process(workspace) as other, TinyWorkbench(workspace) as workbench:
        other.do("open")
        workbench.refresh()
        assert workbench.rebuild().generation
        assert workbench.health().index == "chroma"
        assert "Another process" in other.do("open")


# Damage.


def chroma_folder(root: Path) -> Path:
    index = root / "derived" / "index"
    return index / (index / "CURRENT").read_text().strip() / "chroma"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough passages that Chroma writes its graph into files."""
    rng = random.Random(4)
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(3, 9))) for _ in range(400)]
    scripts = [script(f"s{i}", text=" ".join(rng.choices(words, k=60)) + ".") for i in range(90)]
    root = doubles.make_workspace(tmp_path_factory.mktemp("large") / "workspace", scripts)
    with TinyWorkbench(root) as workbench:
        assert workbench.check().trusted
    assert list(chroma_folder(root).rglob("index_metadata.pickle"))
    return root


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


# Each with what a child says that opens the folder. All that it does not survive are mended alike.
DAMAGES = {
    "chroma.sqlite3": (truncated, False),
    "data_level0.bin": (truncated, False),
    "index_metadata.pickle": (emptied, False),
    "length.bin": (random_bytes, True),
}
MEND = ("data_level0.bin", "length.bin")


def damaged(large: Path, root: Path, name: str) -> Path:
    shutil.copytree(large, root)
    for path in chroma_folder(root).rglob(name):
        DAMAGES[name][0](path)
    return root


@pytest.mark.parametrize("name", sorted({*DAMAGES} - {*MEND}))
def test_a_child_tells_of_a_damaged_chroma_folder(large: Path, tmp_path: Path, name: str) -> None:
    assert probe.survives(chroma_folder(damaged(large, tmp_path / name, name))) is DAMAGES[name][1]


def test_a_damaged_chroma_folder_is_mended_from_the_records(large: Path, tmp_path: Path) -> None:
    for name in MEND:
        damaged(large, tmp_path / name, name)
    # In a process of its own: what damages it must not take the tests along.
    told = subprocess.run([sys.executable, "-c", MENDED, tmp_path], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [f"{name}: 90 scripts, [], True, {DAMAGES[name][1]}" for name in MEND]


MENDED = """
import sys, pathlib
import numpy as np
from services.domain.questionnaires import make_questionnaire
from services.indexes import probe
from tests.doubles import TinyEmbedder, TinyWorkbench
said, survives = [], probe.survives
probe.survives = lambda folder: said.append(survives(folder)) or said[-1]
for root in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    embedder = TinyEmbedder()
    with TinyWorkbench(root, {"tiny": embedder}) as workbench:
        workbench.refresh()
        called = list(embedder.asked)
        ranking = workbench.retrieve(make_questionnaire(query="night")).sections["induction"]
        sound = np.isfinite(ranking.distances).all()
        print(f"{root.name}: {len(ranking.scored)} scripts, {called}, {sound}, {said[0]}")
    said.clear()
"""


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"../../elsewhere\n", b"no-such-generation\n", b"a/b\n"])
def test_a_pointer_that_points_nowhere_is_a_rebuild(workspace: Path, content: bytes) -> None:
    with TinyWorkbench(workspace) as workbench:
        before = answers(workbench)
    (workspace / "derived" / "index" / "CURRENT").write_bytes(content)
    with TinyWorkbench(workspace) as workbench:
        assert answers(workbench) == before
        assert workbench.check().trusted


def test_derived_can_be_deleted_at_any_time(workspace: Path) -> None:
    with TinyWorkbench(workspace) as workbench:
        before = answers(workbench)
    shutil.rmtree(workspace / "derived")
    with TinyWorkbench(workspace) as workbench:
        assert answers(workbench) == before


def test_a_rebuild_while_questions_are_asked_fails_none_of_them(workspace: Path) -> None:
    errors: list[BaseException] = []
    with TinyWorkbench(workspace) as workbench:
        expected = answers(workbench)
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                try:
                    assert answers(workbench) == expected
                    workbench.retrieve(QUESTION, Options(whole_section=False))
                except BaseException as error:  # noqa: BLE001  told below
                    errors.append(error)
                    return

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            workbench.rebuild()
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []


# Somebody else's folder.

READ_ONLY = """
import os, sys, pathlib
from services.errors import StorageFailed
from services.domain.questionnaires import make_questionnaire
from tests.doubles import TinyWorkbench, script
root = pathlib.Path(sys.argv[1])
os.chdir(root.parent)
os.setgid(65534)
os.setuid(65534)
with TinyWorkbench(pathlib.Path(root.name)) as workbench:
    print(len(workbench.retrieve(make_questionnaire(query="night")).sections["induction"].hits), workbench.writable)
    print(workbench.note)
    try:
        workbench.save(script("new"), None)
    except StorageFailed as error:
        print(error.cause)
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become somebody else")
def test_a_read_only_workspace_is_searched_in_memory(workspace: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    told = subprocess.run(
        [sys.executable, "-c", READ_ONLY, str(workspace)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "3 False",
        "The workspace is read-only: it is searched in memory and cannot be changed.",
        "The workspace workspace is read-only.",
    ]
