"""Judgements as files: each judge's word on each script, kept exactly, and nobody's lost to somebody else's."""

import os
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from services.domain.judgements import IMPORTED, Judgement, checked, make_judgement
from services.errors import InvalidQuestionnaire, InvalidYaml
from services.records.judgement_files import YamlJudgementStore

NOTE = "Too fast: 'breathe'.\n\n\tSays \"no\" \u2013 010 # not for Ada\u2028\ufeff\U0001f600 {a} \\n"
HEAD = "format: scriptorium-judgements/1\nquestionnaire: perth\njudgements:\n"
ENTRY = "- script: calm\n  judge: Ada\n  grade: 2\n"


@pytest.fixture
def store(tmp_path: Path) -> YamlJudgementStore:
    return YamlJudgementStore(tmp_path / "judgements")


def said(script: str, judge: str, grade: int, note: str = "") -> Judgement:
    return make_judgement(script=script, judge=judge, grade=grade, note=note)


def test_what_was_judged_comes_back_sorted_and_exactly(store: YamlJudgementStore, tmp_path: Path) -> None:
    store.put("perth", said("calm", "Bert", 0), said("calm", "Ada", 2, NOTE), said("bold", "Bert", 3))
    found, broken = YamlJudgementStore(tmp_path / "judgements").all()
    assert found == {"perth": (said("bold", "Bert", 3), said("calm", "Ada", 2, NOTE), said("calm", "Bert", 0))}
    assert broken == ()
    written = (tmp_path / "judgements" / "perth.yaml").read_bytes()
    store.put("perth", said("calm", "Ada", 2, NOTE))
    assert (tmp_path / "judgements" / "perth.yaml").read_bytes() == written


def test_a_grade_replaces_that_of_the_same_judge_alone(store: YamlJudgementStore, tmp_path: Path) -> None:
    other = YamlJudgementStore(tmp_path / "judgements")
    store.put("perth", said("calm", "Ada", 1))
    other.put("perth", said("calm", "Bert", 2))
    store.put("perth", said("calm", "Ada", 3))
    other.put("lima", said("calm", "Ada", 0))
    assert store.all()[0] == {
        "lima": (said("calm", "Ada", 0),),
        "perth": (said("calm", "Ada", 3), said("calm", "Bert", 2)),
    }
    store.remove("perth", [("calm", "Bert"), ("calm", "nobody")])
    assert other.all()[0]["perth"] == (said("calm", "Ada", 3),)
    store.remove("perth", [("calm", "Ada")])
    assert not (tmp_path / "judgements" / "perth.yaml").exists()
    assert list(other.all()[0]) == ["lima"]
    store.remove("perth", [("calm", "Ada")])


def test_only_what_changed_is_read(store: YamlJudgementStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.all() == ({}, ())
    store.put("perth", said("calm", "Ada", 1))
    found = store.all()
    monkeypatch.setattr("services.records.judgement_files._read", None)
    assert store.all() is found, "the same object, so that what follows from it is known to hold"


def test_it_is_shown_to_threads_that_read_while_others_write(store: YamlJudgementStore) -> None:
    seen = []

    def read() -> None:
        seen.extend(store.all()[1] for _ in range(50))

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(20):
        store.put("perth", said(f"s-{number}", "Ada", 1))
    thread.join()
    assert set(seen) == {()}
    assert len(store.all()[0]["perth"]) == 20


BROKEN = {
    "nothing": "",
    "no yaml": "a: [",
    "an alias": f"{HEAD}- &a x\n- *a\n",
    "another format": HEAD.replace("/1", "/9") + ENTRY,
    "another key": f"{HEAD}{ENTRY}more: x\n",
    "no list": HEAD + "  a: b\n",
    "a list in an entry": f"{HEAD}{ENTRY}  note: [a]\n",
    "an unknown field": f"{HEAD}{ENTRY}  why: x\n",
    "no judge": f"{HEAD}- script: calm\n  grade: 2\n",
    "nobody": f"{HEAD}{ENTRY}".replace("Ada", "''"),
    "a grade of 4": f"{HEAD}{ENTRY}".replace("2", "4"),
    "a grade of 1.5": f"{HEAD}{ENTRY}".replace("2", "1.5"),
    "a path": f"{HEAD}{ENTRY}".replace("calm", "../calm"),
    "the same twice": f"{HEAD}{ENTRY}{ENTRY}",
    "another questionnaire": f"{HEAD}{ENTRY}".replace("perth", "lima"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_damaged_file_is_named_and_never_written_over(store: YamlJudgementStore, tmp_path: Path, kind: str) -> None:
    store.put("lima", said("calm", "Ada", 1))
    path = tmp_path / "judgements" / "perth.yaml"
    path.write_text(BROKEN[kind])
    found, (broken,) = store.all()
    assert (list(found), broken.path) == (["lima"], "judgements/perth.yaml")
    assert "judgements/perth.yaml" in broken.cause
    assert broken.next_step
    with pytest.raises(InvalidYaml):
        store.put("perth", said("calm", "Ada", 1))
    with pytest.raises(InvalidYaml):
        store.remove("perth", [("calm", "Ada")])
    assert path.read_text() == BROKEN[kind]
    path.write_text(HEAD + ENTRY)
    assert store.all()[0]["perth"] == (said("calm", "Ada", 2),), "mended by hand"


def test_a_questionnaire_is_named_by_its_id(store: YamlJudgementStore) -> None:
    with pytest.raises(InvalidQuestionnaire):
        store.put("../perth", said("calm", "Ada", 1))


def test_what_was_imported_is_read_back(store: YamlJudgementStore, tmp_path: Path) -> None:
    store.put("perth", checked(script="calm", judge=IMPORTED, grade=0))
    found, broken = YamlJudgementStore(tmp_path / "judgements").all()
    assert ([judgement.judge for judgement in found["perth"]], broken) == ([IMPORTED], ())


def test_a_folder_that_can_be_listed_again_is_reported_no_longer(
    store: YamlJudgementStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "judgements").mkdir()
    with monkeypatch.context() as denied:
        denied.setattr(os, "scandir", refused)
        assert [broken.path for broken in store.all()[1]] == ["judgements"]
        assert store.all() is store.all()
    assert store.all() == ({}, ())


def refused(folder: Path) -> NoReturn:
    raise PermissionError(13, "Permission denied", str(folder))
