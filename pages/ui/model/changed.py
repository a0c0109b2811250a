"""After a change of the model: how the answers moved, what is kept, and the way back."""

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from pages.ui import frame, resources, words
from pages.ui.model import changing, offering
from services.domain.model_change import Comparison, Cost, Generation
from services.workbench import Workbench


def comparison(workbench: Workbench) -> None:
    """How the answers to the saved questionnaires moved with the last change."""
    last = workbench.models.last
    if last is None or last.comparison is None:
        return
    compared = last.comparison
    before, after = (words.model(workbench.models.identity(one)) for one in (last.before, last.after))
    st.subheader(f"What moved from {words.plain(before)} to {words.plain(after)}", anchor=False)
    if compared.problem:
        st.caption(words.plain(compared.problem))
        return
    if not compared.questionnaires:
        st.caption("There was no saved questionnaire to compare with.")
        return
    st.caption(
        f"{words.count(compared.questionnaires, 'saved questionnaire')}, asked of both models.",
        help=f"Mean overlap: the share of the first {compared.top_k} scripts that both models name, averaged over the "
        "questionnaires.",
    )
    with st.container(horizontal=True, gap="large"):
        for section, share in compared.overlap.items():
            st.metric(f"{words.section(section)}: same scripts in front", f"{share:.0%}", width="content")
    _expected(compared, {i: q.title for i, q in workbench.all_questionnaires.items()}, _titles(workbench))


def _titles(workbench: Workbench) -> Mapping[str, str]:
    return {i: record.script.title for i, record in workbench.catalogue.records.items()}


def _expected(compared: Comparison, questionnaires: Mapping[str, str], scripts: Mapping[str, str]) -> None:
    if not compared.expected:
        return
    better = sum(_place(m.after) < _place(m.before) for m in compared.expected)
    worse = sum(_place(m.after) > _place(m.before) for m in compared.expected)
    same = len(compared.expected) - better - worse
    st.markdown(
        f"Of the scripts that were expected, {better} came nearer to the front, {worse} fell back, {same} stayed."
    )
    rows = sorted(compared.expected, key=lambda m: (-abs(_place(m.before) - _place(m.after)), m.questionnaire))
    st.caption(f"{words.count(len(rows), 'row')}, the largest moves first, forward and back.")
    st.dataframe(
        [
            {
                "Questionnaire": questionnaires.get(m.questionnaire, m.questionnaire),
                "Section": words.section(m.section),
                "Expected script": scripts.get(m.script, m.script),
                "Before": m.before,
                "After": m.after,
            }
            for m in rows
        ],
        hide_index=True,
        height=min(35 * len(rows) + 40, 320),
        column_config={
            "Before": st.column_config.NumberColumn(help="Its rank with the model before; 1 is nearest."),
            "After": st.column_config.NumberColumn(help="Its rank with the model in use."),
        },
    )


def _place(rank: int | None) -> int:
    """Nowhere is behind everybody."""
    return 1_000_000_000 if rank is None else rank


def generations(workbench: Workbench) -> None:
    """The builds of the index that are kept, and the way back."""
    kept = workbench.generations()
    if kept:
        st.subheader("What is kept", anchor=False)
        st.caption(
            "Complete builds of the index: the one in use, the one before it, and the newest of the model before."
        )
        st.dataframe(
            [
                {
                    "": "in use" if g.current else "",
                    "Model": _model(workbench, g),
                    "Made (UTC)": _in_utc(g.made),
                    "Passages": g.contents.passages if g.contents else None,
                    "Model digest": words.short(g.contents.model_digest) if g.contents else "",
                    "Generation": g.name,
                }
                for g in kept
            ],
            hide_index=True,
        )
    _way_back(workbench)


def _model(workbench: Workbench, kept: Generation) -> str:
    if kept.contents is None:
        return "not written down"
    return changing.named(workbench, kept.contents.model_digest, kept.contents.model_name)


def _in_utc(made: str) -> str:
    """A time of this machine's zone, as people write it in UTC."""
    return datetime.fromisoformat(made).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _way_back(workbench: Workbench) -> None:
    last = workbench.models.last
    job = resources.jobs().current
    if last is None or not workbench.writable or (job is not None and not job.finished):
        return
    with frame.told():
        cost = _cost_of_going_back(workbench, last.finished)
        name = changing.named(workbench, cost.stamp.model_digest, cost.stamp.model_name)
        if cost.to_embed:
            to_do = f"{words.count(cost.to_embed, 'passage')} of {cost.passages:,} would have to be embedded"
            st.caption(f"Going back to {words.plain(name)}: {to_do}{offering.price_in_words(cost)}.")
        else:
            st.caption(f"Going back to {words.plain(name)} asks no model: the vectors are kept.")
        if st.button(f"Go back to {name}", icon=":material/undo:"):
            changing.start_going_back(workbench, name)


def _cost_of_going_back(workbench: Workbench, finished: str) -> Cost:
    """Counted once for the scripts as they are: cutting ten thousand of them takes seconds."""
    catalogue = workbench.catalogue
    seen = st.session_state.get("way_back")
    if seen is None or seen[0] is not catalogue or seen[1] != finished:
        seen = (catalogue, finished, workbench.models.cost_of_going_back(timed=False))
        st.session_state["way_back"] = seen
    cost: Cost = seen[2]
    return cost
