"""How alike two rankings are as far as both go, where nobody has judged: rank-biased overlap.

Webber, Moffat and Zobel, A Similarity Measure for Indefinite Rankings, ACM TOIS 28(4), 2010.
"""

from collections.abc import Sequence
from itertools import accumulate

# How likely a reader is to look at the next script: the first 10 weigh 86% together.
PERSISTENCE = 0.9


def overlap(one: Sequence[str], other: Sequence[str], *, persistence: float = PERSISTENCE) -> float:
    """From 0, no script in common, to 1, the same scripts in the same order as far as both go; early ranks weigh more.

    Extrapolated (equation 32 of the paper): what was seen of both goes on beyond the last rank, and beyond that of the
    shorter one while the longer goes on. So a ranking and its first script alone have 1: nothing speaks against the
    rest, and how many scripts each has must be told beside it. Two empty rankings are alike; an empty one and another
    have nothing in common.
    """
    short, long = sorted((one, other), key=len)
    if not short:
        return float(not long)
    common = _common(short, long)
    s, l = len(short), len(long)  # noqa: E741  as in the paper
    at_short, at_long = common[s - 1], common[l - 1]
    total = sum(persistence**d * common[d - 1] / d for d in range(1, l + 1))
    total += sum(persistence**d * at_short * (d - s) / (s * d) for d in range(s + 1, l + 1))
    beyond = ((at_long - at_short) / l + at_short / s) * persistence**l
    return min(1.0, (1 - persistence) / persistence * total + beyond)


def _common(short: Sequence[str], long: Sequence[str]) -> list[int]:
    """How many scripts both have down to each rank of the longer one."""
    places = {script: place for place, script in enumerate(long)}
    met = [0] * len(long)
    for place, script in enumerate(short):
        if script in places:
            met[max(place, places[script])] += 1
    return list(accumulate(met))
