"""Below the picture: what can be understood of it, as lists that lead back to it, and all of it as a table."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from pages.ui import frame, words
from pages.ui.map import address, controls, drawing, listed, picked
from services.domain.landscape import AskedOnMap, Cluster, Gap, Joined, Landscape
from services.domain.maps import Map
from services.workbench import Workbench

CLUSTERS, ALONE, ALIKE, GAPS, TABLE = "clusters", "alone", "alike", "gaps", "table"
_COLUMNS = 3
# Of each list so many at first: buttons cost time.
_AT_FIRST = 24
_Titles = Mapping[str, str]
_Item = tuple[str, str, str, Callable[[], None]]


def draw(
    workbench: Workbench, now: Map, choice: controls.Choice, answer: AskedOnMap | None, found: Landscape | None
) -> None:
    """The choice of a list, and the list."""
    counts = _counts(found)
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
        format_func=lambda one: f"{names[one]} · {counts[one]:,}" if one in counts else names[one],
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


def _counts(found: Landscape | None) -> Mapping[str, int]:
    if found is None:
        return {}
    return {
        CLUSTERS: len(found.clusters),
        ALONE: len(found.outliers),
        ALIKE: len(found.joined),
        GAPS: len(found.gaps),
    }


def _clusters(_: Workbench, __: Map, found: Landscape, ___: _Titles) -> None:
    if not found.clusters:
        st.caption(words.plain(found.without_clusters))
        return
    st.caption(
        "Scripts that lie together on the picture, named by the words that they have and others have not.",
        help="HDBSCAN on the positions; words by c-TF-IDF.",
    )
    _grid(CLUSTERS, [_cluster(one) for one in found.clusters])


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
    _grid(ALONE, [(i, titles.get(i, i), "", partial(picked.pick, [i])) for i in found.outliers.scripts])


def _alike(_: Workbench, __: Map, found: Landscape, titles: _Titles) -> None:
    if not found.joined:
        st.caption("No two scripts are nearly the same.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Nearly the same scripts; a line joins them on the picture.", width="content")
        st.page_link(frame.PAGES / "attention.py", label="Settle them", icon=":material/arrow_forward:")
    _grid(ALIKE, [_joined(one, titles) for one in found.joined])


def _joined(one: Joined, titles: _Titles) -> _Item:
    distance = "" if one.distance is None else f" · distance {one.distance:.3f}"
    told = f"{words.share(one.words, same=one.words >= 1)} of the words in common{distance}"
    name = f"{titles.get(one.one, one.one)} ↔ {titles.get(one.other, one.other)}"
    return f"{one.one}_{one.other}", name, told, partial(picked.pick, [one.one, one.other])


def _gaps(workbench: Workbench, now: Map, found: Landscape, titles: _Titles) -> None:
    if found.not_asked:
        named = words.listed([words.section(section) for section in found.not_asked])
        st.caption(f"Nothing can be said of {words.plain(named)}: what is found there is random. See Health.")
    if not found.gaps:
        st.caption(words.plain(found.without_gaps))
        if found.gaps_failed:
            drawing.looking_again(workbench, now, "map_gaps_again")
        return
    st.caption("Saved questionnaires that have nothing near. A press asks one on the map.")
    _grid(GAPS, [_gap(one, titles) for one in found.gaps])


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


def _grid(name: str, items: Sequence[_Item]) -> None:
    """Each item with what is said of it; a press leads to it."""
    limit = st.session_state.get(f"map_{name}_shown", _AT_FIRST)
    shown = items[:limit]
    for begin in range(0, len(shown), _COLUMNS):
        for column, (key, label, told, press) in zip(
            st.columns(_COLUMNS, gap="medium"), shown[begin : begin + _COLUMNS], strict=False
        ):
            with column, st.container(gap="xxsmall"):
                st.button(words.plain(label), key=f"map_{name}_{key}", type="tertiary", on_click=press)
                for line in told.splitlines():
                    st.caption(words.plain(line))
    if len(shown) < len(items):
        more = min(_AT_FIRST, len(items) - len(shown))
        st.button(f"Show {more:,} more", key=f"map_{name}_more", type="tertiary", on_click=_more, args=(name, limit))


def _more(name: str, limit: int) -> None:
    st.session_state[f"map_{name}_shown"] = limit + _AT_FIRST


_LISTS: Mapping[str, Callable[[Workbench, Map, Landscape, _Titles], None]] = {
    CLUSTERS: _clusters,
    ALONE: _alone,
    ALIKE: _alike,
    GAPS: _gaps,
}
