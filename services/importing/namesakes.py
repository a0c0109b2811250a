"""Stored scripts of one title, and which of them a text is an edit of: the one whose words are nearest, if any is near.

A title alone tells little: a session has many a "Relaxation", and chapters of two people are both "Session 1".
"""

from collections.abc import Collection, Sequence

import numpy as np

from services.domain.alike import RUN, SHORTEST, Numbers, Words, numbers_of, runs_of
from services.domain.scripts import Script

# Of the runs of words in the shorter text, the share that an edit leaves as it is.
ENOUGH = 1 / 3
# Runs that more scripts of one title have, a greeting say, tell none of them from another; they are not compared, and
# so ten thousand of one title are not compared each with each.
_MOST = 50
_FEWEST_RUNS = SHORTEST - RUN + 1


class Namesakes:
    """Scripts of one title in one section, by the runs of three words in their texts. Made once, and asked often."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        # The first one has the id without a number.
        self.scripts = sorted(scripts, key=lambda script: (len(script.id), script.id))
        words = [numbers_of(script.text) for script in self.scripts]
        self._short = {script.id for script, own in zip(self.scripts, words, strict=True) if len(own) < SHORTEST}
        self._by_text: dict[str, list[int]] = {}
        for place, script in enumerate(self.scripts):
            self._by_text.setdefault(script.text, []).append(place)
        made = [_runs(own) for own in words]
        self._common = _held_by_many(made)
        made = [np.setdiff1d(runs, self._common, assume_unique=True) for runs in made]
        self._sizes = np.array([len(runs) for runs in made], np.int64)
        owners = np.repeat(np.arange(len(made)), self._sizes)
        runs = np.concatenate(made) if made else np.zeros(0, np.uint32)
        order = np.argsort(runs, kind="stable")
        self._runs, self._owners = runs[order], owners[order]

    def edited(self, texts: Collection[str], free: Collection[str]) -> dict[str, str]:
        """The id of the script that each text is an edit of; a text that is none has none. No script is given twice.

        Nearest first, so that the order of the texts decides nothing. Where one text and one script of fewer than
        twenty words remain, too few to tell by, the title is enough. ``free``: ids that nobody else has.
        """
        found: dict[str, str] = {}
        if not free:
            return found
        open_ids, open_texts = set(free), set(texts)
        for _, place, text in sorted(pair for one in texts for pair in self._near(one)):
            script_id = self.scripts[place].id
            if text in open_texts and script_id in open_ids:
                found[text] = script_id
                open_texts.discard(text)
                open_ids.discard(script_id)
        if len(open_texts) == len(open_ids) == 1 and open_ids <= self._short:
            found[open_texts.pop()] = open_ids.pop()
        return found

    def _near(self, text: str) -> list[tuple[float, int, str]]:
        """Scripts that share enough of a text, each by how much (less is more) and its place."""
        same = [(-2.0, place, text) for place in self._by_text.get(text, ())[:_MOST]]
        asked = np.setdiff1d(_runs(numbers_of(text)), self._common, assume_unique=True)
        low, high = (np.searchsorted(self._runs, asked, side=side) for side in ("left", "right"))
        owners = [self._owners[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True) if a < b]
        if not owners:
            return same
        places, counts = np.unique(np.concatenate(owners), return_counts=True)
        sizes = self._sizes[places]
        # As in ``alike.shared``: a few words that stand in a long text say nothing.
        counted = np.maximum(np.minimum(sizes, len(asked)), np.minimum(np.maximum(sizes, len(asked)), _FEWEST_RUNS))
        # One that has all of the words and many more is less near than one that has all and few more.
        nearness = counts / (sizes + len(asked) - counts)
        enough = counts / counted >= ENOUGH
        near = [(-float(n), int(p), text) for n, p in zip(nearness[enough], places[enough], strict=True)]
        return [*same, *sorted(near)[:_MOST]]


def _runs(words: Words) -> Numbers:
    return np.unique(runs_of(words))


def _held_by_many(made: Sequence[Numbers]) -> Numbers:
    """The runs that too many have to tell one from another."""
    if len(made) <= _MOST:
        return np.zeros(0, np.uint32)
    runs, counts = np.unique(np.concatenate(made), return_counts=True)
    return runs[counts > _MOST]
