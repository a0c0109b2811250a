"""What the tests of the command line share."""

import json
import os
import subprocess
import sys
from pathlib import Path

from services.cli.main import main

ROOT = Path(__file__).parents[2]
SCRIPTS = "id,section,title,focus_areas,status,text\n" + "".join(
    f"{name},{section},{name.title()},{area},{status},{text}\n"
    for name, section, area, status, text in [
        ("harbour", "induction", "sleep", "approved", "Waves roll slowly into the harbour at night."),
        ("meadow", "induction", "calm", "approved", "Grass and bees hum in the warm meadow."),
        ("attic", "induction", "sleep", "draft", "Waves of dust settle in the attic."),
        ("oak", "affirmations", "strength", "approved", "I stand like an oak in the wind."),
    ]
)


def run(capsys, *arguments) -> tuple[int, dict]:
    """Run a command with --json: its exit code, and the one JSON document that it printed."""
    capsys.readouterr()
    code = main([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def make(folder: Path, *sections: str, embedder: str = "hashing") -> Path:
    """A new workspace."""
    arguments = ["init", str(folder), "--embedder", embedder, *(["--section", *sections] if sections else [])]
    assert main(arguments) == 0
    return folder


def launch(*arguments, cwd=ROOT, **environment):
    """A process of its own, for what only a process shows."""
    known = {k: v for k, v in os.environ.items() if not k.startswith("SCRIPTORIUM")}
    return subprocess.run(
        [sys.executable, "-m", "services", *map(str, arguments)],
        cwd=cwd,
        env={**known, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
