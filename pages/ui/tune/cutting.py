"""Where a cut-off would pay: precision and recall over the distance, and whether any distance separates."""

from typing import Any

import streamlit as st

from pages.ui import palette, words
from pages.ui.tune import bench as benches
from pages.ui.tune import controls, said, trying
from pages.ui.tune.kept import Bench
from services.domain.methods import Mode
from services.domain.settings import Settings
from services.ground.progress import Report
from services.tuning import Curve, way, without_cut_off
from services.workbench import Workbench

_HEIGHT = 300
_DEFINED = (
    "Over the scripts that are shown, pooled: precision is the share of those within the distance that fit, recall the "
    "share of all fitting ones that are shown, F1 their harmonic mean. A script fits where it is graded 1 or more; one "
    "that nobody judged counts as not fitting. Only sections in which somebody judged something are looked at."
)
_Spec = dict[str, Any]


def draw(workbench: Workbench, bench: Bench, settings: Settings | None) -> None:
    """The button, or the curve of what the controls are set to."""
    st.subheader("How far is too far", anchor=False)
    st.caption(
        "A cut-off leaves scripts out that are further away than a distance, so that a question which nothing fits is "
        "answered with nothing. It holds for one model only.",
        help=_DEFINED,
    )
    if settings is None:
        return
    digest = workbench.embedder().identity.digest
    bare = without_cut_off(settings, digest)
    told = said.setting(bare, digest, workbench.settings)
    st.markdown(words.plain(f"As the controls are set: {told[0].lower()}{told[1:]}."))
    if settings.method.mode is Mode.LEXICAL:
        st.markdown("Scripts that are found by words alone have no distance, and so there is no cut-off.")
        return
    asked = way(bare, digest)
    known, seen = bench.curve, benches.now(workbench)
    if known is not None and known[0] == asked and benches.same(known[1], seen):
        _show(workbench, known[2])
        return
    trying.sent(workbench, settings)
    st.button(
        "Draw the curve",
        key="tune_curve",
        icon=":material/show_chart:",
        disabled=trying.waits(bench),
        help="Asks all questionnaires as the controls are set, without a cut-off. By both, or with variety, a cut-off "
        "changes the order of what is left: then they are asked again with each of some distances.",
        on_click=_start,
        args=(workbench, bench, settings),
    )


def _start(workbench: Workbench, bench: Bench, settings: Settings) -> None:
    digest = workbench.embedder().identity.digest
    asked, seen = way(without_cut_off(settings, digest), digest), benches.now(workbench)

    def work(report: Report) -> None:
        found = workbench.cut_off_curve(settings, bench.trials, report)
        bench.curve = (asked, seen, found)

    trying.begin(bench, "The curve", work, trying.CURVE)


def _show(workbench: Workbench, curve: Curve) -> None:
    st.plotly_chart(
        _figure(curve),
        key="tune_cut_off",
        config={"displayModeBar": False, "scrollZoom": False},
        alt=f"Precision and recall from {curve.drawn[0]:.3f} to {curve.drawn[-1]:.3f}.",
    )
    model = words.plain(words.model(workbench.embedder().identity))
    over = (
        f"Over {words.count(curve.shown, 'script')} shown to {words.count(curve.questionnaires, 'questionnaire')}, of "
        f"which {curve.judged:,} are judged; {words.count(curve.fitting, 'script')} would fit."
    )
    measured = (
        f"F1 is {curve.best_f1:.3f} with it and {curve.f1:.3f} without. The gain is {said.difference(curve.gain)} "
        "where each questionnaire is cut at the distance that is best for the others: cross-validation, so that the "
        "distance is not measured by what it was chosen by."
    )
    if curve.separates:
        st.markdown(f"**A cut-off at {curve.best:.3f} pays with {model}.** {_meant(curve)}", help=measured)
    elif curve.best >= curve.distances[-1]:
        st.markdown(
            f"**No distance of {model} separates what fits from what does not.** Every cut-off would lose more than it "
            "spares.",
            help=measured,
        )
    else:
        st.markdown(
            f"**No distance of {model} separates what fits from what does not.** Better leave it without a cut-off. "
            f"The best there is, {curve.best:.3f}, may look so by chance. {_meant(curve)}",
            help=measured,
        )
    st.caption(words.plain(over))
    if curve.best >= curve.distances[-1]:
        return
    st.button(
        f"Try {curve.best:.3f}",
        key="tune_take_cut_off",
        icon=":material/content_cut:",
        type="secondary" if curve.separates else "tertiary",
        help="Sets 'Not further than' to it, to be tried.",
        on_click=controls.set_cut_off,
        args=(curve.best,),
    )


def _meant(curve: Curve) -> str:
    """What people would see with the best cut-off, in numbers of scripts."""
    best = curve.distances.index(curve.best)
    fit, now = (round(curve.recall[at] * curve.fitting) for at in (best, -1))
    if not fit:
        return "None of what people would see with it is judged as fitting."
    seen = round(fit / curve.precision[best])
    return f"With it people see {seen:,} scripts instead of {curve.shown:,}; {fit:,} of them fit, instead of {now:,}."


def _figure(curve: Curve) -> _Spec:
    drawn = curve.drawn
    line = {"type": "scatter", "mode": "lines", "x": list(drawn)}
    told = "%{y:.3f} within %{x:.3f}"
    edge = {"color": palette.quiet(), "width": 1, "dash": "dot"}
    return {
        "data": [
            {
                **line,
                "y": list(curve.precision[: len(drawn)]),
                "name": "Precision",
                "line": {"color": palette.accent(), "width": 2},
                "hovertemplate": f"precision {told}<extra></extra>",
            },
            {
                **line,
                "y": list(curve.recall[: len(drawn)]),
                "name": "Recall",
                "line": {"color": palette.ink(), "width": 2, "dash": "dash"},
                "hovertemplate": f"recall {told}<extra></extra>",
            },
        ],
        "layout": {
            "height": _HEIGHT,
            "margin": {"l": 6, "r": 10, "t": 28, "b": 40},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "hoverlabel": {"align": "left"},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": {
                "title": {"text": "cut-off, cosine distance", "font": {"size": 12}},
                "tickformat": ".2f",
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "yaxis": {"range": [0, 1.02], "tickformat": ".1f", "nticks": 6, "zeroline": False, "fixedrange": True},
            "shapes": [
                {"type": "line", "x0": curve.best, "x1": curve.best, "y0": 0, "y1": 1, "yref": "paper", "line": edge}
            ],
            "annotations": [
                {
                    "x": curve.best,
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "top",
                    "xanchor": "left",
                    "text": f" best: {curve.best:.3f}",
                    "showarrow": False,
                    "font": {"size": 11, "color": palette.quiet()},
                }
            ],
        },
    }
