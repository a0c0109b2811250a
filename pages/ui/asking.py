"""The asking side of Retrieve: a saved questionnaire or a new one, and what the question leaves open."""

from dataclasses import dataclass

import streamlit as st

from pages.ui import frame, words
from services.questionnaires import Questionnaire, make_questionnaire
from services.retrieve import Options
from services.scripts import Status
from services.settings import MAX_TOP_K
from services.workbench import Workbench

# Widget keys are the names in the address, so that a link brings a colleague to the same view.
_ANSWERS = {"focus_area": "focus", "challenge_context": "challenge", "desired_feeling": "feeling", "query": "query"}


@dataclass(frozen=True)
class Question:
    """What is asked, and the saved questionnaire that it began from."""

    questionnaire: Questionnaire
    options: Options
    saved: Questionnaire | None


def question(workbench: Workbench) -> Question | None:
    """Draw the filters; None where nothing has been asked yet."""
    saved = dict(sorted(workbench.all_questionnaires.items(), key=lambda item: item[1].title.lower()))
    _first_visit(saved, workbench.settings.opens_with)
    chosen = _choose(saved)
    answers = _answers(chosen)
    options = _options(workbench)
    asked = _asked(answers, chosen)
    _save(workbench, asked, chosen)
    if not any(answers.values()):
        _nothing_asked(workbench)
        return None
    return Question(asked, options, chosen)


def _first_visit(saved: dict[str, Questionnaire], opens_with: str) -> None:
    """Begin with a saved questionnaire, unless the address asks for something; and fill in what it says."""
    if "select_next" in st.session_state:
        st.session_state["questionnaire"] = st.session_state.pop("select_next")
    if "questionnaire" not in st.session_state and not any(
        k in st.query_params for k in ("questionnaire", *_ANSWERS.values())
    ):
        st.session_state["questionnaire"] = opens_with if opens_with in saved else next(iter(saved), None)
        _fill(saved)
    elif "filled" not in st.session_state:
        named = st.query_params.get("questionnaire")
        if named in saved and not any(k in st.query_params for k in _ANSWERS.values()):
            st.session_state["questionnaire"] = named
            _fill(saved)
    st.session_state["filled"] = True


def _fill(saved: dict[str, Questionnaire]) -> None:
    chosen = saved.get(st.session_state.get("questionnaire") or "")
    for field, key in _ANSWERS.items():
        st.session_state[key] = getattr(chosen, field) if chosen else ""


def _choose(saved: dict[str, Questionnaire]) -> Questionnaire | None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        named = st.selectbox(
            "Questionnaire",
            list(saved),
            index=None,
            format_func=lambda i: saved[i].title or i,
            key="questionnaire",
            bind="query-params",
            placeholder="A new one: type below, or pick a saved questionnaire",
            on_change=_fill,
            args=(saved,),
        )
    with right, st.popover("Options", icon=":material/tune:", width="stretch"):
        st.session_state["options_slot"] = st.container()
    return saved.get(named) if named else None


def _answers(chosen: Questionnaire | None) -> dict[str, str]:
    columns = st.columns([3, 5, 3, 1.4], vertical_alignment="bottom")
    labels = (
        ("focus_area", "What it should help with", "giving up cigarettes"),
        ("challenge_context", "What is hard about it", "the evenings, alone in the kitchen"),
        ("desired_feeling", "How to feel instead", "calm and free"),
    )
    answers: dict[str, str] = {}
    for column, (field, label, example) in zip(columns, labels, strict=False):
        with column:
            answers[field] = st.text_input(label, key=_ANSWERS[field], bind="query-params", placeholder=example)
    with columns[3]:
        st.button("Retrieve", type="primary", width="stretch")
    with st.expander("Advanced: ask with your own words", expanded=bool(st.session_state.get("query"))):
        answers["query"] = st.text_input(
            "Raw query",
            key="query",
            bind="query-params",
            help="Embedded as it stands, instead of the text that the template makes of the answers.",
        )
    return answers


def _options(workbench: Workbench) -> Options:
    areas = sorted({area for r in workbench.catalogue.records.values() for area in r.script.focus_areas})
    with st.session_state.pop("options_slot"):
        top_k = st.slider(
            "Scripts a section", 1, min(20, MAX_TOP_K), workbench.settings.top_k, key="k", bind="query-params"
        )
        statuses = st.pills(
            "Status",
            [s.value for s in Status],
            selection_mode="multi",
            default=[Status.APPROVED.value],
            key="status",
            bind="query-params",
        )
        focus = st.multiselect("Only these focus areas", areas, key="area", bind="query-params", placeholder="All")
        forced = st.toggle(
            "Ask mismatched collections all the same",
            key="mismatch",
            bind="query-params",
            help="What they return means nothing; it is shown so that it can be seen.",
        )
    return Options(
        top_k=top_k,
        statuses=tuple(Status(s) for s in statuses or ()),
        focus_areas=tuple(focus),
        allow_mismatch=forced,
    )


def _asked(answers: dict[str, str], chosen: Questionnaire | None) -> Questionnaire:
    return make_questionnaire(
        id=chosen.id if chosen else "",
        title=chosen.title if chosen else "",
        expected=chosen.expected if chosen else (),
        source_id=chosen.source_id if chosen else "",
        **answers,
    )


def _save(workbench: Workbench, asked: Questionnaire, chosen: Questionnaire | None) -> None:
    """Save what was typed, as a new questionnaire or over the one it began from."""
    if not workbench.writable or (chosen is not None and asked == chosen):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if chosen is not None:
            st.caption(f"Changed from '{words.plain(chosen.title)}'.")
            if st.button("Save the change", icon=":material/save:"):
                _store(workbench, asked)
        with st.popover("Save as a questionnaire", icon=":material/bookmark_add:"):
            name = st.text_input(
                "Name to find it by", key="new_questionnaire", placeholder="Evenings without cigarettes"
            )
            if st.button("Save", type="primary", disabled=not name.strip()):
                new = make_questionnaire(title=name, **{field: getattr(asked, field) for field in _ANSWERS})
                _store(workbench, new)


def _store(workbench: Workbench, questionnaire: Questionnaire) -> None:
    with frame.told():
        stored = workbench.save_questionnaire(questionnaire)
        st.session_state["select_next"] = stored.id
        st.toast(f"Saved '{words.plain(stored.title)}'.", icon=":material/check:")
        st.rerun()


def _nothing_asked(workbench: Workbench) -> None:
    if not workbench.catalogue.records:
        st.info("There are no scripts to retrieve from yet. Begin by writing or importing some.")
        st.page_link("pages/library.py", label="Go to the library", icon=":material/menu_book:")
        return
    st.caption("Say what the session should help with, and what is hard about it; then press Enter or Retrieve.")
