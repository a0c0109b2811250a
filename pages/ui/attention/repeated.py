"""Near-duplicates, settled right here: scripts with the same words as groups, those with nearly the same as pairs."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import streamlit as st

from pages.ui import marked, reading, words
from pages.ui.attention import attending, doing
from services.attention import Attention
from services.domain.differences import Kind, differences
from services.domain.scripts import Record, Status
from services.domain.settled import Pair
from services.nearness import Twin
from services.nearness.repeated import Repeated
from services.workbench import Workbench

# Words that stay around a difference.
_AROUND = 25
_OPEN, _COPIES = "attention_compared", "attention_copies"
# Of a group so many are named; a group of no more is a pair.
_NAMED = 2


def show(workbench: Workbench, found: Attention) -> None:
    """Groups and pairs, each to be looked into."""
    twins = found.twins
    if not len(twins):
        return
    why = "Two scripts that say nearly the same take two places. Keep one of them, or say that both are meant."
    attending.heading("Near-duplicates to settle", len(twins), why, more=twins.more)
    if told := _not_all(twins):
        st.caption(told)
    every: list[tuple[str, Twin] | tuple[str, ...]] = [*twins.same, *twins.near]
    attending.each("twins", every, lambda one: _one(workbench, one))


def _not_all(twins: Repeated) -> str:
    """Whether these are not all, as a sentence; empty where they are."""
    if twins.more and not twins.near:
        return attending.MORE
    if twins.more:
        many = len(twins.near) > 1
        these = f"These {len(twins.near):,} are the nearest" if many else "This one is the nearest"
        until = "as they are settled" if many else "once it is settled"
        return f"More pairs are nearly the same. {these}; the others come up {until}."
    if twins.looked_among:
        return f"Looked for among the {twins.looked_among:,} pairs that lie nearest to each other."
    return ""


def _one(workbench: Workbench, one: tuple[str, Twin] | tuple[str, ...]) -> None:
    first, second, *others = one
    if isinstance(second, Twin):
        _pair(workbench, (first, second.id), second.words)
    elif others:
        _group(workbench, (first, second, *others))
    else:
        _pair(workbench, (first, second), 1.0)


def _group(workbench: Workbench, group: tuple[str, ...]) -> None:
    """Scripts with the same words: opened, each with what can be done."""
    records = workbench.catalogue.records
    held = {i: records[i] for i in group if i in records}
    is_open = st.session_state.get(_COPIES) == group
    with attending.row():
        for script_id in group[:_NAMED]:
            attending.link(workbench, script_id)
        more = f"and {len(group) - _NAMED:,} more, the same word for word"
        st.caption(more, width="content")
        label, icon = ("Close", ":material/unfold_less:") if is_open else ("Show them", ":material/unfold_more:")
        arguments = (_COPIES, None if is_open else group)
        st.button(label, key=f"copies_{group[0]}", icon=icon, on_click=_open, args=arguments)
    if is_open and len(held) == len(group):
        with st.container(border=True, key="copies"):
            _copies(workbench, held)


def _copies(workbench: Workbench, held: Mapping[str, Record]) -> None:
    st.caption(
        f"{len(held):,} scripts with the same words. Keep one of them, or compare two to say that both are meant."
    )
    reading.quote(next(iter(held.values())).script.text, "copies")
    compared = _compared_in(list(held), {meant.pair for meant in workbench.meant()})

    def copy(record: Record) -> None:
        script, pair = record.script, compared.get(record.script.id)
        with attending.row():
            attending.link(workbench, script.id)
            st.caption(f"{words.section(script.section)} · {words.STATUSES[script.status]}", width="content")
            if pair:
                _comparing(pair, quiet=True)
            if workbench.writable:
                _keeping(workbench, record, held)
        if pair:
            _beside(workbench, pair, *(held[i] for i in pair))

    attending.each("copies_shown", list(held.values()), copy)


def _compared_in(group: Sequence[str], settled: Collection[Pair]) -> Mapping[str, Pair]:
    """By script but the first, with which other one it is compared: the first that is not settled with it.

    No pair twice, which would be two buttons of one name.
    """
    found: dict[str, Pair] = {}
    taken = set(settled)
    for script_id in group[1:]:
        pairs = ((min(script_id, other), max(script_id, other)) for other in group if other != script_id)
        pair = next((one for one in pairs if one not in taken), None)
        if pair is not None:
            found[script_id] = pair
            taken.add(pair)
    return found


def _keeping(workbench: Workbench, record: Record, held: Mapping[str, Record]) -> None:
    others = [other for other in held.values() if other.script.id != record.script.id]
    st.button(
        "Keep only this one",
        key=f"keep_{record.script.id}",
        icon=":material/inventory_2:",
        type="tertiary",
        help=f"The other {len(others):,} are retired: they stay in the library, and are no longer found."
        + _drafted(record, others),
        on_click=_keep,
        args=(workbench, record, others),
    )


def _keep(workbench: Workbench, record: Record, others: Sequence[Record]) -> None:
    title = words.plain(record.script.title)

    def told(count: int) -> str:
        return f"Retired {words.count(count, 'script')} with the same words as '{title}'."

    doing.become(workbench, Status.RETIRED, _bases(*others), told, kept=_bases(record))


def _bases(*records: Record) -> dict[str, str]:
    return {record.script.id: record.digest for record in records}


def _drafted(kept: Record, retired: Sequence[Record]) -> str:
    """What is lost where a draft is kept, and what could be found is not any more; empty elsewhere."""
    approved = any(record.script.status is Status.APPROVED for record in retired)
    if kept.script.status is Status.DRAFT and approved:
        return f" '{words.plain(kept.script.title)}' is a draft: no question finds it until it is approved."
    return ""


def _pair(workbench: Workbench, pair: Pair, shared: float) -> None:
    records = [workbench.catalogue.records.get(script_id) for script_id in pair]
    one, other = records
    if one is None or other is None:
        return
    with attending.row():
        for script_id in pair:
            attending.link(workbench, script_id)
        share = words.share(shared, same=one.script.text == other.script.text)
        st.caption(f"{share} of the words in common", width="content")
        _comparing(pair)
    _beside(workbench, pair, one, other)


def _comparing(pair: Pair, *, quiet: bool = False) -> None:
    is_open = st.session_state.get(_OPEN) == pair
    label, icon = ("Close", ":material/unfold_less:") if is_open else ("Compare", ":material/compare:")
    arguments = (_OPEN, None if is_open else pair)
    kind: Literal["tertiary", "secondary"] = "tertiary" if quiet else "secondary"
    st.button(label, key=f"compare_{'_'.join(pair)}", icon=icon, type=kind, on_click=_open, args=arguments)


def _beside(workbench: Workbench, pair: Pair, one: Record, other: Record) -> None:
    """Both texts, where they are to be compared."""
    if st.session_state.get(_OPEN) == pair:
        with st.container(border=True, key="compared"):
            _compared(workbench, one, other)


def _compared(workbench: Workbench, one: Record, other: Record) -> None:
    """Both texts with the words that only one of them has marked, and what can be done."""
    pieces = differences(one.script.text, other.script.text)
    same = one.script.text == other.script.text
    whole = same or st.toggle("Show the whole texts", key="whole_texts")
    st.caption("The two texts are the same, word for word." if same else "Underlined: the words that differ.")
    left, right = st.columns(2, gap="large")
    for column, (ours, kind) in zip((left, right), ((one, Kind.GONE), (other, Kind.NEW)), strict=True):
        with column:
            with st.container(key=f"reading_title_{kind}"):
                st.subheader(words.plain(ours.script.title), anchor=False)
            st.caption(reading.facts(ours.script))
            marked.side(pieces, kind, around=None if whole else _AROUND)
            _retiring(workbench, ours, other if ours is one else one)
    if workbench.writable:
        titles = [words.plain(record.script.title) for record in (one, other)]
        st.button(
            "Both are meant",
            key="both_meant",
            icon=":material/done_all:",
            help="They do not come up again until one of the two texts changes.",
            on_click=doing.both_meant,
            args=(workbench, _bases(one, other), f"'{titles[0]}' and '{titles[1]}' are both meant."),
        )


def _retiring(workbench: Workbench, record: Record, kept: Record) -> None:
    script = record.script

    def told(_: int) -> str:
        return f"Retired '{words.plain(script.title)}'."

    if workbench.writable:
        st.button(
            "Retire this one",
            key=f"retire_{script.id}",
            icon=":material/inventory_2:",
            help="It stays in the library, and is no longer found. The other one stays as it is."
            + _drafted(kept, [record]),
            on_click=doing.become,
            args=(workbench, Status.RETIRED, _bases(record), told, _bases(kept)),
        )


def _open(key: str, pair: tuple[str, ...] | None) -> None:
    st.session_state[key] = pair
