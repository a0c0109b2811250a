"""What every measure makes of a ranking: by hand, and equal to what ir_measures says of the exported lines."""

import json
import random
from dataclasses import asdict
from io import StringIO

import ir_measures
import numpy as np
import pytest

from services.domain.measures import Coverage, Figures, measures
from services.domain.runs import Answer, Found, Outcome
from services.errors import InvalidInput
from services.measuring import measure, recall
from tests.unit.measuring.rankings import answered, found

FITS = {f"q{i}": {"a": {"x": 1}} for i in range(50)}


def one(figures: Figures, name: str, questionnaire: str = "q", section: str = "a") -> float:
    return figures.values[questionnaire][section][name]


def test_every_measure_of_a_ranking_that_misses_a_judged_script():
    # fair 1, unjudged, best 3; "missed" (2) is judged, fits, and was not found; "wrong" is judged, and does not fit.
    figures = measure(
        [answered("q", {"a": ["fair", "unjudged", "best"]})],
        {"q": {"a": {"best": 3, "missed": 2, "fair": 1, "wrong": 0}}},
        5,
    )
    # Gains are the grades: 1/log2(2) + 0 + 3/log2(4) = 2.5; the best order has 3 + 2/log2(3) + 1/log2(4) = 4.76186.
    assert one(figures, "nDCG@5") == pytest.approx(2.5 / 4.761860, abs=1e-6)
    assert one(figures, "average_precision") == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert one(figures, "recall@5") == pytest.approx(2 / 3)
    # Divided by 5, though only three were found.
    assert one(figures, "precision@5") == pytest.approx(2 / 5)
    assert one(figures, "precision@10") == pytest.approx(2 / 10)
    assert one(figures, "success@1") == one(figures, "reciprocal_rank") == 1


def test_a_grade_of_0_and_no_grade_at_all_count_alike():
    grades = {"q": {"a": {"fits": 2, "wrong": 0}}}
    first, second = (measure([answered("q", {"a": [other, "fits"]})], grades, 5) for other in ("wrong", "nobody-knows"))
    assert first.values == second.values
    assert one(first, "reciprocal_rank") == 0.5
    assert one(first, "nDCG@5") == pytest.approx(1 / np.log2(3))
    assert (first.coverage["a"], second.coverage["a"]) == (Coverage(2, 2), Coverage(1, 2))


def test_all_that_a_top_k_asks_for_is_measured():
    figures = measure([answered("q", {"a": ["x"]})], {"q": {"a": {"x": 1}}}, 3)
    assert list(figures.values["q"]["a"]) == list(figures.overall) == [m.name for m in measures(3)]
    assert {"success@3", "recall@3", "precision@3", "nDCG@3"} <= set(figures.overall)


@pytest.mark.parametrize("scores", [(1.0, 1.0, 1.0), (3e-39, 2e-39, 1e-39)], ids=["ties", "no-float32"])
def test_the_order_that_is_kept_is_the_order_that_is_measured(scores):
    # Left to trec_eval, ties would be broken by the id, the last letter first.
    kept = Answer("q", Outcome.ANSWERED, "", {"a": Found(("a-1", "b-2", "c-3"), scores, (None,) * 3, 3)})
    assert one(measure([kept], {"q": {"a": {"b-2": 1}}}, 5), "reciprocal_rank") == 0.5


def test_what_is_further_down_than_the_kept_depth_counts_as_not_found():
    scripts = [f"s-{i}" for i in range(101)]
    figures = measure([answered("q", {"a": scripts})], {"q": {"a": {"s-99": 1, "s-100": 1}}}, 5)
    assert one(figures, "reciprocal_rank") == pytest.approx(1 / 100)
    assert one(figures, "average_precision") == pytest.approx(1 / 100 / 2)


def test_finding_nothing_is_measured_and_failing_is_not():
    fits = {"a": {"x": 1}}
    answers = [
        answered("good", {"a": ["x"]}),
        Answer("nothing", Outcome.NOTHING_FOUND, "", {"a": found()}),
        Answer("failed", Outcome.FAILED, cause="No."),
        Answer("not-run", Outcome.NOT_RUN),
    ]
    figures = measure(answers, dict.fromkeys(("good", "nothing", "failed", "not-run"), fits), 5)
    assert set(figures.values) == {"good", "nothing"}
    assert set(figures.values["nothing"]["a"].values()) == {0.0}
    assert figures.overall["recall@5"].value == 0.5
    assert figures.overall["recall@5"].n == 2
    assert figures.coverage == {"a": Coverage(1, 1)}


