"""``map``: every script as a point, as files to be passed on."""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.cli.output import Output, table
from services.cli.parser import UsageError
from services.cli.stopping import Stop, stoppable
from services.cli.workspace import open_workbench, say_note
from services.domain.colours import DARK, LIGHT
from services.domain.landscape import AskedOnMap, Landing, Landscape
from services.domain.maps import Drawn, Map, Points
from services.domain.questionnaires import Questionnaire
from services.domain.words import count
from services.errors import Cancelled, MapNotKept, NotFound
from services.exporting import maps
from services.ground import digests, files
from services.map import drawing, said
from services.map.look import Colouring, Layers, Look
from services.workbench import Workbench

_USAGE = "usage: python -m services map [--html FILE] [--png FILE] [--svg FILE] [--coordinates FILE] …\n"
_MOST_NAMED = 12
_READ_ONLY = "The workspace is read-only: the map is drawn, and not kept for the next time."


def run(args: argparse.Namespace, out: Output) -> int:
    """Draw it, and write the files.

    1 where scripts have no place on it, gaps that were asked for are unknown, or it might be kept and could not be.
    """
    _check(args)
    with stoppable(out.progress) as stop, open_workbench(args) as workbench:
        # Before any work: a questionnaire that is not there has no place.
        asked = _questionnaire(workbench, args.questionnaire)
        try:
            told = _told(workbench, args, asked, stop)
        except Cancelled:
            raise KeyboardInterrupt from None
        say_note(workbench, out)
        # Where nothing may be written, whoever asks for files has all that there is to have.
        failed = bool(told.not_kept) and workbench.writable
    out.note(told.not_kept)
    out.answer(told.as_json(), told.lines())
    unknown = args.gaps and told.landscape.gaps_failed
    return 1 if told.points.left_out or failed or unknown else 0


def _check(args: argparse.Namespace) -> None:
    if args.coordinates:
        maps.table_format(args.coordinates)
    if args.colour == Colouring.DISTANCE and not args.questionnaire:
        cause = "--colour distance needs something that the distance is to."
        raise UsageError(cause, "Name it with --questionnaire.", _USAGE)
    if args.with_text and not args.html:
        raise UsageError("--with-text is about the HTML file.", "Name one with --html.", _USAGE)
    named = [files.led_to(Path(file)) for file in (args.html, args.png, args.svg, args.coordinates) if file]
    if len(set(named)) < len(named):
        raise UsageError("Two files of one name cannot both be written.", "Give each a name of its own.", _USAGE)
    if args.pca and args.anew:
        raise UsageError("--pca draws nothing anew by UMAP.", "Leave out one of the two.", _USAGE)


def _questionnaire(workbench: Workbench, named: str) -> Questionnaire | None:
    if not named:
        return None
    known = workbench.all_questionnaires
    if named in known:
        return known[named]
    some = f"Some that there are: {', '.join(sorted(known)[:5])}." if known else "There is none yet."
    raise NotFound(f"There is no questionnaire '{named[:80]}'.", some)


def _told(workbench: Workbench, args: argparse.Namespace, asked: Questionnaire | None, stop: Stop) -> "_Told":
    started = time.perf_counter()
    drawn, points, not_kept = _drawn(workbench, args, stop)
    seconds = time.perf_counter() - started
    landscape = workbench.landscape(drawn, stop.report, send=args.gaps)
    answer = workbench.ask_map(drawn, asked) if asked else None
    written = _write(workbench, args, drawn, Layers(answer, landscape), stop)
    return _Told(drawn, points, not_kept, landscape, answer, written, seconds)


def _drawn(workbench: Workbench, args: argparse.Namespace, stop: Stop) -> tuple[Map, Points, str]:
    """The map, what it places, and why it could not be kept; empty where it was, or nothing was to be."""
    workbench.refresh(stop.report)
    points = workbench.map_points()
    if not len(points):
        raise NotFound(
            "No script has a place: none has vectors of this workspace's model.",
            "Import scripts, or see: python -m services health",
        )
    if args.pca:
        return drawing.stand_in(points), points, ""
    shown, not_kept = workbench.map_of(), ""
    if args.anew or shown is None or workbench.map_due(shown):
        try:
            shown = workbench.draw_map(stop.report, anew=args.anew)
        except MapNotKept as error:
            shown, not_kept = workbench.map_of(), str(error)
        else:
            fitted = shown is not None and shown.drawn is Drawn.UMAP
            not_kept = _READ_ONLY if fitted and not workbench.writable else ""
    assert shown is not None  # noqa: S101  there are points
    return shown, points, not_kept


