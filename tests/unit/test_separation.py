"""Is a ranking informative: the figures worked out slowly, and the verdicts on the demo corpus, right and wrong."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from services.domain import separation
from services.domain.results import Ranking, State
from services.domain.scripts import Record
from services.domain.separation import Background, Counts, Separation, Verdict, summarise
from services.domain.settings import DEFAULT_SECTIONS, Paths, Settings
from services.embedders.hashing import Hashing
from services.embedders.minilm import MiniLM
from services.embedders.openai import OpenAIEmbedder
from services.indexes.exact import ExactIndex
from services.indexes.matrix import Rows, SectionMatrix, rows_of
from services.ports import Embedder
from services.records.questionnaire_files import YamlQuestionnaireStore
from services.records.yaml_files import YamlRecordStore
from services.vectors import embed
from tests.contracts.openai_server import OpenAIServer
from tests.doubles import bare_record, stamp

DEMO = Paths(Path(__file__).parents[2] / "data" / "demo")
RECORDS = list(YamlRecordStore(DEMO, DEFAULT_SECTIONS).catalogue().records.values())
Sections = list[SectionMatrix]


def matrices(records: Sequence[Record]) -> Sections:
    return [SectionMatrix.of(rows_of(r for r in records if r.script.section == s)) for s in DEFAULT_SECTIONS]


def embedded_by(embedder: Embedder) -> Sections:
    scripts = [record.script for record in RECORDS]
    return matrices([Record(s, v) for s, v in zip(scripts, embed(scripts, embedder), strict=True)])


def questions(embedder: Embedder) -> np.ndarray:
    found, _ = YamlQuestionnaireStore(DEMO.questionnaires).all()
    template = Settings(name="Demo").query_template
    return np.stack([embedder.embed_query(q.query_text(template)) for q in found.values()])


def judged(sections: Sections, asked: np.ndarray) -> list[Separation]:
    return [matrix.score(question).separation(question) for matrix in sections for question in asked]


def says_nothing(sections: Sections, asked: np.ndarray) -> float:
    counts = summarise(judged(sections, asked))
    assert counts.judged == len(sections) * len(asked)
    return counts.no_information / counts.judged


def directions(count: int, dimensions: int, seed: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def rotation(dimensions: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((dimensions, dimensions))
    turned, triangle = np.linalg.qr(drawn)
    return (turned * np.sign(np.diag(triangle))).astype(np.float32)


def section(rows: np.ndarray, passages: int = 1) -> SectionMatrix:
    return SectionMatrix.of({f"{i:03d}": Rows("", rows[i : i + passages]) for i in range(0, len(rows), passages)})


@pytest.fixture(scope="module")
def minilm() -> Sections:
    return matrices(RECORDS)


@pytest.fixture(scope="module")
def hashing() -> Sections:
    return embedded_by(Hashing())


@pytest.fixture(scope="module")
def asked_by_minilm() -> np.ndarray:
    return questions(MiniLM())


@pytest.fixture(scope="module")
def asked_by_hashing() -> np.ndarray:
    return questions(Hashing())


# --- The demo corpus: right models and wrong ones ---


def test_the_right_model_is_hardly_ever_called_uninformative(minilm, asked_by_minilm):
    counts = summarise(judged(minilm, asked_by_minilm))
    assert counts.judged == 72
    assert counts.no_information <= 0.05 * 72
    assert counts.clear >= 0.7 * 72


def test_nor_is_hashing_which_sets_less_apart(hashing, asked_by_hashing, minilm, asked_by_minilm):
    counts = summarise(judged(hashing, asked_by_hashing))
    assert counts.no_information <= 0.05 * 72
    assert counts.clear < summarise(judged(minilm, asked_by_minilm)).clear


def test_a_model_of_the_same_dimension_says_nothing(minilm, hashing, asked_by_minilm, asked_by_hashing):
    assert says_nothing(minilm, asked_by_hashing) >= 0.95
    assert says_nothing(hashing, asked_by_minilm) >= 0.95


@pytest.mark.parametrize("seed", range(20))
def test_no_rotation_of_the_space_is_believed(minilm, hashing, asked_by_minilm, asked_by_hashing, seed):
    turned = rotation(384, seed)
    assert says_nothing(minilm, asked_by_minilm @ turned) >= 0.95
    assert says_nothing(hashing, asked_by_hashing @ turned) >= 0.95


@pytest.mark.parametrize("seed", range(20))
def test_nor_a_permutation_even_of_a_model_with_heavy_coordinates(
    minilm, hashing, asked_by_minilm, asked_by_hashing, seed
):
    order = np.random.default_rng(seed).permutation(384)
    assert says_nothing(minilm, asked_by_minilm[:, order]) >= 0.95
    assert says_nothing(hashing, asked_by_hashing[:, order]) >= 0.95


def test_two_models_of_one_provider_with_1536_numbers_each():
    with OpenAIServer() as server:
        small, ada = (
            OpenAIEmbedder(name, base_url=server.base_url, api_key="sk-test")
            for name in ("text-embedding-3-small", "text-embedding-ada-002")
        )
        stored, right, wrong = embedded_by(small), questions(small), questions(ada)
    assert says_nothing(stored, right) <= 0.05
    assert says_nothing(stored, wrong) >= 0.95


def test_what_all_vectors_of_both_models_share_is_not_taken_for_an_answer(minilm, asked_by_minilm):
    def positive(vectors: np.ndarray) -> np.ndarray:
        """Like a model whose numbers are all positive: any two of its texts seem near."""
        return np.concatenate([np.maximum(vectors, 0), np.maximum(-vectors, 0)], axis=1)

    stored = [
        SectionMatrix(matrix.scripts, matrix.starts, positive(matrix.values).astype(np.float32)) for matrix in minilm
    ]
    order = np.random.default_rng(3).permutation(768)
    wrong = positive(asked_by_minilm)[:, order]
    # Nearer, all of them, than what the right model gives for most scripts here.
    assert min(1 - matrix.score(q).distances.min() for matrix in stored for q in wrong) > 0.3
    assert says_nothing(stored, wrong) >= 0.95
    assert says_nothing(stored, positive(asked_by_minilm)) <= 0.05


def test_words_without_a_meaning_are_not_clear_everywhere(minilm):
    model = MiniLM()
    for text in ("asdf qwerty", "the and of"):
        verdicts = [s.verdict for s in judged(minilm, model.embed_query(text)[np.newaxis])]
        assert Verdict.CLEAR not in verdicts, text


# --- The definition ---


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


def test_an_unrelated_question_scores_nought_give_or_take_one(minilm):
    found = judged(minilm[:1], directions(2000, 384, seed=5))
    for figures in ([s.value for s in found], [s.margin for s in found]):
        assert np.mean(figures) == pytest.approx(0, abs=0.2)
        assert np.std(figures) == pytest.approx(1, abs=0.15)


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


# --- Small, odd and broken sections ---


@pytest.mark.parametrize("count", [0, 1, 2, 5, 7])
def test_too_few_scripts_get_no_verdict(count):
    made = section(directions(count, 384)) if count else SectionMatrix.of({})
    question = directions(1, 384, seed=2)[0]
    found = made.score(question).separation(question)
    assert (found.verdict, found.value, found.margin) == (None, None, None)
    assert found.reason == "fewer than 8 scripts: too few to tell"


def test_eight_scripts_are_enough_and_the_right_model_is_mostly_believed(asked_by_minilm):
    random, flagged, wrong = np.random.default_rng(6), [], []
    turned = asked_by_minilm @ rotation(384, 99)
    for _ in range(12):
        some = [RECORDS[i] for i in random.choice([*range(len(RECORDS))], 40, replace=False)]
        eight = [SectionMatrix.of(rows_of([r for r in some if r.script.section == s][:8])) for s in DEFAULT_SECTIONS]
        flagged.append(says_nothing(eight, asked_by_minilm))
        wrong.append(says_nothing(eight, turned))
    assert np.mean(flagged) <= 0.08
    assert min(wrong) >= 0.95


def test_few_dimensions_get_no_verdict():
    question = directions(1, 8, seed=2)[0]
    found = section(directions(20, 8)).score(question).separation(question)
    assert found == Separation(None, reason="vectors of fewer than 64 numbers: too few to tell")


def test_scripts_that_are_all_the_same_do_not_stand_apart():
    row = directions(1, 128)[0]
    found = section(np.tile(row, (10, 1))).score(row).separation(row)
    assert (found.verdict, found.margin) == (Verdict.WEAK, 0.0)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_vectors_that_are_no_directions_get_a_reason():
    rows = directions(10, 128)
    rows[3] = np.nan
    found = section(rows).score(rows[0]).separation(rows[0])
    assert found == Separation(None, reason="some distances are no numbers")


# --- Where it is kept and shown ---


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


def test_a_ranking_that_was_not_scored_whole_says_so_in_json():
    shown = Ranking("induction", State.MATCH).separation.as_json()
    assert shown == {
        "verdict": None,
        "value": None,
        "margin": None,
        "reason": "the section was not scored as a whole",
    }


def test_json_is_rounded_and_plain():
    shown = Separation(Verdict.NO_INFORMATION, 1.23456, -0.98765).as_json()
    assert json.loads(json.dumps(shown)) == {
        "verdict": "no information",
        "value": 1.235,
        "margin": -0.988,
        "reason": "",
    }
    assert Separation(Verdict.WEAK, 4.5, 0.0).as_json()["margin"] == 0.0


def test_many_rankings_are_summarised():
    def some() -> Iterator[Separation]:
        yield from [Separation(Verdict.CLEAR, 5, 3)] * 3
        yield from [Separation(Verdict.NO_INFORMATION, 1, 3)] * 2
        yield Separation(Verdict.WEAK, 5, 1)
        yield Separation(None, reason="too few")

    counts = summarise(some())
    assert counts == Counts(clear=3, weak=1, no_information=2, untold=1)
    assert counts.judged == 6
    assert summarise([]) == Counts()


def test_a_large_section_is_judged_by_fewer_questions(monkeypatch):
    drawn = []
    original = Background._figures
    monkeypatch.setattr(Background, "_figures", lambda s, q, sims: (drawn.append(len(q)), original(s, q, sims))[1])
    monkeypatch.setattr(separation, "_WORK", 64 * 100 * 64.0)
    question = directions(1, 64, seed=2)[0]
    section(directions(100, 64)).score(question).separation(question)
    assert drawn == [64, 1]
