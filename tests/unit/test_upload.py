"""An upload: reviewed before anything is stored, added in one go, undone in one step, and as an import would do it."""

import errno
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.scripts import Status
from services.domain.settings import Paths
from services.errors import Cancelled, EmbedderUnavailable, NotFound, StorageFailed
from services.records import record_format
from services.records.upload_files import KEPT
from services.upload import Added, Edit, Fate, Review, Row, carried
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, make_workspace, record, script

CALM = "You are calm now and you breathe out slowly. The evening is quiet and the lake lies still before you."
BOLD = "I act. I decide. I walk on with courage, step by step, and nobody stops me on my way today."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = [
        script("calm-lake", "induction", text=CALM, focus_areas=("sleep",)),
        script("bold-steps", "affirmations", text=BOLD),
        script("back-again", "awakening"),
    ]
    return make_workspace(tmp_path / "workspace", made)


@pytest.fixture
def bench(root: Path) -> Iterator[TinyWorkbench]:
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened


def reviewed(bench: TinyWorkbench, files: Mapping[str, str | bytes], **more: object) -> Review:
    given = [(name, data if isinstance(data, bytes) else data.encode()) for name, data in files.items()]
    with bench.stage(given) as staged:
        return bench.review_upload(staged, **more)  # type: ignore[arg-type]


def row_of(review: Review, source: str) -> Row:
    return next(row for row in review.rows if row.source == source)


def everything(review: Review) -> set[int]:
    return {row.number for row in review.rows}


def files_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.glob("records/*/*.yaml")}


def added(bench: TinyWorkbench, files: Mapping[str, str | bytes]) -> Added:
    review = reviewed(bench, files)
    return bench.add_upload(review, everything(review))


def test_nothing_is_stored_by_a_review(bench: TinyWorkbench, root: Path) -> None:
    before = files_of(root)
    review = reviewed(bench, {"induction/new.txt": "Fresh air\n\nBreathe in the fresh air."})
    assert [row.fate for row in review.rows] == [Fate.CREATED]
    assert files_of(root) == before
    assert bench.last_upload() is None


def test_a_row_says_what_an_import_would_do(bench: TinyWorkbench, tmp_path: Path) -> None:
    files = {
        "induction/calm.txt": f"title: Calm lake\n---\n{CALM}",
        "affirmations/bold.txt": "title: Bold steps\n---\nI act in another way now.",
        "awakening/new.txt": "title: Open eyes\n---\nOpen your eyes.",
        "induction/empty.txt": "",
    }
    review = reviewed(bench, files)
    for name, words in files.items():
        path = tmp_path / "import" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words)
    imported = bench.import_paths([tmp_path / "import"], dry_run=True)
    by_fate = {fate: tuple(row.script.id for row in review.rows if row.fate is fate) for fate in Fate}
    assert by_fate[Fate.CREATED] == imported.created == ("open-eyes",)
    assert by_fate[Fate.UPDATED] == imported.updated == ("bold-steps",)
    assert by_fate[Fate.UNCHANGED] == imported.unchanged == ("calm-lake",)
    assert [(r.source, r.reason) for r in review.refused] == [("induction/empty.txt", imported.rejected[0].reason)]


def test_the_same_upload_again_is_unchanged(bench: TinyWorkbench) -> None:
    files = {"a.txt": "Morning\n\nThe morning is bright.", "b.txt": "Evening\n\nThe evening is mild."}
    assert sorted(added(bench, files).created) == ["evening", "morning"]
    again = added(bench, files)
    assert sorted(again.unchanged) == ["evening", "morning"]
    assert again.upload == ""


def test_a_script_that_got_a_better_title_is_known_by_its_words(bench: TinyWorkbench) -> None:
    files = {"kapitel-1.txt": "A" + " very long first line that is no title at all" * 3}
    review = reviewed(bench, files)
    renamed = bench.revise_upload(review, {0: Edit(title="The first morning")})
    assert bench.add_upload(renamed, {0}).created == ("the-first-morning",)
    assert [(r.fate, r.script.title) for r in reviewed(bench, files).rows] == [(Fate.UNCHANGED, "The first morning")]


