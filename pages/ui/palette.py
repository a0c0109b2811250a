"""Colour means section, everywhere the same; Okabe and Ito's set, told apart by colour-blind people."""

import streamlit as st

_LIGHT = ("#0072B2", "#D98200", "#009E73", "#CC79A7", "#56B4E9", "#A85400", "#8C8C00")
_DARK = ("#56B4E9", "#F2B04C", "#35C79A", "#E39CC6", "#9AD1F2", "#E08E45", "#D6D65C")


def is_dark() -> bool:
    """Whether the reader sees the dark theme."""
    return st.context.theme.type == "dark"


def of_section(section: str, sections: tuple[str, ...]) -> str:
    """The section's colour in the reader's theme."""
    colours = _DARK if is_dark() else _LIGHT
    return colours[sections.index(section) % len(colours)]


def paper() -> str:
    """What a page is drawn on."""
    return "#191A1D" if is_dark() else "#FCFBF8"


def ink() -> str:
    """Text colour."""
    return "#E9E6DF" if is_dark() else "#23262B"


def faint() -> str:
    """The lighter of the two greys."""
    return "#5A5E66" if is_dark() else "#B9B5AB"


def quiet() -> str:
    """The darker of the two greys, for words that stand aside."""
    return "#A3A7AE" if is_dark() else "#6B6F76"


def track() -> str:
    """What a bar runs in."""
    return "#2E3136" if is_dark() else "#EAE6DD"


def accent() -> str:
    """The one colour that is no section's."""
    return "#8F62AB" if is_dark() else "#5B3A6E"
