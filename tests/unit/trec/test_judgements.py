"""A file of judgements in a workspace: what is taken over, and what stands for nothing there."""

import tracemalloc

from services.domain.questionnaires import Expected
from services.errors import InvalidInput
from services.readers.trec import read_qrels
from services.workbench import Workbench
from tests.unit.trec.corpus import judged, reasons

QRELS = (
    "PLAIN-2 0 MED-10 0\nplain-2 0 elm 2\ntwo.awakening 0 12 3\ntwo.awakening 0 ash 0\ntwo.induction 0 12 1\n"
    "two 0 12 1\nnobody 0 elm 1\nnobody 0 oak 1\ntwo 0 gone 1\ntwo.awakening 0 oak 1\nplain-2.induction 0 med-10 2\n"
)


def test_of_a_file_of_judgements_no_more_is_held_than_stands_for_something(made, tmp_path):
    path = tmp_path / "many.qrels"
    path.write_text("".join(f"nobody-{i} 0 D-{i} 1\n" for i in range(15_000)) + "two 0 elm 1\n" * 60)
    with Workbench(made) as bench:
        tracemalloc.start()
        try:
            told = bench.import_judgements([path], dry_run=True)
            # Held, the lines are 8 MB and more.
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()
    assert (told.questionnaires, told.judgements, len(told.rejected)) == (1, 1, 22)
    assert told.rejected[0].source == "many.qrels line 15002"
    assert told.rejected[20].reason == "39 further lines judge what is judged already. Keep one of them."
    assert told.rejected[21].reason.startswith("More than 10,000 topics in 15,000 lines stand for no questionnaires")


def test_of_a_file_that_cannot_be_read_to_its_end_nothing_is_taken(workspace, tmp_path, monkeypatch):
    def read(path, source):
        yield from read_qrels(path, source)
        if path.name == "broken":
            raise InvalidInput("broken cannot be read (I/O error).", "Check its permissions.")

    monkeypatch.setattr("services.wiring.read_qrels", read)
    for name, line in (("broken", "two 0 elm 1\n"), ("whole", "two 0 elm 3\n")):
        (tmp_path / name).write_text(line)
    with Workbench(workspace) as bench:
        told = bench.import_judgements([tmp_path / "broken", tmp_path / "whole"])
        assert [rejected.reason for rejected in told.rejected] == [
            "broken cannot be read (I/O error). Check its permissions."
        ]
        assert bench.grades()["two"]["induction"]["elm"] == 3


def test_judgements_are_taken_over_and_what_stands_for_nothing_is_named(bring, workspace):
    code, done = bring(QRELS, "--format", "trec-qrels")

    assert (code, done["questionnaires"], done["judgements"]) == (1, 2, 5)
    assert judged(workspace) == {
        "plain-2": {"induction": {"med-10": 0, "oak": 1, "elm": 2}},
        "two": {"awakening": {"12-9f": 3, "ash": 0}, "induction": {"12": 1}},
    }
    again = "It judges 'med-10' for 'plain-2', as file.txt line 1 does already. Keep one of the two."
    assert reasons(done) == [
        again,
        (
            "1 topic in 2 lines stands for no questionnaire here: 'nobody'. "
            "Import the queries first; a topic is a questionnaire's id, or the one at its source."
        ),
        (
            "2 documents in 2 lines stand for no scripts here: 'gone', 'oak'. "
            "Import the documents first; a document is a script's id, or the one at its source."
        ),
        (
            "1 document in 1 line stands for scripts of several sections here: '12'. "
            "Name the section in the topic: 'TOPIC.SECTION'."
        ),
    ]
    with Workbench(workspace) as bench:
        assert bench.all_questionnaires["plain-2"].expected == (Expected("oak", 1), Expected("elm", 2))


def test_a_dry_run_says_the_same_and_writes_nothing(bring, workspace):
    before = {p: p.read_bytes() for p in workspace.rglob("*.yaml")}
    code, done = bring(QRELS, "--format", "trec-qrels", "--dry-run")
    assert (code, done["judgements"], len(done["rejected"]), done["dry_run"]) == (1, 5, 4, True)
    assert {p: p.read_bytes() for p in workspace.rglob("*.yaml")} == before


def test_a_later_file_takes_back_what_an_earlier_one_said(bring, workspace):
    bring("plain-2 0 oak 0\n", "--format", "trec-qrels")
    assert judged(workspace)["plain-2"]["induction"] == {"med-10": 3, "oak": 0}
    files = {p: p.read_bytes() for p in workspace.rglob("*.yaml")}
    bring("plain-2 0 oak 0\n", "--format", "trec-qrels")
    assert {p: p.read_bytes() for p in workspace.rglob("*.yaml")} == files
    code, done = bring("plain-2 0 oak 2\n", "--format", "trec-qrels")
    assert (code, done["rejected"]) == (0, [])
    assert judged(workspace)["plain-2"]["induction"] == {"med-10": 3, "oak": 2}
