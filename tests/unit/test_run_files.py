"""Runs as files: the same bytes for the same run, every float to the last bit, and no damage that goes unnoticed."""

import json
import os
import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.measures import Coverage, Figures, Interval
from services.domain.methods import Method, Mode
from services.domain.runs import Answer, Found, Outcome, Provenance, Run, Setup
from services.errors import InvalidInput, NotFound
from services.ground import digests
from services.records import run_files, run_rankings
from services.records.run_files import JsonRunStore

ID = "2026-11-21t13-40-12-0a1b2c3d"
TIME = "2026-11-21T13:40:12.000Z"
SETUP = Setup(Method("Mine", Mode.HYBRID, cut_offs={"m": 0.7}), "{focus_area}", 5, "tiny", "tiny", "m", "r")


def run(run_id: str = ID, **more: object) -> Run:
    first = Found(("b", "a"), (0.1 + 0.2, 1e-17), (0.30000000000000004, None), 9, {"b": 1, "z": 9})
    answers = (
        Answer("calm", Outcome.ANSWERED, "a calm\nnight", {"induction": first, "awakening": Found((), (), (), 0)}),
        Answer("bold", Outcome.FAILED, "bold", cause="No key.", next_step="Set one."),
        Answer("late", Outcome.NOT_RUN),
    )
    half = Interval(0.5, None, None, 1)
    figures = Figures(
        {"recall@5": Interval(1 / 3, 0.0, 1.0, 2)},
        {"induction": {"recall@5": half}},
        {"calm": {"induction": {"recall@5": 2 / 3, "RR": 1.0}}, "bold": {}},
        {"induction": Coverage(1, 2)},
    )
    made_on = Provenance("corpus", "asked", "judged", "settings", {"numpy": "2"}, "abc123")
    made = Run(run_id, TIME, SETUP, made_on, answers, {"calm": {"induction": {"b": 3, "z": 0}}}, figures, seconds=1.25)
    return replace(made, unknown={"calm": ("gone",)}, without_scripts=("empty",), refused={"odd": "Why."}, **more)


@pytest.fixture
def store(tmp_path: Path) -> JsonRunStore:
    return JsonRunStore(tmp_path / "runs")


def test_a_run_comes_back_as_it_was_and_as_the_same_bytes(store: JsonRunStore, tmp_path: Path) -> None:
    store.put(run(by="Ada", name="Before"))
    path = tmp_path / "runs" / f"{ID}.json"
    written = path.read_bytes()
    read = JsonRunStore(tmp_path / "runs").get(ID)
    assert vars(read) == vars(run(by="Ada", name="Before"))
    assert read.answers[0].sections["induction"].scores == (0.30000000000000004, 1e-17)
    assert list(read.answers[0].sections) == ["induction", "awakening"]
    store.put(read)
    assert path.read_bytes() == written
    assert json.loads(written)["run"]["scripts"] == ["a", "b", "z"], "both lines are one document"


