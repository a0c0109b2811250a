"""Servers and models that the contracts are run against."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.openai_server import OpenAIServer


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    # A proxy of the machine has no way to a server inside it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """One for each test: a request still under way when a test ends must not reach the next."""
    with OpenAIServer() as running:
        yield running
