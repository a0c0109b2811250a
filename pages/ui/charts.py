"""Charts: drawn from results, with nothing computed here."""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.ui import palette
from services.domain.results import Ranking
from services.domain.scripts import Script

# Streamlit pages fail above eight Plotly charts.
MAX_STRIPS = 8
_HEIGHT = 76
_Spec = dict[str, Any]


def strip(
    ranking: Ranking, titles: dict[str, str], colour: str, scale: tuple[float, float], *, name: str = "strip"
) -> None:
    """One axis, every script's distance as a tick: the hits tall and coloured, the expected ringed.

    ``name`` tells several strips of one section apart.
    """
    hits = len(ranking.hits)
    expected = {e.script for e in ranking.expected if e.rank is not None}
    ringed = [i for i, script in enumerate(ranking.scored) if script in expected]
    figure = {
        "data": [
            _ticks(ranking, range(hits, len(ranking.scored)), titles, palette.faint(), 14),
            _ticks(ranking, range(hits), titles, colour, 30),
            _rings(ranking, ringed, titles),
        ],
        "layout": _layout(scale),
    }
    st.plotly_chart(
        figure,
        key=f"{name}_{ranking.section}",
        config={"displayModeBar": False, "scrollZoom": False},
        alt=f"How close each of the {len(ranking.scored)} scripts is: "
        f"from {np.nanmin(ranking.distances):.3f} to {np.nanmax(ranking.distances):.3f}.",
    )


def scale(rankings: list[Ranking]) -> tuple[float, float]:
    """One scale for all strips of a page: from a little below the nearest to a little above the farthest."""
    spread = [d for r in rankings for d in r.distances[np.isfinite(r.distances)].tolist()]
    if not spread:
        return 0.0, 1.0
    low, high = min(spread), max(spread)
    room = max(0.02, (high - low) * 0.05)
    return max(0.0, low - room), high + room


def bar(distance: float | None, colour: str) -> None:
    """A distance with three decimals, and a bar from 0, the same text, to 1, nothing in common; a dash without one."""
    if distance is None:
        st.html('<div class="distance" title="There is no cosine distance: it was found by its words."><b>-</b></div>')
        return
    share = 100 * min(1.0, distance)
    st.html(
        f'<div class="distance" title="Cosine distance, 1 minus cosine similarity: lower is closer. '
        f'A full bar, 1.000, would be nothing in common.">'
        f'<b>{distance:.3f}</b><span><i style="width:{share:.1f}%;background:{colour}"></i></span></div>'
    )


def title(script: Script) -> str:
    """A title that Plotly shows as it stands: its hover text would read tags."""
    # It does not read '&quot;'.
    return html.escape(script.title, quote=False)


# Plain values, checked once by Streamlit: building a figure piece by piece takes ten times as long.
def _layout(scale: tuple[float, float]) -> _Spec:
    return {
        "height": _HEIGHT,
        "margin": {"l": 6, "r": 6, "t": 4, "b": 28},
        "showlegend": False,
        "hoverlabel": {"align": "left"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {
            "range": list(scale),
            "showgrid": False,
            "zeroline": False,
            "nticks": 5,
            "tickformat": ".1f",
            "ticks": "outside",
            "ticklen": 3,
        },
        "yaxis": {"visible": False, "range": [-1, 1], "fixedrange": True},
    }


def _ticks(ranking: Ranking, positions: range, titles: dict[str, str], colour: str, size: int) -> _Spec:
    marker = {"symbol": "line-ns-open", "size": size, "color": colour, "line": {"width": 2, "color": colour}}
    return _points(ranking, positions, titles, marker, "%{customdata[0]}<br>%{x:.3f}, rank %{customdata[1]}")


def _rings(ranking: Ranking, positions: list[int], titles: dict[str, str]) -> _Spec:
    ink = palette.ink()
    marker = {"symbol": "circle-open", "size": 13, "color": ink, "line": {"width": 1.5, "color": ink}}
    return _points(ranking, positions, titles, marker, "expected: %{customdata[0]}<br>%{x:.3f}, rank %{customdata[1]}")


def _points(ranking: Ranking, positions: Sequence[int], titles: dict[str, str], marker: _Spec, told: str) -> _Spec:
    return {
        "type": "scatter",
        "x": [float(ranking.distances[i]) for i in positions],
        "y": [0] * len(positions),
        "mode": "markers",
        "marker": marker,
        "customdata": [[titles.get(ranking.scored[i], ""), i + 1] for i in positions],
        "hovertemplate": f"{told}<extra></extra>",
    }