def test_everything_is_embedded_once(bench: TinyWorkbench) -> None:
    embedder = bench.made["tiny"]
    assert isinstance(embedder, TinyEmbedder)
    embedder.asked.clear()
    review = reviewed(bench, {"induction/new.txt": "title: Fresh air\n---\nBreathe in. Breathe out."})
    assert embedder.asked == ["Breathe in. Breathe out.", "Fresh air."]
    bench.add_upload(review, {0})
    assert embedder.asked == ["Breathe in. Breathe out.", "Fresh air."]
    assert bench.refresh().left_out == {}


def test_only_the_title_is_embedded_again_where_only_the_title_was_edited(bench: TinyWorkbench) -> None:
    embedder = bench.made["tiny"]
    assert isinstance(embedder, TinyEmbedder)
    review = reviewed(bench, {"induction/new.txt": "title: Fresh air\n---\nBreathe in. Breathe out."})
    embedder.asked.clear()
    revised = bench.revise_upload(review, {0: Edit(title="Sea air", focus_areas=("sleep",), status="draft")})
    assert embedder.asked == []
    assert bench.add_upload(revised, {0}).created == ("sea-air",)
    assert embedder.asked == ["Sea air.  sleep"]
    stored = bench.catalogue.records["sea-air"].script
    assert (stored.status, stored.focus_areas) == (Status.DRAFT, ("sleep",))


def test_an_edit_of_the_section_moves_what_is_here_already(bench: TinyWorkbench) -> None:
    review = reviewed(bench, {"calm.txt": f"title: Calm lake\n---\n{CALM}"})
    assert review.rows[0].fate is Fate.UNCHANGED
    revised = bench.revise_upload(review, {0: Edit(section="awakening")})
    assert (revised.rows[0].fate, revised.rows[0].script.id) == (Fate.UPDATED, "calm-lake")
    assert bench.add_upload(revised, {0}).updated == ("calm-lake",)
    assert bench.catalogue.records["calm-lake"].script.section == "awakening"
    assert bench.catalogue.records["calm-lake"].script.focus_areas == ("sleep",)


def test_what_is_noticed(bench: TinyWorkbench) -> None:
    nearly = CALM.replace("quiet", "silent")
    review = reviewed(
        bench,
        {
            "induction/nearly.txt": f"title: Nearly\n---\n{nearly}",
            "induction/once-more.txt": f"title: Once more\n---\n{nearly} Yes.",
            "induction/odd.txt": "title: Odd\n---\nLet it \u202ego.",
            "unknown.csv": "title,text,section\nOne,Words of one,prelude\n",
        },
    )
    first = row_of(review, "induction/nearly.txt")
    # 19 of its words are in the stored script, in the same order; how they are counted is nearness's own.
    assert {(a.script, a.row) for a in first.alike} == {("calm-lake", None), ("", 1)}
    assert all(alike.words > 0.5 for alike in first.alike)
    odd = row_of(review, "induction/odd.txt")
    assert "Right-to-left override (U+202E)" in odd.suspicions[0]
    assert "'prelude'" in row_of(review, "unknown.csv line 2").suspicions[0]
    assert row_of(review, "unknown.csv line 2").script.section in SECTIONS


def test_names_of_files_are_shown_and_never_paths(bench: TinyWorkbench) -> None:
    given = [("../../etc/passwd.txt", b"One two"), ("../../etc/passwd.txt", b"Three"), ("a\nb\\c.TXT", b"Four")]
    with bench.stage(given) as staged:
        assert [file.name for file in staged.files] == [
            "../../etc/passwd.txt",
            "../../etc/passwd.txt (2)",
            "a b\\c.TXT",
        ]
        below = [str(file.path.relative_to(staged.folder)) for file in staged.files]
        assert below == ["0/upload/0.txt", "1/upload/1.txt", "2/upload/2.txt"]
        folder = staged.folder
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_a_table_of_other_words_is_asked_about_and_read_as_chosen(bench: TinyWorkbench) -> None:
    data = b"Titel;Skript;Teil\nMeer;Das Meer ist weit und ruhig.;awakening\n"
    ours = b"title,text\nOne,Words\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, held in (
            ("induction/berge.csv", data.replace(b"Meer", b"Berg").replace(b"awakening", b"")),
            ("ours.csv", ours),
            ("note.txt", b"Words"),
            ("../up.csv", data),
        ):
            archive.writestr(name, held)
    staged = bench.stage([("tabelle.csv", data), ("ours.csv", ours), ("all.zip", packed.getvalue())])
    assert [(table.shown, table.rows) for table in staged.tables] == [
        ("tabelle.csv", 1),
        ("induction/berge.csv in all.zip", 1),
    ]
    assert staged.tables[0].guess == {"text": "Skript", "title": "Titel", "section": "Teil"}
    with staged:
        review = bench.review_upload(staged, {table.name: table.guess for table in staged.tables})
    sea = row_of(review, "tabelle.csv line 2").script
    assert (sea.title, sea.section, sea.text) == ("Meer", "awakening", "Das Meer ist weit und ruhig.")
    hill = row_of(review, "all.zip: induction/berge.csv line 2").script
    assert (hill.title, hill.section, hill.text) == ("Berg", "induction", "Das Berg ist weit und ruhig.")
    assert [refused.source for refused in review.refused] == ["all.zip: ../up.csv"]


