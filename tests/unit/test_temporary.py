"""What killed processes left in the system's temporary folder goes, and nothing else."""

import os
import tempfile

from services.ground import temporary


def test_what_nobody_has_touched_for_a_day_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("ours-old", "ours-new", "theirs-old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "text").write_text("private")
    for name in ("ours-old", "theirs-old"):
        os.utime(tmp_path / name, (0, 0))
    temporary.sweep("ours-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ours-new", "theirs-old"]
