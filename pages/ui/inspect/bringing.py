"""Bringing the scripts of an inspected store into the workspace: counted first, then imported."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import streamlit as st

from pages.ui import frame, resources, watching, words
from pages.ui.inspect.inspecting import IMPORTING, Looked
from services.domain.inspection import CollectionInspection, listed
from services.domain.reports import Imported
from services.errors import ScriptoriumError
from services.jobs import Job
from services.workbench import Workbench

_MOST_NAMED = 50
# So many are all meant unless somebody says otherwise.
_FEW = 8


@dataclass(frozen=True)
class _Brought:
    """What was asked for, and what came or would come of it."""

    target: str = field(repr=False)
    collections: tuple[str, ...]
    section: str
    imported: Imported


def show(workbench: Workbench, looked: Looked) -> None:
    """Choose and count; or how far it is; or what came of it."""
    full = [c for c in looked.inspection.collections if c.documents]
    if not full:
        return
    st.subheader("Import these scripts", anchor=False)
    own = [c for c in full if c.passages]
    if own:
        _own(workbench, looked, own)
    if len(own) < len(full):
        _others(workbench, looked, [c.name for c in full if not c.passages])


def _own(workbench: Workbench, looked: Looked, own: Sequence[CollectionInspection]) -> None:
    """What Scriptorium made of scripts needs no import: the scripts themselves lie beside it."""
    named = words.plain(listed([c.name for c in own]))
    folder = Path(looked.target).resolve()
    if workbench.paths.root.resolve() in folder.parents:
        st.info(f"{named}: this workspace's own index. Its scripts are in the library already.")
        return
    # An index lies in derived/index/<generation>/chroma of its workspace.
    beside = folder.parents[3] / "records" if len(folder.parents) > 3 else None  # noqa: PLR2004
    there = str(beside) if beside is not None and beside.is_dir() else ""
    where = words.plain(there) if there else "the folder 'records' of the workspace that it belongs to"
    st.info(
        f"{named}: an index that Scriptorium built of scripts cut into overlapping passages, which cannot be joined "
        f"again exactly. The scripts themselves are imported from {where}:"
    )
    into = shlex.quote(str(workbench.paths.root))
    source = shlex.quote(there) if there else "FOLDER/records"
    st.code(f"python -m services --workspace {into} import {source}", language=None)


def _others(workbench: Workbench, looked: Looked, full: Sequence[str]) -> None:
    if not workbench.writable:
        st.info("This workspace is read-only, so nothing can be imported into it. Copy it to where you may write.")
        return
    job = cast("Job[object] | None", st.session_state.get(IMPORTING))
    if job is not None and not job.finished:
        watching.until_done(IMPORTING, cancel="What was imported until then stays.")
    elif watching.others_work(IMPORTING, job):
        watching.until_free(IMPORTING, "Another import is under way, begun by somebody else.")
    elif job is not None and isinstance(job.result, _Brought) and job.result.target == looked.target:
        _outcome(workbench, job.result)
    else:
        if job is not None and isinstance(job.error, ScriptoriumError):
            st.info(words.plain(str(job.error))) if job.cancelled else frame.say(job.error)
        _choose(workbench, looked, full)


def _choose(workbench: Workbench, looked: Looked, full: Sequence[str]) -> None:
    st.caption(
        f"Each document becomes a script, embedded by {words.plain(words.model(workbench.embedder().identity))}. "
        "The stored vectors are not taken over, and the store is not changed."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect("Collections", full, default=full if len(full) <= _FEW else [], key="bring_collections")
        section = st.selectbox(
            "Section for scripts that name none",
            workbench.settings.sections,
            format_func=words.section,
            key="bring_section",
            help="A row may name a section of this workspace, and so may its collection; this one is for the rest.",
        )
        if st.button("Count them", icon=":material/calculate:", disabled=not chosen):
            _start(workbench, looked.target, tuple(chosen), section, dry_run=True)


def _start(workbench: Workbench, target: str, chosen: tuple[str, ...], section: str, *, dry_run: bool) -> None:
    with frame.told():
        st.session_state[IMPORTING] = resources.jobs(IMPORTING).start(
            "The count" if dry_run else "The import",
            lambda report: _Brought(
                target,
                chosen,
                section,
                workbench.import_store(target, chosen, section=section, report=report, dry_run=dry_run),
            ),
        )
        st.rerun()


def _outcome(workbench: Workbench, brought: _Brought) -> None:
    imported = brought.imported
    coming = len(imported.created) + len(imported.updated)
    if imported.dry_run:
        aside = "Nothing has been imported yet." if coming else "There is nothing to import."
        st.markdown(f"**{_counts(imported)}.** {aside}")
    else:
        st.success(f"{_counts(imported)}. They are in the library now." if coming else f"{_counts(imported)}.")
    _rejected(imported)
    with st.container(horizontal=True):
        if imported.dry_run and coming:
            label = f"Import {words.count(coming, 'script')}"
            if st.button(label, type="primary", icon=":material/download:"):
                _start(workbench, brought.target, brought.collections, brought.section, dry_run=False)
        if st.button("Choose again" if imported.dry_run else "Done"):
            st.session_state.pop(IMPORTING, None)
            st.rerun()


def _counts(imported: Imported) -> str:
    would = imported.dry_run
    parts = [
        (len(imported.created), "would be new" if would else "new"),
        (len(imported.updated), "would replace what is here" if would else "replaced what was here"),
        (len(imported.unchanged), "as they are here already"),
        (len(imported.rejected), "rejected"),
    ]
    said = ", ".join(f"{number:,} {what}" for number, what in parts if number)
    return f"Scripts: {said or 'none'}"


def _rejected(imported: Imported) -> None:
    if imported.rejected:
        with st.expander(f"{len(imported.rejected):,} rejected, and why"):
            for rejected in imported.rejected[:_MOST_NAMED]:
                st.markdown(f"- **{words.plain(rejected.source)}**: {words.plain(rejected.reason)}")
            if len(imported.rejected) > _MOST_NAMED:
                st.caption(f"And {len(imported.rejected) - _MOST_NAMED:,} more.")
    if imported.notes:
        with st.expander(words.count(len(imported.notes), "note")):
            st.markdown("\n".join(f"- {words.plain(note)}" for note in imported.notes[:_MOST_NAMED]))
