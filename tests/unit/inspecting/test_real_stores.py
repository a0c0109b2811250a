"""Inspections by a real client, by the workbench and on the command line."""

import numpy as np
import pytest

from services.cli.main import main
from services.domain.model_digest import State
from services.embedders.openai import OpenAIEmbedder, Patience
from services.errors import NotFound
from services.wiring import stranger_store
from services.workbench import Workbench
from tests.contracts.openai_server import OpenAIServer
from tests.doubles import make_workspace
from tests.strangers import Given, hashed, make_chroma, tamper, untouched
from tests.unit.command_line import make, run
from tests.unit.inspecting.spaces import collection, only, said, texts


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
