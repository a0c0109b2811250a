"""The voice of the scripts: their words as text, never as Markdown or HTML."""

import html
from pathlib import Path

import streamlit as st

from pages.ui import palette, words
from services.domain.passages import Passage
from services.domain.scripts import Script

_QUOTE_WORDS = 34


def section_heading(name: str, sections: tuple[str, ...], aside: str) -> None:
    """A section's name over a rule in its colour, with a quiet aside."""
    colour = palette.of_section(name, sections)
    st.html(
        f'<div class="section" style="border-color:{colour}"><b>{html.escape(words.section(name))}</b>'
        f"<small>{html.escape(aside)}</small></div>"
    )


def quote(text: str, key: str) -> None:
    """The first words of a passage."""
    found = text.split()
    shown = " ".join(found[:_QUOTE_WORDS]) + ("…" if len(found) > _QUOTE_WORDS else "")
    with st.container(key=f"reading_quote_{key}"):
        st.text(shown)


def facts(script: Script) -> str:
    """One line about a script, for a caption."""
    told = [
        words.section(script.section),
        ", ".join(script.focus_areas),
        words.count(script.words, "word"),
        words.aloud(script.words),
        words.STATUSES[script.status],
        script.author,
    ]
    return " · ".join(words.plain(part) for part in told if part)


def body(script: Script, matched: Passage | None = None) -> None:
    """A script's words; the passage that matched has a line beside it."""
    if script.situation:
        st.caption(words.plain(script.situation))
    if matched is None or matched.kind == "card":
        _text(script.text, "all")
        return
    _text(script.text[: matched.start], "before")
    _text(script.text[matched.start : matched.end], "matched")
    _text(script.text[matched.end :], "after")


def _text(text: str, part: str) -> None:
    if text.strip():
        with st.container(key=f"reading_{part}"):
            st.text(text.strip("\n"))


def dialog(script: Script, matched: Passage | None, library: Path) -> None:
    """A script to read, over the page."""
    st.dialog(words.plain(script.title), width="medium")(_whole)(script, matched, library)


def _whole(script: Script, matched: Passage | None, library: Path) -> None:
    st.caption(facts(script))
    if matched is not None:
        told = "its title, situation and focus areas" if matched.kind == "card" else "the part with the line beside it"
        st.caption(f"What matched: {told}.")
    body(script, matched)
    st.page_link(library, label="Open in the library", icon=":material/menu_book:", query_params={"script": script.id})
