"""Two maps side by side as one HTML file: both pictures, who asks, and what moved most. Of words it has titles only."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.domain.colours import DARK, LIGHT
from services.domain.moved import Compared, Seen
from services.domain.words import count
from services.exporting.maps import sheet
from services.map import beside, following, pair, said
from services.map.beside import Names, Said
from services.map.look import Look
from services.shelf import Row

_TITLE = "Two maps side by side"
_HEIGHT = 460


def html_page(found: Compared, rows: Sequence[Iterable[Row]], names: Sequence[Names], look: Look) -> bytes:
    """The file. ``rows`` and ``names`` are those of the first side and of the second."""
    both = (found.before, found.after)
    kept = [list(some) for some in rows]
    look = sheet.look_of(look, max(map(len, kept)))
    light, dark = (pair.pair(found, kept, replace(look, colours=one)) for one in (LIGHT, DARK))
    drawn = zip(both, light, dark, strict=True)
    told = beside.headline(found)
    filled = {
        "headline": _said(told),
        "sides": "".join(_side(found, seen, name) for seen, name in zip(both, names, strict=True)),
        "asked": _asked(found, names),
        "moved": _moved(found),
        "following": following.script(),
    }
    figures = [sheet.figure(one, other) for seen, one, other in drawn if seen.map.scripts]
    return sheet.write(_TITLE, "compared.html", filled, figures)


def _said(told: Said) -> str:
    return f"<strong>{sheet.text(told.head)}</strong> {sheet.text(told.rest)}" if told.head else sheet.text(told.rest)


def _side(found: Compared, seen: Seen, name: Names) -> str:
    """A side's title, its picture, and how far that can be believed."""
    when = f"<p>Scripts of {sheet.text(name.when)}</p>" if name.when else ""
    heading = f"<header><h2>{sheet.text(name.title)}</h2>{when}</header>"
    if not seen.map.scripts:
        reason = next(iter(seen.left_out.values()), "There is none.")
        return f"<section>{heading}<p>{sheet.text(f'No script can be placed here. {reason}')}</p></section>"
    label = sheet.text(f"{name.title}. {beside.alternative(found, seen)}")
    chart = f'<div class="chart" style="height: {_HEIGHT}px" role="img" aria-label="{label}"></div>'
    below = [f'<p class="wrong">{sheet.text(seen.not_asked)}</p>'] if seen.not_asked else []
    below.append(f'<p class="small">{sheet.text(said.believed(seen.map))}</p>')
    if seen.left_out:
        below.append(f'<p class="small">{count(len(seen.left_out), "script")} cannot be placed.</p>')
    return f"<section>{heading}{chart}<div>{''.join(below)}</div></section>"


def _asked(found: Compared, names: Sequence[Names]) -> str:
    """Who asks, and how far each questionnaire is from its nearest script; nothing where nobody asks."""
    there = [
        (seen.asked, name)
        for seen, name in zip((found.before, found.after), names, strict=True)
        if seen.asked is not None
    ]
    if not there:
        return ""
    told = "".join(
        f'<p class="{"wrong" if asked.apart else "asks"}">{_said(beside.distances(asked, name))}</p>'
        for asked, name in there
    )
    small = f'<p class="small">{sheet.text(beside.ABOUT_DISTANCES)}</p>'
    return f"<h2>Who asks</h2>{told}{small}{_questionnaires(found)}"


def _questionnaires(found: Compared) -> str:
    columns = beside.questionnaires(found)
    lines = [[_cell(value) for value in line] for line in zip(*columns.values(), strict=True)]
    numbers = [place for place, head in enumerate(columns) if head.startswith(beside.DISTANCE)]
    return _folded(
        f"Each questionnaire with its nearest script · {len(lines):,}", sheet.table(list(columns), lines, numbers)
    )


def _cell(value: str | float | None) -> str:
    return f"{value:.3f}" if isinstance(value, float) else value or ""


def _folded(heading: str, table: str) -> str:
    return f"<details open><summary>{sheet.text(heading)}</summary>{table}</details>"


def _moved(found: Compared) -> str:
    lines = beside.moved(found)
    if not lines:
        return ""
    itself = bool(lines[0].itself)
    heads = ["Title", "Neighbours lost", "Way", "Section", *(["Itself"] if itself else [])]
    cells = [
        [one.title, f"{one.lost}%", f"{one.way:.2f}", one.section, *([one.itself] if itself else [])] for one in lines
    ]
    shown = count(len(lines), "script")
    heading = shown if len(lines) == len(found.moved) else f"The first {len(lines):,} of {len(found.moved):,}"
    told = f'<h2>Moved most</h2><p class="small">{sheet.text(beside.ABOUT_MOVED)}</p>'
    return told + _folded(heading, sheet.table(heads, cells, (1, 2)))
