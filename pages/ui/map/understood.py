"""Below the picture: what can be understood of it, as lists that lead back to it, and all of it as a table."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import streamlit as st

from pages.ui import frame, resources, words
from pages.ui.map import address, controls, drawing, listed, picked
from services.domain.landscape import AskedOnMap, Cluster, Gap, Joined, Landscape
from services.domain.maps import Map
from services.map.gaps import FEWEST
from services.workbench import Workbench

CLUSTERS, ALONE, ALIKE, GAPS, TABLE = "clusters", "alone", "alike", "gaps", "table"
_COLUMNS = 3
# Of each list so many at first: buttons cost time.
_AT_FIRST = 24
# Of scripts with the same words so many are named.
_NAMED = 2
_Titles = Mapping[str, str]
_Item = tuple[str, str, str, Callable[[], None]]
_Found = TypeVar("_Found")


def draw(
    workbench: Workbench, now: Map, choice: controls.Choice, answer: AskedOnMap | None, found: Landscape | None
) -> None:
    """The choice of a list, and the list."""
    counts = how_many(found)
    names = {
        CLUSTERS: "Clusters",
        ALONE: "Stand alone",
        ALIKE: "Near-duplicates",
        GAPS: "Gaps",
        TABLE: "As a table",
    }
    chosen = st.segmented_control(
        "Below the picture",
        list(names),
        required=True,
        format_func=lambda one: f"{names[one]} · {counts[one]}" if one in counts else names[one],
        key=address.one(address.BELOW, names, CLUSTERS),
        label_visibility="collapsed",
        on_change=address.taken(address.BELOW, CLUSTERS),
    )
    if chosen == TABLE:
        with st.container(key="map_listed"):
            listed.show(now, choice, answer, found)
    elif found is None:
        unknown = "yet: it is looked into once the picture is drawn"
        st.caption(f"This is not known{': looking into it has failed' if drawing.in_vain(now) else f' {unknown}'}.")
    else:
        titles = {i: record.script.title for i, record in workbench.catalogue.records.items()}
        _LISTS[chosen or CLUSTERS](workbench, now, found, titles)


def how_many(found: Landscape | None) -> Mapping[str, str]:
    """How many of each list there are, where that is known; "+" where there are more."""
    if found is None:
        return {}
    counts = {
        CLUSTERS: f"{len(found.clusters):,}",
        ALONE: f"{len(found.outliers):,}",
        ALIKE: f"{found.alike:,}{'+' if found.more_joined else ''}",
    }
    # None of so few is no count: nobody can tell.
    known = found.gaps or found.asked >= FEWEST
    return counts | ({GAPS: f"{len(found.gaps):,}"} if known else {})


def _clusters(_: Workbench, __: Map, found: Landscape, ___: _Titles) -> None:
    if not found.clusters:
        st.caption(words.plain(found.without_clusters))
        return
    st.caption(
        "Scripts that lie together on the picture, named by the words that they have and others have not.",
        help="HDBSCAN on the positions; words by c-TF-IDF.",
    )
    _grid(CLUSTERS, found.clusters, _cluster)


def _cluster(one: Cluster) -> _Item:
    shares = " · ".join(f"{words.section(name)} {count:,}" for name, count in one.sections.items())
    return (
        str(one.number),
        one.name,
        f"{words.count(one.size, 'script')}: {shares}",
        partial(picked.pick, one.scripts),
    )


def _alone(_: Workbench, __: Map, found: Landscape, titles: _Titles) -> None:
    if not len(found.outliers):
        st.caption(words.plain(found.without_clusters) if not found.clusters else "Every script belongs to a cluster.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Scripts that belong to no cluster.", width="content")
        st.button(
            "Pick them all",
            key="map_alone_all",
            type="tertiary",
            on_click=picked.pick,
            args=(found.outliers.scripts,),
        )
    _grid(ALONE, found.outliers.scripts, lambda i: (i, titles.get(i, i), "", partial(picked.pick, [i])))


def how_many_alike(found: Landscape) -> str:
    """Whether these near-duplicates are all, as a sentence; empty where they are and there are some."""
    among = f"among the {found.looked_among:,} pairs that lie nearest."
    if found.more_joined:
        lie = "this 1 pair lies" if len(found.near) == 1 else f"these {len(found.near):,} pairs lie"
        return f"There are more: of so many that are alike, {lie} nearest to each other."
    if found.looked_among:
        return f"Looked for {among}" if found.alike else f"None {among}"
    return "" if found.alike else "No two scripts are nearly the same."


def _alike(_: Workbench, __: Map, found: Landscape, titles: _Titles) -> None:
    if found.alike:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Nearly the same scripts; a line joins them on the picture.", width="content")
            st.page_link(frame.PAGES / "attention.py", label="Settle them", icon=":material/arrow_forward:")
    if told := how_many_alike(found):
        st.caption(told)
    _grid(ALIKE, [*found.same, *found.near], partial(_twins, titles=titles))


def _twins(one: Joined | tuple[str, ...], titles: _Titles) -> _Item:
    return _joined(one, titles) if isinstance(one, Joined) else _same(one, titles)


def _same(scripts: tuple[str, ...], titles: _Titles) -> _Item:
    """Scripts with the same words; a press picks them all."""
    named = [titles.get(i, i) for i in scripts[:_NAMED]]
    name = " ↔ ".join(named) if len(scripts) <= _NAMED else f"{len(scripts):,} scripts with the same words"
    told = "The same words" if len(scripts) <= _NAMED else f"{named[0]}, {named[1]} and {len(scripts) - _NAMED:,} more"
    return f"same_{scripts[0]}", name, told, partial(picked.pick, scripts)


def _joined(one: Joined, titles: _Titles) -> _Item:
    distance = "" if one.distance is None else f" · distance {one.distance:.3f}"
    told = f"{words.share(one.words, same=False)} of the words in common{distance}"
    name = f"{titles.get(one.one, one.one)} ↔ {titles.get(one.other, one.other)}"
    return f"{one.one}_{one.other}", name, told, partial(picked.pick, [one.one, one.other])


def _gaps(workbench: Workbench, now: Map, found: Landscape, titles: _Titles) -> None:
    if found.not_asked:
        named = words.listed([words.section(section) for section in found.not_asked])
        st.caption(f"Nothing can be said of {words.plain(named)}: what is found there is random. See Health.")
    if not found.gaps:
        st.caption(words.plain(found.without_gaps))
        if found.gaps_failed or found.gaps_unasked:
            _asking(workbench, now, "Ask again" if found.gaps_failed else "Ask them")
        return
    st.caption("Saved questionnaires that have nothing near. A press asks one on the map.")
    _grid(GAPS, found.gaps, partial(_gap, titles=titles))


def _gap(one: Gap, titles: _Titles) -> _Item:
    lines = [f"{words.section(one.section)}: {one.reason}"]
    if one.missing:
        lines.append(f"No near script says: {', '.join(one.missing)}.")
    if one.nearest:
        lines.append(f"Nearest: {titles.get(one.nearest[0], one.nearest[0])}.")
    return f"{one.questionnaire}_{one.section}", one.title, "\n".join(lines), partial(_ask, one.questionnaire)


def _ask(questionnaire: str) -> None:
    address.put(address.QUESTIONNAIRE, [questionnaire])
    address.put(address.QUERY, [])


def _asking(workbench: Workbench, now: Map, label: str) -> None:
    """The button that sends the questionnaires to the model, wherever it is."""
    job = resources.jobs(drawing.LOOKING).current
    st.button(
        label,
        key="map_gaps_again",
        icon=":material/search:",
        disabled=job is not None and not job.finished,
        on_click=_send,
        args=(workbench, now),
    )


def _send(workbench: Workbench, now: Map) -> None:
    with frame.told():
        resources.jobs(drawing.LOOKING).start(
            "Looking into the map", lambda report: workbench.landscape(now, report, send=True)
        )
        resources.map_begun().looking = now


def _grid(name: str, found: Sequence[_Found], item: Callable[[_Found], _Item]) -> None:
    """Each with what is said of it; a press leads to it. No more are prepared than are shown."""
    limit = st.session_state.get(f"map_{name}_shown", _AT_FIRST)
    shown = [item(one) for one in found[:limit]]
    for begin in range(0, len(shown), _COLUMNS):
        for column, (key, label, told, press) in zip(
            st.columns(_COLUMNS, gap="small"), shown[begin : begin + _COLUMNS], strict=False
        ):
            with column, st.container(gap="xxsmall"):
                st.button(words.plain(label), key=f"map_{name}_{key}", type="tertiary", on_click=press)
                for line in told.splitlines():
                    st.caption(words.plain(line))
    if len(shown) < len(found):
        more = min(_AT_FIRST, len(found) - len(shown))
        st.button(f"Show {more:,} more", key=f"map_{name}_more", type="tertiary", on_click=_more, args=(name, limit))


def _more(name: str, limit: int) -> None:
    st.session_state[f"map_{name}_shown"] = limit + _AT_FIRST


_LISTS: Mapping[str, Callable[[Workbench, Map, Landscape, _Titles], None]] = {
    CLUSTERS: _clusters,
    ALONE: _alone,
    ALIKE: _alike,
    GAPS: _gaps,
}
