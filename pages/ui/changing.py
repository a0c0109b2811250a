"""Choosing another model: its cost before anything is sent, then the change, watched, left, come back to, resumed."""

import streamlit as st

from pages.ui import frame, rebuilding, resources, words
from services.model_change import Begun, Cost
from services.progress import Report
from services.reports import Rebuilt
from services.settings import EmbedderSettings
from services.wiring import EMBEDDERS, KEY_NAME, key
from services.workbench import Workbench

_COST = "model_cost"
_NAMES = {
    "minilm": "MiniLM, on this machine",
    "minilm-int8": "MiniLM in 8 bits, on this machine",
    "openai": "OpenAI, or a server that speaks its protocol",
    "hashing": "Word hashing, on this machine",
}
_ABOUT = {
    "minilm": "Understands meaning. No network and no key. all-MiniLM-L6-v2 in float32.",
    "minilm-int8": "The same weights, rounded: smaller, and its vectors are not quite those of MiniLM.",
    "openai": "The words of every script are sent to the server, and OpenAI charges for them.",
    "hashing": "Compares words and understands nothing: a baseline to hold others against.",
}
_OPENAI_MODELS = ("text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002")


def present(workbench: Workbench) -> None:
    """What embeds now."""
    embedder = workbench.embedder()
    identity = embedder.identity
    st.header(f"Scripts and questions are embedded by {words.plain(identity.name)}")
    reads = "reads a text to its end" if embedder.window >= 1_000_000 else f"reads {embedder.window:,} tokens of a text"  # noqa: PLR2004
    where = (
        "runs on this machine" if embedder.local else "runs on a server: every script and every question is sent there"
    )
    st.caption(
        f"{identity.dimensions:,} dimensions · {reads} · {where} · model digest `{words.short(identity.digest)}`",
        help="Retrieval compares the vectors of your scripts with the vector of a question. "
        f"Both must come from one model. The whole digest: {identity.digest}",
    )


def controls(workbench: Workbench) -> None:
    """How far a change is; or one that was cut short; or the choice of another model."""
    if resources.jobs().current is not None:
        rebuilding.watch()
    elif workbench.models.running:
        st.info(
            "Another program is changing the model of this workspace. Answers are those of the model before until then."
        )
    elif not workbench.writable:
        st.caption("The model of a read-only workspace cannot be changed.")
    elif (begun := workbench.models.begun) is not None:
        _interrupted(workbench, begun)
    else:
        _choose(workbench)


def start(work_name: str, workbench: Workbench, target: EmbedderSettings | None, *, everything: bool = False) -> None:
    """Begin a change in the background; without a target, back to the model before."""

    def work(report: Report) -> Rebuilt:
        if target is None:
            return workbench.go_back(report)
        return workbench.change(target, report, everything=everything)

    with frame.told():
        resources.jobs().start(work_name, work)
        st.session_state.pop(_COST, None)
        st.rerun()


def _interrupted(workbench: Workbench, begun: Begun) -> None:
    stopped = words.plain(begun.stopped) or "The workbench was closed or broke off."
    st.warning(
        f"**A change to {words.plain(begun.stamp.model_name)} was begun and not finished.** {stopped} "
        "Nothing has changed: scripts and answers are those of the model before.",
        icon=":material/pause_circle:",
    )
    with frame.told():
        cost = workbench.models.cost(begun.target, everything=begun.everything, timed=False)
        st.markdown(
            f"{words.count(cost.cached, 'passage')} of {cost.passages:,} "
            f"{'is' if cost.cached == 1 else 'are'} embedded and kept; {cost.to_embed:,} to go. "
            "What is kept is not paid for again."
        )
    with st.container(horizontal=True):
        if st.button("Resume", type="primary", icon=":material/play_arrow:"):
            start("The change of the model", workbench, begun.target, everything=begun.everything)
        if st.button("Forget", help="Keeps the model that is in use. What was embedded is kept for another time."):
            workbench.models.forget()
            st.rerun()