def test_questions_of_a_test_collection_are_no_scripts(bench: TinyWorkbench) -> None:
    question = '{"_id": "q1", "text": "How do I sleep?"}\n'
    files = {
        "sleep/corpus.jsonl": '{"_id": "d1", "title": "Rest", "text": "You rest."}\n',
        "sleep/queries.jsonl": question,
        "sleep/qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
        "other/queries.jsonl": question,
    }
    with bench.stage([(name, data.encode()) for name, data in files.items()]) as staged:
        assert staged.tables == ()
        review = bench.review_upload(staged)
    assert [row.source for row in review.rows] == ["sleep/corpus.jsonl line 1", "other/queries.jsonl line 1"]
    assert [refused.source for refused in review.refused] == ["sleep/queries.jsonl", "sleep/qrels/test.tsv"]


def test_what_somebody_else_changed_since_the_review_is_named_and_left(bench: TinyWorkbench) -> None:
    files = {
        "affirmations/bold.txt": "title: Bold steps\n---\nI act in another way now.",
        "induction/new.txt": "title: Fresh air\n---\nBreathe.",
    }
    review = reviewed(bench, files)
    base = bench.catalogue.records["bold-steps"].digest
    bench.save(script("bold-steps", "affirmations", text="Saved meanwhile."), base)
    outcome = bench.add_upload(review, everything(review))
    assert (outcome.created, outcome.updated) == (("fresh-air",), ())
    assert [r.source for r in outcome.refused] == ["affirmations/bold.txt"]
    assert "changed by somebody else" in outcome.refused[0].reason
    assert bench.catalogue.records["bold-steps"].script.text == "Saved meanwhile."


def test_undo_takes_everything_back_byte_for_byte(bench: TinyWorkbench, root: Path) -> None:
    before = files_of(root)
    files = {
        "affirmations/bold.txt": "title: Bold steps\n---\nI act in another way now.",
        "calm.csv": f'id,section,text\ncalm-lake,awakening,"{CALM} More."\n',
        "induction/new.txt": "title: Fresh air\n---\nBreathe.",
    }
    outcome = added(bench, files)
    assert (outcome.created, sorted(outcome.updated)) == (("fresh-air",), ["bold-steps", "calm-lake"])
    assert files_of(root) != before
    # By another process, after a restart.
    with TinyWorkbench(root) as other:
        last = other.last_upload()
        assert last is not None
        assert (last.id, last.created, last.updated) == (outcome.upload, 1, 2)
        undone = other.undo_upload(last.id)
        assert (undone.removed, sorted(undone.restored), undone.left) == (
            ("fresh-air",),
            ["bold-steps", "calm-lake"],
            (),
        )
    assert files_of(root) == before
    assert bench.refresh().left_out == {}
    assert [path.name.split(".")[0] for path in root.glob("bin/*/*.yaml")] == ["fresh-air"]
    with pytest.raises(NotFound, match="undone already"):
        bench.undo_upload(outcome.upload)


def test_undo_puts_a_record_written_by_hand_back_as_it_was(bench: TinyWorkbench, root: Path) -> None:
    path = root / "records" / "induction" / "by-hand.yaml"
    path.write_text("format: scriptorium-record/1\nid: by-hand\nsection: induction\ntitle: By hand\ntext: Written.\n")
    bench.refresh()
    before = path.read_bytes()
    outcome = added(bench, {"a.csv": "id,text\nby-hand,Another text.\n"})
    assert outcome.updated == ("by-hand",)
    assert path.read_bytes() != before
    bench.undo_upload(outcome.upload)
    assert path.read_bytes() == before


