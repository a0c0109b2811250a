"""Which section of a workspace somebody means who calls it otherwise."""

from collections.abc import Sequence

from rapidfuzz import fuzz

# So many of a hundred: 'Affirmationen' and 'affirmations' have 88, 'Aufwachen' and 'awakening' 56.
_ALIKE = 70
_SHORTEST_PREFIX = 3
# Words of the craft that look nothing like the section they mean, in German and English.
_MEANT = {
    "induction": ("einleitung", "einführung", "einstieg", "hinführung", "opening", "intro"),
    "affirmations": ("bestärkung", "bekräftigung", "leitsätze", "suggestionen", "suggestions"),
    "awakening": ("aufwachen", "ausleitung", "rückführung", "rückkehr", "aufwecken", "ausklang", "return", "closing"),
}


def guess(name: str, sections: Sequence[str]) -> str:
    """The section that is likely to be meant: by its case, its beginning or its letters; empty where none is.

    >>> guess("Affirmationen", ("induction", "affirmations"))
    'affirmations'
    """
    said = _folded(name)
    folded = {_folded(section): section for section in sections}
    if said in folded:
        return folded[said]
    meant = [section for section in sections if said in _MEANT.get(section, ())]
    begun = [section for short, section in folded.items() if _begins(said, short)]
    if meant or len(begun) == 1:
        return (meant or begun)[0]
    scores = {section: fuzz.ratio(said, short) for short, section in folded.items()}
    best = max(scores, key=lambda section: scores[section], default="")
    return best if best and scores[best] >= _ALIKE else ""


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _begins(said: str, section: str) -> bool:
    """Whether one of the two is the beginning of the other."""
    return min(len(said), len(section)) >= _SHORTEST_PREFIX and (said.startswith(section) or section.startswith(said))