def _choose(workbench: Workbench) -> None:
    st.subheader("Change the model")
    present_name = workbench.settings.embedder.name
    labels = {one: _NAMES.get(one, one) + (" (in use)" if one == present_name else "") for one in EMBEDDERS}
    first = EMBEDDERS.index(present_name) if present_name in EMBEDDERS else 0
    name = st.selectbox("Another model", EMBEDDERS, index=first, format_func=lambda one: labels[one])
    st.caption(_ABOUT.get(name, ""))
    target = _openai(workbench) if name == "openai" else EmbedderSettings(name)
    if st.button("See what it costs", icon=":material/calculate:", help="Counted here; nothing is sent to a server."):
        with frame.told(), st.spinner("Counting passages…"):
            st.session_state[_COST] = (target, workbench.models.cost(target))
    seen = st.session_state.get(_COST)
    if seen is not None and seen[0] == target:
        _offer(workbench, target, seen[1])


def _openai(workbench: Workbench) -> EmbedderSettings:
    now = workbench.settings.embedder
    known = now if now.name == "openai" else EmbedderSettings("openai", _OPENAI_MODELS[0])
    left, middle, right = st.columns(3)
    known_models = tuple(dict.fromkeys(filter(None, (known.model, *_OPENAI_MODELS))))
    chosen = left.selectbox("Model", known_models, accept_new_options=True)
    model = (chosen or known.model or _OPENAI_MODELS[0]).strip()
    dimensions = middle.number_input(
        "Dimensions",
        0,
        100_000,
        known.dimensions,
        help="0: as many as OpenAI's model has. Other servers need a number.",
    )
    address = right.text_input("Address", known.base_url, placeholder="OpenAI itself", help="Of a compatible server.")
    if not key(workbench.secrets):
        st.caption(f"There is no key yet: set {KEY_NAME} in the environment or in .streamlit/secrets.toml.")
    same_as = known.same_as if model == known.model else ""
    return EmbedderSettings("openai", model, int(dimensions), address.strip(), same_as)


def _offer(workbench: Workbench, target: EmbedderSettings, cost: Cost) -> None:
    """What it costs, and the button."""
    if target == workbench.settings.embedder and not cost.scripts:
        st.info("This is the model in use, and every script is embedded by it.")
        return
    _figures(cost)
    if st.button("Change the model", type="primary", icon=":material/model_training:"):
        start("The change of the model", workbench, target)
    st.caption(
        "You may leave this page meanwhile. Questions are answered by the model in use until the new index is complete "
        "and proved; then everything changes at once. You can go back."
    )


def _figures(cost: Cost) -> None:
    with st.container(horizontal=True, gap="medium"):
        st.metric("Scripts", f"{cost.scripts:,}", width="content")
        st.metric("Passages", f"{cost.passages:,}", help="Pieces no longer than what the model reads.", width="content")
        st.metric("Tokens", f"{cost.tokens:,}", help="Counted from above for OpenAI's models.", width="content")
        st.metric(
            "Kept from before",
            f"{cost.cached:,}",
            help="Passages that were embedded before by this model.",
            width="content",
        )
        st.metric("Price", _price(cost), width="content")
        st.metric("Time", words.duration(cost.seconds) if cost.seconds is not None else "not known", width="content")
    if cost.local:
        st.caption(f"Runs on this machine: nothing is sent anywhere. {_measured(cost)}")
    else:
        by = " The price of this server is not known."
        if cost.dollars is not None:
            list_ = f"by OpenAI's list as read in {cost.priced}; tokens are counted from above"
            by = f" At most ${cost.dollars:.4f}, {list_}."
        st.caption(f"{words.count(cost.requests, 'request')} to the server, about a second each.{by}")


def _measured(cost: Cost) -> str:
    return "The time is measured on a few passages." if cost.to_embed else "All passages are kept from before."


def price_in_words(cost: Cost) -> str:
    """', for …', where a server asks for something or may."""
    return (
        "" if cost.local else f", for {_price(cost)}" if cost.dollars is not None else ", at a price that is not known"
    )


def _price(cost: Cost) -> str:
    if cost.dollars is None:
        return "not known"
    if not cost.dollars:
        return "nothing"
    return f"${cost.dollars:.2f}" if cost.dollars >= 0.01 else "under 1 cent"  # noqa: PLR2004
