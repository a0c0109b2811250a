"""Text on entry: one documented normalisation, after which it is kept exactly."""

import re
import unicodedata
from collections.abc import Sequence

MAX_SLUG = 80
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85]")
# Unicode's category Cc but tab and newline.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Windows reserves these names whatever the extension; a workspace must survive being copied there.
_RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def normalise(text: str) -> str:
    """NFC, line ends as LF, no byte-order mark in front, no control characters but tab and newline.

    Vertical tab and form feed are line ends: taken away, they would join two words. A lone surrogate, which no file can
    hold, becomes U+FFFD. What is normalised stays the same when it is again: a record is normalised once more whenever
    it is read.
    """
    # Characters go before NFC composes: what stands around them may belong together.
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).lstrip("\ufeff")
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = unicodedata.normalize("NFC", text)
    return text


def one_line(text: str) -> str:
    """Normalised, with every run of white space as one space, none at the ends, and no byte-order mark at all."""
    return " ".join(normalise(text.replace("\ufeff", "")).split())


def is_slug(text: str) -> bool:
    """Whether the text may name a file: lower-case ASCII letters and digits, single hyphens between."""
    return len(text) <= MAX_SLUG and _SLUG.fullmatch(text) is not None and text not in _RESERVED


def slug(text: str, *, otherwise: str) -> str:
    """A slug that resembles the text; ``otherwise``, itself a slug, where nothing of it can be kept."""
    plain = (
        unicodedata.normalize("NFKD", text.replace("\u2019", "").replace("'", "")).encode("ascii", "ignore").decode()
    )
    words = re.findall(r"[a-z0-9]+", plain.lower())
    made = "-".join(words)[:MAX_SLUG].strip("-")
    return made if is_slug(made) else otherwise


def slug_is_whole(text: str, longest: int) -> bool:
    """Whether the slug of a text has all its letters and digits within ``longest`` characters.

    It has not where some are of another alphabet, or where it is cut short: then other texts share it.
    """
    letters = [c for c in unicodedata.normalize("NFKD", text) if c.isalnum()]
    made = slug(text, otherwise="")
    return bool(made) and len(made) <= longest and sum(map(str.isalnum, made)) == len(letters)


def natural(text: str) -> list[tuple[int, str]]:
    """A key to sort names by as people do: case apart, and numbers by their size, so that 7 comes before 10."""
    parts = re.split(r"([0-9]+)", text.casefold())
    return [(int(part[:18]) if at % 2 else -1, part) for at, part in enumerate(parts)]


def excerpt(text: str, words: int) -> str:
    """The first words of a text, on one line."""
    found = text.split()
    return " ".join(found[:words]) + ("…" if len(found) > words else "")


def named(names: Sequence[str], most: int) -> str:
    """The first of these names, ``most`` at most, and how many more there are: 'a, b and 3 more'."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
