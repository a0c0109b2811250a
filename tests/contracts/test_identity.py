"""No collection is asked in the wrong language unnoticed: two models, one under two names, a provider that changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.checks import Check
from services.domain.model_digest import State
from services.domain.questionnaires import make_questionnaire
from services.domain.settings import EmbedderSettings
from services.embedders.openai import OpenAIEmbedder, Patience
from services.ports import Embedder
from tests.checking import (
    Corpus,
    Spoken,
    Unstamped,
    questionnaires_of,
    records_of,
    scripts_of,
)
from tests.contracts.mistaken import IDS, TEXTS, state, trust
from tests.contracts.openai_server import OpenAIServer
from tests.doubles import SECTIONS, TinyWorkbench, make_workspace

KEY = "sk-proj-Zx81TopSecretKeyOfTheTests42"
SMALL, ADA = "text-embedding-3-small", "text-embedding-ada-002"
QUICK = Patience(attempts=2, first_wait=0.001, longest_wait=0.01, timeout=5.0)


def openai(server: OpenAIServer, model: str = SMALL, dimensions: int = 0, **more: str) -> OpenAIEmbedder:
    return OpenAIEmbedder(model, dimensions, base_url=server.base_url, api_key=KEY, patience=QUICK, **more)


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
