"""A measure over all kept runs: each with its interval, the baseline marked, and the line that the gate draws."""

import html
from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.ui import moments, palette, words
from pages.ui.evaluate import address, numbers
from pages.ui.evaluate.choosing import Chosen
from services.domain.measures import Interval
from services.gate import MEASURE
from services.ports import RunSummary

_HEIGHT = 300
# As many as a picture can show apart; the choice above has all.
_SHOWN = 60
_Spec = dict[str, Any]
_Point = tuple[RunSummary, Interval]


def show(chosen: Chosen, measure: str, least: float) -> None:
    """The picture; a press on a point opens its run. ``least`` is what the gate asks of its own measure."""
    points = [(one, one.figures.overall[measure]) for one in chosen.summaries if measure in one.figures.overall]
    every = [(one, figure) for one, figure in points if figure.value is not None]
    points = every[:_SHOWN][::-1]
    if not points:
        return
    limit = least if measure == MEASURE else None
    # Of the run that is shown: once another one is opened, nothing is selected in its picture.
    key = f"evaluate_history_{measure}_{chosen.run.id}"
    st.plotly_chart(
        {"data": _traces(points, chosen), "layout": _layout(points, limit, chosen.baseline)},
        key=key,
        on_select=lambda: _pressed(key, [one.id for one, _ in points]),
        selection_mode="points",
        config={"displayModeBar": False, "scrollZoom": False},
        alt=f"The {numbers.name(measure)} of {words.count(len(points), 'run')}, the last one at "
        f"{numbers.value(points[-1][1])}.",
    )
    told = ["Press a point to open its run; the list of runs has it too."] if len(points) > 1 else []
    told += [f"The last {_SHOWN} of {len(every):,} runs."] if len(every) > _SHOWN else []
    if told:
        st.caption(" ".join(told))


def _pressed(key: str, runs: Sequence[str]) -> None:
    """Open the run of the point that was pressed."""
    pressed = st.session_state[key].selection.point_indices
    if pressed and pressed[0] < len(runs):
        address.write(address.RUN, runs[pressed[0]])


def _traces(points: Sequence[_Point], chosen: Chosen) -> list[_Spec]:
    ink = palette.accent()
    places, values = list(range(len(points))), [figure.value for _, figure in points]
    whole = [one.complete for one, _ in points]
    marked = [one.id == chosen.run.id for one, _ in points]
    return [
        {
            # Through the whole ones only: one that was stopped is over other questionnaires.
            "type": "scatter",
            "x": [place for place in places if whole[place]],
            "y": [values[place] for place in places if whole[place]],
            "mode": "lines",
            "line": {"color": ink, "width": 1.5},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "x": places,
            "y": values,
            "mode": "markers",
            "marker": {
                "size": [13 if mark else 9 for mark in marked],
                "symbol": [_symbol(one, chosen.baseline) for one, _ in points],
                "color": [ink if complete else palette.faint() for complete in whole],
                "line": {"color": palette.ink(), "width": [2 if mark else 0 for mark in marked]},
            },
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": [(f.high if f.high is not None else f.value or 0) - (f.value or 0) for _, f in points],
                "arrayminus": [(f.value or 0) - (f.low if f.low is not None else f.value or 0) for _, f in points],
                "color": palette.faint(),
                "thickness": 1.2,
                "width": 3,
            },
            # Whoever presses a point is shown its run: no other one fades.
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
            "customdata": [_told(one, figure, chosen.baseline) for one, figure in points],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    ]


def _symbol(summary: RunSummary, baseline: str) -> str:
    return "diamond" if summary.id == baseline else "circle" if summary.complete else "circle-open"


def _told(summary: RunSummary, figure: Interval, baseline: str) -> str:
    """Escaped: Plotly reads tags, and no '&quot;'."""
    asked = f"{summary.setup.method.name}, {summary.setup.model_name}, {summary.setup.method.mode.value}"
    lines = [
        f"<b>{html.escape(' · '.join(filter(None, (moments.exact(summary.time), summary.name))), quote=False)}</b>",
        f"{numbers.value(figure)} ({numbers.between(figure) or 'no interval'}), over {figure.n:,}",
        html.escape(asked, quote=False),
        "stopped early" if not summary.complete else "",
        "baseline" if summary.id == baseline else "",
    ]
    return "<br>".join(filter(None, lines))


def _layout(points: Sequence[_Point], limit: float | None, baseline: str) -> _Spec:
    lowest = min(*(f.low if f.low is not None else f.value or 0.0 for _, f in points), limit or 1.0)
    count = len(points)
    ticks = sorted({0, count - 1} if count <= 4 else {0, count // 2, count - 1})  # noqa: PLR2004
    layout: _Spec = {
        "height": _HEIGHT,
        "margin": {"l": 44, "r": 12, "t": 12, "b": 30},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "range": [-0.6, max(count, 4) - 0.4],
            "tickvals": ticks,
            "ticktext": [_day(points[i][0].time) for i in ticks],
        },
        "yaxis": {
            "range": [max(0.0, lowest - 0.08), 1.02],
            "tickformat": ".1f",
            "nticks": 6,
            "fixedrange": True,
            "zeroline": False,
            "gridcolor": palette.track(),
        },
    }
    if limit is not None:
        layout["shapes"] = [_line(limit)]
        layout["annotations"] = [_said(f"at least {limit:.2f}", limit, {"xref": "paper", "x": 1, "xanchor": "right"})]
    for place, (one, figure) in enumerate(points):
        if one.id == baseline and figure.value is not None:
            # Below its interval, where no line goes through it.
            low = figure.low if figure.low is not None else figure.value
            layout.setdefault("annotations", []).append(_said("baseline", low, {"x": place}, -12))
    return layout


def _line(limit: float) -> _Spec:
    line = {"color": palette.quiet(), "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": limit, "y1": limit, "line": line}


def _said(text: str, at: float, place: _Spec, lift: int = 9) -> _Spec:
    """Small words in the picture."""
    font = {"color": palette.quiet(), "size": 11}
    return {"text": text, "y": at, "yshift": lift, "showarrow": False, "font": font, **place}


def _day(time: str) -> str:
    """The day of a moment that ``moments.exact`` tells, or the time of today."""
    return moments.exact(time).rpartition(", ")[0] or moments.exact(time)[:5]
