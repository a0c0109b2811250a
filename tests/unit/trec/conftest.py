"""A workspace of what came from a collection, and files to bring into it."""

import shutil
from pathlib import Path

import pytest

from services.domain.questionnaires import Expected, make_questionnaire
from services.workbench import Workbench
from tests.unit.command_line import make, run
from tests.unit.trec.corpus import script


@pytest.fixture
def written(tmp_path):
    def written(content):
        path = tmp_path / "file.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Two scripts of one source in two sections; two questionnaires, one of them judged in one section."""
    folder = make(tmp_path_factory.mktemp("trec") / "corpus")
    with Workbench(folder) as bench:
        for one in (
            *(script("12"), script("12-9f", "awakening", "12"), script("med-10", source_id="MED-10")),
            *(script("oak"), script("elm"), script("ash", "awakening")),
        ):
            bench.save(one, base=None)
        expected = (Expected("med-10", 3), Expected("oak", 1))
        bench.save_questionnaire(
            make_questionnaire(id="plain-2", title="P", query="words of oak", source_id="PLAIN-2", expected=expected)
        )
        bench.save_questionnaire(make_questionnaire(id="two", title="Two", query="words of elm"))
    return folder


@pytest.fixture
def workspace(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "corpus"))


@pytest.fixture
def bring(workspace, capsys, written):
    def bring(content, *arguments):
        return run(capsys, "--workspace", workspace, "import", written(content), *arguments)

    return bring
