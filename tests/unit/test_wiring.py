"""The settings of a workspace reach the embedder that they choose."""

from dataclasses import replace
from pathlib import Path

import pytest

from services import wiring, workspaces
from services.domain.settings import EmbedderSettings, Paths, Settings, read_settings
from services.errors import InvalidSettings
from services.workbench import Workbench


@pytest.mark.parametrize("name", wiring.EMBEDDERS)
def test_each_embedder_that_is_listed_can_be_chosen(name: str) -> None:
    assert wiring.embedder(EmbedderSettings(name), {}).name == name


def test_an_embedder_that_there_is_not_names_those_there_are() -> None:
    with pytest.raises(InvalidSettings, match=r"no embedder 'minilm-int4'.*minilm, minilm-int8, openai, hashing"):
        wiring.embedder(EmbedderSettings("minilm-int4"), {})


def test_minilm_in_int8_is_another_model_than_in_float32() -> None:
    int8, float32 = (wiring.embedder(EmbedderSettings(name), {}).identity for name in ("minilm-int8", "minilm"))
    assert (int8.name, int8.precision) == (float32.name, "int8")
    assert int8.digest != float32.digest


def test_two_tags_declared_equal_have_one_digest() -> None:
    def digest(model: str, base_url: str = "", same_as: str = "") -> str:
        settings = EmbedderSettings("openai", model, 1536, base_url, same_as)
        return wiring.embedder(settings, {}).identity.digest

    plain = digest("text-embedding-3-small")
    assert digest("text-embedding-3-small", "http://127.0.0.1:9/v1") == plain
    assert digest("my-deployment", "http://127.0.0.1:9/v1", "text-embedding-3-small") == plain
    assert digest("my-deployment", "http://127.0.0.1:9/v1") != plain


def test_a_workspace_with_two_tags_can_change_to_another_embedder(tmp_path: Path) -> None:
    own = EmbedderSettings("openai", "my-deployment", 0, "http://127.0.0.1:9/v1", "text-embedding-3-small")
    workspaces.create(tmp_path / "workspace", Settings(embedder=own))
    with Workbench(tmp_path / "workspace") as workbench:
        workbench.rebuild("hashing")
    assert read_settings(Paths(tmp_path / "workspace")).embedder == replace(own, name="hashing", same_as="")
