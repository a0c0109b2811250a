"""What another model would cost, in sentences; and the settings of one that is behind a server."""

import streamlit as st

from pages.ui import words
from services.domain.model_change import Cost
from services.domain.settings import EmbedderSettings
from services.workbench import Workbench

_OPENAI_MODELS = ("text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002")
_PASSAGES = (
    "Scripts are cut into passages that a model can read whole, so each model has its own number of them. "
    "Equal passages are embedded once. Tokens are counted from above for OpenAI's models."
)


def openai(workbench: Workbench) -> EmbedderSettings:
    """The settings that a person chooses for a model behind a server."""
    now = workbench.settings.embedder
    known = now if now.name == "openai" else EmbedderSettings("openai", _OPENAI_MODELS[0])
    models = tuple(dict.fromkeys(filter(None, (known.model, *_OPENAI_MODELS))))
    chosen = st.selectbox("Model", models, accept_new_options=True)
    model = (chosen or known.model or _OPENAI_MODELS[0]).strip()
    with st.expander("Another server", expanded=bool(known.base_url)):
        left, right = st.columns(2)
        dimensions = left.number_input(
            "Dimensions",
            0,
            100_000,
            known.dimensions,
            help="0: as many as OpenAI's model has. Other servers need a number.",
        )
        address = right.text_input("Address", known.base_url, placeholder="OpenAI itself")
    same_as = known.same_as if model == known.model else ""
    return EmbedderSettings("openai", model, int(dimensions), address.strip(), same_as)


def tell(cost: Cost) -> None:
    """The time and the price in one sentence, what they are made of below."""
    if not cost.scripts:
        st.markdown("**Nothing has to be embedded.**")
        return
    taken = words.duration(cost.seconds) if cost.seconds is not None else ""
    if cost.local:
        parts = (f"{taken} on this machine" if taken else "", "nothing to pay", "nothing is sent anywhere")
    else:
        parts = (taken, _price(cost), "the words of the passages are sent to the server")
    told = ", ".join(filter(None, parts))
    st.markdown(f"**{words.plain(told[0].upper() + told[1:])}.**")
    st.caption(words.plain(f"{_size(cost)}{_sent(cost)}"), help=_PASSAGES)


def _size(cost: Cost) -> str:
    counted = (words.count(cost.scripts, "script"), words.count(cost.passages, "passage"))
    size = f"{', '.join(counted)}, {words.count(cost.tokens, 'token')}."
    if not cost.to_embed:
        return f"{size} All passages are kept from before."
    if not cost.cached:
        return f"{size} {words.count(cost.to_embed, 'passage')} to embed."
    measured = ", those embedded to measure the time among them" if cost.local and cost.seconds else ""
    return f"{size} {cost.cached:,} {'is' if cost.cached == 1 else 'are'} kept{measured}; {cost.to_embed:,} to embed."


def _sent(cost: Cost) -> str:
    if cost.local:
        return ""
    requests = f" {words.count(cost.requests, 'request')}, about a second each."
    if cost.dollars is None:
        return f"{requests} The price of this server is not known."
    return f"{requests} At most ${cost.dollars:.4f}, by OpenAI's list as read in {cost.priced}."


def price_in_words(cost: Cost) -> str:
    """', for …', where a server asks for something or may."""
    if cost.local:
        return ""
    return ", at a price that is not known" if cost.dollars is None else f", for {_price(cost)}"


def _price(cost: Cost) -> str:
    if cost.dollars is None:
        return "at a price that is not known"
    if not cost.dollars:
        return "nothing to pay"
    return f"${cost.dollars:.2f}" if cost.dollars >= 0.01 else "under 1 cent"  # noqa: PLR2004