def test_a_list_of_runs_reads_first_lines_and_those_once(store: JsonRunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put(run())
    store.put(run("later", time="2026-11-22T09:00:00.000Z", name="Later"))
    monkeypatch.setattr(run_rankings, "decode", None)
    newest, oldest = store.summaries()[0]
    assert [newest.id, oldest.id] == ["later", ID]
    assert (newest.name, newest.setup, newest.refused) == ("Later", SETUP, {"odd": "Why."})
    assert oldest.outcomes == {"answered": 1, "nothing_found": 0, "failed": 1, "not_run": 1}
    assert not oldest.complete
    assert oldest.figures == replace(run().figures, values={})
    monkeypatch.setattr(run_files, "_summary", None)
    again = store.summaries()[0]
    assert again[0] is newest


def test_a_name_changes_nothing_else(store: JsonRunStore, tmp_path: Path) -> None:
    store.put(run())
    before = (tmp_path / "runs" / f"{ID}.json").read_bytes().partition(b"\n")
    store.rename(ID, "  With\nvariety ")
    after = (tmp_path / "runs" / f"{ID}.json").read_bytes().partition(b"\n")
    assert before[2] == after[2]
    assert store.get(ID).name == store.summaries()[0][0].name == "With variety"
    store.rename(ID, "")
    assert vars(store.get(ID)) == vars(run())
    with pytest.raises(NotFound):
        store.rename("another", "x")


def test_a_run_that_is_compared_with_is_remembered_until_it_is_deleted(store: JsonRunStore, tmp_path: Path) -> None:
    assert store.baseline == ""
    with pytest.raises(NotFound):
        store.set_baseline(ID)
    store.put(run())
    store.put(run("other"))
    store.set_baseline(ID)
    assert JsonRunStore(tmp_path / "runs").baseline == ID
    store.delete("other")
    assert store.baseline == ID
    store.delete(ID)
    assert store.baseline == ""
    assert store.summaries() == ([], ())
    for of_none in (store.get, store.delete):
        with pytest.raises(NotFound):
            of_none(ID)
    store.put(run())
    store.set_baseline(ID)
    store.set_baseline("")
    assert (store.baseline, store.summaries()[1]) == ("", ())


@pytest.mark.parametrize("stated", [b"", b"run: x\n", b"format: scriptorium-baseline/1\nrun: ../x\n", b"\xff"])
def test_a_baseline_that_names_no_run_is_said(store: JsonRunStore, tmp_path: Path, stated: bytes) -> None:
    store.put(run())
    (tmp_path / "runs" / "baseline.yaml").write_bytes(stated)
    assert store.baseline == ""
    assert [broken.path for broken in store.summaries()[1]] == ["runs/baseline.yaml"]
    store.set_baseline(ID)
    assert (store.baseline, store.summaries()[1]) == (ID, ())
    (tmp_path / "runs" / f"{ID}.json").unlink()
    assert store.baseline == ""
    assert ID in store.summaries()[1][0].cause


def spoiled() -> dict[str, bytes]:
    whole = run_files.run_format.encode(run())
    head, _, rest = whole.partition(b"\n")
    return {
        "empty": b"",
        "another-format": whole.replace(b"scriptorium-run/1", b"scriptorium-run/9"),
        "another-json": b'{"a": [1, 2]}\n',
        "no-json": b"\xff\xfe\x00 not json",
        "cut-short": whole[:-5],
        "only-the-head": head + b"\n",
        "a-key-less": head.replace(b'"seconds":1.25,', b"") + b"\n" + rest,
        "no-number": head.replace(b"0.3333333333333333", b"NaN") + b"\n" + rest,
        "nested": b'{"a":' + b"[" * 100_000 + b",\n" + rest,
    }


@pytest.mark.parametrize("kind", spoiled())
def test_a_damaged_file_is_named_and_the_others_work(store: JsonRunStore, tmp_path: Path, kind: str) -> None:
    store.put(run())
    (tmp_path / "runs" / f"{kind}.json").write_bytes(spoiled()[kind])
    found, (broken,) = store.summaries()
    assert [one.id for one in found] == [ID]
    assert (broken.path, bool(broken.cause and broken.next_step)) == (f"runs/{kind}.json", True)
    for use in (store.get, lambda name: store.rename(name, "x")):
        with pytest.raises(InvalidInput, match=f"runs/{kind}.json"):
            use(kind)
    store.delete(kind)
    assert store.summaries()[1] == ()


def test_what_is_no_file_of_ours_is_named(store: JsonRunStore, tmp_path: Path) -> None:
    store.put(run())
    folder = tmp_path / "runs"
    (folder / "folder.json").mkdir()
    (folder / "nowhere.json").symlink_to(folder / "gone")
    (folder / "elsewhere.json").write_bytes((folder / f"{ID}.json").read_bytes())
    (folder / ".hidden.json").write_text("")
    (folder / "notes.txt").write_text("mine")
    os.mkfifo(folder / "pipe.json")
    found, broken = store.summaries()
    assert [one.id for one in found] == [ID]
    names = ("elsewhere", "folder", "nowhere", "pipe")
    assert [one.path for one in broken] == [f"runs/{name}.json" for name in names]
    assert broken[0].next_step == f"Name it {ID}.json."
    with pytest.raises(NotFound):
        store.get("../workspace")


def test_a_ranking_that_somebody_changed_is_not_taken_for_the_run(store: JsonRunStore, tmp_path: Path) -> None:
    store.put(run())
    path = tmp_path / "runs" / f"{ID}.json"
    store.get(ID)
    path.write_bytes(path.read_bytes().replace(b'"scripts":["a","b","z"]', b'"scripts":["b","a","z"]'))
    assert store.summaries()[1] == (), "which only whoever reads it whole finds out"
    with pytest.raises(InvalidInput, match="its digest is another"):
        store.get(ID)


def edited(old: bytes, new: bytes, *, signed: bool) -> bytes:
    """The file with something else in its first line, and with the digest that fits it."""
    head, _, rest = run_files.run_format.encode(run()).partition(b"\n")
    assert head.count(old) == 1
    head = head.replace(old, new)
    stated = head.rpartition(b',"digest":"')[0]
    return (stated + b',"digest":"' + digests.of_bytes(stated).encode() + b'",' if signed else head) + b"\n" + rest


EDITS = {
    "a figure": (b"0.3333333333333333,0.0,1.0,2", b"0.99,0.0,1.0,2"),
    "a figure of 7": (b"0.3333333333333333", b"7"),
    "a figure below 0": (b"0.3333333333333333", b"-0.5"),
    "an endless figure": (b"0.3333333333333333", b"1e999"),
    "fewer than none": (b"1.0,2]", b"1.0,-3]"),
    "a time that is none": (TIME.encode(), b"garbage"),
    "a time of no zone": (TIME.encode(), TIME[:-1].encode()),
    "a negative coverage": (b'"coverage":{"induction":[1,2]}', b'"coverage":{"induction":[5,-1]}'),
    "more judged than shown": (b'"coverage":{"induction":[1,2]}', b'"coverage":{"induction":[3,2]}'),
    "nothing shown": (b'"top_k":5', b'"top_k":0'),
    "less than nothing shown": (b'"top_k":5', b'"top_k":-5'),
    "more shown than can be": (b'"top_k":5', b'"top_k":51'),
    "fewer than none failed": (b'"failed":1', b'"failed":-1'),
    "an endless while": (b'"seconds":1.25', b'"seconds":1e999'),
}


@pytest.mark.parametrize("kind", EDITS)
def test_a_summary_that_somebody_changed_is_taken_for_none(store: JsonRunStore, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "runs" / f"{ID}.json"
    store.put(run())
    assert path.read_bytes() == edited(b"1.25", b"1.25", signed=True), "signed as the store does"
    for signed in (False, *([True] if kind != "a figure" else [])):
        path.write_bytes(edited(*EDITS[kind], signed=signed))
        again = JsonRunStore(tmp_path / "runs")
        assert [broken.path for broken in again.summaries()[1]] == [f"runs/{ID}.json"], signed
        for use in (again.get, lambda name: store.rename(name, "x")):
            with pytest.raises(InvalidInput, match="cannot be used"):
                use(ID)


def test_a_large_run_is_written_and_read_in_a_second_or_two(store: JsonRunStore) -> None:
    rng = random.Random(5)
    names = [f"a-script-of-the-corpus-{number}" for number in range(2_000)]

    def found() -> Found:
        scores = tuple(sorted((rng.random() for _ in range(100)), reverse=True))
        return Found(tuple(rng.sample(names, 100)), scores, tuple(1 - score for score in scores), 2_000)

    answers = tuple(Answer(f"q-{n}", Outcome.ANSWERED, "", {s: found() for s in "abc"}) for n in range(400))
    made = run(answers=answers)
    started = time.monotonic()
    store.put(made)
    read = store.get(ID)
    # 0.4 s where this was written; a thousand questionnaires, 0.5 s to write and 0.4 s to read.
    assert time.monotonic() - started < 3
    assert read.answers == answers
    assert store.get(ID) is read