def _write(
    workbench: Workbench, args: argparse.Namespace, drawn: Map, layers: Layers, stop: Stop
) -> tuple[tuple[str, str], ...]:
    """Every file that was named, with its digest."""
    look = Look(
        workbench.settings.sections,
        Colouring(args.colour),
        DARK if args.dark else LIGHT,
        by_section=args.by_section,
    )
    shown = maps.Shown(drawn, workbench.shelf.rows, look, layers)
    wanted = {"html": args.html, "png": args.png, "svg": args.svg}
    if args.coordinates:
        wanted[maps.table_format(args.coordinates)] = args.coordinates
    named = [(form, file) for form, file in wanted.items() if file]
    written = []
    for done, (form, file) in enumerate(named):
        stop.report("Writing files", done, len(named))
        data = maps.as_bytes(shown, form, with_text=args.with_text)
        files.write_named(Path(file), data)
        written.append((file, digests.of_bytes(data)))
    return tuple(written)


@dataclass(frozen=True, eq=False)
class _Told:
    """A map and what is said of it."""

    map: Map
    points: Points
    # Why the next time it has to be drawn again; empty where it has not.
    not_kept: str
    landscape: Landscape
    asked: AskedOnMap | None
    written: tuple[tuple[str, str], ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/command-line.md``."""
        made, quality, found = self.map, self.map.quality, self.landscape
        return {
            "points": len(made.scripts),
            "method": made.drawn.value,
            "trustworthiness": quality.trustworthiness if quality else None,
            "kept_neighbours": quality.kept if quality else None,
            "looked_at": quality.looked_at if quality else None,
            "seconds": round(self.seconds, 3),
            "key": made.key,
            "model": made.model_name,
            "model_digest": made.model_digest,
            "not_fitted": [s for s, fitted in zip(made.scripts, made.fitted.tolist(), strict=True) if not fitted],
            "left_out": dict(self.points.left_out),
            "note": made.note,
            "not_kept": self.not_kept,
            "clusters": [
                {"number": c.number + 1, "words": list(c.words), "scripts": c.size, "sections": dict(c.sections)}
                for c in found.clusters
            ],
            "outliers": len(found.outliers),
            "near_duplicates": [[one.one, one.other] for one in found.joined],
            "gaps": [
                {
                    "questionnaire": gap.questionnaire,
                    "section": gap.section,
                    "distance": round(gap.distance, 6),
                    "usual": round(gap.usual, 6),
                    "missing": list(gap.missing),
                }
                for gap in found.gaps
            ],
            "without_gaps": "" if found.asked else found.without_gaps,
            "asked": self._asked(),
            "files": [{"file": file, "digest": digest} for file, digest in self.written],
        }

    def _asked(self) -> dict[str, Any] | None:
        if self.asked is None:
            return None
        hits = {section.section: [_as_json(hit) for hit in section.hits] for section in self.asked.sections}
        position = None if self.asked.position is None else list(self.asked.position)
        return {"position": position, "reason": self.asked.without_position, "sections": hits}

    def lines(self) -> Iterator[str]:
        """The same for people."""
        yield said.drawn(self.map)
        yield said.believed(self.map)
        for script, why in list(self.points.left_out.items())[:_MOST_NAMED]:
            yield f"Left out: {script}. {why}"
        if len(self.points.left_out) > _MOST_NAMED:
            yield f"  and {len(self.points.left_out) - _MOST_NAMED:,} more; --json names them all"
        yield from self._found()
        if self.asked is not None and self.asked.position is None:
            yield self.asked.without_position
        for file, digest in self.written:
            yield f"Written: {file}, BLAKE3 {digest}."

    def _found(self) -> Iterator[str]:
        found = self.landscape
        if found.clusters:
            rows = [
                (cluster.name, f"{cluster.size:,}", ", ".join(f"{s} {n:,}" for s, n in cluster.sections.items()))
                for cluster in found.clusters[:_MOST_NAMED]
            ]
            yield ""
            yield from table(("cluster", "scripts", "sections"), rows, right=[1])
            yield f"{count(len(found.outliers), 'script')} alone."
            yield ""
        elif found.without_clusters:
            yield found.without_clusters
        if found.same:
            copies = sum(len(group) for group in found.same)
            yield f"{count(copies, 'script')} in {count(len(found.same), 'group')} with the same words."
        yield from _near(found)
        for gap in found.gaps[:_MOST_NAMED]:
            missing = f" In no near script: {', '.join(gap.missing)}." if gap.missing else ""
            yield f"Gap: {gap.title}, in {gap.section}. {gap.reason}{missing}"
        if not found.gaps and found.without_gaps:
            yield f"{found.without_gaps}{' With --gaps they are.' if found.gaps_unasked else ''}"


def _near(found: Landscape) -> Iterator[str]:
    pairs, among = count(len(found.near), "pair"), f"among the {found.looked_among:,} pairs that lie nearest"
    if found.more_joined:
        yield f"The nearest {pairs} of near-duplicates; there are more."
    elif found.looked_among:
        yield f"{pairs if found.near else 'No pair'} of near-duplicates {among}."
    elif found.near:
        yield f"{pairs} of near-duplicates."


def _as_json(hit: Landing) -> dict[str, Any]:
    return {"rank": hit.rank, "id": hit.script, "distance": None if hit.distance is None else round(hit.distance, 6)}
