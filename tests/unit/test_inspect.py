"""Whose vectors these are: decided by the vectors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pytest

from services.cli.main import main
from services.domain.inspection import (
    CollectionInspection,
    Inspection,
    Origin,
    StoredCollection,
    StoredRows,
    fraction,
    portion,
)
from services.domain.model_digest import ModelIdentity, State
from services.domain.settings import Thresholds
from services.embedders.openai import OpenAIEmbedder, Patience
from services.errors import EmbedderUnavailable, NotFound
from services.inspect import inspect
from services.inspect.claims import normal, short_name
from services.inspect.looks import mean_cosine
from services.wiring import stranger_store
from services.workbench import Workbench
from tests.contracts.openai_server import OpenAIServer
from tests.doubles import make_workspace
from tests.strangers import Given, hashed, make_chroma, tamper, untouched
from tests.unit.command_line import make, run

WORDS = ("breath", "slow", "warm", "quiet", "settle", "shoulders", "heavy", "light", "stair", "river", "stone", "hand")
SIZE = 64


@lru_cache(maxsize=4096)
def direction(model: str, word: str, size: int) -> np.ndarray:
    """A fixed random direction for each word under each model, as spaces of two models have nothing in common."""
    seed = int.from_bytes(f"{model}/{word}".encode(), "little") % 2**63
    return np.random.default_rng(seed).normal(size=size)


@dataclass
class Space:
    """A model: the mean of its words' directions, over as many words as it reads; ``away``: how far its weights are."""

    name: str
    dimensions: int = SIZE
    window: int = 30
    away: float = 0.0
    precision: str = "float32"
    length: float = 1.0
    up: bool = True
    asked: list[str] = field(default_factory=list)

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(self.name, f"weights {self.away}", self.dimensions, "mean", True, "", "", self.precision)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed_documents(self, texts, progress=None) -> np.ndarray:
        if not self.up:
            raise EmbedderUnavailable(f"The server of '{self.name}' does not answer.", "Try again later.")
        self.asked += texts
        return np.array([self._one(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)

    def embed_query(self, text: str) -> np.ndarray:
        self.asked.clear()
        return self.embed_documents([text])[0]

    def _one(self, text: str) -> np.ndarray:
        made = np.sum([direction(self.name, word, self.dimensions) for word in text.split()[: self.window]], axis=0)
        made /= np.linalg.norm(made)
        if self.away:
            noise = direction("noise", text, self.dimensions)
            noise -= (noise @ made) * made
            # A cosine of 1 - away to what was there before.
            cosine = 1 - self.away
            made = cosine * made + (1 - cosine**2) ** 0.5 * noise / np.linalg.norm(noise)
        return made * self.length


@dataclass
class Shelf:
    """A store in memory."""

    held: Mapping[str, tuple[StoredCollection, StoredRows]]
    kind: str = "shelf"

    def collections(self) -> list[StoredCollection]:
        return [described for described, _ in self.held.values()]

    def rows(self, name: str, limit: int) -> StoredRows:
        return self.held[name][1]

    def close(self) -> None:
        pass


def texts(count: int, words: int = 8, seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [f"{' '.join(random.choice(WORDS, words))} n{number}" for number in range(count)]


def collection(documents, vectors, *, name="scripts", distance="cosine", **claims):
    vectors = np.asarray(vectors, np.float32)
    ids = tuple(f"row-{number}" for number in range(len(vectors)))
    rows = StoredRows(ids, tuple(documents), vectors, tuple({} for _ in ids))
    return name, (StoredCollection(name, len(ids), vectors.shape[1], distance, claims), rows)


def look_at(*held, models: Sequence[Space], sample: int = 24, names: Sequence[str] = ()) -> Inspection:
    given = dict(zip(names or [model.name for model in models], models, strict=True))
    return inspect(Shelf(dict(held)), given, Thresholds(), sample)


def only(*held, **more) -> CollectionInspection:
    (found,) = look_at(*held, **more).collections
    return found


def said(found: CollectionInspection, kind: str) -> str:
    return " ".join(finding.text for finding in found.findings if finding.kind == kind)


ONE, TWO = Space("one"), Space("two")


@pytest.mark.parametrize("count", [1, 2, 5, 92, 5_000])
def test_the_model_that_made_the_vectors_is_named(count: int) -> None:
    documents = texts(count)
    found = look_at(collection(documents, ONE.embed_documents(documents)), models=[TWO, ONE])
    (scripts,) = found.collections
    assert (scripts.state, scripts.origin, scripts.model) == (State.MATCH, Origin.ONE, "one")
    assert scripts.matches["one"] == pytest.approx(1, abs=1e-6)
    assert scripts.matches["two"] < 0.6
    assert found.verdict == "scripts was embedded by one."
    assert not found.attention
    assert scripts.comparisons[1].compared == min(count, 24)


def test_none_of_the_models_made_them() -> None:
    documents = texts(100)
    found = look_at(collection(documents, Space("other").embed_documents(documents)), models=[ONE, TWO])
    assert [c.state for c in found.collections] == [State.MISMATCH]
    assert found.verdict == "scripts was embedded by none of the configured models."
    assert found.attention


def test_only_a_sample_is_embedded_spread_over_the_collection_and_of_short_texts() -> None:
    documents = [text if number % 10 else f"{text} {text} {text}" for number, text in enumerate(texts(1_000))]
    model = Space("one")
    found = only(collection(documents, model.embed_documents(documents)), models=[model], sample=12)
    assert found.comparisons[0].compared == 12
    positions = sorted(documents.index(text) for text in model.asked[1:])
    assert len(positions) == 12
    assert {position * 8 // 1_000 for position in positions} == set(range(8))
    # Four of the twelve are those that lie farthest from the middle, whatever their length.
    assert sum(position % 10 == 0 for position in positions) <= 4


def test_slightly_noisy_answers_of_the_same_model_match() -> None:
    documents = texts(500)
    noisy = replace(ONE, away=0.0001)
    found = only(collection(documents, ONE.embed_documents(documents)), models=[noisy])
    assert found.state is State.MATCH
    assert 0.9998 < found.matches["one"] < 0.99995


def test_weights_of_lower_precision_are_drifted_with_their_cosine() -> None:
    documents = texts(60)
    found = look_at(collection(documents, ONE.embed_documents(documents)), models=[replace(ONE, away=0.012), TWO])
    (scripts,) = found.collections
    assert (scripts.state, scripts.origin) == (State.DRIFTED, Origin.NEAR)
    assert scripts.matches["one"] == pytest.approx(0.988, abs=1e-4)
    assert "lowest cosine is 0.9880" in said(scripts, "comparison")
    assert found.verdict == "scripts was embedded by something close to one, but not by it."


def test_the_exact_weights_win_over_those_that_are_close() -> None:
    documents = texts(60)
    models = [replace(ONE, away=0.012), ONE]
    found = only(collection(documents, ONE.embed_documents(documents)), models=models, names=["int8", "full"])
    assert (found.state, found.embedder) == (State.MATCH, "full")


def test_half_of_one_model_and_half_of_another_is_a_mixture_with_its_share_and_ids() -> None:
    documents = texts(400)
    vectors = ONE.embed_documents(documents)
    vectors[300:] = TWO.embed_documents(documents[300:])
    found = look_at(collection(documents, vectors), models=[ONE, TWO])
    (scripts,) = found.collections
    assert (scripts.state, scripts.origin, scripts.model) == (State.MISMATCH, Origin.MIXED, "one")
    assert scripts.share == pytest.approx(0.75, abs=0.02)
    assert len(scripts.strangers) == 20
    assert {int(row.removeprefix("row-")) >= 300 for row in scripts.strangers} == {True}
    # The spread of 200 over 400 rows meets 50 of the last hundred.
    assert said(scripts, "mixture").startswith("50 of 200 rows that were compared, and ")
    assert said(scripts, "mixture").endswith(" more. two made them.")
    assert found.verdict == "About 25% of scripts was embedded by another model: two instead of one."


def half(claims, *, first: Space = ONE, second: Space = TWO):
    """97 rows, the first 48 by one model and the other 49 by another."""
    documents = texts(97)
    vectors = np.vstack([first.embed_documents(documents[:48]), second.embed_documents(documents[48:])])
    return collection(documents, vectors, name="section-awakening", **claims)


def test_the_verdict_of_a_mixture_is_a_plain_sentence_without_digests() -> None:
    claims = {"metadata.model": "one", "metadata.scriptorium_model_digest": ONE.identity.digest}
    found = look_at(half(claims), models=[TWO, ONE])
    assert found.verdict == "About half of section-awakening was embedded by another model: two instead of one."
    (scripts,) = found.collections
    assert (scripts.model, scripts.other, scripts.stranger_count, len(scripts.strangers)) == ("one", "two", 49, 20)
    assert not any(ONE.identity.digest in finding.text for finding in scripts.findings)
    (told,) = [finding.text for finding in scripts.findings if finding.kind == "claim"]
    assert told == (
        "The claim that one made them (metadata.model and metadata.scriptorium_model_digest) is false. "
        "It made only some of the vectors that were compared."
    )


def test_the_verdict_begins_with_what_is_mixed() -> None:
    documents = texts(30)
    sound = collection(documents, ONE.embed_documents(documents), name="rows")
    assert look_at(sound, half({}), models=[ONE, TWO]).verdict.endswith("; rows was embedded by one.")


def test_the_rightful_part_of_a_mixture_is_the_one_that_the_store_claims() -> None:
    # Without a claim the greater part is, and the claim may name the smaller one.
    assert only(half({}), models=[ONE, TWO], sample=97).model == "two"
    assert only(half({"metadata.model": "one"}), models=[ONE, TWO], sample=97).model == "one"


def test_the_other_model_of_a_mixture_is_named_only_where_it_is_known() -> None:
    found = look_at(half({}, second=Space("other")), models=[ONE])
    assert found.verdict == "About half of section-awakening was embedded by another model than one."
    assert "Another model made them, or of another text." in said(found.collections[0], "mixture")


def test_a_mixture_is_counted_on_one_basis() -> None:
    (scripts,) = look_at(half({"metadata.model": "one"}), models=[ONE, TWO]).collections
    assert said(scripts, "mixture").startswith("49 of 97 rows that were compared are not what one makes")
    assert scripts.share == pytest.approx(48 / 97)
    assert [(c.compared, c.same) for c in scripts.comparisons] == [(97, 48), (97, 49)]


@pytest.mark.parametrize(
    ("share", "words"), [(0.5, "half"), (0.51, "about half"), (0.46, "about half"), (0.44, "about 44%")]
)
def test_a_half_is_called_half(share: float, words: str) -> None:
    assert fraction(share) == words


def test_a_few_strangers_among_many_are_found_where_they_lie_apart() -> None:
    documents = [f"{text} calm calm calm calm calm calm" for text in texts(5_000)]
    vectors = ONE.embed_documents(documents)
    wrong = [1_234, 4_321]
    vectors[wrong] = Space("other").embed_documents([documents[p] for p in wrong])
    found = only(collection(documents, vectors), models=[ONE])
    assert found.origin is Origin.MIXED
    assert found.strangers == ("row-1234", "row-4321")
    assert 0.99 < (found.share or 0) < 1


def test_half_of_the_same_model_in_lower_precision_is_a_mixture_where_both_are_known() -> None:
    documents = texts(40)
    low = replace(ONE, away=0.012, precision="int8")
    vectors = ONE.embed_documents(documents)
    vectors[::2] = low.embed_documents(documents[::2])
    found = only(collection(documents, vectors), models=[ONE, low], names=["full", "int8"])
    assert (found.state, found.origin, found.share) == (State.MISMATCH, Origin.MIXED, 0.5)
    assert [comparison.model for comparison in found.comparisons] == ["one", "one in 8 bits"]


def test_texts_with_something_in_front_are_said_to_be_near_and_no_mixture() -> None:
    documents = texts(200, words=10)
    made = ONE.embed_documents([f"title page {text}" for text in documents])
    found = only(collection(documents, made), models=[ONE, TWO])
    assert (found.state, found.origin) == (State.MISMATCH, Origin.NONE)
    assert "one comes near, with a median cosine of 0.9" in said(found, "comparison")


@pytest.mark.parametrize(
    ("share", "words"), [(0.9996, "more than 99%"), (0.51, "about 51%"), (0.99, "about 99%"), (0.002, "less than 1%")]
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, words: str) -> None:
    assert portion(share) == words


# Texts that the model does not read to their end


def test_another_length_of_cutting_is_not_another_model() -> None:
    documents = [
        text if number % 3 else f"{text} {' '.join((*WORDS, *WORDS, *WORDS, *WORDS))}"
        for number, text in enumerate(texts(300))
    ]
    made = replace(ONE, window=20).embed_documents(documents)
    found = only(collection(documents, made), models=[ONE])
    assert found.state is State.MATCH
    assert "one does not read 33.3% of the documents to their end, 30 tokens" in said(found, "unread")


def test_where_no_text_is_short_enough_that_is_said_and_nothing_claimed() -> None:
    documents = texts(60, words=50)
    cut = replace(ONE, window=10).embed_documents(documents)
    found = only(collection(documents, cut), models=[ONE])
    assert (found.state, found.origin) == (State.UNVERIFIED, Origin.UNKNOWN)
    assert "No document that was compared is short enough for one to read whole" in said(found, "comparison")
    alike = only(collection(documents, ONE.embed_documents(documents)), models=[ONE])
    assert alike.state is State.MATCH
    other = only(collection(documents, Space("other").embed_documents(documents)), models=[ONE])
    assert other.origin in {Origin.NONE, Origin.UNKNOWN}


# Embedders that cannot be compared


def test_an_embedder_whose_server_is_down_is_never_a_no() -> None:
    documents = texts(30)
    down = Space("far-away", up=False)
    held = [collection(documents, Space("far-away").embed_documents(documents), name=name) for name in ("a", "b")]
    found = look_at(*held, models=[ONE, down])
    assert [c.state for c in found.collections] == [State.UNVERIFIED] * 2
    assert "Not compared with far-away: it could not be asked. The server of 'far-away' does not answer." in said(
        found.collections[1], "comparison"
    )
    assert found.collections[0].matches.keys() == {"one"}
    assert found.verdict == "a and b could not be checked."
    beside = look_at(collection(documents, ONE.embed_documents(documents)), models=[ONE, down])
    assert [c.state for c in beside.collections] == [State.MATCH]


def test_an_embedder_of_other_dimensions_is_not_asked_and_that_is_said() -> None:
    documents = texts(30)
    wide = Space("wide", dimensions=96)
    found = only(collection(documents, ONE.embed_documents(documents)), models=[wide])
    assert (found.state, found.matches, wide.asked) == (State.UNVERIFIED, {}, [])
    assert "Not compared with wide: it makes 96 numbers of a text, and here are 64." in said(found, "comparison")


def test_without_documents_nothing_is_claimed() -> None:
    made = ONE.embed_documents(texts(5))
    found = only(collection([None] * 5, made), models=[ONE])
    assert (found.state, found.origin, found.normalised) == (State.UNVERIFIED, Origin.UNKNOWN, True)
    assert "No row has a document" in said(found, "documents")


def test_rows_without_a_document_are_counted_and_the_others_compared() -> None:
    documents = texts(5)
    found = only(collection([*documents[:3], None, "  "], ONE.embed_documents(documents)), models=[ONE])
    assert (found.state, found.comparisons[0].compared) == (State.MATCH, 3)
    assert said(found, "documents") == "2 rows without a document: row-3, row-4."


def test_an_empty_store_and_an_empty_collection_say_so() -> None:
    nothing = look_at(models=[ONE])
    assert (nothing.verdict, nothing.attention) == ("The shelf holds no collection.", True)
    documents = texts(5)
    held = [collection([], np.zeros((0, 0)), name="bare"), collection(documents, ONE.embed_documents(documents))]
    found = look_at(*held, models=[ONE])
    assert found.verdict == "bare is empty; scripts was embedded by one."
    assert not found.attention


# Claims


def claimed(says: str, made: Space, models: Sequence[Space], where: str = "embedding_function"):
    documents = texts(30)
    found = only(collection(documents, made.embed_documents(documents), **{where: says}), models=models)
    (claim,) = found.claims
    return claim.holds, found.state, claim.reason


MINILM = Space("all-MiniLM-L6-v2")


@pytest.mark.parametrize(
    "says", ["default", "sentence-transformers/all-MiniLM-L6-v2", "ALL-MINILM-L6-V2", "all-minilm:latest"]
)
def test_a_claim_is_true_under_any_name_of_the_model(says: str) -> None:
    assert claimed(says, MINILM, [ONE, MINILM])[:2] == (True, State.MATCH)


def test_a_claim_of_a_configured_model_that_did_not_make_them_is_false() -> None:
    assert claimed("default", ONE, [ONE, MINILM]) == (False, State.MISMATCH, "one made the vectors that were compared.")
    holds, state, reason = claimed("default", Space("other"), [ONE, MINILM])
    assert (holds, state) == (False, State.MISMATCH)
    assert "It makes other vectors of these documents" in reason


def test_a_claim_of_other_dimensions_is_false_without_any_comparison() -> None:
    holds, state, reason = claimed("default", Space("other", dimensions=96), [MINILM])
    assert (holds, state, reason) == (False, State.MISMATCH, "It makes 64 numbers of a text, and here are 96.")


def test_a_model_that_shortens_its_vectors_is_not_judged_by_their_number() -> None:
    small = Space("text-embedding-3-small", dimensions=96)
    assert claimed("text-embedding-3-small", ONE, [small])[0] is None
    assert claimed("text-embedding-3-small", Space("other", dimensions=128), [small])[0] is False


def test_a_claim_of_a_model_that_is_not_configured_cannot_be_checked() -> None:
    holds, state, reason = claimed("our-own-tag", ONE, [ONE])
    assert (holds, state, reason) == (None, State.MATCH, "That model is not configured here.")


def test_a_well_known_name_is_false_where_another_model_is_found() -> None:
    assert claimed("text-embedding-ada-002", ONE, [ONE])[:2] == (False, State.MISMATCH)
    assert claimed("text-embedding-ada-002", Space("other"), [ONE])[0] is None


def test_a_claim_that_the_vectors_are_close_to_is_neither() -> None:
    holds, state, _ = claimed("one", replace(ONE, away=0.012), [ONE])
    assert (holds, state) == (None, State.DRIFTED)


def test_a_recorded_digest_is_held_against_those_that_are_known() -> None:
    where = "metadata.scriptorium_model_digest"
    assert claimed(ONE.identity.digest, ONE, [ONE, TWO], where)[0] is True
    assert claimed(TWO.identity.digest, ONE, [ONE, TWO], where)[0] is False
    assert claimed("0" * 64, ONE, [ONE, TWO], where)[0] is None


def test_a_claim_of_a_server_that_is_down_cannot_be_checked() -> None:
    holds, state, reason = claimed("far-away", Space("far-away"), [Space("far-away", up=False)])
    assert (holds, state) == (None, State.UNVERIFIED)
    assert "does not answer" in reason


def test_names_lose_their_publisher_and_case() -> None:
    assert normal("BAAI/bge-small-en") == "bge-small-en"
    assert normal("DefaultEmbeddingFunction") == normal("default") == "all-minilm-l6-v2"


@pytest.mark.parametrize(
    ("says", "short"),
    [
        ("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("nomic-embed-text:latest", "nomic-embed-text"),
        ("0123456789abcdef" * 4, "the model 0123456789ab…"),
        ("see http://there/is/one", "see http://there/is/one"),
    ],
)
def test_a_claim_is_named_shortly(says: str, short: str) -> None:
    assert short_name(says) == short


def test_an_index_that_scriptorium_built_is_recognised_by_its_rows() -> None:
    rows = StoredRows(("a#0", "a#1"), ("x", "y"), np.zeros((2, 2), np.float32), ({"script": "a"}, {"script": "a"}))
    assert rows.passages
    assert not replace(rows, metadatas=({"script": "a"}, {})).passages
    assert not StoredRows((), (), np.zeros((0, 2), np.float32), ()).passages


def test_the_verdict_names_what_is_claimed_falsely() -> None:
    documents = texts(30)
    held = [
        collection(documents, ONE.embed_documents(documents), name="induction"),
        collection(documents, ONE.embed_documents(documents), name="awakening"),
        collection(documents, Space("other").embed_documents(documents), name="affirmations", embedding_function="one"),
    ]
    assert look_at(*held, models=[ONE]).verdict == (
        "induction and awakening were embedded by one; "
        "affirmations was embedded by none of the configured models, though it claims one."
    )


# What is seen without a model


def bare(vectors, *, distance="cosine", documents=None):
    vectors = np.asarray(vectors, np.float32)
    return only(collection(documents or texts(len(vectors)), vectors, distance=distance), models=[])


def test_unit_vectors_rank_alike_under_every_distance() -> None:
    found = bare([(0.6, 0.8), (1, 0)], distance="l2")
    assert found.normalised is True
    assert said(found, "length") == "All vectors have unit length: l2, ip and cosine rank alike."


@pytest.mark.parametrize(("distance", "minds"), [("l2", True), ("ip", True), ("cosine", False), ("", False)])
def test_other_lengths_are_a_finding_where_the_distance_minds(distance: str, *, minds: bool) -> None:
    found = bare([(3, 4), (0, 2)], distance=distance)
    assert found.normalised is False
    (finding,) = [finding for finding in found.findings if finding.kind == "length"]
    assert finding.text.startswith("Vectors are not of unit length (2 to 5)")
    assert finding.attention is minds


def test_vectors_that_are_missing_nan_infinite_or_zero_are_counted() -> None:
    documents = texts(6)
    vectors = ONE.embed_documents(documents)
    vectors[1], vectors[2, 3], vectors[3, 0], vectors[4] = np.nan, np.nan, np.inf, 0
    found = look_at(collection(documents, vectors), models=[ONE])
    (scripts,) = found.collections
    assert (scripts.state, scripts.comparisons[0].compared) == (State.MATCH, 2)
    assert "3 rows without a vector, or with one that is not all finite numbers" in said(scripts, "vectors")
    assert "row-1, row-2, row-3" in said(scripts, "vectors")
    assert "1 row whose vector is zero throughout" in said(scripts, "vectors")
    assert found.attention
    json.dumps(found.as_json(), allow_nan=False)


def test_no_usable_vector_at_all() -> None:
    found = bare(np.full((3, 2), np.nan))
    assert (found.state, found.normalised) == (State.UNVERIFIED, None)


def test_duplicates_are_counted_with_examples() -> None:
    found = bare(
        [(1, 0), (0, 1), (1, 0), (0.6, 0.8), (0.8, 0.6), (1, 0)], documents=["a b", "c d", "a b", "e f", " a b ", "g h"]
    )
    told = said(found, "duplicates")
    assert "2 rows (33.3%) repeat the text of another: row-0 = row-2." in told
    assert "2 rows (33.3%) repeat the vector of another: row-0 = row-2. Of 1 such groups the texts differ" in told


def test_bunching_is_the_mean_cosine_of_different_vectors() -> None:
    corner = np.eye(12)
    assert mean_cosine(collection(texts(12), corner)[1][1]) == pytest.approx(0, abs=1e-7)
    # (1, e_i / 10) for twelve axes: each pair has the cosine 1 / (1 + 0.01) = 0.990099.
    near = np.hstack([np.ones((12, 1)), corner / 10])
    assert mean_cosine(collection(texts(12), near)[1][1]) == pytest.approx(1 / 1.01, abs=1e-6)
    assert mean_cosine(collection(texts(9), near[:9])[1][1]) is None
    found = bare(near)
    assert "mean cosine of two different ones is 0.990" in said(found, "bunching")
    assert said(bare(corner), "bunching") == ""
    assert said(bare(np.repeat(near[:1], 50, axis=0)), "bunching") == ""


# A real server


def openai(server: OpenAIServer, model: str = "text-embedding-3-small") -> OpenAIEmbedder:
    patience = Patience(attempts=2, first_wait=0.01, longest_wait=0.02, timeout=5)
    return OpenAIEmbedder(model, base_url=server.base_url, api_key="key", patience=patience)


def test_two_models_of_one_server_and_of_as_many_dimensions_are_told_apart() -> None:
    documents = texts(40)
    with OpenAIServer() as server:
        ada, small = openai(server, "text-embedding-ada-002"), openai(server)
        held = collection(documents, ada.embed_documents(documents), embedding_function="text-embedding-3-small")
        found = only(held, models=[small, ada], names=["small", "ada"])
    assert (found.state, found.model, found.false_claims[0].says) == (
        State.MISMATCH,
        "text-embedding-ada-002",
        "text-embedding-3-small",
    )


def test_a_server_that_answers_with_noise_matches_and_one_that_is_off_is_unverified() -> None:
    documents = texts(40)
    with OpenAIServer() as server:
        model = openai(server)
        held = collection(documents, model.embed_documents(documents))
        server.blur(0.9999)
        noisy = only(held, models=[model], names=["small"])
        server.switch_off()
        off = only(held, models=[model], names=["small"])
        server.switch_on()
    assert noisy.state is State.MATCH
    assert 0.999 < noisy.matches["small"] < 1
    assert (off.state, off.matches) == (State.UNVERIFIED, {})
    assert "could not be reached" in said(off, "comparison")


# The workbench and the command line, on a real folder


@pytest.fixture
def workspace(tmp_path):
    return make(tmp_path / "workspace", embedder="hashing")


def test_the_command_inspects_a_folder_and_leaves_it_as_it_was(tmp_path, workspace, capsys) -> None:
    folder = make_chroma(
        tmp_path / "stranger", {"induction": hashed(texts(40)), "awakening": hashed(texts(20, seed=1))}
    )
    with untouched(folder):
        code, told = run(capsys, "--workspace", workspace, "inspect", folder)
    assert (code, told["verdict"]) == (0, "awakening and induction were embedded by hashing.")
    first = told["collections"][0]
    assert first.keys() >= {
        "name", "state", "dimensions", "documents", "matches", "normalised", "distance", "findings",
    }  # fmt: skip
    assert (first["name"], first["state"], first["dimensions"], first["documents"]) == ("awakening", "match", 384, 20)
    assert first["matches"].keys() >= {"hashing", "minilm"}
    assert (first["matches"]["hashing"], first["normalised"], first["distance"]) == (1.0, True, "cosine")


def test_the_command_prints_the_verdict_then_a_table_then_findings(tmp_path, workspace, capsys) -> None:
    documents = texts(40)
    turned = np.roll(hashed(documents).vectors, 7, axis=1)
    folder = make_chroma(tmp_path / "stranger", {"scripts": Given(turned, documents, distance="l2")})
    capsys.readouterr()
    code = main(["--workspace", str(workspace), "inspect", str(folder), "--sample", "5"])
    lines = capsys.readouterr().out.splitlines()
    assert (code, lines[0]) == (1, "scripts was embedded by none of the configured models.")
    assert lines[2].split()[:3] == ["collection", "state", "rows"]
    assert "■ mismatch" in lines[3]
    assert lines[4] == "scripts: All vectors have unit length: l2, ip and cosine rank alike."


@pytest.mark.parametrize("wrong", ["nowhere", "notes.txt", "photos"])
def test_the_command_says_what_cannot_be_inspected(tmp_path, workspace, capsys, wrong: str) -> None:
    (tmp_path / "notes.txt").write_text("words")
    (tmp_path / "photos").mkdir()
    code, told = run(capsys, "--workspace", workspace, "inspect", tmp_path / wrong)
    assert (code, told["error"]["kind"]) == (2, "NotFound" if wrong == "nowhere" else "StoreUnreadable")
    assert told["error"]["next_step"]


def test_the_command_on_a_damaged_folder(tmp_path, workspace, capsys) -> None:
    folder = make_chroma(tmp_path / "stranger", {"scripts": hashed(texts(20))})
    tamper(folder, "ALTER TABLE collections RENAME COLUMN dimension TO measure")
    with untouched(folder):
        code, told = run(capsys, "--workspace", workspace, "inspect", folder)
    assert (code, told["error"]["kind"]) == (2, "StoreUnreadable")
    assert "damaged" in told["error"]["cause"]


def test_openai_is_asked_only_where_there_is_a_key_or_the_workspace_uses_it(tmp_path, monkeypatch) -> None:
    folder = make_chroma(tmp_path / "stranger", {"scripts": hashed(texts(20))})
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    root = make_workspace(tmp_path / "workspace", embedder="hashing")
    for secrets, asked in (({}, False), ({"OPENAI_API_KEY": "key"}, True)):
        with Workbench(root, secrets) as workbench:
            (found,) = workbench.inspect(str(folder)).collections
        assert ("openai" in {c.embedder for c in found.comparisons}) is asked


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("some/folder", "Chroma folder"),
        ("host=folder", "PostgreSQL database"),
        ("postgresql://me@there/base", "PostgreSQL database"),
        ("postgres://there/base", "PostgreSQL database"),
        ("dbname=base user=me", "PostgreSQL database"),
    ],
)
def test_a_target_is_a_path_or_a_connection_string(target: str, kind: str) -> None:
    assert stranger_store(target).kind == kind


def test_an_unknown_folder_is_not_found_by_the_workbench(tmp_path) -> None:
    with Workbench(make_workspace(tmp_path / "w", embedder="hashing")) as workbench, pytest.raises(NotFound):
        workbench.inspect(str(tmp_path / "nowhere"))
