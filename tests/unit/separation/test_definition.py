"""Is a ranking informative: the figures worked out slowly, and where one verdict ends and the next begins."""

from collections.abc import Sequence

import numpy as np
import pytest

from services.domain import separation
from services.domain.separation import Background, Verdict
from services.indexes.exact import ExactIndex
from services.indexes.matrix import SectionMatrix
from tests.doubles import bare_record, stamp
from tests.unit.separation.made_up import directions, section


def slow_even(vector: Sequence[float]) -> np.ndarray:
    """A coordinate at a time."""
    mean = sum(vector) / len(vector)
    limit = 1.5 * (sum((x - mean) ** 2 for x in vector) / len(vector)) ** 0.5
    cut = [max(-limit, min(limit, x - mean)) for x in vector]
    middle = sum(cut) / len(cut)
    return np.array([x - middle for x in cut]) / sum((x - middle) ** 2 for x in cut) ** 0.5


def slow_figures(scripts: list[np.ndarray], question: np.ndarray) -> tuple[float, float]:
    """Both figures of a question before any background, a script at a time."""
    shared = np.mean(np.concatenate(scripts), axis=0)
    shared /= np.linalg.norm(shared)
    rest = question - (question @ shared) * shared
    rest /= np.linalg.norm(rest)
    order = sorted(range(len(scripts)), key=lambda i: -max(scripts[i] @ question))
    nearest = order[: max(1, min(5, len(scripts) // 6))]
    alike = [slow_even(scripts[i][np.argmax(scripts[i] @ question)]) @ slow_even(question) for i in nearest]
    apart = [scripts[i][np.argmax(scripts[i] @ question)] @ rest for i in nearest]
    return float(np.mean(alike)), float(np.mean(apart))


def test_a_coordinate_is_cut_before_vectors_are_correlated():
    # Mean 0, root mean square sqrt(100 / 8) = 3.536, so 9 is cut to 5.303. The mean is then -0.462, and the length of
    # what deviates from it 6.739: the first is (5.303 + 0.462) / 6.739 = 0.8555, where uncut it were 0.9.
    even = separation._even(np.array([[9, -3, -2, -2, -1, -1, 0, 0]], np.float32))[0]
    assert even[0] == pytest.approx(0.8555, abs=1e-4)
    # Nothing to cut, and what is added everywhere does not matter: (0, 2, 0, -2) / sqrt(8).
    even = separation._even(np.array([[3, 5, 3, 1]], np.float32))[0]
    assert even.tolist() == pytest.approx([0, 0.7071, 0, -0.7071], abs=1e-4)


@pytest.mark.parametrize(("count", "passages"), [(30, 3), (8, 1), (14, 2)])
def test_the_figures_are_those_of_the_definition(count, passages):
    shared = directions(1, 64, seed=7)
    rows = directions(count * passages, 64) + 0.8 * shared
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    question = (rows[0] + 0.3 * directions(1, 64, seed=9)[0]).astype(np.float64)
    question /= np.linalg.norm(question)
    scripts = [rows[i : i + passages].astype(np.float64) for i in range(0, len(rows), passages)]

    drawn = np.random.default_rng(separation._SEED).standard_normal((separation.BACKGROUND, 64), dtype=np.float32)
    usual = np.array([slow_figures(scripts, q / np.linalg.norm(q)) for q in drawn.astype(np.float64)])
    expected = (np.array(slow_figures(scripts, question)) - usual.mean(axis=0)) / usual.std(axis=0)

    found = section(rows, passages).score(3 * question.astype(np.float32)).separation(3 * question.astype(np.float32))
    assert (found.value, found.margin) == pytest.approx(expected.tolist(), abs=2e-3)


def clustered() -> SectionMatrix:
    """Forty scripts around one shared direction, the first five of them on one subject besides."""
    rows = directions(40, 256) + 1.0 * directions(1, 256, seed=7)
    rows[:5] += 1.5 * directions(1, 256, seed=8)
    return section((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))


def test_clear_weak_and_no_information():
    made = clustered()
    subject, shared, elsewhere = directions(1, 256, 8)[0], directions(1, 256, 7)[0], directions(1, 256, 30)[0]
    everything = (shared + 0.2 * elsewhere).astype(np.float32)
    both = (subject + shared).astype(np.float32)
    verdicts = [made.score(q).separation(q).verdict for q in (both, everything, elsewhere)]
    assert verdicts == [Verdict.CLEAR, Verdict.WEAK, Verdict.NO_INFORMATION]


@pytest.mark.parametrize(
    ("nearness", "margin", "verdict"),
    [
        (4.0, 2.5, Verdict.CLEAR),
        (4.0, 2.49, Verdict.WEAK),
        (3.99, 50.0, Verdict.NO_INFORMATION),
        (-3.0, -3.0, Verdict.NO_INFORMATION),
    ],
)
def test_the_bounds(nearness, margin, verdict):
    assert separation._verdict(nearness, margin) is verdict


def test_a_large_section_is_judged_by_fewer_questions(monkeypatch):
    drawn = []
    original = Background._figures
    monkeypatch.setattr(Background, "_figures", lambda s, q, sims: (drawn.append(len(q)), original(s, q, sims))[1])
    monkeypatch.setattr(separation, "_WORK", 64 * 100 * 64.0)
    question = directions(1, 64, seed=2)[0]
    section(directions(100, 64)).score(question).separation(question)
    assert drawn == [64, 1]


def test_the_background_is_measured_once_for_each_state_of_a_section():
    index, records = ExactIndex(), [bare_record(f"s{i}", [row]) for i, row in enumerate(directions(9, 64))]
    index.apply("induction", stamp(dimensions=64), records, [])
    question = directions(1, 64, seed=2)[0]
    one, two = (index.score("induction", question) for _ in range(2))
    assert one.background is two.background
    index.apply("induction", stamp(dimensions=64), [], ["s0"])
    three = index.score("induction", question)
    assert three.background is not one.background
    assert len(three.background.starts) == 8
