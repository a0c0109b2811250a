"""Is a ranking informative: the verdicts on the demo corpus, by right models and by wrong ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from services import wiring
from services.domain.scripts import Record
from services.domain.separation import Separation, Verdict, summarise
from services.domain.settings import DEFAULT_SECTIONS, EmbedderSettings, Paths, Settings
from services.embedders.hashing import Hashing
from services.embedders.openai import OpenAIEmbedder
from services.indexes.matrix import SectionMatrix, rows_of
from services.ports import Embedder
from services.records.questionnaire_files import YamlQuestionnaireStore
from services.records.yaml_files import YamlRecordStore
from services.vectors import embed
from tests.contracts.openai_server import OpenAIServer
from tests.unit.separation.made_up import directions

DEMO = Paths(Path(__file__).parents[3] / "data" / "demo")
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


def rotation(dimensions: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((dimensions, dimensions))
    turned, triangle = np.linalg.qr(drawn)
    return (turned * np.sign(np.diag(triangle))).astype(np.float32)


@pytest.fixture(scope="module")
def minilm() -> Sections:
    return matrices(RECORDS)


@pytest.fixture(scope="module")
def hashing() -> Sections:
    return embedded_by(Hashing())


@pytest.fixture(scope="module")
def model() -> Embedder:
    """That of the process: its weights are converted once for all tests."""
    return wiring.embedder(EmbedderSettings("minilm"), {})


@pytest.fixture(scope="module")
def asked_by_minilm(model) -> np.ndarray:
    return questions(model)


@pytest.fixture(scope="module")
def asked_by_hashing() -> np.ndarray:
    return questions(Hashing())


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


def test_words_without_a_meaning_are_not_clear_everywhere(minilm, model):
    for text in ("asdf qwerty", "the and of"):
        verdicts = [s.verdict for s in judged(minilm, model.embed_query(text)[np.newaxis])]
        assert Verdict.CLEAR not in verdicts, text


def test_an_unrelated_question_scores_nought_give_or_take_one(minilm):
    found = judged(minilm[:1], directions(2000, 384, seed=5))
    for figures in ([s.value for s in found], [s.margin for s in found]):
        assert np.mean(figures) == pytest.approx(0, abs=0.2)
        assert np.std(figures) == pytest.approx(1, abs=0.15)


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
