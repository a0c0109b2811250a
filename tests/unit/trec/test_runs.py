"""Somebody else's run in a workspace: how it is kept and measured, what refuses it, and how it leaves again."""

import tracemalloc

import ir_measures
import pytest

from services.domain.measures import measures
from services.domain.runs import Outcome
from services.domain.trec import RankedLine
from services.errors import InvalidInput
from services.exporting.trec import trec_qrels, trec_run
from services.importing.rankings import run_of
from services.readers.trec import read_run
from services.workbench import Workbench
from tests.unit.trec.corpus import reasons

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