def test_undo_leaves_what_was_changed_since(bench: TinyWorkbench) -> None:
    outcome = added(bench, {"a.txt": "One\n\nWords of one.", "b.txt": "Two\n\nWords of two."})
    section = bench.catalogue.records["one"].script.section
    bench.save(script("one", section, text="Mine now."), bench.catalogue.records["one"].digest)
    undone = bench.undo_upload(outcome.upload)
    assert undone.removed == ("two",)
    assert [left.source for left in undone.left] == ["One"]
    assert bench.catalogue.records["one"].script.text == "Mine now."


def test_undo_that_was_cut_short_goes_on(bench: TinyWorkbench, root: Path) -> None:
    before = files_of(root)
    outcome = added(bench, {"b.txt": "title: Bold steps\nsection: affirmations\n---\nI act.", "a.txt": "One\n\nWords."})
    kept = bench.uploads.get(outcome.upload)
    bench.undo_upload(outcome.upload)
    with bench.records.writing("as if it had been cut short before the last step"):
        bench.uploads.put(kept)
    undone = bench.undo_upload(outcome.upload)
    assert (undone.removed, undone.restored, undone.left) == ((), (), ())
    assert files_of(root) == before


@pytest.mark.parametrize("earlier", [False, True], ids=["as written now", "as written before sections were kept"])
def test_undo_names_what_has_to_wait_and_goes_on_when_that_is_mended(
    bench: TinyWorkbench, root: Path, *, earlier: bool
) -> None:
    before = files_of(root)
    table = f'id,section,text\ncalm-lake,awakening,"{CALM} More."\nfresh,awakening,Breathe.\nsea,affirmations,I swim.\n'
    outcome = added(bench, {"table.csv": table})
    way_back = Paths(root).uploads / f"{outcome.upload}.json"
    if earlier:
        kept = json.loads(way_back.read_bytes())
        dropped = ("section", "before_section")
        entries = [{k: v for k, v in entry.items() if k not in dropped} for entry in kept["entries"]]
        way_back.write_text(json.dumps({**{k: kept[k] for k in ("format", "id", "made")}, "entries": entries}))
    settings, broken = root / "workspace.yaml", root / "records/awakening/fresh.yaml"
    all_sections, whole = settings.read_bytes(), broken.read_bytes()
    settings.write_bytes(all_sections.replace(b"- induction\n", b""))
    broken.write_bytes(b"{ not a record")
    with TinyWorkbench(root) as other:
        stored = files_of(root)["records/awakening/calm-lake.yaml"]
        undone = other.undo_upload(outcome.upload)
        assert (undone.removed, undone.restored, undone.waiting) == (("sea",), (), 2)
        reasons = {left.source: left.reason for left in undone.left}
        assert "'induction' is not there any more" in reasons["Calm lake"]
        assert "damaged" in next(reason for title, reason in reasons.items() if title != "Calm lake")
        assert files_of(root)["records/awakening/calm-lake.yaml"] == stored
        assert broken.read_bytes() == b"{ not a record"
        last = other.last_upload()
        assert last is not None
        assert (last.created, last.updated) == (1, 1)
        settings.write_bytes(all_sections)
        broken.write_bytes(whole)
        undone = other.undo_upload(last.id)
        assert (undone.removed, undone.restored, undone.left) == (("fresh",), ("calm-lake",), ())
        assert files_of(root) == before
        assert other.last_upload() is None


def test_a_model_that_fails_stores_nothing(root: Path) -> None:
    embedder = TinyEmbedder()
    with TinyWorkbench(root, {"tiny": embedder}) as bench:
        review = reviewed(bench, {"a.txt": "One\n\nWords of one."})
        revised = bench.revise_upload(review, {0: Edit(title="Another")})
        embedder.left = 0
        with pytest.raises(EmbedderUnavailable):
            bench.add_upload(revised, {0})
        assert bench.last_upload() is None
        assert len(bench.catalogue.records) == 3


def test_a_stop_while_it_is_read_stores_nothing(bench: TinyWorkbench) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        reviewed(bench, {"a.txt": "One\n\nWords of one."}, report=stop)


