"""Judgements and runs of TREC: names both ways, what a file becomes here, and files that are odd or hostile."""

import shutil
import tracemalloc
from pathlib import Path

import ir_measures
import pytest

from services.domain.measures import measures
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.runs import Outcome
from services.domain.scripts import make_script
from services.domain.topics import Documents, Homes, Topic, Topics, unique_names
from services.domain.trec import RankedLine
from services.errors import InvalidInput, NotFound
from services.exporting.trec import trec_qrels, trec_run
from services.importing.rankings import run_of
from services.readers.trec import read_qrels, read_run
from services.workbench import Workbench
from tests.unit.command_line import make, run

SECTIONS = ("induction", "affirmations", "awakening")


def script(name, section="induction", source_id=""):
    return make_script(id=name, section=section, title=name.title(), text=f"Words of {name}.", source_id=source_id)


# Names


def test_a_name_is_that_of_the_source_where_it_is_one_word_and_only_its_own():
    given = {"med-10": "MED-10", "a": "1", "b": "1", "c": "two words", "d": "", "e": "d", "f": "f", "g": "gone"}
    assert unique_names(given, taken={"gone"}) == {"med-10": "MED-10", **{name: name for name in "abcdefg"}}


def test_documents_are_named_within_their_section():
    documents = Documents(
        [script("12"), script("12-9f", "awakening", "12"), script("med-10", source_id="MED-10"), script("x")]
    )
    assert [documents.name(i) for i in ("12", "12-9f", "med-10", "deleted")] == ["12", "12", "MED-10", "deleted"]
    assert documents.find("12") == ["12", "12-9f"]
    assert documents.find("12", "awakening") == ["12-9f"]
    assert documents.find("med-10", "induction") == documents.find("MED-10") == ["med-10"]
    assert documents.find("x", "awakening") == documents.find("nothing") == []


def test_topics_come_back_as_who_they_are_of():
    asked = [
        make_questionnaire(id="plain-2", title="t", query="q", source_id="PLAIN-2"),
        make_questionnaire(id="odd", title="t", query="q", source_id="plain-2.induction"),
        make_questionnaire(id="dotted", title="t", query="q", source_id="v1.2"),
    ]
    topics = Topics(asked, SECTIONS)
    assert [topics.name(q.id) for q in asked] == ["PLAIN-2", "odd", "v1.2"]
    assert topics.name("plain-2", "awakening") == "PLAIN-2.awakening"
    assert topics.find("PLAIN-2.awakening") == Topic("plain-2", "awakening")
    # The id with a section comes before a name that only looks like it.
    assert topics.find("plain-2.induction") == Topic("plain-2", "induction")
    assert topics.find("v1.2") == topics.find("dotted") == Topic("dotted")
    assert topics.find("v1.2.nowhere") is None


# Reading


@pytest.fixture
def written(tmp_path):
    def written(content):
        path = tmp_path / "file.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def test_judgements_in_any_white_space(written):
    lines = list(read_qrels(written(b"\xef\xbb\xbfq1 0 D-1 2\r\nq1\t0\t\tD-2\t-2 \r\n\r\n  q2 Q0 z\xc3\xbc 1.0"), "f"))
    assert [(line.topic, line.document, line.grade) for line in lines] == [
        ("q1", "D-1", 2),
        ("q1", "D-2", 0),
        ("q2", "zü", 1),
    ]
    assert [line.source for line in lines] == ["f line 1", "f line 2", "f line 4"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("q d 1", "It has 3 columns and not 4. Write: topic 0 document grade"),
        ("q 0 d 1 more", "It has 5 columns and not 4. Write: topic 0 document grade"),
        ("q 0 d much", "'much' is no grade. Write a whole number."),
        ("q 0 d 1.5", "'1.5' is no grade. Write a whole number."),
        ("q 0 d nan", "'nan' is no grade. Write a whole number."),
        ("q 0 d inf", "'inf' is no grade. Write a whole number."),
        ("q 0 d 1_0", "'1_0' is no grade. Write a whole number."),
        (
            "q 0 d 4",
            "It has the grade 4. Grades go from 0 to 3: bring the whole file onto that scale and import it again.",
        ),
        (
            "q 0 d " + " " * 65_600 + "1",
            "It is longer than 65,536 bytes. Check that it is the right file. A line is: topic 0 document grade",
        ),
        (b"q 0 \xff 1", "It is no UTF-8 text. Save the file as UTF-8."),
    ],
)
def test_a_line_that_is_no_judgement_is_named_and_the_others_are_read(written, line, reason):
    line = line if isinstance(line, bytes) else line.encode()
    first, wrong, last = read_qrels(written(b"good 0 d 1\n" + line + b"\nlast 0 d 0\n"), "f")
    assert (first.topic, last.topic, wrong.source, wrong.reason) == ("good", "last", "f line 2", reason)


