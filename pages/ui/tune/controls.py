"""What to try: one control a setting, each with what it does in one sentence; the address carries them."""

from dataclasses import dataclass, replace

import streamlit as st

from pages.ui import words
from pages.ui.tune import address, said
from pages.ui.tune.address import CUT_OFF, MEANING, NEAREST, PASSAGES, SHOWN, TEMPLATE, VARIETY, WORDS
from services.domain.methods import Method, Mode, Nearest, Passages, make_method
from services.domain.questionnaires import FIELDS, check_template
from services.domain.settings import MAX_TOP_K, Settings
from services.errors import InvalidSettings
from services.workbench import Workbench

_NAME = "try_name"


@dataclass(frozen=True)
class Chosen:
    """What the controls are set to; ``settings`` is None where that cannot be asked."""

    settings: Settings | None
    name: str


def draw(workbench: Workbench) -> Chosen:
    """The controls; they show how the workspace is asked now, until somebody changes one."""
    now, digest = workbench.settings, workbench.embedder().identity.digest
    address.begin(now, digest)
    mode = _mode(now.method)
    given: dict[str, object] = {**now.method.as_json(), "mode": mode.value}
    if mode is Mode.HYBRID:
        given |= _weights()
    if mode is not Mode.LEXICAL:
        given |= _meaning(now.method)
    template, asked = _template()
    left, right = st.columns(2)
    with left:
        top_k = st.number_input(
            "Scripts shown",
            1,
            MAX_TOP_K,
            key=SHOWN,
            on_change=address.changed,
            args=(SHOWN,),
            help="In each section. It does not change their order; measures of what is shown, such as recall at so "
            "many, are made for it. Top-k.",
        )
    if mode is not Mode.LEXICAL:
        with right:
            given["cut_offs"] = _cut_off(now.method, digest)
    name = st.text_input("Call it", key=_NAME, placeholder="Optional", max_chars=80)
    if mode is Mode.HYBRID and not given["dense_weight"] and not given["lexical_weight"]:
        st.error("Both weights are 0. Give one of the two a weight.", icon=":material/error:")
        return Chosen(None, name or "")
    method = make_method({**given, "name": name or now.method.name})
    return Chosen(replace(now, method=method, query_template=template, top_k=int(top_k)) if asked else None, name or "")


def follow() -> None:
    """Before anything is drawn: have the controls show how the workspace is asked."""
    address.follow()
    st.session_state[_NAME] = ""


def set_cut_off(distance: float) -> None:
    """Before anything is drawn: have what is further away left out."""
    address.put(CUT_OFF, distance)


def _mode(now: Method) -> Mode:
    chosen = st.segmented_control(
        "How scripts are found",
        [mode.value for mode in Mode],
        required=True,
        format_func=lambda one: said.MODES[Mode(one)],
        key=address.MODE,
        on_change=address.changed,
        args=(address.MODE,),
        help=said.MODES_TERM,
    )
    mode = Mode(chosen or now.mode)
    st.caption(said.MODES_SAY[mode])
    return mode


def _weights() -> dict[str, object]:
    left, right = st.columns(2)
    with left:
        meaning = _weight("Meaning counts", MEANING)
    with right:
        by_words = _weight("Words count", WORDS)
    return {"dense_weight": meaning, "lexical_weight": by_words}


def _weight(label: str, key: str) -> float:
    return st.number_input(
        label,
        0.0,
        address.MOST_WEIGHT,
        step=0.5,
        format="%g",
        key=key,
        on_change=address.changed,
        args=(key,),
        help="How much this ranking counts beside the other; alike at first. Weights of the reciprocal rank fusion.",
    )


def _meaning(now: Method) -> dict[str, object]:
    """What counts wherever meaning does."""
    passages = st.selectbox(
        "What is looked at",
        [one.value for one in Passages],
        format_func=lambda one: said.PASSAGES[Passages(one)],
        key=PASSAGES,
        on_change=address.changed,
        args=(PASSAGES,),
        help=said.PASSAGES_TERM,
    )
    st.caption(said.PASSAGES_SAY[Passages(passages)])
    nearest = st.segmented_control(
        "How a script's parts count",
        [one.value for one in Nearest],
        required=True,
        format_func=lambda one: said.NEAREST[Nearest(one)],
        key=NEAREST,
        on_change=address.changed,
        args=(NEAREST,),
        help=said.NEAREST_TERM,
    )
    st.caption(said.NEAREST_SAY[Nearest(nearest or now.nearest)])
    variety = st.slider(
        "How varied",
        0.0,
        1.0,
        step=0.05,
        key=VARIETY,
        on_change=address.changed,
        args=(VARIETY,),
        help="1 - lambda of maximal marginal relevance, over the first 100 of each section.",
    )
    st.caption("At 0 the nearest come first, however alike. Towards 1, each is as unlike those before it as can be.")
    return {"passages": passages, "nearest": nearest or now.nearest.value, "variety": variety}


def _template() -> tuple[str, bool]:
    template = st.text_area(
        "What is asked",
        key=TEMPLATE,
        on_change=address.changed,
        args=(TEMPLATE,),
        height=100,
        help="The query template: what is made of the answers of a questionnaire before anything is looked for. A "
        "questionnaire with a query of its own is asked as that stands.",
    )
    try:
        check_template(template or "")
    except InvalidSettings as error:
        st.error(f"**{words.plain(error.cause)}** {words.plain(error.next_step)}", icon=":material/error:")
        return template or "", False
    st.caption(words.plain(f"Filled in from the answers: {', '.join('{' + name + '}' for name in FIELDS)}."))
    return template or "", True


def _cut_off(now: Method, model_digest: str) -> dict[str, float]:
    distance = st.number_input(
        "Not further than",
        0.0,
        address.MOST_DISTANCE,
        None,
        0.01,
        "%.3f",
        key=CUT_OFF,
        on_change=address.changed,
        args=(CUT_OFF,),
        placeholder="No cut-off",
        help="Scripts that are further away are no answer. A cosine distance; it holds for this model only, as "
        "distances of two models do not compare. The curve below shows where one would pay.",
    )
    others = {digest: d for digest, d in now.cut_offs.items() if digest != model_digest}
    return others if distance is None else {**others, model_digest: distance}
