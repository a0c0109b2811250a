"""The choice of two sides: which scripts, as which model reads them, and who asks; all of it in the address."""

from collections.abc import Mapping

import streamlit as st

from pages.ui import apart, words
from pages.ui.map import address
from pages.ui.model import changing
from services.domain.moved import Side
from services.wiring import EMBEDDERS
from services.workbench import Workbench
from services.workbench.comparing import Moment

NOW, AS_IT_WAS = "now", "@"
_ASKS = {address.BEFORE: address.ASKS_BEFORE, address.AFTER: address.ASKS_AFTER}
# The models of the reproduction: of this machine, and with as many numbers each.
_ASKER, _OTHER = "minilm", "hashing"
_MOMENTS = "map_moments"
_SHOWN = 200


def choose(workbench: Workbench, name: str, label: str) -> Side | None:
    """Draw the choice of one side; None where nothing is chosen yet."""
    own = workbench.settings.embedder.name
    labels = {NOW: f"As they are now, read by {words.model(workbench.embedder().identity)}"}
    labels |= {one: f"Read by {changing.called(one)}" for one in EMBEDDERS if one != own}
    if workbench.looks_back:
        labels[AS_IT_WAS] = "As they were"
    said = address.word(name)
    present = AS_IT_WAS if said.startswith(AS_IT_WAS) else said
    st.session_state[address.key(name)] = present if present in labels else None
    chosen = st.selectbox(
        label,
        list(labels),
        format_func=labels.__getitem__,
        key=address.key(name),
        placeholder="Choose what to see here",
        on_change=address.taken(name),
    )
    commit = _moment(workbench, name) if chosen == AS_IT_WAS else ""
    asked_by = _asker(name)
    if chosen is None or (chosen == AS_IT_WAS and not commit):
        return None
    return Side("" if chosen in {NOW, AS_IT_WAS} else chosen, commit, asked_by)


def silent_bug(workbench: Workbench) -> tuple[Side, Side]:
    """Have both sides show the scripts as one model reads them, asked by it and by another."""
    scripts = NOW if workbench.settings.embedder.name == _ASKER else _ASKER
    _put(address.BEFORE, scripts, _ASKER)
    _put(address.AFTER, scripts, _OTHER)
    seen = "" if scripts == NOW else scripts
    return Side(seen, "", _ASKER), Side(seen, "", _OTHER)


def another(workbench: Workbench) -> tuple[Side, Side]:
    """Have them show the scripts as the workspace's model reads them, and as another one of this machine does."""
    other = _ASKER if workbench.settings.embedder.name == _OTHER else _OTHER
    _put(address.BEFORE, NOW, "")
    _put(address.AFTER, other, "")
    return Side(), Side(other)


def told(workbench: Workbench, side: Side) -> str:
    """A side in a few words."""
    if side.commit:
        time = next((one.time for one in _kept(workbench) if one.commit == side.commit), "")
        return f"As they were {words.ago(time) if time else f'at {words.short(side.commit)}'}"
    if not side.embedder:
        return f"As they are now, read by {called(workbench.settings.embedder.name)}"
    return f"Read by {called(side.embedder)}"


def called(name: str) -> str:
    """An embedder in a word or two."""
    return changing.called(name).split(",")[0]


def _put(name: str, scripts: str, asker: str) -> None:
    address.put(name, [scripts])
    address.put(_ASKS[name], [asker] if asker else [])


def _asker(name: str) -> str:
    chosen = st.selectbox(
        "Asked by",
        ["", *EMBEDDERS],
        format_func=lambda one: called(one) if one else "Nobody",
        key=address.one(_ASKS[name], EMBEDDERS, ""),
        on_change=address.taken(_ASKS[name]),
        help="The saved questionnaires are placed together with the scripts, as this model reads them.",
    )
    return chosen or ""


def _moment(workbench: Workbench, name: str) -> str:
    """The choice of a commit; one that is not listed can be named by its digits."""
    known = {one.commit: one for one in _kept(workbench)[:_SHOWN]}
    said = address.word(name).removeprefix(AS_IT_WAS)
    labels = _labels(known) | ({said: f"commit {words.short(said)}"} if said and said not in known else {})
    key = f"{address.key(name)}_commit"
    st.session_state[key] = said or None
    st.selectbox(
        "When",
        list(labels),
        format_func=lambda one: labels.get(one, one),
        key=key,
        placeholder="Choose a moment, or give the digits of a commit",
        accept_new_options=True,
        on_change=_take,
        args=(name, key),
    )
    return said


def _take(name: str, key: str) -> None:
    address.put(name, [f"{AS_IT_WAS}{str(st.session_state[key] or '').strip()}"])


def _labels(known: Mapping[str, Moment]) -> dict[str, str]:
    return apart.by_id({commit: f"{words.ago(one.time)}: {one.why}" for commit, one in known.items()})


def _kept(workbench: Workbench) -> list[Moment]:
    """Read once for the scripts as they are: it asks the history of many of them."""
    seen = st.session_state.get(_MOMENTS)
    if seen is None or seen[0] is not workbench.catalogue:
        with st.spinner("Reading the history…"):
            seen = st.session_state[_MOMENTS] = (workbench.catalogue, list(workbench.moments()))
    found: list[Moment] = seen[1]
    return found
