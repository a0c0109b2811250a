"""Two sides of an open workspace: another model, another asker, and the workspace as it was."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.methods import Method, Nearest, Passages
from services.domain.moved import Side
from services.domain.questionnaires import Questionnaire
from services.domain.scripts import Record, Status
from services.errors import Cancelled, NotFound
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, make_workspace, script, store_of

SIGNS = np.array([1, -1] * 4, np.float32)
WORDS = ("river", "garden", "harbour", "orchard")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = [script(f"{section}-{word}", section, f"{word} {section} " * 3) for section in SECTIONS for word in WORDS]
    root = make_workspace(tmp_path_factory.mktemp("comparing") / "workspace", made)
    with TinyWorkbench(root) as opened:
        opened.save_questionnaire(Questionnaire(id="q", title="Rest", query="river at night"))
    return root


@pytest.fixture(scope="module")
def bench(template: Path) -> Iterator[TinyWorkbench]:
    """One that no test changes."""
    with TinyWorkbench(template, {"wide": TinyEmbedder("wide", 16)}) as opened:
        opened.refresh()
        yield opened


@pytest.fixture
def own(template: Path, tmp_path: Path) -> Iterator[TinyWorkbench]:
    with TinyWorkbench(Path(shutil.copytree(template, tmp_path / "workspace"))) as opened:
        opened.refresh()
        yield opened


def test_another_model_reads_the_same_scripts_and_nothing_is_changed_by_it(bench: TinyWorkbench) -> None:
    before = dict(bench.catalogue.records)
    found = bench.compare_maps(Side(), Side("wide"))
    assert (found.before.map.model_name, found.after.map.model_name) == ("tiny", "wide")
    assert (len(found.moved), found.neighbours, found.after.asked) == (12, 5, None)
    assert all(one.itself for one in found.moved)
    assert not bench.refresh().changed
    assert dict(bench.catalogue.records) == before
    asked = len(bench.made["wide"].asked)
    bench.compare_maps(Side("wide"), Side())
    assert len(bench.made["wide"].asked) - asked < 12, "what was embedded is kept: it is only recognised again"


def test_what_was_compared_is_kept_until_something_changes(own: TinyWorkbench) -> None:
    sides = Side(), Side(asked_by="other")
    assert own.maps_compared(*sides) is None
    found = own.compare_maps(*sides)
    fits = len(own.fitter.began)
    assert own.maps_compared(*sides) is found is own.compare_maps(*sides)
    assert len(own.fitter.began) == fits
    assert own.maps_compared(*sides[::-1]) is None
    own.save_questionnaire(Questionnaire(id="p", title="Noon", query="garden at noon"))
    assert own.maps_compared(*sides) is None, "there is one more who asks"
    own.questionnaires.put(Questionnaire(id="n", query="garden at night"))
    named = set(own.compare_maps(*sides).after.asked.titles)
    assert named == {"Rest", "Noon", "n"}, "of one without a title no word is shown"


def test_who_asks_is_told_and_whether_it_is_the_model_of_the_scripts(bench: TinyWorkbench) -> None:
    found = bench.compare_maps(Side(asked_by="tiny"), Side(asked_by="other"))
    assert (found.before.asked.same_model, found.after.asked.same_model) == (True, False)
    assert (found.before.asked.titles, found.after.asked.model_name) == (("Rest",), "other")
    assert found.same_scripts


def test_whether_another_model_made_the_vectors_is_read_off_a_few_scripts_once(own: TinyWorkbench) -> None:
    class Otherwise(TinyEmbedder):
        """The same letters the other way round, which is another space."""

        def _vector(self, text: str) -> list[float]:
            return [count * (-1) ** place for place, count in enumerate(super()._vector(text))]

    own.made |= {"turned": Otherwise("turned"), "far": Otherwise("far", local=False)}
    found = own.compare_maps(Side(asked_by="other"), Side(asked_by="turned"))
    asked = [seen.asked for seen in (found.before, found.after)]
    # "other" has another digest and makes the same vectors.
    assert [(one.same_model, one.reads_alike, one.apart) for one in asked] == [
        (False, True, False),
        (False, False, True),
    ]
    read = own.made["turned"].asked
    assert 2 < len(read) <= 20, "questionnaires, and a few pieces of scripts"
    before = len(read)
    own.compare_maps(Side(), Side(asked_by="turned"))
    assert len(read) == before, "it is known of the two models"
    assert own.compare_maps(Side(), Side(asked_by="far")).after.asked.reads_alike is None
    assert set(own.made["far"].asked) == {"river at night"}, "a server is sent questionnaires only"
    assert own.compare_maps(Side(), Side(asked_by="tiny")).after.asked.reads_alike is True


def test_vectors_that_moved_under_the_same_stamp_are_compared_anew(own: TinyWorkbench, tmp_path: Path) -> None:
    def put(records: Sequence[Record]) -> None:
        store = store_of(tmp_path / "workspace")
        with store.writing("other vectors"):
            store.put(records)
        own.refresh()
        own.save_questionnaire(own.all_questionnaires["q"])  # which makes a commit

    def told(side: Side) -> tuple[bool, bool]:
        asked = own.compare_maps(Side(), side).after.asked
        return asked.reads_alike, asked.apart

    good = list(own.catalogue.records.values())
    turned = (replace(one.vectors, values=one.vectors.values[:, ::-1] * SIGNS) for one in good)
    assert told(Side(asked_by="other")) == (True, False)
    put([replace(one, vectors=vectors) for one, vectors in zip(good, turned, strict=True)])
    assert told(Side(asked_by="other")) == (False, True)
    broken = own.past.commit
    put(good)
    assert told(Side(asked_by="other")) == (True, False), "they are mended"
    assert told(Side(asked_by="other", commit=broken)) == (False, True), "then they were not"


def test_the_nearest_script_is_the_first_that_is_retrieved_by_the_method_of_the_workspace(own: TinyWorkbench) -> None:
    sides, told = (Side(), Side(asked_by="tiny")), []

    def compared() -> str:
        assert own.maps_compared(*sides) is None
        asked = own.compare_maps(*sides).after.asked
        answer = own.retrieve(own.all_questionnaires["q"]).sections.values()
        best = min((one for ranking in answer for one in ranking.hits), key=lambda one: one.distance)
        assert (asked.nearest_scripts, asked.nearest[0]) == ((best.script.id,), pytest.approx(best.distance, abs=1e-6))
        told.append((best.script.id, round(best.distance, 6)))
        return best.script.id

    known = own.catalogue.records[compared()]
    own.save(replace(known.script, status=Status.RETIRED), known.digest)
    compared()
    own.use(Method("Cards", passages=Passages.CARD))
    compared()
    own.use(Method("Mean", nearest=Nearest.MEAN))
    compared()
    assert len(set(told)) == 4, "each of them makes a difference"


def test_questionnaires_are_placed_without_the_sentence_around_them(own: TinyWorkbench) -> None:
    own.save_questionnaire(Questionnaire(title="Answers", focus_area="harbour", challenge_context="fog"))
    own.compare_maps(Side(asked_by="other"), Side())
    assert {"harbour fog", "river at night"} < set(own.made["other"].asked)
    # Whoever asks for the same again pays for nothing.
    before = len(own.made["other"].asked)
    own.compare_maps(Side(), Side(asked_by="other"))
    assert len(own.made["other"].asked) == before


def test_vectors_of_other_lengths_are_refused_with_the_reason(bench: TinyWorkbench) -> None:
    seen = bench.compare_maps(Side(), Side(asked_by="wide")).after
    assert seen.asked is None
    assert "wide makes 16 numbers of a text, tiny 8" in seen.not_asked


def test_the_workspace_as_it_was_beside_what_it_is(own: TinyWorkbench) -> None:
    known = own.catalogue.records["induction-river"]
    own.save(replace(known.script, text="Quite other words of quizzical jazz."), known.digest)
    own.delete("awakening-orchard", own.catalogue.records["awakening-orchard"].digest)
    # By the second they may all be of one time.
    then = own.past.versions(known.script.id)[-1]
    commits = {moment.commit for moment in own.moments()}
    assert then.commit in commits
    assert own.past.commit not in commits
    found = own.compare_maps(Side(commit=then.commit), Side())
    assert [one.script for one in found.moved if one.itself] == ["induction-river"]
    assert (found.only_before, found.only_after) == (("awakening-orchard",), ())
    assert found.before.records["induction-river"].script.text == known.script.text
    with pytest.raises(NotFound):
        own.compare_maps(Side(commit="0" * 40), Side())


def test_every_change_of_a_script_is_a_moment_in_the_order_in_which_it_was_made(tmp_path: Path) -> None:
    made = [script(f"s{number:03}", SECTIONS[number % 3], f"river {number} night") for number in range(95)]
    with TinyWorkbench(make_workspace(tmp_path / "many", made)) as bench:
        bench.refresh()
        assert bench.moments_known() is None
        commits = []
        # All within a second or so; with 95 scripts no sample of 60 would have them all.
        for number in (94, 61, 7, 93, 61):
            known = bench.catalogue.records[f"s{number:03}"]
            bench.save(replace(known.script, text=f"{known.script.text} again"), known.digest)
            commits.append(bench.past.commit)
        bench.save_questionnaire(Questionnaire(id="p", title="Noon", query="garden at noon"))
        # Without what changed no script, and with the scripts as they were found.
        *found, first = bench.moments()
        assert [one.commit for one in found] == commits[::-1]
        assert first.why == "the workspace as it was found"
        assert bench.moments_known() == bench.moments()


def test_an_evaluation_is_a_moment_as_soon_as_it_is_kept(own: TinyWorkbench) -> None:
    own.save_questionnaire(Questionnaire(id="p", title="Noon", query="garden at noon"))
    then = own.past.commit
    own.save_questionnaire(Questionnaire(id="r", title="Dusk", query="harbour at dusk"))
    assert then not in {one.commit for one in own.moments()}
    evaluated = own.evaluate(name="before the change").provenance.commit
    known = own.catalogue.records["induction-river"]
    own.save(replace(known.script, text="Quite other words of quizzical jazz."), known.digest)
    (moment,) = [one for one in own.moments() if one.commit == evaluated]
    assert moment.why.endswith("evaluated: before the change")


def test_the_history_is_read_once_for_each_last_commit(own: TinyWorkbench, monkeypatch: pytest.MonkeyPatch) -> None:
    read, commits = [], type(own.past).commits
    monkeypatch.setattr(type(own.past), "commits", lambda past: read.append(past) or commits(past))
    assert own.moments() == own.moments()
    assert len(read) == 1
    known = own.catalogue.records["induction-river"]
    own.save(replace(known.script, text="The words of a second time."), known.digest)
    assert own.moments_known() is None
    own.moments()
    assert len(read) == 2


def test_a_stop_is_heard(bench: TinyWorkbench) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if stage.startswith("Second picture"):
            raise Cancelled("Stopped.", "")

    with pytest.raises(Cancelled):
        bench.compare_maps(Side("wide"), Side("wide", asked_by="tiny"), stop)
    assert bench.maps_compared(Side("wide"), Side("wide", asked_by="tiny")) is None
