"""Many scripts at once: all that are still as they were selected, in one step, and back in one step."""

import pytest

from services.domain.scripts import Status
from services.errors import EmbedderUnavailable, InvalidInput, RecordMoved, StorageFailed
from services.many import Change, change_many, delete_many, undo_many
from tests.doubles import SECTIONS, TinyEmbedder, record, script, store_of

SLEEP = tuple(f"{section}-sleep" for section in SECTIONS)


def bases(store, *ids):
    return {i: store.catalogue().records[i].digest for i in ids or SLEEP}


def change(store, embedder=None, ids=SLEEP, **what):
    return change_many(
        Change(**what), bases(store, *ids), sections=SECTIONS, store=store, embedder=embedder or TinyEmbedder()
    )


def scripts(store):
    return {i: r.script for i, r in store.catalogue().records.items()}


def files(root):
    return {p.relative_to(root): p.read_bytes() for p in sorted((root / "records").rglob("*.yaml"))}


def test_status_and_section_change_without_asking_a_model(workspace):
    store, embedder = store_of(workspace), TinyEmbedder()
    vectors = {i: store.catalogue().records[i].vectors.values for i in SLEEP}

    done = change(store, embedder, section="awakening", status=Status.DRAFT)

    assert (set(done.before), done.unchanged, done.left, embedder.asked) == (set(SLEEP), (), (), [])
    for i in SLEEP:
        kept = store.catalogue().records[i]
        assert (kept.script.section, kept.script.status) == ("awakening", Status.DRAFT)
        assert (kept.vectors.values == vectors[i]).all()
        assert done.after[i] == kept.digest
    assert not (workspace / "records" / "induction" / "induction-sleep.yaml").exists()
    assert store.catalogue().unmanifested == ()


def test_focus_areas_are_added_and_taken_away_and_only_cards_are_embedded(workspace):
    store, embedder = store_of(workspace), TinyEmbedder()

    change(store, embedder, add=(" Night  Fears", "sleep"), remove=("sleep",))

    assert [scripts(store)[i].focus_areas for i in SLEEP] == [("night fears", "sleep")] * 3
    assert len(embedder.asked) == 3
    for i in SLEEP:
        kept, anew = store.catalogue().records[i], record(scripts(store)[i])
        assert (kept.vectors.values == anew.vectors.values).all()
        assert kept.vectors.passages == anew.vectors.passages


def test_vectors_of_another_model_are_kept_where_they_fit_and_made_anew_where_not(workspace):
    store, other = store_of(workspace), TinyEmbedder("other")
    change(store, other, status=Status.RETIRED)
    assert (store.catalogue().records[SLEEP[0]].vectors.stamp.model_name, other.asked) == ("tiny", [])

    change(store, other, add=("grief",))
    made = store.catalogue().records[SLEEP[0]].vectors
    assert made.stamp.model_name == "other"
    assert len(other.asked) == sum(len(store.catalogue().records[i].vectors.passages) for i in SLEEP)


def test_one_write_one_manifest(workspace, monkeypatch):
    store, written = store_of(workspace), []
    store.catalogue()
    state = store._folder.state
    monkeypatch.setattr(store._folder, "state", lambda *a, **k: written.append(1) or state(*a, **k))
    change(store, status=Status.DRAFT)
    delete_many(bases(store), store=store)
    assert len(written) == 2


def test_a_script_that_somebody_else_changed_meanwhile_is_left_and_named(workspace):
    store = store_of(workspace)
    seen = bases(store, *SLEEP, "induction-anger")
    with (other := store_of(workspace)).writing("somebody else"):
        other.put([record(script("awakening-sleep", "awakening", "Their words."))])
        other.discard("induction-anger")

    done = change_many(Change(status=Status.DRAFT), seen, sections=SECTIONS, store=store, embedder=TinyEmbedder())

    assert set(done.before) == {"induction-sleep", "affirmations-sleep"}
    assert {left.id: left.reason for left in done.left} == {
        "awakening-sleep": "It was changed by somebody else meanwhile.",
        "induction-anger": "It was deleted meanwhile.",
    }
    assert scripts(store)["awakening-sleep"].text == "Their words."
    assert scripts(store)["awakening-sleep"].status is Status.APPROVED


def test_two_people_who_each_keep_another_copy_do_not_retire_both(workspace):
    """What was to be kept has to be there, in use, and what was looked at: or else nothing is changed."""
    store = store_of(workspace)
    retire = Change(status=Status.RETIRED)

    def keep(one, seen):
        others = {i: base for i, base in seen.items() if i != one}
        kept = {one: seen[one]}
        return change_many(retire, others, sections=SECTIONS, store=store, embedder=TinyEmbedder(), kept=kept)

    seen = bases(store)
    first, second, third = SLEEP
    assert keep(first, seen).changed == 2
    with pytest.raises(RecordMoved, match="which was to be kept, is retired"):
        keep(second, seen)
    with pytest.raises(RecordMoved, match="which was to be kept, is retired"):
        keep(second, bases(store))
    with pytest.raises(RecordMoved, match="was changed by somebody else meanwhile"):
        keep(first, {**bases(store), first: "another"})
    assert scripts(store)[first].status is Status.APPROVED
    delete_many(bases(store, third), store=store)
    with pytest.raises(RecordMoved, match="was deleted meanwhile"):
        keep(third, seen)
    assert scripts(store)[first].status is Status.APPROVED