def test_a_file_of_another_kind_is_not_named_line_by_line(written):
    found = list(read_qrels(written("one\n" * 1000), "f"))
    assert len(found) == 21
    assert found[-1].reason == "980 further lines are no judgements either. Check that it is a file of judgements."


@pytest.mark.parametrize("read", [read_qrels, read_run])
def test_files_with_nothing_in_them(written, tmp_path, read):
    with pytest.raises(InvalidInput, match="f is empty"):
        list(read(written("\n \r\n"), "f"))
    with pytest.raises(NotFound):
        list(read(tmp_path / "nowhere", "f"))
    with pytest.raises(NotFound):
        list(read(tmp_path, "f"))


def test_of_an_endless_line_no_more_is_read_than_is_looked_at(written):
    path = written(b"q Q0 d 1 1.0 t\n" + b"x" * 20_000_000 + b"\nq Q0 e 2 0.5 t")
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match="f line 2 is longer than 65,536 bytes"):
            list(read_run(path, "f"))
        wrong = list(read_qrels(path, "f"))
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert [line.source for line in wrong] == ["f line 1", "f line 2", "f line 3"]


def test_a_line_of_as_many_bytes_as_may_be_is_read(written):
    longest = b"q 0 " + b"d" * (65_536 - 7) + b" 1\n"
    first, wrong, last = read_qrels(written(longest + b"x" + longest + b"q 0 e 2"), "f")
    assert (len(longest), first.grade, wrong.source, last.document) == (65_536, 1, "f line 2", "e")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("q Q0 d2 1 nan t", "f line 2: the score 'nan' cannot be ordered"),
        ("q Q0 d2 1 -inf t", "cannot be ordered"),
        ("q Q0 d2 1 1e39 t", "cannot be ordered"),
        ("q Q0 d2 1 high t", "f line 2: 'high' is no score"),
        ("q Q0 d2 1 1.0", "f line 2 has 5 columns and not 6"),
    ],
)
def test_one_wrong_line_refuses_a_run(written, line, reason):
    with pytest.raises(InvalidInput, match=reason):
        list(read_run(written(f"q Q0 d 1 1.0 t\n{line}\n"), "f"))


def test_a_large_file_in_two_bytes_a_letter_is_refused_before_it_is_read(written):
    path = written("\ufeff".encode("utf-16-le"))
    with path.open("r+b") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(InvalidInput, match="larger than 64 MB, and in UTF-16"):
        next(read_run(path, "f"))


# In a workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two scripts of one source in two sections; two questionnaires, one of them judged in one section."""
    folder = make(tmp_path_factory.mktemp("trec") / "corpus")
    with Workbench(folder) as bench:
        for one in (
            *(script("12"), script("12-9f", "awakening", "12"), script("med-10", source_id="MED-10")),
            *(script("oak"), script("elm"), script("ash", "awakening")),
        ):
            bench.save(one, base=None)
        expected = (Expected("med-10", 3), Expected("oak", 1))
        bench.save_questionnaire(
            make_questionnaire(id="plain-2", title="P", query="words of oak", source_id="PLAIN-2", expected=expected)
        )
        bench.save_questionnaire(make_questionnaire(id="two", title="Two", query="words of elm"))
    return folder


@pytest.fixture
def workspace(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "corpus"))


@pytest.fixture
def bring(workspace, capsys, written):
    def bring(content, *arguments):
        return run(capsys, "--workspace", workspace, "import", written(content), *arguments)

    return bring


def judged(folder):
    with Workbench(folder) as bench:
        return bench.grades()


def reasons(done):
    return [item["reason"] for item in done["rejected"]]


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


RUN = (
    "PLAIN-2 Q0 elm 1 0.5 theirs\nPLAIN-2 Q0 MED-10 9 0.5 theirs\nPLAIN-2 Q0 stranger 3 7 theirs\n"
    "PLAIN-2 Q0 oak 1 -1e-3 theirs\nPLAIN-2 Q0 ash 1 99 theirs\nnobody Q0 elm 1 1 theirs\n"
)


