"""What is done with a kept run: called otherwise, made the baseline, taken out as a file, deleted and brought back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import streamlit as st

from pages.ui import frame, moments, words
from pages.ui.evaluate import address
from pages.ui.evaluate.choosing import Chosen
from pages.ui.evaluate.headline import measured
from services.domain.runs import Run
from services.exporting import trec
from services.workbench import Workbench

_DELETED, _CALLED, _RENAMING = "evaluate_deleted", "evaluate_called", "evaluate_renaming"


@dataclass(frozen=True, eq=False)
class _Deleted:
    run: Run
    baseline: bool


def undo(workbench: Workbench) -> None:
    """The way back from the last deletion."""
    deleted = cast("_Deleted | None", st.session_state.get(_DELETED))
    if deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Deleted the run '{_name(deleted.run)}'.", width="content")
        st.button("Undo", key="evaluate_undo", icon=":material/undo:", on_click=_bring_back, args=(workbench, deleted))
        st.button("Dismiss", key="evaluate_gone", type="tertiary", on_click=_forget)


def controls(workbench: Workbench, chosen: Chosen) -> None:
    """The buttons of the run that is shown."""
    mine = chosen.kept and workbench.writable
    with st.container(horizontal=True, vertical_alignment="center"):
        if mine:
            _flag(workbench, chosen)
        if chosen.baseline not in ("", chosen.run.id) and chosen.before is None:
            st.button(
                "Compare with the baseline",
                key="evaluate_to_baseline",
                icon=":material/compare_arrows:",
                on_click=address.write,
                args=(address.BEFORE, chosen.baseline),
            )
        with st.popover("Download", icon=":material/download:"):
            _downloads(workbench, chosen)
        if mine:
            with st.popover("Rename", icon=":material/edit:", key=_RENAMING, on_change="rerun"):
                _rename(workbench, chosen.run)
            arguments = (workbench, chosen.run, chosen.run.id == chosen.baseline)
            st.button(
                "Delete this run",
                key="evaluate_delete",
                type="tertiary",
                icon=":material/delete:",
                on_click=delete,
                args=arguments,
            )


def _flag(workbench: Workbench, chosen: Chosen) -> None:
    """Make it what later runs are held against, or that no longer."""
    flag = ":material/flag:"
    if chosen.run.id == chosen.baseline:
        label, key = "Stop using as the baseline", "evaluate_no_baseline"
        st.button(label, key=key, type="tertiary", icon=flag, on_click=_baseline, args=(workbench, ""))
    elif measured(chosen.run) and chosen.run.complete:
        fall = f"{workbench.settings.gate.fall:.0%}"
        st.button(
            "Make it the baseline",
            key="evaluate_baseline",
            icon=flag,
            help=f"Later runs are held against this one: a fall of more than {fall} below it is an alert.",
            on_click=_baseline,
            args=(workbench, chosen.run.id),
        )


def _rename(workbench: Workbench, run: Run) -> None:
    key = f"{_CALLED}_{run.id}"
    # As its value, not through the session: what is drawn only once the popover is opened would begin empty after a
    # rerun, tell so, and take the name away.
    st.text_input(
        "What the run is called", run.name, key=key, max_chars=80, on_change=_called, args=(workbench, run.id)
    )
    st.button("Rename", key="evaluate_rename", icon=":material/check:", on_click=_called, args=(workbench, run.id))


def _downloads(workbench: Workbench, chosen: Chosen) -> None:
    """Made when they are asked for."""
    run, catalogue, questionnaires = chosen.run, workbench.catalogue, chosen.saved
    if chosen.kept:
        whole = (workbench.paths.runs / f"{run.id}.json").read_bytes
        _download("The run, as JSON", whole, f"{run.id}.json", "Everything that is kept of it.")
    _download(
        "Rankings, as a TREC run",
        lambda: trec.trec_run(run, catalogue, questionnaires, workbench.grades()),
        f"{run.id}.run",
        "For the tools of the field: topic, document, rank and score. With the judgements, they give the same figures.",
    )
    _download(
        "Judgements, as TREC qrels",
        lambda: trec.qrels_of_run(run, catalogue, questionnaires, workbench.grades()),
        f"{run.id}.qrels",
        "What this run was measured by.",
    )


def _download(label: str, data: Callable[[], bytes], name: str, about: str) -> None:
    st.download_button(
        label,
        data,
        file_name=name,
        key=f"evaluate_take_{name.rpartition('.')[2]}",
        mime="application/octet-stream",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        help=about,
    )


def _called(workbench: Workbench, run_id: str) -> None:
    name = st.session_state.get(f"{_CALLED}_{run_id}") or ""
    with frame.told(), workbench.records.writing("renaming a run"):
        workbench.runs.rename(run_id, name)
        # Done: nothing is left to do in there.
        st.session_state[_RENAMING] = False


def _baseline(workbench: Workbench, run_id: str) -> None:
    with frame.told(), workbench.records.writing("choosing the baseline"):
        workbench.runs.set_baseline(run_id)


def delete(workbench: Workbench, run: Run, baseline: bool) -> None:  # noqa: FBT001  Streamlit calls it by position
    """Delete a run, with a way back."""
    with frame.told():
        with workbench.records.writing("deleting a run"):
            workbench.runs.delete(run.id)
        st.session_state[_DELETED] = _Deleted(run, baseline)
        address.write(address.RUN, "")


def _bring_back(workbench: Workbench, deleted: _Deleted) -> None:
    with frame.told():
        with workbench.records.writing("bringing back a run"):
            workbench.runs.put(deleted.run)
            if deleted.baseline:
                workbench.runs.set_baseline(deleted.run.id)
        _forget()
        address.write(address.RUN, deleted.run.id)


def _forget() -> None:
    st.session_state.pop(_DELETED, None)


def _name(run: Run) -> str:
    return words.plain(run.name or moments.exact(run.time))
