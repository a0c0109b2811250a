"""What the tests of the command line share."""

import json
from pathlib import Path

from services.cli.main import main


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
