"""Choosing another model: its cost before anything is sent, then the change, watched, left, come back to, resumed."""

from collections.abc import Callable

import streamlit as st

from pages.ui import frame, resources, words
from pages.ui.health import rebuilding
from pages.ui.model import offering
from services.domain.model_change import Begun, Cost
from services.domain.model_digest import ModelIdentity
from services.domain.settings import EmbedderSettings
from services.ground.progress import Report
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
_KEPT = "model_kept"


def called(name: str) -> str:
    """An embedder as people choose it."""
    return _NAMES.get(name, name)


def about(name: str) -> str:
    """What there is to know before choosing it."""
    return _ABOUT.get(name, "")


def named(workbench: Workbench, digest: str, name: str) -> str:
    """A model's name as people tell models apart: two may have one name and differ in precision."""
    known = (workbench.embedder(one).identity for one in EMBEDDERS if one.startswith("minilm"))
    return next((words.model(identity) for identity in known if identity.digest == digest), name)


def present(workbench: Workbench) -> None:
    """What embeds now."""
    embedder = workbench.embedder()
    identity = embedder.identity
    st.header(words.plain(_headline(workbench, identity)), anchor=False)
    reads = "reads a text to its end" if embedder.window >= 1_000_000 else f"reads {embedder.window:,} tokens of a text"  # noqa: PLR2004
    where = (
        "runs on this machine" if embedder.local else "runs on a server: every script and every question is sent there"
    )
    st.caption(
        f"{identity.dimensions:,} dimensions · {reads} · {where} · model digest `{words.short(identity.digest)}`",
        help="Retrieval compares the vectors of your scripts with the vector of a question. "
        f"Both must come from one model. The whole digest: {identity.digest}",
    )


def _headline(workbench: Workbench, asks: ModelIdentity) -> str:
    name = words.model(asks)
    stamps = {r.vectors.stamp for r in workbench.catalogue.records.values() if r.vectors}
    made = {stamp.model_digest: stamp.model_name for stamp in stamps}
    if not made:
        return f"Nothing is embedded yet; new scripts will be embedded by {name}"
    if set(made) == {asks.digest}:
        return f"Scripts and questions are embedded by {name}"
    makers = sorted(named(workbench, digest, called) for digest, called in made.items() if digest != asks.digest)
    makers = [f"another {maker}" if maker == name else maker for maker in makers]
    if asks.digest in made:
        return f"Questions are asked by {name}; some scripts were embedded by {words.listed(makers)}"
    return f"Questions are asked by {name}; the scripts were embedded by {words.listed(makers)}"


def controls(workbench: Workbench) -> None:
    """How far a change is; else what came of it, what was cut short, and the choice of another model."""
    if rebuilding.under_way():
        return
    rebuilding.outcome()
    models = workbench.models
    if models.running:
        st.info(
            "Another program is changing the model of this workspace. Answers are those of the model before until then."
        )
    elif not workbench.writable:
        st.caption("The model of a read-only workspace cannot be changed.")
    else:
        begun = models.begun
        if models.unfinished.there:
            _half_done(workbench)
        elif begun is not None:
            with frame.told():
                _interrupted(workbench, begun)
        with frame.told():
            _choose(workbench, mending=_mend(workbench))


def start(workbench: Workbench, target: EmbedderSettings, *, everything: bool = False, did: str = "") -> None:
    """Begin a change in the background. ``did`` is what it will have done, in words."""
    if not did:
        same = target == workbench.settings.embedder
        did = "Rebuilt and proved" if same else f"Changed to {words.model(workbench.models.identity(target))}"

    def work(report: Report) -> rebuilding.Ended:
        return rebuilding.Ended(did, workbench.change(target, report, everything=everything))

    _begin("The change of the model", work)


def start_going_back(workbench: Workbench, name: str) -> None:
    """Begin to go back to the model before, which is called so."""
    _begin("Going back", lambda report: rebuilding.Ended(f"Back to {name}", workbench.go_back(report)))


def _begin(work_name: str, work: Callable[[Report], rebuilding.Ended]) -> None:
    with frame.told():
        resources.jobs().start(work_name, work)
        st.session_state.pop(_COST, None)
        st.rerun()


def _half_done(workbench: Workbench) -> None:
    """Some records have the new vectors already: there is no way back any more, and no choice."""
    st.warning(
        f"**A change of the model was cut short while it was written down.** {words.plain(workbench.models.problem)} "
        "It is finished by itself as soon as that is possible; until then answers are those of the model before.",
        icon=":material/pause_circle:",
    )


