"""What is damaged is mended from the records, and what belongs to somebody else is only read."""

import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.indexes import probe
from services.retrieve import Options
from tests import doubles
from tests.doubles import TinyWorkbench, script
from tests.unit.workbench.house import QUESTION, answers


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


@pytest.mark.cold
@pytest.mark.parametrize("name", sorted({*DAMAGES} - {*MEND}))
def test_a_child_tells_of_a_damaged_chroma_folder(large: Path, tmp_path: Path, name: str) -> None:
    assert probe.survives(chroma_folder(damaged(large, tmp_path / name, name))) is DAMAGES[name][1]


def test_a_damaged_chroma_folder_is_mended_from_the_records(large: Path, tmp_path: Path) -> None:
    for name in MEND:
        damaged(large, tmp_path / name, name)
    # In a process of its own: what damages it must not take the tests along.
    told = subprocess.run([sys.executable, "-c", MENDED, tmp_path], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    *lines, last = told.stdout.splitlines()
    # Whether Chroma survives half a graph depends on what lies in memory behind it; the answers do not.
    assert [line.rpartition(",")[0] for line in lines] == ["data_level0.bin: 90 scripts, [], True"]
    assert last == "length.bin: 90 scripts, [], True, True"


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


READ_ONLY = """
import os, sys, pathlib
# Loaded while it may still be read: Python itself may lie in a folder of root's.
import services.indexes.chroma
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
