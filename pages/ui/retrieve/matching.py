"""What made a script come where words count: the words, or both ranks; and which words no script has."""

import html
from collections.abc import Sequence

import streamlit as st

from pages.ui import words
from pages.ui.retrieve import address
from services.domain.methods import Method, Mode
from services.domain.results import Hit, Ranking, Retrieval, Unknown

# Words that are named at a time.
_WORDS = 6


def mode_note(answer: Retrieval, own: Mode) -> None:
    """Where the mode is this question's alone, or words find nothing: that, and the way to ask by meaning."""
    mode = answer.method.mode
    fruitless = mode is Mode.LEXICAL and any(r.candidates and not r.scored for r in answer.sections.values())
    if mode is own and not fruitless:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if mode is not own:
            st.caption(
                f"**{words.MODES[mode].capitalize()}, for this question only.** "
                f"The workspace finds scripts {words.MODES[own]}.",
                width="content",
            )
        if mode is not Mode.DENSE:
            st.button("Find by meaning", key="ask_by_meaning", icon=":material/search:", on_click=_by_meaning)


def _by_meaning() -> None:
    st.session_state[address.key("mode")] = Mode.DENSE.value


def size(ranking: Ranking) -> str:
    """How many scripts were asked; and how many of them were found, where these are not all."""
    found, asked = len(ranking.scored), ranking.candidates
    return f"{found:,} of {words.count(asked, 'script')}" if 0 < found < asked else words.count(asked, "script")


def compared(ranking: Ranking, method: Method) -> None:
    """Above the hits: what was compared, the words that no script has, and that the order is a varied one."""
    if method.mode is Mode.DENSE:
        told = ["**In a varied order:** near the question, and unlike the scripts above."]
    elif method.mode is Mode.HYBRID:
        told = ["**Merged from two rankings,** by meaning and by words.", words.plain(ranking.without_distances)]
    else:
        told = ["**Only words were compared.**", words.plain(ranking.without_distances), _unknown(ranking.unknown)]
    if method.variety and method.mode is not Mode.DENSE:
        told.append("The order is varied: what is like a script above comes later.")
    st.caption(" ".join(filter(None, told)))


def no_word(ranking: Ranking) -> str:
    """Why words find nothing here."""
    if not ranking.unknown:
        return "No script of this section shares a word with the question."
    # Where other words find something, one that no script has is seldom a slip: 'twins' is not 'wings'.
    likely = sorted(ranking.unknown, key=lambda unknown: not unknown.meant)
    meant = dict.fromkeys(f"'{words.plain(unknown.meant)}'" for unknown in likely if unknown.meant)
    question = f" Did you mean {_either(list(meant))}?" if meant else ""
    return f"{_unknown(likely)}{question}"


def _unknown(found: Sequence[Unknown]) -> str:
    """'No script has 'aeroplnes' or 'twins'.' The first few are named."""
    if not found:
        return ""
    missing = [f"'{words.plain(unknown.word)}'" for unknown in found[:_WORDS]]
    if len(found) > _WORDS:
        missing.append(f"{words.count(len(found) - _WORDS, 'more word')} of the question")
    return f"No script has {_either(missing)}."


def _either(named: Sequence[str]) -> str:
    """'a', 'a or b', 'a, b or c'."""
    return " or ".join(part for part in (", ".join(named[:-1]), *named[-1:]) if part)


def why(hit: Hit, method: Method) -> None:
    """In plain words what ranked it; its distance only where somebody points."""
    far = f"Cosine distance {hit.distance:.3f}" if hit.distance is not None else "There is no cosine distance"
    alone = "alone " if method.mode is Mode.DENSE else ""
    ranked = f"{far}; it is not {alone}what scripts are ranked by here."
    if method.mode is Mode.HYBRID:
        _line(_ranks(hit), ranked)
    elif method.variety and (rank := hit.meaning_rank or hit.words_rank):
        _line(f"{words.ordinal(rank)} {words.MODES[method.mode]}", ranked)
    if hit.words:
        more = "…" if len(hit.words) > _WORDS else ""
        _line(f"In common: {', '.join(hit.words[:_WORDS])}{more}", ranked)


def _ranks(hit: Hit) -> str:
    """'3rd by meaning, 1st by words'."""
    by_meaning = f"{words.ordinal(hit.meaning_rank)} by meaning" if hit.meaning_rank else "not found by meaning"
    by_words = f"{words.ordinal(hit.words_rank)} by words" if hit.words_rank else "no word in common"
    return f"{by_meaning}, {by_words}"


def _line(told: str, hover: str) -> None:
    st.html(f'<div class="distance" title="{html.escape(hover)}"><small>{html.escape(told)}</small></div>')
