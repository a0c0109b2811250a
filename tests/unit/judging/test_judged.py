"""What becomes of judgements that were given: grades by section, what a pool lacks, and scripts that are gone."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from services.domain import judged
from services.domain.judgements import Judgement
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import Script
from services.judge import Progress, graded, members, pool, progress
from tests.doubles import TinyWorkbench, record, script
from tests.unit.judging.nights import NAMES


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
