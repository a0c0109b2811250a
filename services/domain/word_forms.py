"""Which words are forms of one word: 'smoking' and 'smokes'. By English endings; other languages keep theirs apart."""

import re

# The longest first. Without "er": a mother is no moth.
_ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "ly", "s", "e", "y")
_FEWEST = 3
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"([bdfgmnprt])\1\Z")


def stem(word: str) -> str:
    """What is left of a word in lower case without its ending; the word itself where too little would be left."""
    for ending in _ENDINGS:
        left = word.removesuffix(ending)
        if left == word or word.endswith("ss"):
            continue
        if len(left) >= _FEWEST and _VOWEL.search(left):
            return _DOUBLED.sub(r"\1", left)
    return word