def test_somebody_elses_run_is_kept_and_measured(bring, workspace):
    """By score, ties from Z to A, whatever the column of ranks says: stranger, elm, MED-10, oak."""
    code, done = bring(RUN, "--format", "trec-run")

    assert (code, len(done["runs"]), done["questionnaires"], len(done["rejected"])) == (1, 1, 1, 2)
    assert "They keep their ranks" in reasons(done)[1]
    with Workbench(workspace) as bench:
        kept = bench.runs.get(done["runs"][0])
    answer, other = kept.answers
    found = answer.sections["induction"]
    assert found.scripts == ("stranger", "elm", "med-10", "oak")
    assert (found.ranked, found.ranks, set(found.distances)) == (4, {"med-10": 3, "oak": 4}, {None})
    assert found.scores[0] > found.scores[1] > found.scores[2] > found.scores[3]
    assert answer.sections["awakening"].scripts == ("ash",)
    assert (other.questionnaire, other.outcome) == ("two", Outcome.NOT_RUN)
    assert (kept.setup.method.name, kept.setup.embedder, kept.name) == ("theirs", "imported", "theirs")
    assert kept.figures.of("plain-2", "reciprocal_rank") == pytest.approx(1 / 3)


def test_a_section_that_a_run_does_not_rank_was_not_asked(bring, workspace):
    bring("two.awakening 0 12 3\ntwo.induction 0 elm 2\nplain-2.awakening 0 ash 1\n", "--format", "trec-qrels")
    _, done = bring("two.induction Q0 elm 1 1 t\nPLAIN-2.induction Q0 oak 1 1 t\n", "--format", "trec-run")

    with Workbench(workspace) as bench:
        kept = bench.runs.get(done["runs"][0])
    assert (list(kept.figures.sections), kept.figures.of("two", "success@1")) == (["induction"], 1)
    assert kept.refused == {"awakening": "The run file ranks none of its scripts."}


def test_a_document_that_stands_twice_refuses_a_run(bring):
    code, told = bring("two Q0 elm 1 2 t\ntwo Q0 elm 2 1 t\n", "--format", "trec-run")
    assert (code, told["error"]["cause"]) == (2, "file.txt line 2 names 'elm' under 'two' a second time.")


def test_lines_of_unknown_topics_are_counted_and_not_held(made):
    with Workbench(made) as bench:
        settings, catalogue, asked = bench.settings, bench.catalogue, bench.all_questionnaires
    lines = (RankedLine("f", f"nobody-{i}", f"D-{i}", 1.0, "t") for i in range(30_000))
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput) as error:
            run_of(lines, "f", settings=settings, catalogue=catalogue, questionnaires=asked, grades={})
        # Held, they are 12 MB and more.
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert "More than 10,000 topics in 30,000 lines stand for no questionnaires here: 'nobody-0'" in str(error.value)


def test_a_run_about_nothing_that_is_here_is_refused(bring, workspace):
    code, told = bring("nobody Q0 elm 1 1 theirs\n", "--format", "trec-run")
    assert (code, not any(workspace.glob("runs/*.json"))) == (2, True)
    assert "ranks nothing that is here" in str(told)
    assert bring("two Q0 never 1 1 theirs\n", "--format", "trec-run")[0] == 2
    code, done = bring("two Q0 elm 1 1 theirs\n", "--format", "trec-run", "--dry-run")
    assert (code, len(done["runs"]), any(workspace.glob("runs/*.json"))) == (0, 1, False)


