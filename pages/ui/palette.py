"""Colour means section, everywhere the same, and is told apart by colour-blind people."""

import streamlit as st

from services.domain.colours import DARK, LIGHT, Colours


def is_dark() -> bool:
    """Whether the reader sees the dark theme."""
    return st.context.theme.type == "dark"


def present() -> Colours:
    """What is drawn with in the reader's theme."""
    return DARK if is_dark() else LIGHT


def of_section(section: str, sections: tuple[str, ...]) -> str:
    """The section's colour in the reader's theme."""
    return present().group(sections.index(section))


def paper() -> str:
    """What a page is drawn on."""
    return present().paper


def ink() -> str:
    """Text colour."""
    return present().ink


def faint() -> str:
    """The lighter of the two greys."""
    return present().faint


def quiet() -> str:
    """The darker of the two greys, for words that stand aside."""
    return present().quiet


def track() -> str:
    """What a bar runs in."""
    return "#2E3136" if is_dark() else "#EAE6DD"


def accent() -> str:
    """The one colour that is no section's."""
    return present().accent
