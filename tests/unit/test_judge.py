"""Judging: candidates of several methods in an order of one's own, and no press that takes a grade from another."""

import shutil
import threading
import zipfile
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

import pytest
from dulwich.repo import Repo

from services.backup import backup
from services.domain import judged
from services.domain.history import signed
from services.domain.judgements import Judgement, make_judgement
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import Script, Status, Vectors
from services.domain.settings import Paths
from services.errors import Conflict, InvalidInput, InvalidQuestionnaire, InvalidYaml, NotFound
from services.judge import Progress, graded, members, pool, progress
from services.judge.pools import DEPTH
from services.records import git_trees
from services.records.judgement_files import decode
from services.restore import restore
from services.wiring import look, writer_lock
from tests.doubles import TinyEmbedder, TinyWorkbench, make_workspace, record, script
from tests.unit.test_run_files import ID, run

# More than the methods bring together, so that a pool is a choice.
NAMES = [f"night-{letter}" for letter in "abcdefghijklmnopqrstuvwxyzabcdef"[:26]]
EXPECTED = "far-away"


@pytest.fixture(scope="module")
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


def names(bench: TinyWorkbench, judge: str, section: str = "induction") -> list[str]:
    return [candidate.script for candidate in bench.judging_pool("calm", section, judge).candidates]


def test_a_pool_is_what_several_methods_find_and_what_is_expected(bench: TinyWorkbench) -> None:
    assert not bench.judging_ready("calm", "induction")
    ada = names(bench, "Ada")
    assert bench.judging_ready("calm", "induction")
    assert EXPECTED in ada
    assert "drafted" not in ada
    assert DEPTH < len(ada) < len(NAMES)
    assert names(bench, "Ada", "awakening") == ["dawn"]
    assert names(bench, "Ada", "affirmations") == []


def test_the_order_is_a_judges_own_and_always_the_same(bench: TinyWorkbench) -> None:
    ada, bert = names(bench, "Ada"), names(bench, "Bert")
    assert sorted(ada) == sorted(bert)
    assert ada != bert
    assert names(bench, "Ada") == ada
    # Who joins moves nobody else.
    outside = next(name for name in NAMES if name not in ada)
    bench.judge("calm", Judgement(outside, "Bert", 1))
    assert [name for name in names(bench, "Ada") if name != outside] == ada
    assert outside in names(bench, "Ada"), "what one has judged, the other sees"


def test_judging_goes_on_where_it_was_and_can_be_taken_back(bench: TinyWorkbench) -> None:
    first = bench.judging_pool("calm", "induction", "Ada").next
    with signed("Ada"):
        assert bench.judge("calm", make_judgement(script=first, judge="Ada", grade=1, note="a\r\nb")) is None
    pooled = bench.judging_pool("calm", "induction", "Ada")
    assert (pooled.judged, pooled.candidates[0].judgement.note) == (1, "a\nb")
    assert pooled.next == pooled.candidates[1].script
    before = bench.judge("calm", make_judgement(script=first, judge="Ada", grade=3))
    assert (before.grade, bool(before.time)) == (1, True)
    assert bench.judging_pool("calm", "induction", "Bert").judged == 0
    assert bench.grades()["calm"]["induction"] == {EXPECTED: 3, first: 3}
    bench.judge("calm", before)
    assert bench.judgements.all()[0]["calm"] == (before,), "with the time that it had"
    assert bench.take_back_judgement("calm", first, "Ada") == before
    assert bench.judging_pool("calm", "induction", "Ada").judged == 0
    assert bench.take_back_judgement("calm", first, "Ada") is None