def test_a_disk_that_is_full_half_way_names_what_was_not_added(
    bench: TinyWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = reviewed(bench, {"induction/a.txt": "One\n\nWords of one.", "awakening/b.txt": "Two\n\nWords of two."})
    replace = os.replace

    def full(source: str, target: Path) -> None:
        if Path(target).name == "two.yaml":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    outcome = bench.add_upload(review, everything(review))
    assert outcome.created == ("one",)
    assert [(r.source, "No space left" in r.reason) for r in outcome.refused] == [("awakening/b.txt", True)]
    monkeypatch.undo()
    assert bench.undo_upload(outcome.upload).removed == ("one",)


def test_of_many_uploads_the_newest_can_be_undone(bench: TinyWorkbench, root: Path) -> None:
    for number in range(KEPT + 1):
        added(bench, {f"{number}.csv": f"title,text,section\nScript {number},Words {number},induction\n"})
    assert len(list(Paths(root).uploads.iterdir())) == KEPT
    assert bench.uploads.names() == sorted(bench.uploads.names(), reverse=True)


def test_a_way_back_that_cannot_be_read_says_so(bench: TinyWorkbench, root: Path) -> None:
    outcome = added(bench, {"a.txt": "One\n\nWords of one."})
    (Paths(root).uploads / f"{outcome.upload}.json").write_text("{")
    with TinyWorkbench(root) as other, pytest.raises(StorageFailed, match="cannot be read"):
        other.last_upload()


def record_file(script_id: str, text: str, title: str, *, of: str = "") -> bytes:
    """A record's file whose body has the vectors of its own words, or those of other words."""
    made = record(script(script_id, "awakening", text=text, title=title))
    if not of:
        return record_format.encode(made)
    assert made.vectors is not None
    values = made.vectors.values.copy()
    values[1:] = TinyEmbedder().embed_query(of)
    return record_format.encode(replace(made, vectors=replace(made.vectors, values=values)))


def test_vectors_that_a_record_brings_serve_only_itself_and_only_when_they_are_right(
    bench: TinyWorkbench, root: Path
) -> None:
    embedder = bench.made["tiny"]
    assert isinstance(embedder, TinyEmbedder)
    words = "Sleep now and rest. Morning comes and you wake."
    wrong = record_file("wrong", words, "Wrong", of="Zzz zzz.")
    embedder.asked.clear()
    review = reviewed(bench, {"a.yaml": wrong, "b.txt": f"title: Mine\nsection: awakening\n---\n{words}"})
    assert carried.ANEW in row_of(review, "a.yaml").suspicions
    assert carried.ANEW not in row_of(review, "b.txt").suspicions
    bench.add_upload(review, everything(review))
    right = record(script("mine", "awakening", text=words, title="Mine")).vectors
    assert right is not None
    for script_id in ("wrong", "mine"):
        kept = bench.catalogue.records[script_id].vectors
        assert kept is not None
        # The cards have other titles; the bodies are the same words.
        assert np.array_equal(kept.values[1:], right.values[1:])
    assert sorted(set(embedder.asked)) == sorted(embedder.asked)


def test_vectors_that_are_right_are_taken_and_not_made_again(bench: TinyWorkbench) -> None:
    embedder = bench.made["tiny"]
    assert isinstance(embedder, TinyEmbedder)
    sentences = [f"{name} is one of the winds." for name in ("Ostria", "Tramontana", "Ponente", "Levante", "Libeccio")]
    data = record_file("winds", " ".join(sentences), "Winds")
    embedder.asked.clear()
    review = reviewed(bench, {"winds.yaml": data})
    # Of five passages two are made to compare, and the card.
    assert len(embedder.asked) == 3
    assert carried.ANEW not in review.rows[0].suspicions
    assert bench.add_upload(review, {0}).created == ("winds",)
    assert len(embedder.asked) == 3


def test_what_is_stored_wins_over_what_comes(bench: TinyWorkbench) -> None:
    same = bench.catalogue.records["calm-lake"]
    data = record_file("calm-again", CALM, "Calm again", of="Zzz zzz.")
    review = reviewed(bench, {"again.yaml": data})
    bench.add_upload(review, {0})
    kept = bench.catalogue.records["calm-again"].vectors
    assert kept is not None
    assert same.vectors is not None
    assert np.array_equal(kept.values[1:], same.vectors.values[1:])
