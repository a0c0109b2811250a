import numpy as np

from services.embedders.around import AskingOnce
from services.embedders.remembering import QUESTIONS, SECONDS, Remembering
from tests.doubles import TinyEmbedder


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_question_is_embedded_once_by_a_model_in_this_process():
    tiny, clock = TinyEmbedder(), Clock()
    remembering = Remembering(tiny, clock)
    first = remembering.embed_query("night")
    clock.now = 100 * SECONDS
    assert np.array_equal(remembering.embed_query("night"), first)
    assert tiny.asked == ["night"]


def test_a_question_is_embedded_once_a_minute_by_a_model_elsewhere():
    tiny, clock = TinyEmbedder(local=False), Clock()
    remembering = Remembering(tiny, clock)
    first = remembering.embed_query("night")
    clock.now = SECONDS - 1
    assert np.array_equal(remembering.embed_query("night"), first)
    assert tiny.asked == ["night"]
    clock.now = SECONDS
    remembering.embed_query("night")
    assert tiny.asked == ["night", "night"]


def test_the_oldest_question_is_forgotten_first():
    tiny = TinyEmbedder()
    remembering = Remembering(tiny, Clock())
    for number in range(QUESTIONS + 1):
        remembering.embed_query(f"question {number}")
    remembering.embed_query(f"question {QUESTIONS}")
    assert len(tiny.asked) == QUESTIONS + 1
    remembering.embed_query("question 0")
    assert len(tiny.asked) == QUESTIONS + 2


def test_documents_are_never_remembered():
    tiny = TinyEmbedder()
    remembering = Remembering(tiny, Clock())
    remembering.embed_documents(["a", "b"])
    remembering.embed_documents(["a", "b"])
    assert tiny.asked == ["a", "b", "a", "b"]
    assert remembering.identity == tiny.identity
    assert remembering.count_tokens(["one two"]) == [2]


def test_asking_once_asks_for_each_text_once_and_answers_in_order() -> None:
    inner = TinyEmbedder()
    once = AskingOnce(inner)
    first = once.embed_documents(["b", "a", "b"])
    np.testing.assert_array_equal(first, TinyEmbedder().embed_documents(["b", "a", "b"]))
    np.testing.assert_array_equal(once.embed_documents(["a", "c"]), TinyEmbedder().embed_documents(["a", "c"]))
    assert inner.asked == ["b", "a", "c"]
    assert once.embed_documents([]).shape == (0, 8)
    np.testing.assert_array_equal(once.embed_query("a"), once.embed_query("a"))
    assert inner.asked == ["b", "a", "c", "a"]