def test_an_exported_run_gives_the_same_figures_in_ir_measures(bring, workspace, tmp_path):
    bring("two.awakening 0 12 3\ntwo.awakening 0 ash 0\ntwo.induction 0 elm 2\n", "--format", "trec-qrels")
    theirs = (
        "PLAIN-2 Q0 elm 1 0.5 t\nPLAIN-2 Q0 MED-10 9 0.5 t\nPLAIN-2 Q0 12 9 3 t\n"
        "two.awakening Q0 ash 1 2 t\ntwo.awakening Q0 12 1 1.9999999999 t\ntwo.induction Q0 oak 1 1 t\n"
    )
    made = tmp_path / "theirs.txt"
    made.write_text(theirs)
    with Workbench(workspace) as bench:
        grades, asked, catalogue = bench.grades(), bench.all_questionnaires, bench.catalogue
        back, _ = run_of(
            read_run(made, "f"),
            "f",
            settings=bench.settings,
            catalogue=catalogue,
            questionnaires=asked,
            grades=grades,
        )
    lines = trec_run(back, catalogue, asked, grades).decode()
    qrels = trec_qrels(grades, catalogue, asked, grades)

    assert [line.split()[:4] for line in lines.splitlines()] == [
        ["PLAIN-2", "Q0", "12", "1"],
        ["PLAIN-2", "Q0", "elm", "2"],
        ["PLAIN-2", "Q0", "MED-10", "3"],
        ["two.induction", "Q0", "oak", "1"],
        ["two.awakening", "Q0", "ash", "1"],
        ["two.awakening", "Q0", "12", "2"],
    ]
    assert qrels.decode() == (
        "PLAIN-2 0 MED-10 3\nPLAIN-2 0 oak 1\ntwo.awakening 0 12 3\ntwo.awakening 0 ash 0\ntwo.induction 0 elm 2\n"
    )
    chosen = {ir_measures.parse_measure(one.ir): one.name for one in measures(bench.settings.top_k)}
    told = ir_measures.iter_calc(
        list(chosen), list(ir_measures.read_trec_qrels(qrels.decode())), list(ir_measures.read_trec_run(lines))
    )
    ours = {
        "PLAIN-2": back.figures.values["plain-2"]["induction"],
        **{f"two.{section}": values for section, values in back.figures.values["two"].items()},
    }
    pairs = [(metric.value, ours[metric.query_id][chosen[metric.measure]]) for metric in told]
    assert len(pairs) == 3 * len(chosen)
    assert max(abs(one - other) for one, other in pairs) < 1e-6
    # Hand-worked: grade 3 at the third of three places, of an ideal of 3 first and 1 second.
    assert back.figures.of("plain-2", "nDCG@5") == pytest.approx((3 / 2) / (3 + 1 / 1.5849625007211562))


def test_topics_do_not_change_with_judgements_where_several_sections_are_judged(bring, workspace):
    """A run of before and judgements of after name the same; what came from a collection keeps its name."""
    bring("two.awakening 0 ash 1\n", "--format", "trec-qrels")
    with Workbench(workspace) as bench:
        run = bench.try_out()
        bring("two.induction 0 elm 2\n", "--format", "trec-qrels")
        catalogue, asked, before, now = bench.catalogue, bench.all_questionnaires, run.grades, bench.grades()

    assert (list(before["two"]), sorted(now["two"])) == (["awakening"], ["awakening", "induction"])
    old, new = (trec_run(run, catalogue, asked, grades) for grades in (before, now))
    topics = {line.split()[0] for line in new.decode().splitlines()}
    assert old == new
    assert topics == {"PLAIN-2", "two.awakening", "two.induction"}
    assert {line.split()[0] for line in trec_qrels(now, catalogue, asked, now).decode().splitlines()} == topics


def test_a_workspace_judged_in_one_section_has_plain_topics():
    asked = [make_questionnaire(id=name, title="t", query="q") for name in ("a", "b", "c")]
    one = {"a": {"induction": {"x": 1}, "awakening": {"y": 0}}, "b": {"induction": {"x": 1}}}
    homes = Homes(asked, one, SECTIONS)
    assert [homes.of(q) for q in "abc"] == ["induction"] * 3
    several = Homes(asked, {**one, "c": {"awakening": {"y": 1}}}, SECTIONS)
    assert [several.of(q) for q in "abc"] == ["", "", ""]
    assert [Homes(asked, {}, filled).of("a") for filled in (SECTIONS, ["awakening"], [])] == ["", "awakening", ""]


def test_a_section_in_which_nothing_fits_is_no_topic_of_its_own(bring, workspace, tmp_path, capsys):
    bring("two.awakening 0 ash 0\ntwo.induction 0 elm 2\n", "--format", "trec-qrels")
    out = tmp_path / "qrels.txt"

    code, done = run(capsys, "--workspace", workspace, "export", "--format", "trec-qrels", "--out", out)

    assert (code, done["judgements"], done["questionnaires"], done["scripts"]) == (0, 3, 2, 3)
    assert out.read_text() == "PLAIN-2 0 MED-10 3\nPLAIN-2 0 oak 1\ntwo 0 elm 2\n"
    assert done["notes"][0].startswith("1 judgement left out: in their sections nothing fits the questionnaire")
