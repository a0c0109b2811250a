"""Near-duplicates that somebody has looked at and wants to keep both of."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.domain.scripts import Record, Script
from services.ground import digests

# The ids of two scripts, the smaller first.
Pair = tuple[str, str]


@dataclass(frozen=True)
class Meant:
    """Two scripts that are both meant, for as long as both have the texts that they had then."""

    pair: Pair
    # BLAKE3 of either text, in the order of the pair.
    texts: tuple[str, str]
    # Who has said so, as far as they signed, and when: UTC, as ISO 8601.
    by: str = ""
    time: str = ""

    @classmethod
    def of(cls, one: Script, other: Script, by: str = "", time: str = "") -> "Meant":
        """These two, as they are now."""
        first, second = sorted((one, other), key=lambda script: script.id)
        return cls((first.id, second.id), (_text(first), _text(second)), by, time)

    def holds(self, one: Script, other: Script) -> bool:
        """Whether it was said of these two with these very texts."""
        now = Meant.of(one, other)
        return (now.pair, now.texts) == (self.pair, self.texts)


def both_meant(settled: Mapping[Pair, Meant], one: Script, other: Script) -> bool:
    """Whether somebody has said of these two texts that both are meant. Cheap where nobody has."""
    found = settled.get((min(one.id, other.id), max(one.id, other.id)))
    return found is not None and found.holds(one, other)


def holding(settled: Mapping[Pair, Meant], records: Mapping[str, Record]) -> list[Meant]:
    """What holds for the scripts as they are now, the last settled first."""
    found = []
    for meant in settled.values():
        one, other = (records.get(script_id) for script_id in meant.pair)
        if one is not None and other is not None and meant.holds(one.script, other.script):
            found.append(meant)
    return sorted(found, key=lambda meant: (meant.time, meant.pair), reverse=True)


def _text(script: Script) -> str:
    return digests.of_bytes(script.text.encode("utf-8", "surrogatepass"))
