"""What questionnaires are as vectors is kept for an hour, by the model that read them."""

import threading

import pytest

from services.errors import EmbedderUnavailable
from services.ground.progress import silent
from services.map.heard import Heard
from tests.doubles import TinyEmbedder


def test_within_the_hour_nothing_is_asked_twice_and_after_it_everything() -> None:
    now = [0.0]
    heard, far = Heard(lambda: now[0]), TinyEmbedder("far", local=False)
    assert heard.costs(["a", "b"], far)
    first = heard.of(["a", "b"], far, silent)
    now[0] = 3_599
    assert not heard.costs(["b"], far)
    assert heard.of(["b", "a", "b"], far, silent)[1] is first[0]
    assert far.asked == ["a", "b"]
    now[0] = 3_601
    assert heard.costs(["a"], far)
    heard.of(["a"], far, silent)
    assert far.asked == ["a", "b", "a"]
    assert not heard.costs(["c"], TinyEmbedder("near"))


def test_another_model_is_asked_itself_and_what_fails_keeps_what_was_heard() -> None:
    heard, far = Heard(), TinyEmbedder("far", left=8)
    with pytest.raises(EmbedderUnavailable):
        heard.of([str(number) for number in range(10)], far, silent)
    far.left = None
    heard.of([str(number) for number in range(10)], far, silent)
    assert far.asked == [str(number) for number in range(10)]
    near = TinyEmbedder("near")
    heard.of(["0"], near, silent)
    assert near.asked == ["0"]


def test_two_that_want_the_same_pay_once() -> None:
    heard, far = Heard(), TinyEmbedder("far")
    threads = [threading.Thread(target=heard.of, args=(["a", "b", "c"], far, silent)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert far.asked == ["a", "b", "c"]
