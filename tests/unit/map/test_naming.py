"""Names of clusters: c-TF-IDF worked out by hand, and what must not become a name."""

import math

import numpy as np
import pytest

from services.domain.maps import NONE
from services.domain.word_forms import stem
from services.errors import Cancelled
from services.ground.progress import silent
from services.map.naming import Said, Vocabulary, names, weigh
from tests.doubles import script

WORDS = ["tide", "rope", "night", "seed", "leaf"]


def said(**times):
    return Said(np.array([WORDS.index(w) for w in times], np.int32), np.array(list(times.values()), np.int32))


def clusters(*numbers):
    return np.array(numbers, np.int64)


# Cluster 0 says 10 words, cluster 1 says 7, the last script belongs to none and says 1: 18 in 3 groups, A is 6.
FIVE = [
    said(tide=3, night=1, rope=1),
    said(tide=2, night=1, rope=2),
    said(seed=3, night=1),
    said(seed=1, leaf=2),
    said(tide=1),
]
OF = clusters(0, 0, 1, 1, NONE)


def test_a_word_weighs_how_often_the_cluster_says_it_and_how_rarely_all_do():
    found = weigh(FIVE, OF, len(WORDS))
    weights = {
        (c, WORDS[w]): v
        for c, w, v in zip(found.cluster.tolist(), found.word.tolist(), found.weight.tolist(), strict=True)
    }
    # "tide" is said 5 times here of 6 in all, "rope" 3 of 3, "night" 2 of 3, "seed" 4 of 4. Of the other three scripts
    # a third have tide and night each, which is less than all here; leaf and cluster 1's night are of one script only.
    assert weights == pytest.approx(
        {
            (0, "tide"): 5 * math.log(1 + 6 / 6),
            (0, "rope"): 3 * math.log(1 + 6 / 3),
            (0, "night"): 2 * math.log(1 + 6 / 3),
            (1, "seed"): 4 * math.log(1 + 6 / 4),
        }
    )


def test_names_are_the_words_that_weigh_most():
    # 3.47, 3.30 and 2.20, by the weights above.
    assert names(FIVE, OF, WORDS) == {0: ("tide", "rope", "night"), 1: ("seed",)}


def test_what_every_cluster_says_names_none():
    everywhere = [said(night=9, tide=1), said(night=9, tide=1), said(night=9, seed=1), said(night=9, seed=1)]
    assert names(everywhere, clusters(0, 0, 1, 1), WORDS) == {0: ("tide",), 1: ("seed",)}


def test_one_long_script_names_no_cluster_and_one_cluster_of_all_is_named_all_the_same():
    assert names([said(tide=99), said(rope=1), said(seed=1)], clusters(0, 0, 0), WORDS) == {0: ()}
    assert names([said(tide=2, rope=1), said(tide=1)], clusters(0, 0), WORDS) == {0: ("tide",)}
    # Four of five: what they share and the fifth does not have.
    most = [said(tide=1, night=1)] * 4 + [said(night=1)]
    assert names(most, clusters(0, 0, 0, 0, NONE), WORDS) == {0: ("tide",)}


def test_no_clusters_no_scripts_no_words():
    assert names(FIVE, clusters(*[NONE] * 5), WORDS) == {}
    assert names([], clusters(), []) == {}
    silence = Said(np.zeros(0, np.int32), np.zeros(0, np.int32))
    assert names([silence] * 3, clusters(0, 0, 0), []) == {0: ()}


def test_forms_of_a_word_stand_once_and_counts_never():
    vocabulary = ["smoking", "smoke", "four", "2026", "craving", "x" * 30, "breath"]
    one = Said(np.arange(7, dtype=np.int32), np.array([9, 8, 7, 7, 6, 6, 5], np.int32))
    assert names([one, one], clusters(0, 0), vocabulary) == {0: ("smoking", "craving", "breath")}


def test_words_count_five_times_where_a_script_says_what_it_is_about():
    vocabulary = Vocabulary()
    made = script(
        "one", title="The harbour", text="Tide and tide and harbour.", situation="Sleep", focus_areas=("sleep",)
    )
    (found,) = vocabulary.read([made], ["a"], silent)
    counts = dict(zip([vocabulary.words()[n] for n in found.words.tolist()], found.times.tolist(), strict=True))
    assert counts == {"tide": 2, "harbour": 6, "sleep": 10}


def test_words_of_a_text_that_is_known_are_not_read_again():
    vocabulary, told = Vocabulary(), []
    first, second = script("one", text="Tide."), script("two", text="Rope.")
    before = vocabulary.read([first], ["a"], silent)
    after = vocabulary.read([first, second], ["a", "b"], lambda *what: told.append(what))
    assert after[0] is before[0]
    assert told == [("Reading the words of the scripts", 0, 1)]


def test_reading_can_be_stopped():
    def stop(*_):
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        Vocabulary().read([script("one")], ["a"], stop)


def test_other_languages_keep_their_small_words_until_these_are_found_everywhere():
    german = [
        script(f"s{n}", title=f"T{n}", text=text)
        for n, text in enumerate(["und hafen und flut", "und hafen und boot", "und garten", "und garten und blatt"])
    ]
    vocabulary = Vocabulary()
    read = vocabulary.read(german, [s.id for s in german], silent)
    assert names(read, clusters(0, 0, 1, 1), vocabulary.words()) == {0: ("hafen",), 1: ("garten",)}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("smoking", "smokes", True),
        ("smoking", "smoke", True),
        ("running", "runs", True),
        ("worries", "worry", True),
        ("worried", "worry", True),
        ("harbours", "harbour", True),
        ("calmly", "calm", True),
        ("mother", "moths", False),
        ("share", "shark", False),
        ("glass", "glas", False),
        ("string", "strange", False),
        ("bus", "bu", False),
    ],
)
def test_forms(one, other, same):
    assert (stem(one) == stem(other)) is same
