"""``workspace.yaml``: what it may say, and what it means where it says nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.methods import Method, Mode, Nearest, Passages
from services.domain.settings import (
    EmbedderSettings,
    Gate,
    Paths,
    Settings,
    Thresholds,
    parse_settings,
    read_settings,
    settings_as_yaml,
)
from services.errors import InvalidSettings, NotFound
from services.ground import yaml_text

HEAD = "format: scriptorium-workspace/1\n"


def parsed(body: str) -> Settings:
    return parse_settings(yaml_text.load((HEAD + body).encode(), source="workspace.yaml"))


def test_what_is_not_named_has_its_default() -> None:
    assert parsed("") == Settings()
    assert parsed("").sections == ("induction", "affirmations", "awakening")
    assert parsed("").embedder.name == "minilm"


def test_every_setting_comes_back() -> None:
    given = Settings(
        "Corpus of 12:30",
        ("a", "no"),
        "For {focus_area}",
        EmbedderSettings("openai", "m", 256, "http://x/v1", "text-embedding-3-small"),
        7,
        "one",
        Thresholds(0.998, 0.9, 0.2),
        method=Method("Mine", Mode.HYBRID, Passages.BODY, Nearest.MEAN, 0.5, 2.0, 0.25, {"abc": 0.7}),
        guidelines={"a": "3 is just right.\n\n0: has nothing to do with it.", "no": "As above: 100%"},
        gate=Gate(0.8, 0.0),
    )
    assert parse_settings(yaml_text.load(settings_as_yaml(given), source="workspace.yaml")) == given
    assert settings_as_yaml(given) == settings_as_yaml(replace(given))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("colour: red\n", "unknown key 'colour'"),
        ("name: [a]\n", "'name' in workspace.yaml is not text"),
        ("sections: a\n", "'sections'"),
        ("sections: []\n", "'sections'"),
        ("sections: [Big One]\n", "'Big One' is no slug"),
        ("sections: [../up]\n", "is no slug"),
        ("sections: [[a]]\n", "is no slug"),
        ("sections: [a, b, a]\n", "listed twice"),
        ("query_template: hello\n", "names no answer"),
        ("query_template: '{mood}'\n", "{mood}"),
        ("embedder: minilm\n", "is not a mapping"),
        ("embedder: {key: secret}\n", "unknown key 'key'"),
        ("embedder: {name: openai, dimensions: many}\n", "'dimensions' in workspace.yaml is not a whole number"),
        ("embedder: {name: openai, dimensions: 0}\n", "'dimensions' in workspace.yaml is 0"),
        ("embedder: {name: minilm, model: m, same_as: x}\n", "behind a server, and 'minilm' is none"),
        ("embedder: {name: hashing, same_as: x}\n", "behind a server, and 'hashing' is none"),
        ("embedder: {name: openai, same_as: x}\n", "'same_as' in workspace.yaml has no 'model' beside it"),
        ("embedder: {name: openai, model: m, same_as: [x]}\n", "'same_as' in workspace.yaml is not text"),
        ("top_k: 0\n", "'top_k' in workspace.yaml is 0"),
        ("top_k: 51\n", "'top_k' in workspace.yaml is 51"),
        ("top_k: five\n", "is not a whole number"),
        ("top_k: [5]\n", "is not a whole number"),
        ("thresholds: [0.9]\n", "'thresholds' in workspace.yaml is not a mapping"),
        ("thresholds: 0.9\n", "'thresholds' in workspace.yaml is not a mapping"),
        ("thresholds: {cosine: 0.9}\n", "unknown key 'cosine'"),
        ("thresholds: {cosine_attention: high}\n", "'cosine_attention' in workspace.yaml is no number between 0 and 1"),
        ("thresholds: {cosine_attention: [0.9]}\n", "'cosine_attention'"),
        ("thresholds: {cosine_attention: 1.1}\n", "'cosine_attention'"),
        ("thresholds: {cosine_attention: 1}\n", "'cosine_attention'"),
        ("thresholds: {cosine_broken: 0}\n", "'cosine_broken'"),
        ("thresholds: {cosine_broken: -0.5}\n", "'cosine_broken'"),
        ("thresholds: {cosine_broken: nan}\n", "'cosine_broken'"),
        ("thresholds: {centroid_shift: inf}\n", "'centroid_shift'"),
        ("thresholds: {centroid_shift: ''}\n", "'centroid_shift'"),
        ("thresholds: {cosine_broken: 0.9995}\n", "'cosine_broken' in workspace.yaml is above 'cosine_attention'"),
        ("thresholds: {cosine_attention: 0.9}\n", "'cosine_broken' in workspace.yaml is above 'cosine_attention'"),
        ("retrieval: dense\n", "'retrieval' in workspace.yaml is not a mapping"),
        ("retrieval: {colour: red}\n", "'retrieval' in workspace.yaml has the unknown key 'colour'"),
        ("retrieval: {mode: psychic}\n", "'psychic' is no mode"),
        ("retrieval: {passages: start}\n", "looks at the passages 'start', which no index holds"),
        ("guidelines: x\n", "'guidelines' in workspace.yaml is not a mapping"),
        ("guidelines: {sleep: x}\n", "'guidelines' in workspace.yaml has the unknown key 'sleep'"),
        ("guidelines: {induction: [x]}\n", "The guideline of 'induction' in workspace.yaml is not text"),
        ("guidelines: {induction: " + 5001 * "x" + "}\n", "The guideline of 'induction' in workspace.yaml has 5,001"),
        ("gate: 0.9\n", "'gate' in workspace.yaml is not a mapping"),
        ("gate: {recall: 0.9}\n", "'gate' in workspace.yaml has the unknown key 'recall'"),
        ("gate: {recall_at_5: 1.1}\n", "'recall_at_5' in workspace.yaml is no number from 0 to 1"),
        ("gate: {fall: -0.1}\n", "'fall' in workspace.yaml is no number from 0 to 1"),
        ("gate: {fall: nan}\n", "'fall' in workspace.yaml is no number from 0 to 1"),
    ],
)
def test_refused(body: str, told: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        parsed(body)
    assert told in caught.value.cause
    assert caught.value.next_step.endswith((".", "}"))


def test_thresholds_that_are_not_named_have_their_defaults() -> None:
    assert parsed("").thresholds == Thresholds(cosine_attention=0.999, cosine_broken=0.95, centroid_shift=0.05)
    assert parsed("thresholds: {}\n").thresholds == Thresholds()
    assert parsed("thresholds: {centroid_shift: 0.1}\n").thresholds == Thresholds(0.999, 0.95, 0.1)
    assert parsed("thresholds: {cosine_attention: 0.95}\n").thresholds == Thresholds(0.95, 0.95, 0.05)
    assert b"thresholds" not in settings_as_yaml(Settings())


def test_method_guidelines_and_gate_are_written_only_where_they_are_not_the_usual() -> None:
    usual = settings_as_yaml(Settings())
    assert not any(key in usual for key in (b"retrieval", b"guidelines", b"gate"))
    assert parsed("retrieval: {}\nguidelines: {}\ngate: {}\n") == Settings()
    assert parsed("gate: {fall: 0, recall_at_5: 1}\n").gate == Gate(1.0, 0.0)
    assert parsed("guidelines: {induction: '  ', awakening: ' x '}\n").guidelines == {"awakening": "x"}
    words = settings_as_yaml(Settings(method=Method("Words", Mode.LEXICAL)))
    assert words.endswith(b"retrieval:\n  name: Words\n  mode: lexical\n")


def test_the_format_must_be_named() -> None:
    with pytest.raises(InvalidSettings, match="does not begin with 'format"):
        parse_settings({"name": "x"})


def test_a_folder_that_is_no_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_settings(Paths(tmp_path))
    assert f"python -m services init {tmp_path}" in caught.value.next_step


@pytest.mark.parametrize("data", [b"\xff\xfe", b"format: [", b"[" * 100_000], ids=["no-utf8", "no-yaml", "deep"])
def test_a_file_that_is_no_yaml_is_told_as_settings(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "workspace.yaml").write_bytes(data)
    with pytest.raises(InvalidSettings, match=r"workspace\.yaml"):
        read_settings(Paths(tmp_path))


def test_settings_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").mkdir()
    with pytest.raises(InvalidSettings, match="cannot be read"):
        read_settings(Paths(tmp_path))


def test_a_section_is_checked_by_name() -> None:
    assert Settings().check_section("induction") == "induction"
    with pytest.raises(NotFound) as caught:
        Settings().check_section("induktion")
    assert caught.value.next_step == "Use one of: induction, affirmations, awakening."


def test_scripts_are_read_aloud_at_the_speed_that_the_workspace_says() -> None:
    assert Settings().minutes(260) == 2.0
    slow = replace(Settings(), words_a_minute=100)
    assert slow.minutes(260) == 2.6
    assert parse_settings(yaml_text.load(settings_as_yaml(slow), source="workspace.yaml")) == slow
    with pytest.raises(InvalidSettings, match="goes from 20 to 1000"):
        parsed("words_a_minute: 5\n")
