"""Health over time: what each check found, as a picture and as a table."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import frame, palette, words
from services.domain.checks import Check, Health
from services.domain.separation import Verdict
from services.domain.settings import Thresholds
from services.domain.trust import Measured, Measurement
from services.health import kept
from services.health.cells import centroid_shift
from services.workbench import Workbench

_HEIGHT = 240
# As many as a picture can show apart; the table and the files have all.
_SHOWN = 200
_Spec = dict[str, Any]
_Compared = tuple[Measurement, Measurement | None]


def show(workbench: Workbench, health: Health) -> None:
    """The picture, the table, and the button that takes today as what later checks are compared with."""
    every = [check for check in workbench.checks() if check.sections][-_SHOWN:]
    if not every:
        return
    # A line is of one model: what another one answered before belongs in the table only.
    digest = workbench.embedder().identity.digest
    checks = [check for check in every if check.query.model_digest == digest and not check.failure]
    # Each with what it was compared with then.
    pairs = [(check, kept(checks[: i + 1], check.query, check.address).baseline) for i, check in enumerate(checks)]
    with st.expander(f"Over time: {words.count(len(every), 'check')}", expanded=len(checks) > 1):
        limits, sections = workbench.settings.thresholds, workbench.settings.sections
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**How well stored vectors agree with today's model**")
            _lines(pairs, sections, lambda found, _: found.evidence.min_cosine, limits.cosine_attention, "cosine")
        with right:
            st.markdown("**How far each section's middle has moved**")
            _lines(pairs, sections, _shift, limits.centroid_shift, "shift")
        st.dataframe(
            pd.DataFrame([_row(check, limits) for check in reversed(every)]), hide_index=True, height=_table(len(every))
        )
        _accept(workbench, health)


def _table(rows: int) -> int:
    """Pixels: all rows of a short history, some of a long one."""
    return 36 + 35 * min(rows, 6)


def _accept(workbench: Workbench, health: Health) -> None:
    shifts = [collection.cell(Check.SHIFT) for collection in health.collections]
    moved = any(cell is not None and not cell.fine for cell in shifts)
    if moved and workbench.writable and st.button("Take the last check as the new baseline", icon=":material/flag:"):
        with frame.told():
            workbench.accept_baseline()
            st.rerun()


def _shift(found: Measured, before: Measured | None) -> float | None:
    return centroid_shift(found, before) if before is not None else None


def _lines(
    checks: Sequence[_Compared],
    sections: tuple[str, ...],
    value: Callable[[Measured, Measured | None], float | None],
    limit: float,
    name: str,
) -> None:
    """One line a section over the checks, and the threshold."""
    lines = {section: _points(checks, section, value) for section in sections}
    data = [_line(section, sections, points) for section, points in lines.items() if len(points) > 1]
    if not data:
        st.caption("There is nothing to compare with yet: one more check, and this is a line.")
        return
    st.plotly_chart(
        {"data": data, "layout": _layout(limit, name)},
        key=f"history_{name}",
        config={"displayModeBar": False, "scrollZoom": False},
        alt=f"The {name} of each section over {len(checks)} checks; the table below has the figures.",
    )


def _points(
    checks: Sequence[_Compared], section: str, value: Callable[[Measured, Measured | None], float | None]
) -> list[tuple[str, float]]:
    """Time and figure of each check of the section."""
    found = []
    for check, baseline in checks:
        if section in check.sections:
            figure = value(check.sections[section], baseline.sections.get(section) if baseline else None)
            found += [(check.time, figure)] if figure is not None else []
    return found


def _line(section: str, sections: tuple[str, ...], points: list[tuple[str, float]]) -> _Spec:
    # Lines that lie on each other are all seen: the first is the widest, and below the others.
    width = 2 + 2.5 * (len(sections) - 1 - sections.index(section))
    return {
        "type": "scatter",
        "name": words.section(section),
        "x": [time for time, _ in points],
        "y": [figure for _, figure in points],
        "mode": "lines",
        "line": {"color": palette.of_section(section, sections), "width": width},
        "hovertemplate": "%{x|%d %b %H:%M}<br>%{y:.5f}<extra>" + words.section(section) + "</extra>",
    }


def _layout(limit: float, name: str) -> _Spec:
    ink = palette.quiet()
    return {
        "height": _HEIGHT,
        "margin": {"l": 52, "r": 8, "t": 8, "b": 36},
        "legend": {"orientation": "h", "y": -0.2},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"showgrid": False, "nticks": 4},
        "yaxis": {"tickformat": ".1%" if name == "shift" else ".4f", "nticks": 5, "gridcolor": palette.track()},
        "shapes": [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": limit, "y1": limit}
            | {"line": {"color": ink, "width": 1, "dash": "dot"}}
        ],
        "annotations": [
            {
                "xref": "paper",
                "x": 1,
                "y": limit,
                "text": "attention",
                "showarrow": False,
                "yshift": 8,
                "xanchor": "right",
            }
            | {"font": {"color": ink, "size": 11}}
        ],
    }


def _row(check: Measurement, limits: Thresholds) -> dict[str, object]:
    worst = [m.evidence.min_cosine for m in check.sections.values() if m.evidence.min_cosine is not None]
    foreign = sum(len(m.evidence.below(limits.cosine_broken)) for m in check.sections.values())
    counts = [m.separations for m in check.sections.values()]
    total = sum(sum(c.values()) for c in counts)
    silent = sum(c.get(Verdict.NO_INFORMATION.value, 0) for c in counts)
    return {
        "Time (UTC)": check.time[:16].replace("T", " "),
        "Model": f"{check.query.model_name} ({words.short(check.query.model_digest)})",
        "Canary sentences": _cosine(check.canary_min_cosine),
        "Evidence": _cosine(min(worst, default=None)),
        "Foreign scripts": foreign,
        "Rankings that inform": f"{total - silent} of {total}" if total else "",
        "Baseline": "accepted" if check.accepted else "",
        "Libraries": ", ".join(f"{name} {number}" for name, number in check.versions.items()),
        "Problem": check.failure,
    }


def _cosine(cosine: float | None) -> str:
    return "" if cosine is None else f"{cosine:.4f}"
