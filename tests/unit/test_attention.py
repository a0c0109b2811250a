"""What needs attention: each finding where it is due, and none where it is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.methods import Method, Mode
from services.domain.passages import Passage
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Record, Status
from services.many import Change
from services.nearness import repeated
from services.workbench import Workbench
from tests.doubles import TinyWorkbench, make_workspace, script, store_of

TEXT = "Let the evening come down slowly over the harbour, and let each boat find its own place to rest."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three scripts for the nights, two for the days, none to wake up."""
    return make_workspace(
        tmp_path / "workspace",
        [
            script("harbour", "induction", TEXT),
            script("garden", "induction", "Walk barefoot through wet grass; bees murmur; a gate swings; noon."),
            script("zigzag", "induction", "Zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz."),
            script("able", "affirmations", "You are able. You are kind. You begin again every morning."),
            script("waiting", "affirmations", "You wait well.", status="draft"),
        ],
    )


def look(bench: Workbench):
    bench.refresh()
    return bench.attention()


def test_each_finding_where_it_is_due(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        found = look(bench)
        assert found.drafts == ("waiting",)
        assert found.sizes == {"induction": 3, "affirmations": 1, "awakening": 0}
        assert found.thin == ("affirmations", "awakening")
        assert (len(found.twins), found.asked) == (0, 0)
        # Nobody asked, so nothing can be said of what is never retrieved.
        assert (found.unused, found.far) == ((), ())
        assert found.count


def test_files_that_cannot_be_read_until_they_are_restored(root: Path) -> None:
    path = root / "records" / "induction" / "zigzag.yaml"
    with TinyWorkbench(root) as bench:
        bench.refresh()
        bench.delete("able")
        path.write_text("{")
        found = look(bench)
        assert found.damaged == (("records/induction/zigzag.yaml", "zigzag"),)
        assert bench.attention_last.count == found.count
        (root / "records" / "induction" / "harbour.yaml").write_text("{")
        bench.refresh()
        assert found.basis != bench.attention_basis()
        bench.restore_version("zigzag", bench.last_readable("zigzag").commit, None)
        assert bench.attention_last.damaged == ()


def test_what_no_questionnaire_retrieves(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        bench.save_questionnaire(make_questionnaire(id="night", title="Night", query=TEXT))
        found = look(bench)
        # Five a section are retrieved, and no section has as many.
        assert (found.asked, found.top_k, found.unused) == (1, 5, ())
    settings = root / "workspace.yaml"
    settings.write_text(settings.read_text().replace("top_k: 5", "top_k: 1"))
    with TinyWorkbench(root) as bench:
        found = look(bench)
        assert found.top_k == 1
        assert set(found.unused) == {"garden", "zigzag"}


def test_near_duplicates_come_in_pairs_and_go_when_settled(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        twin = script("harbour-again", "induction", TEXT.replace("slowly", "softly"))
        saved = bench.save(twin, None)
        found = look(bench)
        assert [{first, other.id} for first, other in found.twins.near] == [{"harbour", "harbour-again"}]
        assert 0.9 < found.twins.near[0][1].words < 1
        bench.delete(saved.record.script.id)
        assert len(look(bench).twins) == 0


def test_copies_are_one_thing_to_look_at_and_another_look_finds_what_is_left(root: Path, monkeypatch) -> None:
    monkeypatch.setattr(repeated, "MOST", 1)
    with TinyWorkbench(root) as bench:
        before = look(bench).count
        copies = [bench.save(script(f"harbour-{n}", "induction", TEXT), None).record for n in range(2, 5)]
        found = look(bench)
        assert found.twins.same == (("harbour", "harbour-2", "harbour-3", "harbour-4"),)
        assert (found.count, found.twins.more) == (before + 1, False)
        bench.change_many(Change(status=Status.RETIRED), {one.script.id: one.digest for one in copies})
        assert bench.attention_last.twins.same == ()
        for new in ("softly", "quietly"):
            bench.save(script(new, "induction", TEXT.replace("slowly", new)), None)
        found = look(bench)
        assert (len(found.twins), found.twins.more, found.run_out) == (1, True, False)
        (first, twin), *_ = found.twins.near
        bench.settle({i: bench.catalogue.records[i].digest for i in (first, twin.id)})
        assert (len(bench.attention_last.twins), bench.attention_last.run_out) == (0, True)
        found = look(bench)
        assert (len(found.twins), found.run_out) == (2, False)
        assert (len(bench.attention_last.twins), bench.attention_last.run_out) == (1, False)


def test_what_it_is_computed_from_changes_with_the_corpus_only(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        found = look(bench)
        assert found.basis == bench.attention_basis()
        bench.save_questionnaire(make_questionnaire(id="night", title="Night", query="Night"))
        assert found.basis != bench.attention_basis()
        again = look(bench)
        assert again.basis == bench.attention_basis()
        bench.delete("able")
        assert again.basis != bench.attention_basis()


def test_where_answers_are_random_nothing_is_said_of_them(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        bench.save_questionnaire(make_questionnaire(id="night", title="Night", query=TEXT))
        bench.refresh()
    settings = root / "workspace.yaml"
    settings.write_text(settings.read_text().replace("name: tiny", "name: other"))
    with TinyWorkbench(root) as bench:
        found = look(bench)
        assert found.not_asked == ("induction", "affirmations")
        assert (found.unused, found.far) == ((), ())
        assert found.drafts == ("waiting",)


def test_an_empty_workspace_has_nothing(tmp_path: Path) -> None:
    with TinyWorkbench(make_workspace(tmp_path / "empty")) as bench:
        assert look(bench).count == 0


def test_words_in_no_passage_are_named_for_every_script_in_use(root: Path) -> None:
    store = store_of(root)
    records = store.catalogue().records
    cut = []
    for script_id, status in (("harbour", Status.APPROVED), ("garden", Status.RETIRED), ("waiting", Status.DRAFT)):
        record = records[script_id]
        # One body passage, of the first ten characters: "Let the ev", "Walk baref", "You wait w".
        vectors = replace(record.vectors, passages=(Passage("card"), Passage("body", 0, 10)))
        values = record.vectors.values[:2]
        cut.append(
            replace(record, script=replace(record.script, status=status), vectors=replace(vectors, values=values))
        )
    with store.writing("cutting"):
        store.put(cut)
    with TinyWorkbench(root) as bench:
        # Of 19 words three are read, of "You wait well." all three, the last in part.
        assert look(bench).unread == (("harbour", 16 / 19),)


def test_what_the_model_has_not_read_is_named_and_counts_for_no_section(root: Path) -> None:
    store = store_of(root)
    with store.writing("without vectors"):
        store.put([Record(script("bare", "induction")), Record(script("bare-draft", "induction", status="draft"))])
    with TinyWorkbench(root) as bench:
        bench.save_questionnaire(make_questionnaire(id="night", title="Night", query=TEXT))
        found = look(bench)
        assert [script_id for script_id, _ in found.left_out] == ["bare"]
        assert found.sizes["induction"] == 3
        assert "bare" not in found.unused


def test_what_was_found_goes_as_it_is_settled_and_before_anybody_looks_again(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        assert bench.attention_last is None
        found = look(bench)
        assert bench.attention_last == found
        draft = bench.catalogue.records["waiting"]
        bench.change_many(Change(status=Status.APPROVED), {"waiting": draft.digest})
        assert bench.attention_last.drafts == ()
        assert bench.attention_last.count == found.count - 1
        # It says what is settled, and is no look at the corpus as it is now.
        assert bench.attention_last.basis == found.basis != bench.attention_basis()


def test_one_section_is_never_out_of_balance(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "one", [script("only", "induction")])
    settings = root / "workspace.yaml"
    settings.write_text(settings.read_text().replace("- affirmations\n- awakening\n", ""))
    with TinyWorkbench(root) as bench:
        found = look(bench)
        assert (found.sizes, found.thin) == ({"induction": 1}, ())


def test_questionnaires_ask_as_the_workspace_retrieves(root: Path) -> None:
    with TinyWorkbench(root) as bench:
        bench.save_questionnaire(make_questionnaire(title="Boats", query="boat and harbour"))
        bench.save_questionnaire(make_questionnaire(title="Bees", query="bees"))
        bench.refresh()
        meant, basis = bench.attention(), bench.attention_basis()
        bench.settings = replace(bench.settings, method=Method(mode=Mode.LEXICAL))
        assert bench.attention_basis() != basis
        bench.embedder().asked.clear()
        found = bench.attention()
        assert bench.embedder().asked == [], "words need no model"
    assert (meant.unused, found.unused) == ((), ("zigzag", "able"))
    assert (found.asked, found.far, found.not_asked) == (2, (), ())
