"""YAML from outside is checked before anything is made of it; YAML to the outside is always the same bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidYaml
from services.ground import text, yaml_text

LINES = st.text(st.characters(codec=None), max_size=60).map(text.normalise)
PITFALLS = st.text(
    st.sampled_from("a \n\t:#-|>'\"\\.%@`&*!?[]{},0é\u2028\u2029\ufeff\ufffe\U0001f600\u00a0~<="), max_size=12
)
VALUES = st.recursive(
    LINES | PITFALLS.map(text.normalise),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdefgh", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def refusal(data: bytes) -> InvalidYaml:
    with pytest.raises(InvalidYaml) as caught:
        yaml_text.load(data, source="it.yaml")
    assert caught.value.cause.startswith("it.yaml ")
    assert caught.value.next_step.endswith(".")
    return caught.value


@given(VALUES)
def test_what_is_dumped_is_loaded_the_same(value: object) -> None:
    data = yaml_text.dump({"value": value})
    assert yaml_text.load(data, source="it") == {"value": value}
    assert yaml_text.dump({"value": value}) == data


@pytest.mark.parametrize("word", ["NO", "12:30", "010", "1e3", "null", "~", "2026-11-21", "0x1F", ".inf", "yes", ""])
def test_no_word_changes_its_type(word: str) -> None:
    assert yaml_text.load(f"key: {word}\n".encode(), source="it") == {"key": word}
    assert yaml_text.load(yaml_text.dump({"key": word}), source="it") == {"key": word}


def test_long_text_is_a_block_that_git_can_compare_line_by_line() -> None:
    assert yaml_text.dump({"text": "One.\nTwo: two.\n"}) == b"text: |\n  One.\n  Two: two.\n"


def test_keys_keep_their_order() -> None:
    assert yaml_text.dump({"b": "1", "a": "2"}) == b"b: '1'\na: '2'\n"


@pytest.mark.parametrize("opening", [b"[", b"{a: ", b"- "], ids=["lists", "mappings", "block-lists"])
def test_a_hundred_thousand_levels_are_refused_and_the_process_lives(opening: bytes) -> None:
    assert "nested too deeply" in refusal(opening * 100_000).cause


def test_twelve_levels_are_read_and_thirteen_are_not() -> None:
    assert yaml_text.load(b"[" * 12 + b"]" * 12, source="it") == [[[[[[[[[[[[]]]]]]]]]]]]
    assert "nested too deeply" in refusal(b"[" * 13 + b"]" * 13).cause


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a: &x 1\nb: *x\n", "anchor or alias"),
        (b"a: &x {b: c}\n", "anchor or alias"),
        (b"a: {<<: {b: c}}\n", "merges mappings"),
        (b"a: 1\nb: 2\na: 3\n", "the key 'a' twice"),
        (b"x: {a: [1], a: 2}\n", "the key 'a' twice"),
        (b"x: [{a: 1}, {a: 1, a: 2}]\n", "the key 'a' twice"),
        (b"a: !!python/object/apply:os.system [ls]\n", "the YAML tag tag:yaml.org,2002:python"),
        (b"a: !!int 1\n", "the YAML tag"),
        (b"[a, b]: c\n", "not plain text"),
        (b"? {a: b}\n: c\n", "not plain text"),
        (b"a: [1\n", "not valid YAML: line 2"),
        (b"a: 1\n--- \nb: 2\n", "more than one YAML document"),
        (b"a: \x01\n", "not valid YAML"),
        (b"a: caf\xe9\n", "not UTF-8 text (byte 6)"),
    ],
)
def test_refused(data: bytes, told: str) -> None:
    assert told in refusal(data).cause


def test_a_key_may_come_again_in_another_mapping() -> None:
    assert yaml_text.load(b"a: {b: {a: 1}}\nb: {a: 2}\n", source="it") == {"a": {"b": {"a": "1"}}, "b": {"a": "2"}}


def test_thirty_two_megabytes_are_the_limit() -> None:
    fits = b"a: '" + b"x" * (yaml_text.MAX_BYTES - 6) + b"'\n"
    assert len(yaml_text.load(fits, source="it")["a"]) == 32 * 1024 * 1024 - 6
    assert "34 MB long" in refusal(fits + b" ").cause


def test_a_byte_order_mark_in_front_is_no_part_of_the_first_key() -> None:
    assert yaml_text.load("\ufeffa: 1\n".encode(), source="it") == {"a": "1"}


def test_an_empty_file_is_nothing() -> None:
    assert yaml_text.load(b"", source="it") in (None, "")
