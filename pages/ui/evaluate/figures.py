"""All measures: overall and by section, each with its interval, defined on hover and below."""

import html
from collections.abc import Mapping

import streamlit as st

from pages.ui import palette, words
from pages.ui.evaluate import numbers
from pages.ui.evaluate.headline import in_order, measured
from services.domain.measures import Figures, Interval, Measure, measures
from services.domain.runs import Run


def show(run: Run, sections: tuple[str, ...]) -> None:
    """The table, folded away: one figure comes first."""
    if not measured(run):
        return
    every = measures(run.setup.top_k)
    with st.expander("All measures", icon=":material/table_rows:"):
        st.html(f'<div class="measures">{_table(every, run.figures, sections)}</div>')
        with st.popover("How each is defined", type="tertiary"):
            for one in every:
                st.markdown(f"**{numbers.name(one.name)}**: {one.says} {numbers.about(one)}")
            st.caption(
                "By ir_measures. The intervals are 95% percentile bootstrap intervals over the questionnaires. A "
                "questionnaire counts once: with the mean of the sections in which something fits it."
            )


def _table(every: tuple[Measure, ...], figures: Figures, sections: tuple[str, ...]) -> str:
    columns = {"": figures.overall, **{s: figures.sections[s] for s in in_order(figures.sections, sections)}}
    heads = "".join(_head(name, by, sections) for name, by in columns.items())
    rows = "".join(_row(one, list(columns.values())) for one in every)
    return f"<table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _head(section: str, by_measure: Mapping[str, Interval], sections: tuple[str, ...]) -> str:
    over = max((figure.n for figure in by_measure.values()), default=0)
    known = section in sections
    colour = palette.of_section(section, sections) if known else palette.faint()
    told = html.escape(words.section(section)) if section else "Overall"
    return (
        f'<th style="border-bottom:2px solid {colour}">{told}<br>'
        f"<small>{words.count(over, 'questionnaire')}</small></th>"
    )


def _row(measure: Measure, columns: list[Mapping[str, Interval]]) -> str:
    meant = html.escape(f"{measure.says} {numbers.about(measure)}", quote=True)
    cells = "".join(_cell(by_measure.get(measure.name)) for by_measure in columns)
    return f'<tr><th title="{meant}"><abbr>{html.escape(numbers.name(measure.name))}</abbr></th>{cells}</tr>'


def _cell(figure: Interval | None) -> str:
    return f"<td>{numbers.value(figure)}<small>{numbers.between(figure)}</small></td>"
