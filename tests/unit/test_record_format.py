"""A record as bytes: any text comes back the same, and nothing that is damaged comes back as if it were whole."""

import base64
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.passages import Passage
from services.domain.scripts import Record, VectorSet, make_script
from services.errors import InvalidInput, InvalidRecord, InvalidYaml
from services.ground import digests, yaml_text
from services.records.record_format import decode, encode
from tests.doubles import bare_record, record, script, stamp

ANY = st.text(st.characters(codec=None), max_size=80)
PITFALLS = st.text(
    st.sampled_from("a \n\t\r:#-|>'\"\\.%@`&*![]{},e\u0301\x00\x85\u2028\ufeff\u00a0\U0001f600"), max_size=20
)
WRITTEN = record(script("one", text="Breathe.\n\nNow: let go.\n"))


def changed(**vectors: object) -> bytes:
    value = yaml_text.load(encode(WRITTEN), source="x")
    value["vectors"] |= vectors
    return yaml_text.dump(value)


def problem(**vectors: object) -> str:
    found = decode(changed(**vectors), source="records/induction/one.yaml")
    assert found.script == WRITTEN.script
    assert found.vectors is None
    return found.vectors_problem


@given(ANY | PITFALLS, ANY | PITFALLS, st.lists(ANY | PITFALLS, max_size=3), ANY)
def test_any_text_comes_back_as_it_was_normalised(body: str, line: str, labels: list[str], person: str) -> None:
    made = make_script(
        id="one",
        section="induction",
        title=f"t{line}"[:200],
        text=f"x{body}",
        situation=line,
        focus_areas=tuple(labels),
        person=person,
        language=line,
    )
    data = encode(Record(made))
    back = decode(data, source="one.yaml")
    assert back.script == made
    assert back.script.text.encode() == made.text.encode()
    assert encode(Record(back.script)) == data


def test_the_bytes_of_a_record_can_be_read_by_a_person() -> None:
    made = script("one", text="Breathe.\nNow.", title="One: two", focus_areas=("sleep",))
    assert encode(Record(made)).decode() == (
        "format: scriptorium-record/1\nid: one\nsection: induction\ntitle: 'One: two'\nfocus_areas:\n- sleep\n"
        "language: en\nstatus: approved\ntext: |-\n  Breathe.\n  Now.\n"
        f"digest: {made.digest}\n"
    ).replace(f"digest: {made.digest}", yaml_text.dump({"digest": made.digest}).decode().strip())


@given(st.lists(st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=3), min_size=1, max_size=4))
def test_vectors_come_back_bit_for_bit(values: list[list[float]]) -> None:
    given_record = bare_record("one", [[1.0, *row] for row in values])
    back = decode(encode(given_record), source="one.yaml")
    assert back.vectors is not None
    assert back.vectors.stamp == given_record.vectors.stamp
    assert back.vectors.passages == given_record.vectors.passages
    assert back.vectors.values.dtype == np.float32
    assert back.vectors.values.tobytes() == given_record.vectors.values.tobytes()


def test_the_same_record_has_the_same_bytes() -> None:
    again = Record(
        replace(WRITTEN.script),
        VectorSet(WRITTEN.vectors.stamp, WRITTEN.vectors.passages, np.asfortranarray(WRITTEN.vectors.values)),
    )
    assert encode(again) == encode(WRITTEN)


def test_numbers_are_little_endian_on_every_machine() -> None:
    big = replace(WRITTEN, vectors=replace(WRITTEN.vectors, values=WRITTEN.vectors.values.astype(">f4")))
    assert encode(big) == encode(WRITTEN)
    one = yaml_text.load(encode(bare_record("one", [[1.0, 2.0]])), source="x")
    assert base64.b64decode(one["vectors"]["values"]) == bytes.fromhex("0000803f00000040")


def test_a_record_is_known_under_the_digest_of_its_bytes() -> None:
    data = encode(WRITTEN)
    assert decode(data, source="one.yaml").digest == digests.of_bytes(data)


def test_a_record_written_by_hand_is_taken_as_it_stands_without_its_vectors() -> None:
    value = yaml_text.load(encode(WRITTEN), source="x")
    del value["digest"]
    found = decode(yaml_text.dump(value), source="one.yaml")
    assert found.script == WRITTEN.script
    assert found.vectors is None
    assert "written by hand" in found.vectors_problem


def test_the_least_that_a_hand_must_write() -> None:
    found = decode(
        b"format: scriptorium-record/1\nid: one\nsection: induction\ntitle: NO\ntext: Breathe.\n", source="one.yaml"
    )
    assert (found.script.title, found.script.text, found.script.language) == ("NO", "Breathe.", "en")


