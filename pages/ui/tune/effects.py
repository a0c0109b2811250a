"""Each setting by itself: what changing it alone does, a dot with its interval, in one chart."""

from typing import Any

import streamlit as st

from pages.ui import palette
from pages.ui.evaluate import numbers
from pages.ui.tune import said, table, trying
from pages.ui.tune.kept import Bench
from services.domain.comparison import Test
from services.domain.measures import Measure
from services.tuning import Trial
from services.workbench import Workbench

_ROW, _EDGES = 26, 70
_Spec = dict[str, Any]


def draw(workbench: Workbench, bench: Bench, chosen: Measure) -> None:
    """The chart, where each was tried on what is there now."""
    found = [(t, c.tests[chosen.name]) for t in bench.trials.each if (c := bench.trials.compared(t))]
    found = [(trial, test) for trial, test in found if test.difference.value is not None]
    if not found:
        _outdated(workbench, bench)
        return
    st.markdown(f"**Each setting by itself**: what changing it alone does to {numbers.name(chosen.name)}")
    digest = workbench.embedder().identity.digest
    st.plotly_chart(
        _figure(found, chosen, digest, [table.is_now(bench, trial) for trial, _ in found]),
        key="tune_effects",
        config={"displayModeBar": False, "scrollZoom": False},
        alt=" ".join(_told(trial, test, digest) for trial, test in found if not table.is_now(bench, trial)),
    )
    st.caption(
        "A dot is the mean difference to how it is now, the line its 95% interval. Filled: more than chance explains. "
        "The more is tried, the likelier one of them looks better by chance."
    )


def alike(workbench: Workbench, bench: Bench) -> None:
    """Where nothing is judged: how alike the rankings stay, setting by setting."""
    each = [trial for trial in bench.trials.each if not table.is_now(bench, trial)]
    found = [(trial, c.overlap) for trial in each if (c := bench.trials.compared(trial))]
    present = bench.trials.present
    if not found:
        _outdated(workbench, bench)
        return
    st.markdown("**Each setting by itself**: how alike the rankings stay when it alone is changed")
    digest = workbench.embedder().identity.digest
    rows = [
        {
            "Setting": said.SETTINGS[trial.wanted.varies],
            "Changed to": said.value(trial.wanted.settings, trial.wanted.varies, digest),
            "Alike": overlap,
            "Found": sum(table.found(trial.run).values()),
        }
        for trial, overlap in found
    ]
    if present is not None:
        st.caption(f"As it is now, {sum(table.found(present).values()):,} scripts are found.")
    form = {
        "Alike": st.column_config.NumberColumn(format="%.3f", help=said.ALIKE),
        "Found": st.column_config.NumberColumn(format="localized", help=said.FOUND),
    }
    st.dataframe(rows, hide_index=True, height=35 * len(rows) + 40, column_config=form)


def _outdated(workbench: Workbench, bench: Bench) -> None:
    """Where each was tried and none can be compared with how it is now: why, and the way to try it again."""
    if not bench.each_tried or trying.waits(bench):
        return
    st.markdown(
        "**Each setting by itself** was tried before something changed, so it says nothing of how it is now.",
    )
    st.button(
        "Try each setting again",
        key="tune_each_again",
        icon=":material/stacked_line_chart:",
        on_click=trying.each,
        args=(workbench, bench, trying.RESULTS),
    )


def _told(trial: Trial, test: Test, digest: str) -> str:
    label = said.value(trial.wanted.settings, trial.wanted.varies, digest)
    return f"{label}: {said.difference(test.difference)}."


def _figure(found: list[tuple[Trial, Test]], chosen: Measure, digest: str, now: list[bool]) -> _Spec:
    """Plain values, one row each, a gap between settings; what is so now has a row and no dot."""
    places, labels, groups = [], [], []
    place, last = 0.0, ""
    for (trial, _), is_now in zip(found, now, strict=True):
        varies = trial.wanted.varies
        place += 1.0 if varies == last else 2.0
        if varies != last:
            groups.append((place - 1.0, said.SETTINGS[varies]))
        places.append(place)
        labels.append(said.value(trial.wanted.settings, varies, digest) + (" · now" if is_now else ""))
        last = varies
    dots = [one for one, is_now in zip(zip(found, places, labels, strict=True), now, strict=True) if not is_now]
    return {
        "data": [_dots([one for one, _, _ in dots], [at for _, at, _ in dots], [told for *_, told in dots], chosen)],
        "layout": {
            "height": int(_ROW * (place + 1) + _EDGES),
            "margin": {"l": 6, "r": 10, "t": 4, "b": 40},
            "showlegend": False,
            "hoverlabel": {"align": "left"},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": {
                "title": {"text": f"difference in {numbers.name(chosen.name)}", "font": {"size": 12}},
                "tickformat": "+.2f",
                "nticks": 6,
                "showgrid": False,
                "zeroline": True,
                "zerolinecolor": palette.faint(),
                "zerolinewidth": 1.5,
                "fixedrange": True,
            },
            "yaxis": {
                "tickvals": [*places, *(at for at, _ in groups)],
                "ticktext": [*labels, *(f"<b>{name}</b>" for _, name in groups)],
                "range": [place + 0.7, 0.3],
                "showgrid": False,
                "zeroline": False,
                "automargin": True,
                "fixedrange": True,
            },
        },
    }


def _dots(found: list[tuple[Trial, Test]], places: list[float], labels: list[str], chosen: Measure) -> _Spec:
    intervals = [test.difference for _, test in found]
    means = [interval.value or 0.0 for interval in intervals]
    # Over one questionnaire there is no interval.
    lows = [mean if one.low is None else one.low for mean, one in zip(means, intervals, strict=True)]
    highs = [mean if one.high is None else one.high for mean, one in zip(means, intervals, strict=True)]
    told = [test.significant for _, test in found]
    accent = palette.accent()
    return {
        "type": "scatter",
        "mode": "markers",
        "x": means,
        "y": places,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [high - mean for high, mean in zip(highs, means, strict=True)],
            "arrayminus": [mean - low for low, mean in zip(lows, means, strict=True)],
            "color": palette.quiet(),
            "thickness": 1.5,
            "width": 0,
        },
        "marker": {
            "symbol": ["circle" if one else "circle-open" for one in told],
            "size": 10,
            "color": accent,
            "line": {"width": 2, "color": accent},
        },
        "customdata": [
            [label, said.figure(test.after), said.difference(test.difference), said.verdict(test)]
            for label, (_, test) in zip(labels, found, strict=True)
        ],
        "hovertemplate": f"%{{customdata[0]}}<br>{numbers.name(chosen.name)} %{{customdata[1]}}<br>"
        "difference %{customdata[2]}<br>%{customdata[3]}<extra></extra>",
    }
