"""The asking side of Retrieve: a saved questionnaire or a new one, and what the question leaves open."""

from dataclasses import dataclass

import streamlit as st

from pages.ui import apart, frame, words
from pages.ui.retrieve import address
from services.domain.methods import Mode
from services.domain.questionnaires import Questionnaire, make_questionnaire
from services.domain.scripts import Status
from services.retrieve import Options
from services.workbench import Workbench

_LIBRARY = frame.PAGES / "library.py"


@dataclass(frozen=True)
class Question:
    """What is asked."""

    questionnaire: Questionnaire
    options: Options


def question(workbench: Workbench) -> Question | None:
    """Draw the filters; None where nothing has been asked yet."""
    saved = dict(sorted(workbench.all_questionnaires.items(), key=lambda item: item[1].title.lower()))
    address.restore(saved, workbench.settings)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        chosen = _choose(saved)
    answers = _answers()
    with right, st.popover("Options", icon=":material/tune:", width="stretch"):
        options = _options(workbench)
    address.write(saved, workbench.settings)
    asked = _asked(answers, chosen)
    if not any(answers.values()):
        _nothing_asked(workbench)
        return None
    _save(workbench, asked, chosen)
    return Question(asked, options)


def _choose(saved: dict[str, Questionnaire]) -> Questionnaire | None:
    titles = apart.by_id({i: questionnaire.title or i for i, questionnaire in saved.items()})
    named = st.selectbox(
        "Questionnaire",
        list(saved),
        index=None,
        format_func=titles.__getitem__,
        key=address.key("questionnaire"),
        persist_state="session",
        placeholder="A new one: type below, or pick a saved questionnaire",
        on_change=address.fill,
        args=(saved,),
    )
    return saved.get(named) if named else None


def _answers() -> dict[str, str]:
    columns = st.columns([3, 5, 3, 1.4], vertical_alignment="bottom")
    labels = (
        ("focus", "What it should help with", "giving up cigarettes"),
        ("challenge", "What is hard about it", "the evenings, alone in the kitchen"),
        ("feeling", "How to feel instead", "calm and free"),
    )
    answers: dict[str, str] = {}
    for column, (name, label, example) in zip(columns, labels, strict=False):
        with column:
            answers[address.ANSWERS[name]] = _field(name, label, example)
    with columns[3]:
        st.button("Retrieve", type="primary", width="stretch")
    expanded = bool(st.session_state[address.key("query")])
    with st.expander("Advanced: ask with your own words", expanded=expanded, type="compact"):
        about = "Embedded as it stands, instead of the text that the template makes of the answers."
        answers["query"] = _field("query", "Raw query", "", about)
    return answers


def _field(name: str, label: str, example: str, about: str | None = None) -> str:
    typed = st.text_input(label, key=address.key(name), placeholder=example, help=about, persist_state="session")
    return typed or ""


def _options(workbench: Workbench) -> Options:
    areas = sorted({area for r in workbench.catalogue.records.values() for area in r.script.focus_areas})
    wanted = address.key("area")
    if not set(st.session_state[wanted]) <= set(areas):
        st.session_state[wanted] = [area for area in st.session_state[wanted] if area in areas]
    top_k = st.slider("Scripts a section", 1, address.MAX_SHOWN, key=address.key("k"), persist_state="session")
    mode = st.segmented_control(
        "Find scripts",
        [mode.value for mode in Mode],
        required=True,
        format_func=lambda mode: words.MODES[Mode(mode)].capitalize(),
        key=address.key("mode"),
        persist_state="session",
        help="By meaning (dense): how close a model places the question and the script. By words (lexical, BM25): the "
        "words that both have. By both (hybrid): the two rankings merged. For this question only; the workspace keeps "
        f"its own, {words.MODES[workbench.settings.method.mode]}.",
    )
    statuses = st.pills(
        "Status",
        [s.value for s in Status],
        selection_mode="multi",
        format_func=str.capitalize,
        key=address.key("status"),
        persist_state="session",
        help="Only approved scripts are retrieved, unless drafts are asked too, to see what they would do.",
    )
    focus = st.multiselect("Only these focus areas", areas, key=wanted, placeholder="All", persist_state="session")
    forced = st.toggle(
        "Ask mismatched collections all the same",
        key=address.key("mismatch"),
        persist_state="session",
        help="What they return means nothing; it is shown so that it can be seen.",
    )
    return Options(
        top_k=top_k,
        statuses=tuple(Status(s) for s in statuses or ()),
        focus_areas=tuple(focus),
        allow_mismatch=forced,
        mode=Mode(mode) if mode else None,
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
    with st.container(horizontal=True, vertical_alignment="center"):
        if chosen is not None:
            st.caption(f"Changed from '{words.plain(chosen.title)}'.", width="content")
            if st.button("Save the change", icon=":material/save:"):
                _store(workbench, asked)
        with st.popover("Save as a questionnaire", icon=":material/bookmark_add:"):
            name = st.text_input("Name to find it by", key="ask_name", placeholder="Evenings without cigarettes")
            if st.button("Save", type="primary"):
                answers = {field: getattr(asked, field) for field in address.ANSWERS.values()}
                _store(workbench, make_questionnaire(title=name or "", **answers))


def _store(workbench: Workbench, questionnaire: Questionnaire) -> None:
    with frame.told():
        stored = workbench.save_questionnaire(questionnaire)
        st.session_state["ask_next"] = stored.id
        st.toast(f"Saved '{words.plain(stored.title)}'.", icon=":material/check:")
        st.rerun()


def _nothing_asked(workbench: Workbench) -> None:
    if "ask_unknown" in st.session_state:
        named = words.plain(st.session_state["ask_unknown"])
        st.warning(f"There is no questionnaire '{named}' here. It may have been renamed or deleted.")
    if not workbench.catalogue.records:
        st.info("There are no scripts to retrieve from yet. Begin by writing or importing some.")
        st.page_link(_LIBRARY, label="Go to the library", icon=":material/menu_book:")
        return
    st.caption("Say what the session should help with, and what is hard about it; then press Enter or Retrieve.")