def test_a_questionnaire_counts_once_with_the_mean_of_its_judged_sections():
    answers = [
        # "b" gave nothing and should have; in "c" nothing fits, in "d" nothing is judged: neither can be measured.
        answered("three", {"a": ["x"], "b": [], "c": ["y"], "d": ["z"]}),
        answered("one", {"a": ["x"], "b": ["v"], "c": ["y"], "d": ["z"]}),
    ]
    figures = measure(answers, {"three": {"a": {"x": 1}, "b": {"u": 2}, "c": {"y": 0}}, "one": {"a": {"x": 3}}}, 5)
    assert {q: list(of) for q, of in figures.values.items()} == {"one": ["a"], "three": ["a", "b"]}
    assert figures.of("three", "success@1") == 0.5
    assert figures.overall["success@1"].value == 0.75
    assert {s: of["success@1"].n for s, of in figures.sections.items()} == {"a": 2, "b": 1, "c": 0, "d": 0}
    assert figures.sections["b"]["success@1"].value == 0
    assert figures.covered == Coverage(3, 7)


def test_coverage_looks_at_what_is_shown_only():
    figures = measure([answered("q", {"a": ["x", "y", "z"]})], {"q": {"a": {"x": 1, "z": 1}}}, 2)
    assert figures.coverage["a"] == Coverage(1, 2)


@pytest.mark.parametrize(
    ("answers", "grades"),
    [
        ([], {}),
        ([answered("q", {"a": ["x"]})], {}),
        ([answered("q", {"a": ["x"]})], {"q": {"a": {"x": 0}}}),
        ([Answer("q", Outcome.FAILED)], {"q": {"a": {"x": 1}}}),
        ([answered("q", {})], {"q": {}}),
    ],
    ids=["no-questionnaires", "none-judged", "nothing-fits", "all-failed", "no-sections"],
)
def test_where_nothing_can_be_measured_there_is_no_number(answers, grades):
    figures = measure(answers, grades, 5)
    assert figures.values == {}
    assert {(i.value, i.low, i.high, i.n) for i in figures.overall.values()} == {(None, None, None, 0)}
    # Refuses NaN.
    json.dumps(asdict(figures), allow_nan=False)


def drawn(seed: int) -> tuple[list[Answer], dict[str, dict[str, dict[str, int]]]]:
    """Twelve questionnaires over three sections of 40 scripts, some of which are found and some judged."""
    dice = random.Random(seed)
    answers, grades = [], {}
    for q in (f"q-{i:02}" for i in range(12)):
        ids = {section: [f"{section}-{i}" for i in range(40)] for section in "abc"}
        answers.append(answered(q, {s: dice.sample(of, dice.choice([0, 3, 30])) for s, of in ids.items()}))
        grades[q] = {s: {x: dice.randint(0, 3) for x in dice.sample(of, 8)} for s, of in ids.items()}
    return answers, grades


def test_ir_measures_says_the_same_of_the_exported_lines():
    answers, grades = drawn(1)
    figures = measure(answers, grades, 7)
    for section in "abc":
        run = "".join(
            f"{a.questionnaire} Q0 {script} {rank} {score!r} scriptorium\n"
            for a in answers
            for rank, (script, score) in enumerate(
                zip(a.sections[section].scripts, a.sections[section].scores, strict=True), 1
            )
        )
        lines = [f"{q} 0 {x} {g}\n" for q, of in grades.items() for x, g in of[section].items()]
        qrels = list(ir_measures.read_trec_qrels(StringIO("".join(lines))))
        for m in measures(7):
            said = ir_measures.iter_calc(
                [ir_measures.parse_measure(m.ir)], qrels, ir_measures.read_trec_run(StringIO(run))
            )
            expected = {metric.query_id: metric.value for metric in said}
            got = {q: of[section][m.name] for q, of in figures.values.items() if section in of}
            assert got == pytest.approx(expected, abs=1e-6), m.name
            assert figures.sections[section][m.name].value == pytest.approx(np.mean(list(expected.values())), abs=1e-6)


def test_the_same_answers_in_another_order_have_the_same_intervals():
    answers, grades = drawn(2)
    assert measure(answers[::-1], grades, 5) == measure(answers, grades, 5)
    assert measure(answers, grades, 5, seed=1).overall != measure(answers, grades, 5).overall


def test_recall_alone_is_the_recall_among_all_measures():
    answers, grades = drawn(2)
    figures = measure(answers, grades, 5)
    for k in (5, 10):
        assert recall(answers, grades, k) == {q: figures.of(q, f"recall@{k}") for q in figures.values}
    assert recall([], grades, 5) == {}


def test_names_of_measures_are_not_spelled_out_for_every_figure(monkeypatch):
    spelled = []
    monkeypatch.setattr(ir_measures.measures.Measure, "__hash__", lambda self: spelled.append(self) or hash(repr(self)))
    # Twice a figure is what the library itself does.
    assert len(recall([answered(f"q{i}", {"a": ["x"]}) for i in range(50)], FITS, 5)) == 50
    assert len(spelled) < 2.5 * 50


@pytest.mark.parametrize("top_k", [0, -5])
def test_no_cut_off_ends_the_process(top_k):
    with pytest.raises(InvalidInput):
        measure([answered("q", {"a": ["x"]})], {"q": {"a": {"x": 1}}}, top_k)
