"""The answering side of Retrieve: sections side by side, each with its strip, its hits and its expected scripts."""

import math

import streamlit as st

from pages.ui import charts, frame, palette, reading, words
from pages.ui.retrieve import matching
from pages.ui.retrieve import method as ways
from pages.ui.retrieve.asking import Question
from services.domain.methods import Method, Mode
from services.domain.model_digest import State
from services.domain.results import ExpectedRank, Hit, Ranking, Retrieval
from services.domain.scripts import Status
from services.domain.separation import APART, NEAR, Separation, Verdict
from services.ranking import by_distance
from services.workbench import Workbench

_LIBRARY = frame.PAGES / "library.py"
_NOTHING = "No script of this section passes the filters. Widen them under Options."
_MARKS = {Status.DRAFT: "**Draft, not approved yet**", Status.RETIRED: "**Retired**"}


def show(workbench: Workbench, question: Question) -> None:
    """Retrieve, and draw the answer."""
    with st.spinner("Loading the model and asking…", show_time=False):
        answer = workbench.retrieve(question.questionnaire, question.options)
    _how(answer, question)
    rankings = list(answer.sections.values())
    matching.mode_note(answer, workbench.settings.method.mode)
    scale = charts.scale(rankings)
    titles = {i: charts.title(r.script) for i, r in workbench.catalogue.records.items()}
    columns = st.columns(len(rankings), gap="medium") if len(rankings) <= 4 else [st.container() for _ in rankings]  # noqa: PLR2004
    for number, (column, ranking) in enumerate(zip(columns, rankings, strict=True)):
        with column:
            shown = scale if number < charts.MAX_STRIPS else None
            _section(workbench, ranking, titles, shown, ranking.followed(answer.method))
    if answer.unknown_expected:
        named = ", ".join(words.plain(script) for script in answer.unknown_expected)
        st.warning(f"The questionnaire expects scripts that the corpus does not have: {named}.")


def _how(answer: Retrieval, question: Question) -> None:
    """What was asked, word for word, and with what."""
    with st.container(key="reading_quote_query"):
        st.text(f"“{answer.query}”")
    _asked_besides(question)
    states = {ranking.state for ranking in answer.sections.values() if ranking.scored or not ranking.answered}
    state = f"{words.state(states.pop())} · " if len(states) == 1 else ""
    by = words.MODES[answer.method.mode] + (", varied" if any(one.varied for one in answer.sections.values()) else "")
    milliseconds = 1000 * (answer.embedding_seconds + answer.search_seconds)
    st.caption(
        f"{words.plain(answer.stamp.model_name)} · {words.short(answer.stamp.model_digest)} · {state}"
        f"{by} · top {question.options.top_k} · {answer.index} · {milliseconds:.0f} ms",
        help="The model that embedded the question and its digest, whether it embedded the scripts too, how scripts "
        "are ranked, how many are shown, the index that answered, and how long that took. "
        f"Distances are cosine distances: lower is closer. {ways.told(answer.method, answer.stamp.model_digest)} "
        "Words are compared as they are written: of what was answered, without the sentence that the template puts "
        "around it, and without English words such as 'the' or 'because'; those in common that weigh most come first.",
    )


def _asked_besides(question: Question) -> None:
    """Which scripts are asked, where it is not the approved ones alone."""
    asked = question.options.statuses or tuple(Status)
    if set(asked) != {Status.APPROVED}:
        named = words.listed([words.STATUSES[status] for status in asked])
        st.caption(f":material/filter_alt: Asked are **{named}** scripts. Without this choice, only approved ones are.")