def test_a_change_while_cards_are_embedded_is_noticed_too(workspace):
    store = store_of(workspace)

    class Slow(TinyEmbedder):
        def embed_documents(self, texts, progress=None):
            with (other := store_of(workspace)).writing("somebody else"):
                other.put([record(script("awakening-sleep", "awakening", "Their words."))])
            return super().embed_documents(texts, progress)

    done = change(store, Slow(), add=("grief",))
    assert [left.id for left in done.left] == ["awakening-sleep"]
    assert scripts(store_of(workspace))["awakening-sleep"].text == "Their words."


def test_what_is_so_already_is_not_written(workspace):
    store = store_of(workspace)
    before = files(workspace)
    done = change(store, status=Status.APPROVED)
    assert (done.changed, done.unchanged, files(workspace)) == (0, SLEEP, before)


def test_a_damaged_file_in_the_way_is_left_alone(workspace):
    broken = workspace / "records" / "awakening" / "induction-sleep.yaml"
    broken.write_text("id: [")
    store = store_of(workspace)
    done = change(store, section="awakening")
    assert [left.id for left in done.left] == ["induction-sleep"]
    assert broken.read_text() == "id: ["
    assert scripts(store)["affirmations-sleep"].section == "awakening"


def test_a_model_that_cannot_be_reached_changes_nothing(workspace):
    store, before = store_of(workspace), files(workspace)
    with pytest.raises(EmbedderUnavailable):
        change(store, TinyEmbedder(left=2), add=("grief",))
    assert files(workspace) == before


@pytest.mark.parametrize("what", [{}, {"section": "nowhere"}])
def test_a_change_that_is_none_is_refused(workspace, what):
    with pytest.raises(InvalidInput):
        change(store_of(workspace), **what)


def test_one_step_back_brings_every_byte_back(workspace):
    store, before = store_of(workspace), files(workspace)
    done = change(store, section="awakening", status=Status.RETIRED, add=("grief",))
    assert files(workspace) != before
    undone = undo_many(done, store=store, sections=SECTIONS)
    assert (files(workspace), undone.changed, undone.left) == (before, 3, ())
    assert store.catalogue().unmanifested == ()


def test_the_way_back_leaves_what_was_changed_since(workspace):
    store = store_of(workspace)
    done = change(store, status=Status.DRAFT)
    with store.writing("since"):
        store.put([record(script("induction-sleep", "induction", "Newer words."))])
        store.discard("awakening-sleep")
    undone = undo_many(done, store=store, sections=SECTIONS)
    assert {left.id: left.reason for left in undone.left} == {
        "induction-sleep": "It was changed again since.",
        "awakening-sleep": "It was deleted since.",
    }
    assert scripts(store)["induction-sleep"].text == "Newer words."
    assert scripts(store)["affirmations-sleep"].status is Status.APPROVED


def test_deleted_scripts_lie_in_the_bin_and_come_back(workspace):
    store, before = store_of(workspace), files(workspace)
    done = delete_many(bases(store), store=store)
    assert len(list((workspace / "bin").rglob("*.yaml"))) == 3
    assert len(scripts(store)) == 6
    with store.writing("since"):
        store.put([record(script("induction-sleep", "induction", "A new one."))])
    undone = undo_many(done, store=store, sections=SECTIONS)
    assert [(left.id, left.reason) for left in undone.left] == [
        ("induction-sleep", "A script with its id exists again.")
    ]
    now = files(workspace)
    assert {p for p in before if now[p] != before[p]} == {p for p in before if p.stem == "induction-sleep"}


def test_a_full_disk_half_way_leaves_every_script_whole_and_stated(workspace, monkeypatch):
    store = store_of(workspace)
    put, tried = store._put_one, []

    def fails_at_the_third(*arguments):
        tried.append(1)
        if len(tried) == 3:
            raise StorageFailed("The disk is full.", "Free some space.")
        return put(*arguments)

    monkeypatch.setattr(store, "_put_one", fails_at_the_third)
    with pytest.raises(StorageFailed):
        change(store, status=Status.DRAFT)
    fresh = store_of(workspace).catalogue()
    assert sorted(fresh.records[i].script.status for i in SLEEP) == ["approved", "draft", "draft"]
    assert (fresh.broken, fresh.unmanifested) == ((), ())


def test_undoing_a_delete_brings_back_nobody_elses_version(workspace):
    store, one = store_of(workspace), SLEEP[0]
    done = delete_many(bases(store, *SLEEP[:2]), store=store)
    with store.writing("somebody else"):
        store.recover(one)
        store.put([record(script(one, "induction", "By somebody else."))])
        store.discard(one)
    undone = undo_many(done, store=store, sections=SECTIONS)
    assert one not in store.catalogue().records
    assert ([left.id for left in undone.left], set(undone.after)) == ([one], {SLEEP[1]})
    assert [b.id for b in store.binned()] == [one]


def test_what_was_emptied_from_the_bin_is_named_and_the_rest_comes_back(workspace):
    store = store_of(workspace)
    done = delete_many(bases(store, *SLEEP), store=store)
    store.throw_away([b for b in store.binned() if b.id == SLEEP[1]])
    undone = undo_many(done, store=store, sections=SECTIONS)
    assert [left.id for left in undone.left] == [SLEEP[1]]
    assert {SLEEP[0], SLEEP[2]} <= set(store.catalogue().records)


def test_nothing_is_brought_back_into_a_section_that_is_gone(workspace):
    store = store_of(workspace)
    done = change(store, section="awakening")
    undone = undo_many(done, store=store, sections=SECTIONS[1:])
    assert [left.id for left in undone.left] == [SLEEP[0]]
    assert store.catalogue().records[SLEEP[0]].script.section == "awakening"
