"""The log of checks: every check comes back, a line cut short is no line, and what a later version adds is no harm."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.trust import Evidence, Measured, Measurement
from services.errors import StorageFailed
from services.records.check_log import JsonCheckLog, encode
from tests.doubles import stamp

CENTROID = np.array([0.1, -0.2, 1e-7], np.float32)


def check(time: str = "2026-11-21T10:00:00.000Z", **more: object) -> Measurement:
    found = Measured(
        recorded=stamp(),
        records="digest",
        evidence=Evidence({"one": 0.987654, "two": -1.0}, 3, 9),
        centroid=CENTROID,
        unread={"one": 0.25},
        unread_scripts=4,
        unread_share=0.125,
        separations={"clear": 2, "no information": 1},
    )
    sections = {"induction": found, "awakening": replace(found, recorded=None, evidence=Evidence({}, 0, 0))}
    given = {"failure": "", "accepted": False, "canary_min_cosine": 0.9999, **more}
    return Measurement(
        time, "tiny", stamp(), canary_recorded="then", sections=sections, versions={"numpy": "2"}, **given
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checks"


@pytest.fixture
def log(folder: Path) -> JsonCheckLog:
    return JsonCheckLog(folder)


def test_a_check_comes_back_as_it_was(log, folder) -> None:
    made = check()
    log.append(made)
    for reader in (log, JsonCheckLog(folder)):
        (found,) = reader.all()
        assert encode(found) == encode(made)
        assert found.query == stamp()
        assert found.sections["induction"].evidence == made.sections["induction"].evidence
        assert found.sections["induction"].centroid.tobytes() == CENTROID.tobytes()
        assert found.sections["awakening"].recorded is None


@pytest.mark.parametrize(
    "more",
    [
        {"canary_min_cosine": None},
        {"failure": "Away: \u00e4 \n\u2028 b", "canary_min_cosine": None},
        {"accepted": True},
    ],
)
def test_what_may_be_missing_comes_back(log, folder, more: dict) -> None:
    log.append(check(**more))
    (found,) = JsonCheckLog(folder).all()
    assert encode(found) == encode(check(**more))


def test_none_was_made(log) -> None:
    assert list(log.all()) == []


def test_a_file_a_month_the_oldest_first(log, folder) -> None:
    times = ["2026-12-01T00:00:00.000Z", "2026-11-30T23:59:59.999Z", "2027-01-01T00:00:00.000Z"]
    for time in times:
        log.append(check(time))
    assert sorted(path.name for path in folder.iterdir()) == ["2026-11.jsonl", "2026-12.jsonl", "2027-01.jsonl"]
    assert [found.time for found in log.all()] == sorted(times)


def test_what_another_process_appended_is_seen_and_what_did_not_change_is_not_read_again(log, folder) -> None:
    log.append(check("2026-11-01"))
    (first,) = log.all()
    assert log.all()[0] is first
    JsonCheckLog(folder).append(check("2026-11-02"))
    assert [found.time for found in log.all()] == ["2026-11-01", "2026-11-02"]


@pytest.mark.parametrize("cut", [1, 10, 400])
def test_a_torn_last_line_is_passed_over_and_the_next_check_begins_anew(log, folder, cut: int) -> None:
    for day in (1, 2):
        log.append(check(f"2026-11-0{day}"))
    path = folder / "2026-11.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    before = ["2026-11-01"] if cut > 1 else ["2026-11-01", "2026-11-02"]
    assert [found.time for found in log.all()] == before
    log.append(check("2026-11-03"))
    assert [found.time for found in log.all()] == [*before, "2026-11-03"]
    assert [found.time for found in JsonCheckLog(folder).all()] == [*before, "2026-11-03"]


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b"null", b"7", b"\xff\xfe", b"{", b'{"time": 1}', b"[" * 100_000, b'{"sections": []}']
)
def test_a_line_that_is_no_check_is_passed_over(log, folder, line: bytes) -> None:
    log.append(check("2026-11-01"))
    with (folder / "2026-11.jsonl").open("ab") as file:
        file.write(line + b"\n")
    log.append(check("2026-11-03"))
    assert [found.time for found in JsonCheckLog(folder).all()] == ["2026-11-01", "2026-11-03"]


def test_a_key_that_a_later_version_writes_is_no_harm(log, folder) -> None:
    later = encode(check())
    later["mood"] = {"of": ["the", "model"]}
    later["sections"]["induction"] |= {"colour": "red"}
    later["sections"]["induction"]["evidence"]["kind"] = "cards"
    folder.mkdir()
    (folder / "2026-11.jsonl").write_text(json.dumps(later) + "\n")
    (found,) = log.all()
    assert encode(found) == encode(check())


def test_a_file_that_is_gone_or_a_folder_is_no_check(log, folder) -> None:
    log.append(check())
    (folder / "2026-12.jsonl").mkdir()
    (folder / ".hidden.jsonl").write_text("{")
    assert len(log.all()) == 1
    (folder / "2026-11.jsonl").unlink()
    assert list(log.all()) == []


def test_a_disk_that_says_no_is_told(folder) -> None:
    folder.write_text("a file")
    with pytest.raises(StorageFailed):
        JsonCheckLog(folder).append(check())
