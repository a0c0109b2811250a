"""What the command line says about itself is true: help, examples, and its page of documentation."""

import json
import shlex
import subprocess
import sys

import pytest

from services.cli.main import main
from services.cli.parser import EXPORT_FORMATS, IMPORT_FORMATS, VERBS, make_parser
from services.domain.questionnaires import make_questionnaire
from services.exporting import FORMATS, collections
from services.readers.walk import AUTO
from services.wiring import READERS
from services.workbench import Workbench
from tests.strangers import hashed, make_chroma
from tests.unit.command_line import ROOT, run


def lay_out(verb, folder):
    """What the verb's example names, beside the workspace."""
    if verb.name == "restore":
        with Workbench(folder / "corpus") as workbench:
            workbench.backup(folder / "backup.zip")
    if verb.name == "evaluate":
        with Workbench(folder / "corpus") as workbench:
            workbench.questionnaires.put(make_questionnaire(id="sea", query="waves in the harbour"))
    if verb.name == "inspect":
        make_chroma(folder / "some-chroma-folder", {"induction": hashed(["Waves roll slowly.", "Grass and bees hum."])})


# Help


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom services.cli.main import main\n"
        "try: main(['import', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'chromadb', 'streamlit', 'sklearn', 'openai', 'yaml'} & sys.modules.keys()\n"
        "print('heavy:', *sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.stdout.splitlines()[-1], done.stderr) == ("heavy:", "")


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_help_shows_an_example_that_works(verb, workspace, monkeypatch, capsys):
    with pytest.raises(SystemExit) as left:
        main([verb.name, "--help"])
    assert left.value.code == 0
    assert verb.example in capsys.readouterr().out

    lay_out(verb, workspace.parent)
    words = shlex.split(verb.example)
    assert words[:4] == ["python", "-m", "services", verb.name]
    monkeypatch.chdir(workspace.parent)
    monkeypatch.setenv("SCRIPTORIUM_WORKSPACE", str(workspace))

    # In this process, which has loaded MiniLM already; what only a process shows is seen in test_ways_in.
    assert main(words[3:]) == 0
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_verb_and_each_of_its_arguments_is_documented(verb):
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    heading = f"\n## {verb.name}\n"
    assert heading in page
    section = page.split(heading, 1)[1].split("\n## ", 1)[0]
    common = {"--workspace", "--json", "--debug", "--help", "-h"}
    actions = make_parser()._subparsers._group_actions[0].choices[verb.name]._actions
    typed = {option for action in actions for option in action.option_strings} - common

    assert [option for option in sorted(typed) if f"`{option}" not in section] == []
    assert "\nExit " in section


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_the_documented_example_has_the_fields_of_a_real_answer(verb, workspace, monkeypatch, capsys):
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    example = page.split(f"\n## {verb.name}\n", 1)[1].split("```json\n", 1)[1].split("```", 1)[0]
    lay_out(verb, workspace.parent)
    monkeypatch.chdir(workspace.parent)
    monkeypatch.setenv("SCRIPTORIUM_WORKSPACE", str(workspace))

    code, answer = run(capsys, *shlex.split(verb.example)[3:])

    assert code == 0
    shown = json.loads(example)
    assert shown.keys() == answer.keys()
    if verb.name == "retrieve":
        assert shown["sections"]["induction"].keys() == answer["sections"]["induction"].keys()
        assert shown["sections"]["induction"]["hits"][0].keys() == answer["sections"]["induction"]["hits"][0].keys()
    if verb.name in {"health", "inspect"}:
        assert shown["collections"][0].keys() == answer["collections"][0].keys()


def test_the_parser_knows_the_formats_that_there_are():
    assert set(IMPORT_FORMATS) == {AUTO, *READERS, "store", "trec-qrels", "trec-run"}
    assert (*FORMATS, *collections.FORMATS) == EXPORT_FORMATS
