"""Where judgements are kept: the history, backups, and files that are damaged."""

import zipfile
from pathlib import Path

import pytest
from dulwich.repo import Repo

from services.backup import backup
from services.domain.history import signed
from services.domain.judgements import Judgement
from services.domain.settings import Paths
from services.errors import InvalidYaml
from services.records import git_trees
from services.records.judgement_files import decode
from services.restore import restore
from services.wiring import look, writer_lock
from tests.doubles import TinyWorkbench, script
from tests.unit.judging.nights import EXPECTED, NAMES
from tests.unit.test_run_files import ID, run


def messages(bench: TinyWorkbench) -> list[str]:
    with Repo(str(bench.paths.root)) as repo:
        return [entry.commit.message.decode().strip() for entry in repo.get_walker()]


def test_what_several_judged_is_nobody_elses_commit(bench: TinyWorkbench) -> None:
    bench.refresh()
    bench.judge("calm", Judgement(NAMES[0], "Ada", 2, time="2026-01-01T00:00:00Z"))
    bench.judge("calm", Judgement(NAMES[0], "Cy", 1, time="2026-01-02T00:00:00Z"))
    with signed("Bo"):
        bench.save(script("another"), None)
    bench.take_back_judgement("calm", NAMES[0], "Ada")
    bench.take_back_judgement("calm", NAMES[0], "Cy")
    with signed("Bo"):
        bench.commit_judgements()
    with Repo(str(bench.paths.root)) as repo:
        commits = [entry.commit for entry in repo.get_walker()][:5]
        told = [(c.author.decode().partition(" <")[0], c.message.decode().strip()) for c in commits]
        file = git_trees.blob_at(repo, commits[3].id, b"judgements/calm.yaml")
        assert [j.judge for j in decode(repo.object_store[file].as_raw_string(), source="calm")[1]] == ["Ada", "Cy"]
        between = git_trees.blob_at(repo, commits[4].id, b"judgements/calm.yaml")
        assert [j.judge for j in decode(repo.object_store[between].as_raw_string(), source="calm")[1]] == ["Ada"]
        assert git_trees.blob_at(repo, commits[0].id, b"judgements/calm.yaml") is None
    saved = ("Bo", "saving 'another'")
    assert told == [("Cy", "judging"), ("Ada", "judging"), saved, ("Cy", "judging"), ("Ada", "judging")]
    assert not bench.past.lagging


def test_judgements_go_into_the_history_before_the_next_write(bench: TinyWorkbench) -> None:
    bench.refresh()
    before = messages(bench)
    for name in NAMES[:3]:
        bench.judge("calm", Judgement(name, "Ada", 2))
    assert messages(bench) == before
    bench.save(script("another"), None)
    assert messages(bench) == ["saving 'another'", "judging", *before], "and nobody outside has judged"
    bench.judge("calm", Judgement(NAMES[0], "Ada", 1))
    with signed("Ada"):
        bench.commit_judgements()
        bench.commit_judgements()
    assert messages(bench) == ["judging", "saving 'another'", "judging", *before]
    with bench.records.writing("keeping a run"):
        bench.runs.put(run())
        bench.runs.set_baseline(ID)
    with Repo(str(bench.paths.root)) as repo:
        tracked = {path.decode() for path in repo.open_index()}
    assert {"judgements/calm.yaml", f"runs/{ID}.json", "runs/baseline.yaml"} <= tracked
    assert messages(bench)[0] == "keeping a run"


def test_a_backup_has_what_was_judged_and_run(bench: TinyWorkbench, tmp_path: Path) -> None:
    bench.refresh()
    bench.judge("calm", Judgement(NAMES[0], "Ada", 2, "Well."))
    with bench.records.writing("keeping a run"):
        bench.runs.put(run())
    backup(bench.paths.root, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert {"judgements/calm.yaml", f"runs/{ID}.json"} <= set(archive.namelist())
    restore(tmp_path / "b.zip", tmp_path / "back", lambda purpose: writer_lock(Paths(tmp_path / "back"), purpose), look)
    with TinyWorkbench(tmp_path / "back") as back:
        assert back.judgements.all() == bench.judgements.all()
        assert vars(back.runs.get(ID)) == vars(run())


def test_damaged_files_of_both_are_named_by_health(bench: TinyWorkbench) -> None:
    bench.refresh()
    for name in ("judgements/calm.yaml", "runs/x.json"):
        (bench.paths.root / name).parent.mkdir(exist_ok=True)
        (bench.paths.root / name).write_text("{}")
    assert [broken.path for broken in bench.broken] == ["judgements/calm.yaml", "runs/x.json"]
    assert {"judgements/calm.yaml", "runs/x.json"} <= {broken.path for broken in bench.health().broken}
    with pytest.raises(InvalidYaml):
        bench.judge("calm", Judgement(NAMES[0], "Ada", 2))
    assert bench.grades()["calm"]["induction"] == {EXPECTED: 3}
