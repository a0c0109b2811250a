"""No collection is asked in the wrong language unnoticed: real models, real servers, hundreds of corpora in memory."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from services.domain.checks import Check, Health
from services.domain.model_digest import State
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Record
from services.domain.settings import EmbedderSettings
from services.domain.trust import Trust
from services.embedders.hashing import Hashing
from services.embedders.minilm import MiniLM
from services.embedders.openai import OpenAIEmbedder, Patience
from services.health.evidence import SAMPLE, choose
from services.ports import Embedder
from tests.checking import (
    Changed,
    Corpus,
    Renamed,
    Spoken,
    Unstamped,
    negated,
    noisy,
    permuted,
    questionnaires_of,
    records_of,
    rotated,
    scripts_of,
    with_vectors,
)
from tests.contracts.openai_server import OpenAIServer
from tests.doubles import SECTIONS, TinyEmbedder, TinyWorkbench, make_workspace, store_of

KEY = "sk-proj-Zx81TopSecretKeyOfTheTests42"
SMALL, ADA = "text-embedding-3-small", "text-embedding-ada-002"
QUICK = Patience(attempts=2, first_wait=0.001, longest_wait=0.01, timeout=5.0)
TEXTS = scripts_of(6, 1)
IDS = tuple(made.id for made in TEXTS)
SHARED = Hashing()
DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    # A proxy of the machine has no way to a server inside it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def openai(server: OpenAIServer, model: str = SMALL, dimensions: int = 0, **more: str) -> OpenAIEmbedder:
    return OpenAIEmbedder(model, dimensions, base_url=server.base_url, api_key=KEY, patience=QUICK, **more)


def trust(corpus: Corpus, section: str = "induction") -> Trust:
    return corpus.trusts()[section]


def state(found: Health, check: Check) -> State | None:
    cell = found.collections[0].cell(check)
    assert cell is not None
    return cell.state


# Two models, one model, and two names


def test_two_models_of_one_dimension_behind_one_class_are_told_apart_before_any_check_and_after(server) -> None:
    corpus = Corpus(records_of(TEXTS, openai(server, ADA)), openai(server))
    assert corpus.catalogue.records["s0000"].vectors.stamp.dimensions == 1536 == corpus.query.dimensions
    for found in (corpus.health(), corpus.check()):
        assert found.state == "broken"
        assert trust(corpus).state is State.MISMATCH
        assert "would be random" in corpus.retrieve().sections["induction"].refusal
    assert found.collections[0].foreign == IDS
    insisted = corpus.retrieve(allow_mismatch=True).sections["induction"]
    assert (len(insisted.hits), insisted.state) == (5, State.MISMATCH)


def test_the_same_model_behind_another_address_matches(server) -> None:
    with OpenAIServer() as other:
        corpus = Corpus(records_of(TEXTS, openai(server)), openai(other))
        assert corpus.check().state == "ok"
        assert trust(corpus).state is State.MATCH


class Tagged(OpenAIServer):
    """Knows one model under many tags."""

    def vector(self, model: str, text: str, dimensions: int) -> list[float]:
        return super().vector(model.partition(":")[0], text, dimensions)


def test_two_tags_match_where_they_are_declared_equal() -> None:
    with Tagged() as server:
        made = records_of(TEXTS, openai(server, "e5:latest", 64))
        declared = Corpus(made, openai(server, "e5:v2", 64, same_as="e5:latest"))
        assert declared.check().state == "ok"
        assert trust(declared).state is State.MATCH


def test_two_tags_that_nobody_declared_equal_do_not_match_and_the_evidence_says_that_they_could() -> None:
    with Tagged() as server:
        corpus = Corpus(records_of(TEXTS, openai(server, "e5:latest", 64)), openai(server, "e5:v2", 64))
        assert (trust(corpus).state, trust(corpus).random) == (State.MISMATCH, True)
        found = corpus.check()
        assert (found.state, trust(corpus).state, trust(corpus).random) == ("attention", State.STALE, False)
        assert (state(found, Check.EVIDENCE), state(found, Check.MODEL)) == (State.MATCH, State.STALE)
        assert "same_as" in found.collections[0].cell(Check.MODEL).means
        assert corpus.retrieve().sections["induction"].hits


def test_two_models_that_are_declared_equal_and_are_not_are_found_by_the_evidence(server) -> None:
    corpus = Corpus(
        records_of(TEXTS, openai(server, "bge", 64)), openai(server, "e5", 64, same_as="bge"), index=Unstamped()
    )
    assert corpus.check().state == "broken"
    stamped = Corpus(records_of(TEXTS, openai(server, "bge", 64)), openai(server, "e5", 64, same_as="bge"))
    assert trust(stamped).state is State.MATCH
    assert stamped.check().state == "broken"
    assert (trust(stamped).state, trust(stamped).random) == (State.DRIFTED, True)


# A provider that changes what a name means


def test_a_model_that_means_something_else_is_found_by_canaries_and_by_evidence(server) -> None:
    corpus = Corpus(records_of(TEXTS, openai(server)), openai(server))
    corpus.check()
    assert corpus.check().state == "ok"
    server.rotate()
    assert corpus.retrieve().sections["induction"].hits, "nobody has looked yet"
    found = corpus.check()
    row = found.collections[0]
    assert row.recorded.model_digest == row.query.model_digest
    assert (found.state, row.state, row.random) == ("broken", State.DRIFTED, True)
    assert state(found, Check.MODEL) is State.MATCH
    assert state(found, Check.CANARIES) is State.DRIFTED
    assert state(found, Check.EVIDENCE) is State.MISMATCH
    assert abs(row.canary_min_cosine) < 0.2
    assert row.foreign == IDS
    ranking = corpus.retrieve().sections["induction"]
    assert ranking.refusal.startswith(
        "'induction' is not asked: what it returned could not be trusted. The model's name"
    )
    assert "rebuild --embedder openai --all" in ranking.next_step
    server.rotate(0)
    assert corpus.check().state == "ok"


def test_canaries_alone_find_it_where_there_is_no_evidence(server) -> None:
    corpus = Corpus(records_of(TEXTS, openai(server)), openai(server))
    corpus.check()
    server.rotate()
    found = corpus.check()
    bare = found.collections[0].measured
    assert abs(bare.evidence.min_cosine) < 0.2
    # The evidence of a model whose canaries are not recorded yet does not let it record those of another space.
    again = Corpus(records_of(TEXTS, Spoken(claims="x")), Spoken("moved", claims="x"))
    assert again.check().state == "broken"
    assert again.canaries.kept == {}
    assert state(again.health(), Check.CANARIES) is State.UNVERIFIED


class OpenAIWorkbench(TinyWorkbench):
    """The real workbench with the real client, and little patience."""

    def __init__(self, root: Path, server: OpenAIServer) -> None:
        self.server = server
        super().__init__(root)

    def _make_embedder(self, chosen: EmbedderSettings) -> Embedder:
        return openai(self.server, chosen.model or SMALL, chosen.dimensions, same_as=chosen.same_as)


@pytest.fixture
def workbench(server: OpenAIServer, tmp_path: Path) -> Iterator[OpenAIWorkbench]:
    with OpenAIWorkbench(make_workspace(tmp_path / "workspace", embedder="openai"), server) as opened:
        for made in scripts_of(6, 2, SECTIONS[:2]):
            opened.save(made, None)
        yield opened


ASKED = make_questionnaire(query="calm river")


def test_a_workspace_whose_provider_has_changed_is_refused_mended_and_matches_again(server, workbench) -> None:
    assert workbench.check().state == "ok"
    server.rotate()
    found = workbench.check()
    assert (found.state, {c.state for c in found.collections[:2]}) == ("broken", {State.DRIFTED})
    assert [r.refusal != "" for r in workbench.retrieve(ASKED).sections.values()] == [True, True, False]
    assert workbench.rebuild("openai", everything=True).embedded > 0
    assert not workbench.retrieve(ASKED).refused, "changing the model ends in a check"
    found = workbench.check()
    assert {c.state for c in found.collections[:2]} == {State.MATCH}
    assert [state(found, check) for check in (Check.CANARIES, Check.EVIDENCE)] == [State.MATCH, State.MATCH]
    assert not workbench.retrieve(ASKED).refused
    assert found.state == "ok", [cell for c in found.collections for cell in c.cells if not cell.fine]


def test_a_server_that_is_down_during_a_check_is_unverified_with_the_reason_and_is_kept(server, workbench) -> None:
    assert workbench.check().state == "ok"
    server.switch_off()
    found = workbench.check()
    assert found.state == "attention"
    assert {c.state for c in found.collections[:2]} == {State.UNVERIFIED}
    assert "could not be reached" in found.failure
    assert [state(found, check) for check in (Check.CANARIES, Check.EVIDENCE)] == [State.UNVERIFIED] * 2
    kept = workbench.checks()
    assert [check.failure != "" for check in kept] == [False, True]
    server.switch_on()
    assert workbench.check().state == "ok"


def test_a_server_that_is_down_takes_nothing_back_of_what_was_found(server, workbench) -> None:
    workbench.check()
    server.rotate()
    assert workbench.check().state == "broken"
    server.switch_off()
    assert workbench.check().state == "broken"
    server.switch_on()
    assert workbench.retrieve(ASKED).refused


# Nothing recorded


def test_a_collection_without_a_stamp_is_unverified_until_the_evidence_decides() -> None:
    own = Corpus(records_of(TEXTS, SHARED), SHARED, index=Unstamped())
    assert (trust(own).state, own.health().state) == (State.UNVERIFIED, "attention")
    own.check()
    assert trust(own).state is State.MATCH
    assert state(own.health(), Check.MODEL) is State.UNVERIFIED

    foreign = Corpus(records_of(TEXTS, Renamed(Spoken("other", 384), "x")), SHARED, index=Unstamped())
    assert (trust(foreign).state, foreign.health().state) == (State.UNVERIFIED, "attention")
    assert foreign.check().state == "broken"
    assert (trust(foreign).state, trust(foreign).random) == (State.MISMATCH, True)
    assert foreign.retrieve().sections["induction"].hits == ()


class Broken(Spoken):
    def embed_documents(self, texts, progress=None):
        return TinyEmbedder(left=0).embed_documents(texts)


def test_without_a_stamp_and_without_evidence_nothing_is_claimed() -> None:
    corpus = Corpus(records_of(TEXTS, Spoken()), Broken(), index=Unstamped())
    found = corpus.check()
    assert (found.state, trust(corpus).state) == ("attention", State.UNVERIFIED)
    assert trust(corpus).reason.startswith("The model could not be asked: The model 'tiny' cannot be reached.")
    assert corpus.canaries.kept == {}


# Half one model, half another


def foreign_in(records: list[Record], positions: list[int], other: Embedder) -> list[Record]:
    made = records_of([records[p].script for p in positions], other)
    return with_vectors(records, {p: r.vectors.values for p, r in zip(positions, made, strict=True)})


@pytest.mark.parametrize("seed", range(5))
def test_half_a_section_of_another_model_under_one_stamp_is_found_with_share_and_names(seed: int) -> None:
    made = records_of(scripts_of(92, seed), SHARED)
    positions = sorted(np.random.default_rng(seed).choice(92, 46, replace=False).tolist())
    corpus = Corpus(foreign_in(made, positions, Changed(SHARED, rotated(seed))), SHARED)
    found = corpus.check()
    assert (found.state, trust(corpus).state, trust(corpus).random) == ("broken", State.MISMATCH, True)
    assert found.collections[0].foreign == tuple(f"s{p:04d}" for p in positions)
    evidence = found.as_json()["collections"][0]["evidence"]
    assert (evidence["scripts_looked_at"], evidence["scripts"], evidence["foreign_share"]) == (92, 92, 0.5)
    assert trust(corpus).reason == "46 of 92 scripts looked at were embedded by another model."
    assert corpus.retrieve().sections["induction"].refusal


ONE = {"rotated": rotated(), "permuted": permuted(), "negated": negated}


@pytest.mark.parametrize("kind", ONE)
@pytest.mark.parametrize("topics", [1, 10])
def test_one_script_of_92_is_found_by_the_first_check_and_by_each_later_one(kind: str, topics: int) -> None:
    made = records_of(scripts_of(92, 3, topics=topics), SHARED)
    for position in range(0, 92, 13):
        corpus = Corpus(foreign_in(made, [position], Changed(SHARED, ONE[kind])), SHARED)
        for _ in range(3):
            assert corpus.check().collections[0].foreign == (f"s{position:04d}",)
            assert corpus.health().state == "broken"


@pytest.mark.parametrize("kind", ONE)
def test_any_one_script_of_the_demo_is_looked_at_by_the_first_check_if_another_model_made_it(kind: str) -> None:
    records = list(store_of(DEMO).catalogue().records.values())
    assert len(records) == 92
    for position, one in enumerate(records):
        changed = with_vectors(records, {position: ONE[kind](one.vectors.values)})
        assert one.script.id in {looked.script.id for looked in choose(changed, SAMPLE, position)}


def test_one_script_of_5000_is_found(large: list[Record]) -> None:
    for number, position in enumerate((0, 2500, 4999)):
        corpus = Corpus(foreign_in(large, [position], Changed(SHARED, rotated(number))), SHARED)
        assert corpus.check().collections[0].foreign == (f"s{position:04d}",)


def test_what_was_found_once_is_looked_at_again_until_it_is_mended() -> None:
    # Each is as alone in its section as one of another model: only the part that moves comes across that one.
    made = records_of(scripts_of(120, 4, topics=120), SHARED)
    for position in range(9):
        corpus = Corpus(foreign_in(made, [position], Changed(SHARED, rotated())), SHARED)
        checks = [corpus.check().state for _ in range(12)]
        if checks[0] == "ok":
            break
    assert checks[0] == "ok"
    assert set(checks[checks.index("broken") :]) == {"broken"}
    corpus.put(made)
    for _ in range(3):
        assert corpus.check().collections[0].foreign == ()
        assert trust(corpus).state is State.MATCH


@pytest.fixture(scope="module")
def large() -> list[Record]:
    return records_of(scripts_of(5000, 1), SHARED)


# The same weights, other precision


@pytest.fixture(scope="module")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MiniLM]:
    cache = tmp_path_factory.mktemp("models")
    return {precision: MiniLM(cache, precision=precision) for precision in ("float32", "int8")}


@pytest.mark.parametrize(("stored", "asks"), [("float32", "int8"), ("int8", "float32")])
def test_float32_and_int8_of_the_same_weights_are_drifted_with_their_cosine(minilm, stored: str, asks: str) -> None:
    corpus = Corpus(records_of(TEXTS, minilm[stored]), minilm[asks])
    found = corpus.check()
    row = found.collections[0]
    assert (found.state, row.state, row.random) == ("attention", State.DRIFTED, False)
    assert 0.97 < row.measured.evidence.min_cosine < 0.998
    assert f"cosine {row.measured.evidence.min_cosine:.4f} at worst" in row.reason
    assert (state(found, Check.MODEL), state(found, Check.EVIDENCE)) == (State.DRIFTED, State.DRIFTED)
    assert corpus.retrieve().sections["induction"].hits
    same = Corpus(records_of(TEXTS, minilm[asks]), minilm[asks])
    assert [same.check().state for _ in range(2)] == ["ok", "ok"]


# Noise


def test_answers_that_vary_from_call_to_call_match(server) -> None:
    server.blur(0.9999)
    asking = openai(server)
    made = scripts_of(12, 5)
    corpus = Corpus(records_of(made, asking), asking, questionnaires=questionnaires_of(made, 4))
    worst = 1.0
    for _ in range(20):
        found = corpus.check()
        assert (found.state, trust(corpus).state) == ("ok", State.MATCH)
        worst = min(worst, found.collections[0].measured.evidence.min_cosine)
    assert 0.9995 < worst < 0.99995, "there was noise"


# False alarms and missed ones, by the thousand

HEALTHY: dict[str, Callable[[], Embedder]] = {
    "hashing": lambda: SHARED,
    "dense": Spoken,
    "tiny": TinyEmbedder,
    "noisy hashing": lambda: Changed(SHARED, noisy()),
    "noisy dense": lambda: Changed(Spoken(), noisy()),
}
# Scripts and seeds: each corpus is checked CHECKS times over, as the part that is looked at moves. From 30 on it is a
# part; of 92 there is one of each sort.
SIZES = {1: 13, 2: 13, 5: 13, 30: 8, 92: 4}
CHECKS = 4


def healthy(embedder: Embedder, count: int, seed: int) -> Corpus:
    """Every third in three sections, every other of many topics, every fourth with questionnaires."""
    sections = SECTIONS if seed % 3 == 0 else SECTIONS[:1]
    made = scripts_of(count, seed, sections, topics=1 + 9 * (seed % 2))
    asked = questionnaires_of(made, 5) if seed % 4 == 0 else {}
    return Corpus(records_of(made, embedder), embedder, questionnaires=asked)


def alarms(corpus: Corpus, checks: int) -> list[object]:
    return [found.as_json() for found in (corpus.check() for _ in range(checks)) if found.state != "ok"]


def test_a_thousand_checks_of_healthy_corpora_raise_no_alarm(large: list[Record]) -> None:
    done, raised = 0, {}
    for name, make in HEALTHY.items():
        for count, seeds in SIZES.items():
            for seed in range(seeds):
                if found := alarms(healthy(make(), count, seed), CHECKS):
                    raised[name, count, seed] = found
                done += CHECKS
    if found := alarms(Corpus(large, SHARED), 3):
        raised["hashing", 5000, 1] = found
    assert raised == {}
    assert done + 3 == 5 * (13 + 13 + 13 + 8 + 4) * 4 + 3 == 1023


def other_model(records: list[Record], embedder: Embedder, seed: int) -> list[Record]:
    return foreign_in(records, list(range(len(records))), Spoken("other", embedder.identity.dimensions))


def half(records: list[Record], embedder: Embedder, seed: int) -> list[Record]:
    random = np.random.default_rng(seed)
    positions = random.choice(len(records), len(records) // 2, replace=False).tolist()
    return foreign_in(records, positions, Changed(embedder, rotated(seed)))


def shuffled(records: list[Record], embedder: Embedder, seed: int) -> list[Record]:
    """Every script has the vectors of the next one."""
    return with_vectors(records, {i: records[i - 1].vectors.values for i in range(len(records))})


def turned(change: Callable[[int], Callable]) -> Callable[[list[Record], Embedder, int], list[Record]]:
    def mistaken(records: list[Record], embedder: Embedder, seed: int) -> list[Record]:
        return foreign_in(records, list(range(len(records))), Changed(embedder, change(seed)))

    return mistaken


MISTAKEN = {
    "another model": other_model,
    "rotated": turned(rotated),
    "permuted": turned(permuted),
    "negated": turned(lambda _: negated),
    "half": half,
    "shuffled": shuffled,
}
# With eight counted letters any two texts are nearly the same: that space tells nothing apart, whoever made it.
SPACES = ("hashing", "dense", "noisy hashing", "noisy dense")


def test_a_thousand_checks_of_mistaken_corpora_miss_none(large: list[Record]) -> None:
    done, missed = 0, []
    for name in SPACES:
        for count, seeds in SIZES.items():
            for seed in range(seeds):
                done += seen(missed, HEALTHY[name](), (name, count, seed))
    for kind in ("rotated", "half", "shuffled"):
        state_of_it = Corpus(MISTAKEN[kind](large, SHARED, 1), SHARED).check().state
        missed += [] if state_of_it == "broken" else [(kind, "hashing", 5000)]
    assert missed == []
    # One script alone is neither half of anything nor anybody's neighbour.
    assert done + 3 == 4 * (13 * 4 + (13 + 13 + 8 + 4) * 6) + 3 == 1123


def seen(missed: list[object], embedder: Embedder, case: tuple[str, int, int]) -> int:
    _, count, seed = case
    made = records_of(scripts_of(count, seed, topics=1 + 9 * (seed % 2)), embedder)
    kinds = [kind for kind in MISTAKEN if count > 1 or kind not in ("half", "shuffled")]
    for kind in kinds:
        corpus = Corpus(MISTAKEN[kind](made, embedder, seed), embedder)
        if corpus.check().state != "broken" or not corpus.retrieve().sections["induction"].refusal:
            missed.append((kind, *case))
    return len(kinds)