def _interrupted(workbench: Workbench, begun: Begun) -> None:
    """A quiet line where a person cancelled the change, a warning where it broke off; and the ways on."""
    models = workbench.models
    cost = _kept(workbench, begun)
    kept = f"{cost.cached:,} of {words.count(cost.passages, 'passage')} {'is' if cost.cached == 1 else 'are'} kept"
    name = words.plain(words.model(models.identity(begun.target)))
    if not models.cancelled:
        # The error itself stands above, where the work has just ended.
        why = "" if rebuilding.failure() == begun.stopped else words.plain(begun.stopped)
        why = why if begun.stopped else "The workbench was closed or broke off."
        st.warning(
            f"**A change to {name} was begun and not finished.** {why} "
            f"Nothing has changed: scripts and answers are those of the model before. {kept}, and not paid for again.",
            icon=":material/pause_circle:",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if models.cancelled:
            st.markdown(f"{kept} of a change to {name}.", width="content")
        quiet = models.cancelled
        if st.button("Resume", type="secondary" if quiet else "primary", icon=":material/play_arrow:"):
            start(workbench, begun.target, everything=begun.everything)
        if st.button(
            "Forget",
            type="tertiary" if quiet else "secondary",
            help="Asks no more about this change. The model in use stays, and what was embedded is kept for another "
            "time.",
        ):
            models.forget()
            st.rerun()


def _kept(workbench: Workbench, begun: Begun) -> Cost:
    """Counted once for the scripts as they are: cutting ten thousand of them takes seconds."""
    now = (workbench.catalogue, begun)
    seen = st.session_state.get(_KEPT)
    if seen is None or seen[0][0] is not now[0] or seen[0][1] != begun:
        cost = workbench.models.cost(begun.target, everything=begun.everything, timed=False)
        seen = st.session_state[_KEPT] = (now, cost)
    counted: Cost = seen[1]
    return counted


def _mend(workbench: Workbench) -> bool:
    """The nearer of two ways out of a mismatch, where there is one; whether there is."""
    maker = workbench.models.maker(EMBEDDERS)
    if maker is None:
        return False
    st.markdown("Until both are of one model, what retrieval would return is random. There are two ways out:")
    rebuilding.ask_again(workbench, maker)
    st.caption("The scripts carry its vectors: nothing is embedded, and nothing is lost.")
    return True


def _choose(workbench: Workbench, *, mending: bool) -> None:
    st.subheader("Or embed the scripts anew" if mending else "Change the model", anchor=False)
    now = workbench.settings.embedder
    labels = {one: _NAMES.get(one, one) for one in EMBEDDERS}
    if now.name in labels:
        labels[now.name] += " (asking now)" if mending else " (in use)"
    first = EMBEDDERS.index(now.name) if now.name in EMBEDDERS else 0
    name = st.selectbox("Embed with", EMBEDDERS, index=first, format_func=lambda one: labels[one])
    st.caption(_ABOUT.get(name, ""))
    target = offering.openai(workbench) if name == "openai" else EmbedderSettings(name)
    # The settings in use say more than a name where somebody wrote them by hand.
    target = now if name == now.name and name != "openai" else target
    pressed = st.button("See what it costs", icon=":material/calculate:")
    seen = st.session_state.get(_COST)
    unseen = seen is None or seen[0] != target
    if pressed or (mending and unseen and target == now):
        with frame.told(), st.spinner("Counting passages…"):
            # Nobody asked for the time yet: it is measured on passages, which is more than a look at the page.
            st.session_state[_COST] = seen = (target, workbench.models.cost(target, timed=pressed))
    if seen is not None and seen[0] == target:
        _offer(workbench, target, seen[1], mending=mending)


def _offer(workbench: Workbench, target: EmbedderSettings, cost: Cost, *, mending: bool) -> None:
    """What it costs, and the button."""
    same = target == workbench.settings.embedder
    if same and not cost.scripts:
        st.info("This is the model in use, and every script is embedded by it.")
        return
    offering.tell(cost)
    keyless = target.name == "openai" and not key(workbench.secrets)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Embed the scripts anew" if same else "Change the model",
            type="secondary" if mending else "primary",
            icon=":material/model_training:",
            disabled=keyless,
        ):
            start(workbench, target)
        if keyless:
            st.caption(
                f"There is no key yet: set {KEY_NAME} in the environment or in .streamlit/secrets.toml.",
                width="content",
            )
    meanwhile = (
        "The vectors that the scripts carry now are kept."
        if mending
        else "Questions are answered by the model in use until then. You can go back."
    )
    st.caption(
        "You may leave this page meanwhile. Once the new index is complete and proved, everything changes at once. "
        f"{meanwhile}"
    )
