"""The words of many scripts, to find those that share many."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property

from services.domain.alike import Runs, Shingles, Words, may_share, numbers_of, runs_of, shared
from services.domain.scripts import Record


class Wording:
    """The words of these scripts. Making it costs nothing."""

    def __init__(self, records: Mapping[str, Record], with_vectors: Callable[[], Collection[str]]) -> None:
        """``with_vectors``: scripts that are found by their vectors; the rest is found by words alone."""
        self._records, self._with_vectors = records, with_vectors
        # Of every script that was compared: 7 KB for 1,700 words.
        self._runs: dict[str, Runs] = {}

    def take_over(self, before: "Wording") -> None:
        """Keep what is known of the records that are the same as before."""
        same = (i for i in list(before._runs) if i in self._records and self._records[i] is before._records[i])  # noqa: SLF001  one of its own kind
        self._runs |= {i: before._runs[i] for i in same}  # noqa: SLF001

    def alike(self, words: Words, *, among_the_rest: bool) -> Iterable[str]:
        """Scripts that may share many of these words: of those without vectors, or of all."""
        return (self._shingles_of_the_rest if among_the_rest else self._shingles).candidates(words)

    def shared(self, words: Words, script_id: str) -> float:
        """The share of these words and a script's, see ``services.domain.alike.shared``; 0 where it is small."""
        if not may_share(runs_of(words), self._runs_of(script_id)):
            return 0.0
        return shared(words, self.of(script_id))

    def shared_by(self, one: str, other: str) -> float:
        """The same of two scripts."""
        if not may_share(self._runs_of(one), self._runs_of(other)):
            return 0.0
        return shared(self.of(one), self.of(other))

    def of(self, script_id: str) -> Words:
        """The words of a script."""
        return numbers_of(self._records[script_id].script.text)

    @cached_property
    def rest(self) -> list[str]:
        """Scripts without vectors that could be compared."""
        found = self._with_vectors()
        return [i for i in self._records if i not in found]

    @cached_property
    def _shingles(self) -> Shingles:
        return Shingles({i: self.of(i) for i in self._records})

    @cached_property
    def _shingles_of_the_rest(self) -> Shingles:
        return Shingles({i: self.of(i) for i in self.rest})

    def _runs_of(self, script_id: str) -> Runs:
        if script_id not in self._runs:
            self._runs[script_id] = runs_of(self.of(script_id))
        return self._runs[script_id]
