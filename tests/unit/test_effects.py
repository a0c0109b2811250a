"""What an edit would change is what retrieval says once it is saved."""

from dataclasses import replace

import pytest

from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.model_digest import State
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.scripts import make_script
from services.domain.trust import Trust
from services.errors import EmbedderUnavailable
from services.retrieve import Options
from tests.doubles import TinyEmbedder, TinyWorkbench, make_workspace, script, stamp

TEXTS = {"a-one": "aaaa aaaa aa", "b-two": "bbbb bbbb bb", "c-three": "cccc abab cc", "d-four": "dddd dada dd"}
ASKED = ("aaaa aa", "bbbb bb b", "cd cd dada", "zzz abc")


@pytest.fixture
def bench(tmp_path):
    made = [script(name, text=text, title=name[0] * 3) for name, text in TEXTS.items()]
    made.append(script("e-draft", text="aaaa bbbb", status="draft"))
    made.append(script("f-other", "awakening", text="aaaa aaaa"))
    with TinyWorkbench(make_workspace(tmp_path / "w", made)) as workbench:
        for number, asked in enumerate(ASKED):
            expected = (Expected("a-one", 2),) if number == 3 else ()
            workbench.save_questionnaire(make_questionnaire(title=f"Q{number}", query=asked, expected=expected))
        yield workbench


def edited(bench, script_id, **changes):
    record = bench.catalogue.records[script_id]
    return make_script(**{**record.script.as_json(), **changes})


def ranks(bench, script_id, section="induction"):
    """By the title of each questionnaire, as retrieval has it over the whole section."""
    found = {}
    for questionnaire in bench.all_questionnaires.values():
        scored = bench.retrieve(questionnaire, Options(top_k=9)).sections[section].scored
        found[questionnaire.title] = scored.index(script_id) + 1 if script_id in scored else None
    return found


@pytest.mark.parametrize(
    ("script_id", "changes"),
    [
        ("a-one", {"text": "bbbb bb bb cd"}),
        ("d-four", {"text": "aaaa aa", "title": "aa"}),
        ("b-two", {"status": "retired"}),
        ("e-draft", {"status": "approved"}),
        ("c-three", {"section": "awakening"}),
        ("c-three", {}),
    ],
)
def test_the_ranks_are_those_before_and_after_the_save(bench, script_id, changes):
    before = ranks(bench, script_id)
    made = edited(bench, script_id, **changes)
    found = {e.questionnaire.title: (e.before, e.after) for e in bench.effects(made).effects}
    bench.save(made, bench.catalogue.records[script_id].digest)
    after = ranks(bench, script_id, made.section)
    # Whatever is retrieved neither now nor then is not told, unless it is expected.
    wanted = {t: (before[t], after[t]) for t in before if before[t] or after[t] or (t, script_id) == ("Q3", "a-one")}
    assert found == wanted


OTHER_METHODS = (
    Method(mode=Mode.LEXICAL),
    Method(mode=Mode.HYBRID, lexical_weight=0.7),
    Method(variety=0.6),
    Method(passages=Passages.CARD),
    Method(nearest=Nearest.MEAN),
    Method(cut_offs={stamp("tiny").model_digest: 0.02}),
)


@pytest.mark.parametrize("changes", [{"text": "bbbb bbbb cd"}, {"section": "awakening"}])
def test_so_they_are_by_every_other_method(bench, changes):
    made, found, before, after = edited(bench, "a-one", **changes), [], [], []
    for method in OTHER_METHODS:
        bench.settings = replace(bench.settings, method=method)
        before.append(ranks(bench, "a-one"))
        found.append({e.questionnaire.title: (e.before, e.after) for e in bench.effects(made).effects})
    bench.save(made, bench.catalogue.records["a-one"].digest)
    for method in OTHER_METHODS:
        bench.settings = replace(bench.settings, method=method)
        after.append(ranks(bench, "a-one", made.section))
    for told, then, later in zip(found, before, after, strict=True):
        assert told == {t: (then[t], later[t]) for t in then if then[t] or later[t] or t == "Q3"}
    assert len({str(told) for told in found}) > 3, "the methods differ"


def test_a_new_script_has_no_rank_yet(bench):
    found = bench.effects(script("new-one", text="aaaa aa", title="aaa"))
    assert {e.before for e in found.effects} == {None}
    assert next(e.after for e in found.effects if e.questionnaire.title == "Q0") == 1
    assert found.asked == 4


def test_of_equal_distances_the_smaller_id_comes_first(bench):
    twin = edited(bench, "a-one")
    later = make_script(**{**twin.as_json(), "id": "z-last"})
    earlier = make_script(**{**twin.as_json(), "id": "a-a"})
    own = next(e.after for e in bench.effects(twin).effects if e.questionnaire.title == "Q0")
    assert next(e.after for e in bench.effects(later).effects if e.questionnaire.title == "Q0") == own + 1
    assert next(e.after for e in bench.effects(earlier).effects if e.questionnaire.title == "Q0") == own


def test_nothing_is_stored_and_only_what_was_typed_is_embedded(bench):
    bench.refresh()
    before = {i: r.digest for i, r in bench.catalogue.records.items()}
    asked = bench.embedder().asked
    bench.effects(edited(bench, "a-one"))
    assert not [text for text in asked if "aaaa aaaa" in text], "its record has these very vectors"
    found = bench.effects(edited(bench, "a-one", text="one two three four five six seven eight"))
    assert [text for text in asked if "one two" in text]
    assert {i: r.digest for i, r in bench.catalogue.records.items()} == before
    assert (found.words, found.unread) == (8, 0)


def test_it_names_twins_and_neighbours(bench):
    words = " ".join(f"word{i}" for i in range(30))
    bench.save(script("first", text=words), None)
    found = bench.effects(script("second", text=words + " more"))
    assert [twin.id for twin in found.twins] == ["first"]
    assert found.neighbours["awakening"][0].id == "f-other"
    assert len(found.neighbours["induction"]) == 3


def test_an_expected_script_is_told_whatever_its_rank(bench):
    found = bench.effects(edited(bench, "a-one", status="draft"))
    [expected] = [e for e in found.effects if e.expected]
    assert (expected.questionnaire.title, expected.expected, expected.after) == ("Q3", 2, None)


def test_a_section_that_cannot_be_trusted_is_not_asked(bench, monkeypatch):
    known = {"induction": Trust(State.MISMATCH, True, "Another model embedded it.")}
    monkeypatch.setattr("services.health.trusts", lambda _: known)
    found = bench.effects(edited(bench, "a-one"))
    assert (found.refusal, found.effects) == ("Another model embedded it.", [])


def test_a_model_that_cannot_be_reached_is_told(bench):
    bench.made["tiny"] = TinyEmbedder(left=0)
    bench._embedders.clear()
    with pytest.raises(EmbedderUnavailable):
        bench.effects(script("new-one", text="Other words."))