def test_progress_is_of_one_judge_or_of_all(bench: TinyWorkbench) -> None:
    assert bench.judging_progress("Ada") == {}, "nobody has looked for candidates"
    # It asks nothing that the template asks for, and keeps nobody waiting.
    bench.save_questionnaire(make_questionnaire(id="mute", title="Mute", desired_feeling="calm"))
    assert not bench.candidates_ready()
    bench.find_candidates()
    assert bench.candidates_ready()
    assert bench.judging_ready("mute", "induction")
    with pytest.raises(InvalidQuestionnaire):
        bench.judging_pool("mute", "induction", "Ada")
    size = len(names(bench, "Ada"))
    one, other = [name for name in names(bench, "Ada") if name != EXPECTED][:2]
    bench.judge("calm", Judgement(one, "Ada", 0))
    bench.judge("calm", Judgement(one, "Bert", 1))
    bench.judge("calm", Judgement(other, "Bert", 1))
    assert bench.judging_progress("Ada")["calm"]["induction"] == Progress(1, size)
    assert bench.judging_progress("Bert")["calm"]["induction"] == Progress(2, size)
    # With what the questionnaire expects.
    assert bench.judging_progress()["calm"] == {"induction": Progress(3, size), "awakening": Progress(1, 1)}
    assert bench.agreement().pairs[0].judges == ("Ada", "Bert")


def test_nobody_waits_for_what_another_asks_the_model(made: Path, tmp_path: Path) -> None:
    asked, answer = threading.Event(), threading.Event()

    class Slow(TinyEmbedder):
        def embed_query(self, text: str) -> Vectors:
            if text == "slow":
                asked.set()
                assert answer.wait(20)
            return super().embed_query(text)

    with TinyWorkbench(shutil.copytree(made, tmp_path / "workspace"), {"tiny": Slow()}) as bench:
        bench.save_questionnaire(make_questionnaire(id="slow", title="Slow", query="slow"))
        other = threading.Thread(target=bench.judging_pool, args=("slow", "induction", "Ada"))
        other.start()
        assert asked.wait(20)
        mine = threading.Thread(target=bench.judging_pool, args=("calm", "induction", "Bert"))
        mine.start()
        mine.join(5)
        waited = mine.is_alive()
        answer.set()
        other.join()
        mine.join()
        assert not waited
        assert bench.judging_ready("slow", "induction")


def test_without_the_model_candidates_come_from_the_words_and_that_is_said(made: Path, tmp_path: Path) -> None:
    embedder = TinyEmbedder()
    with TinyWorkbench(shutil.copytree(made, tmp_path / "workspace"), {"tiny": embedder}) as bench:
        embedder.left = 0
        pooled = bench.judging_pool("calm", "induction", "Ada")
        assert "The model 'tiny' cannot be reached." in pooled.note
        assert "words alone" in pooled.note
        assert len(pooled.candidates) == DEPTH + 1, "and the expected one"


def test_an_edit_of_the_corpus_or_the_question_finds_other_candidates(bench: TinyWorkbench) -> None:
    names(bench, "Ada")
    bench.save(script("calmest", text="Calm calm calm."), None)
    assert not bench.judging_ready("calm", "induction")
    assert "calmest" in names(bench, "Ada")
    bench.save_questionnaire(replace(bench.all_questionnaires["calm"], query="pyjamas"))
    assert not bench.judging_ready("calm", "induction")


def test_nothing_is_judged_that_is_not_there(bench: TinyWorkbench) -> None:
    bench.refresh()
    for questionnaire, name in (("gone", NAMES[0]), ("calm", "gone")):
        with pytest.raises(NotFound):
            bench.judge(questionnaire, Judgement(name, "Ada", 1))
    for wrong in (Judgement(NAMES[0], " ", 1), Judgement(NAMES[0], "Ada", 4), Judgement(NAMES[0], "Ada", -1)):
        with pytest.raises(InvalidInput):
            bench.judge("calm", wrong)
    with pytest.raises(NotFound):
        bench.judging_pool("gone", "induction", "Ada")
    with pytest.raises(NotFound):
        bench.judging_pool("calm", "nowhere", "Ada")
    assert bench.judgements.all() == ({}, ())


