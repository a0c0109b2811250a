"""An upload is reviewed before anything is stored, and says what an import would do."""

import io
import zipfile
from pathlib import Path

import numpy as np

from services import upload
from services.domain import suspicious
from services.domain.drafts import Draft
from services.domain.scripts import Status
from services.ground.progress import silent
from services.upload import Corpus, Edit, Fate, Stores
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench
from tests.unit.upload.uploading import BOLDER, CALM, added, files_of, reviewed, row_of


def test_nothing_is_stored_by_a_review(bench: TinyWorkbench, root: Path) -> None:
    before = files_of(root)
    review = reviewed(bench, {"induction/new.txt": "Fresh air\n\nBreathe in the fresh air."})
    assert [row.fate for row in review.rows] == [Fate.CREATED]
    assert files_of(root) == before
    assert bench.last_upload() is None


def test_a_row_says_what_an_import_would_do(bench: TinyWorkbench, tmp_path: Path) -> None:
    files = {
        "induction/calm.txt": f"title: Calm lake\n---\n{CALM}",
        "affirmations/bold.txt": f"title: Bold steps\n---\n{BOLDER}",
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
    unknown = row_of(review, "unknown.csv line 2")
    assert unknown.unknown_section == "prelude"
    assert "'prelude'" in unknown.doubts[0]
    assert row_of(review, "unknown.csv line 2").script.section in SECTIONS


def test_every_row_has_a_source_of_its_own(bench: TinyWorkbench) -> None:
    held = [("s", "Aaa one."), ("s", "Bbb two."), ("s (2)", "Ccc three."), ("s (2)", "Ddd four."), ("s", "Eee five.")]
    items = [Draft(source, text, title=text[:3], section="induction") for source, text in held]
    corpus = Corpus(bench.settings, bench.catalogue, bench.nearness)
    review = upload.review(items, corpus, bench.embedder(), suspicious.sentences, silent)
    assert [(row.source, row.script.text) for row in review.rows] == [
        ("s", "Aaa one."),
        ("s (2)", "Bbb two."),
        ("s (2) (2)", "Ccc three."),
        ("s (2) (3)", "Ddd four."),
        ("s (3)", "Eee five."),
    ]


def test_what_another_model_embeds_is_made_anew_when_the_model_was_changed_since_the_review(
    bench: TinyWorkbench,
) -> None:
    review = reviewed(bench, {"induction/new.txt": "title: Fresh air\n---\nBreathe in. Breathe out."})
    other = TinyEmbedder("other", dimensions=4)
    stores = Stores(bench.records, bench.uploads)
    upload.add(review, {0}, settings=bench.settings, stores=stores, embedder=other, report=silent)
    vectors = bench.records.catalogue().records["fresh-air"].vectors
    assert vectors is not None
    assert vectors.stamp.model_name == "other"
    expected = TinyEmbedder("other", dimensions=4).embed_documents(["Fresh air.", "Breathe in. Breathe out."])
    assert np.array_equal(vectors.values, expected)


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