def _section(
    workbench: Workbench, ranking: Ranking, titles: dict[str, str], scale: tuple[float, float] | None, method: Method
) -> None:
    sections = workbench.settings.sections
    aside = matching.size(ranking) if ranking.answered else ""
    if ranking.state is not State.MATCH and (ranking.scored or not ranking.answered):
        aside = " · ".join(part for part in (words.state(ranking.state), aside) if part)
    reading.section_heading(ranking.section, sections, aside)
    if not ranking.answered:
        st.error(f"**Not asked.** {words.plain(ranking.refusal)}")
        shown_by = "model" if ranking.state is State.MISMATCH else "evidence"
        st.page_link(
            _LIBRARY.with_name("health.py"),
            label="Mend it on the health page",
            icon=":material/arrow_forward:",
            help=ranking.next_step,
            query_params={"cell": f"{ranking.section}.{shown_by}"},
        )
        return
    if not ranking.scored:
        _empty(workbench, ranking, method.mode)
        return
    measured = by_distance(method)
    if ranking.random:
        st.error(
            f"**{words.SHAPES[ranking.state]} Random.** The model that asks did not make these vectors, at least not "
            "all of them; the distances mean nothing."
        )
    colour = palette.of_section(ranking.section, sections)
    if scale is not None and measured and not all(map(math.isnan, ranking.distances.tolist())):
        charts.strip(ranking, titles, colour, scale)
    if measured:
        _separation(ranking)
    else:
        matching.compared(ranking, method)
    for hit in ranking.hits:
        _hit(hit, colour, method)
    if ranking.left_out:
        st.warning(f"{words.count(ranking.left_out, 'more script')} of this section could not be asked.")
        st.page_link(_LIBRARY.with_name("health.py"), label="See why", icon=":material/arrow_forward:")
    _expected(ranking, measured=measured)


def _separation(ranking: Ranking) -> None:
    """Under the strip: whether the ranking says anything."""
    found = ranking.separation
    if found.verdict is None:
        st.caption(words.plain(words.verdict(found).capitalize()))
        return
    st.caption(f"**{words.verdict(found)}**: {words.VERDICTS[found.verdict]}", help=_figures(found))
    if found.verdict is Verdict.NO_INFORMATION and not ranking.random:
        st.warning(
            "**This list may be as good as random.** Either the question has nothing to do with these scripts, or "
            "another model embedded them."
        )


def _figures(found: Separation) -> str:
    """Both figures and how they are defined, for the engineer."""
    return (
        f"Nearness {found.value:.1f}, margin {found.margin:.1f}: how alike the question and the nearest scripts are, "
        "and how far these stand out from the section, in standard deviations above what seeded random questions get. "
        f"A nearness below {NEAR:g} is no information; from there, a margin below {APART:g} is weak. "
        "It is judged over every script of the section, before filters. It says whether model and scripts fit, and not "
        "whether the scripts are the right ones."
    )


def _empty(workbench: Workbench, ranking: Ranking, mode: Mode) -> None:
    if ranking.left_out and ranking.left_out == workbench.catalogue.sizes.get(ranking.section):
        st.caption("No script of this section can be retrieved yet: none is in the index.")
        st.page_link(_LIBRARY.with_name("health.py"), label="See why", icon=":material/arrow_forward:")
    elif workbench.catalogue.sizes.get(ranking.section):
        shares_none = mode is Mode.LEXICAL and ranking.candidates
        st.caption(matching.no_word(ranking) if shares_none else _NOTHING)
    else:
        st.caption("This section has no scripts yet.")
        st.page_link(
            _LIBRARY, label="Write the first one", icon=":material/edit:", query_params={"new": ranking.section}
        )


def _hit(hit: Hit, colour: str, method: Method) -> None:
    with st.container(key=f"hit_{hit.script.id}", gap=None):
        label = f"{hit.rank}\u2002**{words.plain(hit.script.title)}**"
        if st.button(label, key=f"read_{hit.script.id}", type="tertiary", help="Read the whole script"):
            reading.dialog(hit.script, hit.passage, _LIBRARY)
        if by_distance(method):
            charts.bar(hit.distance, colour)
        else:
            matching.why(hit, method)
        reading.quote(hit.script.situation if hit.passage.kind == "card" else hit.passage_text, hit.script.id)
        told = [_MARKS.get(hit.script.status, ""), *(words.plain(area) for area in hit.script.focus_areas)]
        if any(told):
            st.caption(" · ".join(filter(None, told)))


def _expected(ranking: Ranking, *, measured: bool) -> None:
    if not ranking.expected:
        st.caption("**Expected**: none named for this section.")
        return
    heading = f"**Expected** by the practitioner, of {words.count(len(ranking.scored), 'script')}"
    st.caption("  \n".join([heading, *(_expected_line(e, measured=measured) for e in ranking.expected)]))


def _expected_line(expected: ExpectedRank, *, measured: bool) -> str:
    """Where it came; ``measured``: and how far away, where that is what scripts were ranked by."""
    grade = "★" * expected.grade
    where = f"**{words.ordinal(expected.rank)}**" if expected.rank else expected.reason
    near = f" at {expected.distance:.3f}" if measured and expected.distance is not None else ""
    return f"{where}{near} · {words.plain(expected.title)} · {grade}"
