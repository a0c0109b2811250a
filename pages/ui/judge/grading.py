"""One candidate to read, and what is said of it: by a press or by the keys 0 to 3."""

import streamlit as st

from pages.ui import frame, reading, resources, words
from pages.ui.judge import place
from pages.ui.judge.place import Place
from services.domain.judgements import GRADES, MAX_NOTE, Judgement
from services.domain.scripts import Script, Status
from services.ground import digests
from services.judge import Pool
from services.workbench import Workbench

_NOTE = "judge_note"
# Streamlit stays where the page was scrolled to, and leaves the keys that scroll to nobody. Where somebody is writing,
# nothing is taken from them. An id has no character that could end the text.
_TO_THE_TOP = """<script>
(() => {
  const begins = document.querySelector(".st-key-judge_top"); // of SCRIPT
  const scrolls = () => {
    let main = document.querySelector(".st-key-judge_top");
    while (main && !/auto|scroll/.test(getComputedStyle(main).overflowY)) main = main.parentElement;
    return main;
  };
  const focus = () => {
    const main = scrolls();
    if (!main) return;
    main.tabIndex = -1;
    main.focus({preventScroll: true});
  };
  const at = begins ? begins.getBoundingClientRect().top : 0;
  if (begins && (at < 60 || at > innerHeight / 2)) begins.scrollIntoView({block: "start"});
  if (document.activeElement?.tagName !== "TEXTAREA") focus();
  if (window.scriptoriumNote) return;
  window.scriptoriumNote = true;
  document.addEventListener("keydown", (press) => {
    const note = document.querySelector(".st-key-judge_note_field input");
    if (!note || press.isComposing || press.ctrlKey || press.metaKey || press.altKey) return;
    if (press.target === note) {
      if (press.key === "Enter" || press.key === "Escape") setTimeout(() => { note.blur(); focus(); });
    } else if (press.key.toLowerCase() === "e" && !press.target.closest?.("input, textarea, [contenteditable]")) {
      press.preventDefault();
      note.focus();
    }
  });
})();
</script>"""


def how_far(pool: Pool, script_id: str) -> None:
    """How many are judged, what of this one was said before, and what narrows the choice."""
    total, before = len(pool.candidates), _before(pool, script_id)
    when = f" {words.ago(before.time)}" if before and before.time else ""
    said = f". You said '{GRADES[before.grade]}'{when}." if before else ""
    with st.container(key="judge_top"):
        st.progress(pool.judged / total if total else 0.0, text=f"**{pool.judged} of {total}** judged{said}")
    if pool.note:
        st.caption(words.plain(pool.note))


def candidate(workbench: Workbench, pool: Pool, script_id: str) -> None:
    """The candidate, whole, and below it what can be said."""
    before = _before(pool, script_id)
    _read(workbench.catalogue.records[script_id].script)
    with st.container(key="judge_bar", gap="small"):
        with st.container(horizontal=True, key="judge_around", vertical_alignment="center"):
            _note(pool, script_id, before)
            _around(pool, script_id, before)
        _grades(pool, script_id, before)


def from_the_top(script_id: str) -> None:
    """Whoever has read the last one to its end begins with the next one at its top, and the keys scroll it."""
    with st.container(key="unseen_top"):
        st.html(_TO_THE_TOP.replace("SCRIPT", script_id), unsafe_allow_javascript=True)


def _before(pool: Pool, script_id: str) -> Judgement | None:
    return next((c.judgement for c in pool.candidates if c.script == script_id), None)


def _read(script: Script) -> None:
    with st.container(key="reading_title"):
        st.subheader(words.plain(script.title), anchor=False)
    reading.body(script)
    told = [*script.focus_areas, words.aloud(script.words)]
    if script.status is not Status.APPROVED:
        told.append(words.STATUSES[script.status])
    st.caption(" · ".join(words.plain(part) for part in told))


def _note(pool: Pool, script_id: str, before: Judgement | None) -> None:
    """What is typed stays with this script until it is graded, also when another one comes up in between."""
    with st.container(key="judge_note_field"):
        st.text_input(
            "Note",
            value=before.note if before else "",
            key=_field(pool, script_id),
            persist_state="session",
            max_chars=MAX_NOTE,
            placeholder="Note (optional): why it fits, what is missing",
            label_visibility="collapsed",
        )


def _grades(pool: Pool, script_id: str, before: Judgement | None) -> None:
    """The buttons. Named after the script: no press meets the next one."""
    with st.container(horizontal=True, key="judge_grades", vertical_alignment="center"):
        for grade, label in enumerate(GRADES):
            st.button(
                label,
                key=f"grade_{grade}_{pool.questionnaire}_{script_id}",
                shortcut=str(grade),
                width="stretch",
                type="primary" if before and before.grade == grade else "secondary",
                on_click=_judge,
                args=(pool, script_id, grade),
            )


def back(where: Place, named: str) -> None:
    """The way to the last one, where there was one."""
    if place.last(where):
        st.button(
            "Back",
            help="To the last one",
            key=f"judge_back_{named}",
            type="tertiary",
            icon=":material/undo:",
            shortcut="B",
            on_click=place.back,
            args=(where,),
        )


def _around(pool: Pool, script_id: str, before: Judgement | None) -> None:
    where, named = Place(pool.questionnaire, pool.section), f"{pool.questionnaire}_{script_id}"
    back(where, named)
    if before is None:
        st.button(
            "Skip",
            key=f"judge_skip_{named}",
            type="tertiary",
            icon=":material/skip_next:",
            shortcut="S",
            on_click=_skip,
            args=(where, script_id),
        )
        return
    taken = (pool, script_id)
    st.button("Take it back", key=f"judge_take_back_{named}", type="tertiary", on_click=_take_back, args=taken)
    st.button("Go on", key=f"judge_go_on_{named}", type="tertiary", shortcut="S", on_click=place.leave)


def _judge(pool: Pool, script_id: str, grade: int) -> None:
    with frame.told():
        note = st.session_state.get(_field(pool, script_id)) or ""
        # Asked for anew: that signs what is written with this visitor's name.
        workbench = resources.workbench()
        workbench.judge(pool.questionnaire, Judgement(script_id, pool.judge, grade, note))
        # It is kept now: looked at again, it is what was kept.
        st.session_state.pop(_field(pool, script_id), None)
        place.passed(Place(pool.questionnaire, pool.section), script_id)
        if pool.judged + 1 == len(pool.candidates):
            # Not after each: a commit takes longer than a press may.
            workbench.commit_judgements()


def _take_back(pool: Pool, script_id: str) -> None:
    with frame.told():
        resources.workbench().take_back_judgement(pool.questionnaire, script_id, pool.judge)


def _skip(where: Place, script_id: str) -> None:
    place.passed(where, script_id, skipped=True)


def _field(pool: Pool, script_id: str) -> str:
    # A judge's own: two may sign one after the other in one browser.
    return f"{_NOTE}_{digests.of_bytes(pool.judge.encode())[:8]}_{pool.questionnaire}_{script_id}"