def test_two_people_who_judge_at_once_both_count(bench: TinyWorkbench) -> None:
    bench.refresh()
    with TinyWorkbench(bench.paths.root) as other:
        other.refresh()

        def judge(workbench: TinyWorkbench, judge: str) -> None:
            for name in NAMES[:12]:
                workbench.judge("calm", Judgement(name, judge, 2))

        people = ((bench, "Ada"), (bench, "Bert"), (other, "Cleo"))
        threads = [threading.Thread(target=judge, args=one) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kept = bench.judgements.all()[0]["calm"]
    assert len({(one.script, one.judge) for one in kept}) == len(kept) == 36


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


def test_a_guideline_is_the_sections_and_nobody_writes_over_another(bench: TinyWorkbench) -> None:
    bench.write_guideline("induction", " It slows\r\ndown. ")
    assert bench.settings.guidelines == {"induction": "It slows\ndown."}
    with pytest.raises(Conflict):
        bench.write_guideline("induction", "Mine.", base="")
    bench.write_guideline("induction", "", base="It slows\ndown.")
    assert bench.settings.guidelines == {}
    with pytest.raises(NotFound):
        bench.write_guideline("nowhere", "x")


def test_scripts_that_are_gone_are_named_with_what_they_may_be_now(bench: TinyWorkbench) -> None:
    bench.refresh()
    moved = Script(
        id=NAMES[1], section="induction", title="Night b", text=bench.catalogue.records[NAMES[1]].script.text
    )
    bench.judge("calm", Judgement(NAMES[1], "Ada", 2))
    bench.delete(NAMES[1])
    bench.save(replace(moved, id="quite-another", title="Another"), None)
    assert bench.unknown_judged() == {"calm": {NAMES[1]: "quite-another"}}, "what lies in the bin has its words"
    assert NAMES[1] not in bench.grades()["calm"]["induction"]
    assert bench.unknown_judged() is bench.unknown_judged()


def records(*scripts: Script) -> dict[str, object]:
    return {made.id: record(made) for made in scripts}


def test_the_likely_id_is_the_source_then_the_text_then_the_title_then_the_nearest() -> None:
    there = records(
        script("renamed", source_id="MED 10"),
        script("other-words", title="Getting to Perth"),
        script("same-words", text="These very words."),
        script("quiet-lungs"),
        script("session-1"),
        script("twin-a", title="Twins"),
        script("twin-b", title="Twins"),
    )
    former = {
        "was": script("was", text="These very words.", title="Getting to Perth"),
        "old": script("old", title="Quiet lungs"),
    }
    asked = ["med-10", "getting-to-perth", "was", "old", "quite-lungs", "session-2", "twins", "nothing-like-it"]
    assert judged.likely(asked, there, former) == {
        "med-10": "renamed",
        "getting-to-perth": "other-words",
        "was": "same-words",
        "old": "quiet-lungs",
        "quite-lungs": "quiet-lungs",
        "session-2": "",
        "twins": "",
        "nothing-like-it": "",
    }
    assert judged.likely([], there) == {}


def test_grades_are_by_the_section_that_a_script_is_in() -> None:
    there = records(script("one"), script("two", "awakening"))
    asked = {
        "q": make_questionnaire(id="q", query="x", expected=(Expected("one", 1), Expected("gone", 2))),
        "none": make_questionnaire(id="none", query="x"),
    }
    given = {"q": [Judgement("one", "Ada", 3), Judgement("one", "Bert", 0), Judgement("two", "Ada", 2)], "lost": []}
    # Of 0 and 3 the lower one.
    assert judged.by_section(asked, given, there) == {"q": {"induction": {"one": 0}, "awakening": {"two": 2}}}
    assert judged.unknown(asked, given, there) == {"q": ("gone",)}


def test_a_pool_says_what_is_missing() -> None:
    asked = make_questionnaire(id="q", query="x", expected=(Expected("e", 1), Expected("elsewhere", 1)))
    given = [Judgement("j", "Ada", 1), Judgement("gone", "Ada", 1)]
    there = members({"f"}, asked, given, {"e", "f", "j", "unseen"})
    assert there == {"e", "f", "j"}
    assert progress(there, given, "Ada") == Progress(1, 3)
    assert graded(there, {"q": {"s": {"e": 1, "j": 1}}}, "q", "s") == Progress(2, 3)
    assert not progress(there, given, "Ada").done

    class Section(AbstractSet[str]):
        def __contains__(self, script: object) -> bool:
            return script in {"e", "f", "j", "unseen"}

        def __iter__(self) -> Iterator[str]:
            raise AssertionError("ten thousand scripts are not gone through for a few")

        def __len__(self) -> int:
            return 4

    assert members({"f"}, asked, given, Section()) == there
    assert pool((), "q", "s", "Ada", given).next == ""
