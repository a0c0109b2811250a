"""The choice of two sides: which scripts, as which model reads them, and who asks; all of it in the address."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.ui import apart, finding_out, words
from pages.ui.map import address
from pages.ui.model import changing
from services.domain.moved import Seen, Side
from services.ground.progress import Report
from services.map.beside import Names
from services.wiring import EMBEDDERS
from services.workbench import Workbench
from services.workbench.comparing import Moment

NOW, AS_IT_WAS = "now", "@"
_ASKS = {address.BEFORE: address.ASKS_BEFORE, address.AFTER: address.ASKS_AFTER}
# The models of the reproduction: of this machine, and with as many numbers each.
_ASKER, _OTHER = "minilm", "hashing"
KIND = "map-moments"
_SHOWN = 200


def moments(workbench: Workbench) -> Sequence[Moment]:
    """What a side can look back to, where one does; until that is known, how far it is."""
    back = any(address.word(name).startswith(AS_IT_WAS) for name in _ASKS)
    if not (back and workbench.looks_back):
        return ()
    return finding_out.known(KIND, workbench.moments_known, "Reading the history", _reading(workbench)) or ()


def choose(workbench: Workbench, name: str, label: str, moments: Sequence[Moment]) -> Side | None:
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
    commit = _moment(name, moments) if chosen == AS_IT_WAS else ""
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
        time = next((one.time for one in workbench.moments_known() or () if one.commit == side.commit), "")
        return f"As they were {words.ago(time) if time else f'at {words.short(side.commit)}'}"
    if not side.embedder:
        return f"As they are now, read by {called(workbench.settings.embedder.name)}"
    return f"Read by {called(side.embedder)}"


def called(name: str) -> str:
    """An embedder in a word or two."""
    return changing.called(name).split(",")[0]


def names(workbench: Workbench, seen: Seen) -> Names:
    """Who reads the scripts of a side, and who asks."""
    side = seen.side
    reads = seen.map.model_name if side.commit else called(side.embedder or workbench.settings.embedder.name)
    return Names(reads, called(side.asked_by) if side.asked_by else "")


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


def _moment(name: str, moments: Sequence[Moment]) -> str:
    """The choice of a commit; one that is not listed can be named by its digits."""
    known = {one.commit: one for one in moments[:_SHOWN]}
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


def _reading(workbench: Workbench) -> Callable[[Report], object]:
    def work(report: Report) -> object:
        report("Reading the history", 0, 0)
        return workbench.moments()

    return work