@pytest.mark.parametrize("key", ["text", "title", "status", "situation", "digest"])
def test_content_that_does_not_fit_the_digest_is_refused(key: str) -> None:
    value = yaml_text.load(encode(WRITTEN), source="x")
    value[key] = {"status": "draft"}.get(key, "changed")
    with pytest.raises(InvalidRecord) as caught:
        decode(yaml_text.dump(value), source="records/induction/one.yaml")
    assert "records/induction/one.yaml: the digest does not fit" in caught.value.cause
    assert "delete the line 'digest:'" in caught.value.next_step


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("format: scriptorium-record/1\n", "", "does not begin with 'format"),
        ("record/1", "record/2", "does not begin with 'format"),
        ("language:", "mood:", "unknown key 'mood'"),
        ("title: One\n", "", "has no 'title'"),
        ("title: One", "title: [One]", "'title' is not text"),
        ("title: One", "title: {a: b}", "'title' is not text"),
        ("status: approved", "status: good", "'good' is not a status"),
        ("id: one", "id: One", "'One' cannot be an id"),
        ("language: en", "focus_areas: sleep", "'focus_areas' is not a list"),
        ("language: en", "techniques: [[a]]", "'techniques' is not a list"),
        ("title: One", "title: One\ntitle: Two", "the key 'title' twice"),
    ],
)
def test_a_damaged_file_says_what_and_what_to_do(old: str, new: str, told: str) -> None:
    before = encode(WRITTEN).decode()
    assert old in before
    with pytest.raises(InvalidInput) as caught:
        decode(before.replace(old, new, 1).encode(), source="records/induction/one.yaml")
    assert told in caught.value.cause
    assert "records/induction/one.yaml" in caught.value.cause
    assert caught.value.next_step


@pytest.mark.parametrize("data", [b"", b"- a\n", b"text\n"])
def test_what_is_no_mapping_is_no_record(data: bytes) -> None:
    with pytest.raises(InvalidRecord, match="is no mapping"):
        decode(data, source="one.yaml")


@given(st.data())
def test_a_file_that_was_cut_short_is_never_taken_for_the_whole(data: st.DataObject) -> None:
    whole = encode(WRITTEN)
    short = whole[: data.draw(st.integers(0, len(whole) - 2))]
    try:
        found = decode(short, source="one.yaml")
    except (InvalidRecord, InvalidYaml):
        return
    # The one cut that leaves the content whole: inside or before the vectors.
    assert found.script == WRITTEN.script or "written by hand" in found.vectors_problem
    assert found.vectors is None


def floats(*numbers: float) -> str:
    return base64.b64encode(np.array(numbers, "<f4").tobytes()).decode()


@pytest.mark.parametrize(
    ("vectors", "told"),
    [
        ({"values": floats(*[1.0] * 7, float("nan")), "passages": ["card"]}, "NaN or infinite"),
        ({"values": floats(*[1.0] * 7, float("inf")), "passages": ["card"]}, "NaN or infinite"),
        ({"values": floats(*[0.0] * 8), "passages": ["card"]}, "no direction"),
        ({"values": floats(*[1e-30] * 8), "passages": ["card"]}, "no direction"),
        ({"values": floats(*[1e30] * 8), "passages": ["card"]}, "no direction"),
        ({"values": floats(*[1.0] * 7), "passages": ["card"]}, "28 bytes where 1 passages of 8 numbers take 32"),
        ({"dimensions": "9"}, "numbers take"),
        ({"dimensions": "-8"}, "numbers take"),
        ({"dimensions": "0", "values": ""}, "numbers take"),
        ({"dimensions": "eight"}, "invalid literal"),
        ({"dimensions": ["8"]}, "int()"),
        ({"passages": []}, "bytes where 0 passages"),
        ({"passages": ["card", "0-999", "1-2"]}, "lies outside the text"),
        ({"passages": ["card", "5-5", "1-2"]}, "lies outside the text"),
        ({"passages": ["card", "front", "1-2"]}, "invalid literal"),
        ({"passages": [["card"]]}, "not text"),
        ({"passages": {"card": "1"}}, "bytes where"),
        ({"model": ["tiny"]}, "not text"),
        ({"model_digest": {"a": "b"}}, "not text"),
        ({"values": "no base64!"}, "base64"),
        ({"values": ["a"]}, "argument should be"),
        ({"extra": "key"}, "one too many"),
    ],
)
def test_vectors_that_cannot_be_used_leave_a_script_that_can(vectors: dict[str, object], told: str) -> None:
    said = problem(**vectors)
    assert said.startswith("Its vectors cannot be used: ")
    assert told in said


@pytest.mark.parametrize("vectors", ["text", ["list"], {"model": "m"}])
def test_vectors_of_another_shape(vectors: object) -> None:
    value = yaml_text.load(encode(WRITTEN), source="x")
    value["vectors"] = vectors
    assert "lack a key" in decode(yaml_text.dump(value), source="x").vectors_problem


def test_no_vectors_yet() -> None:
    assert decode(encode(Record(WRITTEN.script)), source="x").vectors_problem == "It has no vectors yet."


def test_passages_are_spelled_by_their_place() -> None:
    made = script("one", text="Breathe out. Now.")
    vectors = VectorSet(stamp(dimensions=1), (Passage("card"), Passage("body", 0, 12)), np.ones((2, 1), np.float32))
    value = yaml_text.load(encode(Record(made, vectors)), source="x")
    assert value["vectors"]["passages"] == ["card", "0-12"]
    assert set(value["vectors"]) == {"model", "model_digest", "recipe_digest", "dimensions", "passages", "values"}
