"""A workspace of nights, and one questionnaire to judge them for."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import Status
from tests.doubles import TinyWorkbench, make_workspace, script
from tests.unit.judging.nights import EXPECTED, NAMES


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scripts = [script(name, text=f"{'Calm ' * (number + 1)}{'zebra ' * 9}") for number, name in enumerate(NAMES)]
    far = [
        script(EXPECTED, text="Pyjamas. " * 30),
        script("drafted", status=Status.DRAFT),
        script("dawn", "awakening", "Wake up."),
    ]
    root = make_workspace(tmp_path_factory.mktemp("judging") / "workspace", [*scripts, *far])
    expected = (Expected(EXPECTED, 3), Expected("dawn", 2))
    with TinyWorkbench(root) as opened:
        opened.refresh()
        opened.save_questionnaire(make_questionnaire(id="calm", title="Calm", query="calm", expected=expected))
    return root


@pytest.fixture
def bench(made: Path, tmp_path: Path) -> Iterator[TinyWorkbench]:
    # With the times of the files: the index is then known to be as it was left.
    with TinyWorkbench(shutil.copytree(made, tmp_path / "workspace")) as opened:
        yield opened
