"""Words for people: those that the command line has too, ordinals, and text that Markdown must not read."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from services.domain.model_digest import State
from services.domain.scripts import Status
from services.domain.separation import Verdict
from services.domain.settings import WORDS_A_MINUTE
from services.domain.words import CHECKS, MODES, SHAPES, cell, count, duration, model, section, state, verdict

__all__ = [
    "CHECKS",
    "CUT",
    "MEANINGS",
    "MODES",
    "SHAPES",
    "STATUSES",
    "aloud",
    "cell",
    "count",
    "duration",
    "listed",
    "minutes",
    "model",
    "number",
    "ordinal",
    "pace",
    "plain",
    "section",
    "share",
    "short",
    "state",
    "verdict",
]

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

MEANINGS = {
    State.MATCH: "embedded by the model that asks",
    State.MISMATCH: "embedded by another model than the one that asks: what it returned would be random",
    State.DRIFTED: "the model's name is the same, its vectors have moved",
    State.STALE: "same model, but the text was prepared in another way",
    State.UNVERIFIED: "nothing says which model embedded it",
}
VERDICTS = {
    Verdict.CLEAR: "the nearest scripts stand apart from what an unrelated question would get",
    Verdict.WEAK: "nearer than for an unrelated question, but no script stands out from the rest",
    Verdict.NO_INFORMATION: "an unrelated question would come as near",
}
STATUSES = {Status.DRAFT: "draft", Status.APPROVED: "approved", Status.RETIRED: "retired"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-=.!|<>~$:&])")
_BLANK = re.compile(r"[ \t\n\r\f\v]+")
# Streamlit looks for addresses, emoji, icons and arrows in what Markdown has read already, where a backslash is gone.
# It finds none that lies in two pieces of text: these are the places to cut it, and what cuts it and draws nothing.
_SEAM = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=-)(?=[->])|(?<=<)(?=[-=])|(?<=[>~])(?==)", re.IGNORECASE)
CUT = ":color[]"


def plain(text: str) -> str:
    """Text that is drawn character for character, on one line, where Streamlit would read Markdown."""
    line = _BLANK.sub(" ", text).strip(" ")
    return CUT.join(_MARKDOWN.sub(r"\\\1", piece) for piece in _SEAM.split(line))


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th and so on."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def number(value: int) -> str:
    """A small number in a sentence as a word."""
    return _NUMBERS[value] if value < len(_NUMBERS) else f"{value:,}"


def listed(names: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def aloud(word_count: int) -> str:
    """How long reading so many words aloud takes: 'under a minute', '4.2 min' or '6 h 55 min read aloud'."""
    taken = word_count / pace()
    if taken < 1:
        return "under a minute read aloud"
    hours, rest = divmod(round(taken), 60)
    return f"{f'{hours} h {rest} min' if hours else f'{taken:.1f} min'} read aloud"


def share(value: float, *, same: bool) -> str:
    """A share of words in common as a percentage; all of them only where the texts are the ``same``."""
    return "100%" if same else f"{min(value, 0.99):.0%}"


def minutes(word_count: int) -> float:
    """Minutes when read aloud."""
    return round(word_count / pace(), 1)


def pace() -> int:
    """Words a minute, as the workspace that is shown reads its scripts aloud."""
    return int(st.session_state.get("words_a_minute", WORDS_A_MINUTE))


def short(digest: str) -> str:
    """The first characters of a digest: enough to compare by eye."""
    return digest[:12]


def ago(time: str) -> str:
    """How long ago that was, in words."""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    for size, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= size:
            return f"{count(int(seconds // size), name)} ago"
    return "just now"
