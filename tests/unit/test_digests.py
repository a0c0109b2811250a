"""Digests: one spelling for a value, and a chain that notices everything."""

from blake3 import blake3

from services.ground import digests

PAIRS = [("a/one", "11"), ("a/two", "22"), ("b/three", "33")]


def test_of_bytes_is_blake3() -> None:
    # The empty input of BLAKE3's published test vectors.
    assert digests.of_bytes(b"") == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    assert len(digests.of_bytes(b"x")) == 64


def test_a_value_has_one_spelling() -> None:
    assert digests.of_value({"b": "é", "a": [1]}) == blake3('{"a":[1],"b":"é"}'.encode()).hexdigest()
    assert digests.of_value({"a": 1, "b": 2}) == digests.of_value({"b": 2, "a": 1})


def test_a_lone_surrogate_has_a_digest_too() -> None:
    assert digests.of_value("\ud800") != digests.of_value("\ufffd")


def test_the_chain_head_by_hand() -> None:
    start = blake3(b"scriptorium manifest 1").hexdigest()
    assert digests.chain_head([]) == start
    assert digests.chain_head([("a/one", "11")]) == blake3(f"{start}\na/one\n11".encode()).hexdigest()


def test_the_chain_head_notices_every_change() -> None:
    heads = [
        digests.chain_head(pairs)
        for pairs in (
            PAIRS,
            PAIRS[:2],
            PAIRS[1:],
            [*PAIRS, ("c/four", "44")],
            [PAIRS[1], PAIRS[0], PAIRS[2]],
            [("a/one", "12"), *PAIRS[1:]],
            [("a/uno", "11"), *PAIRS[1:]],
            [],
        )
    ]
    assert len(set(heads)) == len(heads)
