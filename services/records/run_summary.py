"""The first line of a run's file: all of it but the rankings."""

from collections.abc import Mapping
from typing import Any

from services.domain.measures import Coverage, Figures, Interval
from services.domain.methods import make_method
from services.domain.runs import Outcome, Provenance, Setup
from services.domain.settings import MAX_TOP_K
from services.ground import text
from services.ports import RunSummary
from services.records import json_values

FORMAT = "scriptorium-run/1"


def encode(found: RunSummary, rankings: str) -> dict[str, Any]:
    """As JSON values; ``rankings`` is the digest of what the second line holds."""
    setup, made_on, figures = found.setup, found.provenance, found.figures
    return {
        "format": FORMAT,
        "id": found.id,
        "time": found.time,
        "name": found.name,
        "by": found.by,
        "seconds": found.seconds,
        "setup": {**vars(setup), "method": setup.method.as_json(), "statuses": list(setup.statuses)},
        "provenance": {**vars(made_on), "versions": dict(sorted(made_on.versions.items()))},
        "outcomes": {outcome.value: found.outcomes[outcome] for outcome in Outcome},
        "overall": _intervals(figures.overall),
        "sections": {section: _intervals(measured) for section, measured in figures.sections.items()},
        "coverage": {section: [covered.judged, covered.shown] for section, covered in figures.coverage.items()},
        "without_scripts": list(found.without_scripts),
        "refused": dict(found.refused),
        "rankings": rankings,
    }


def _intervals(measured: Mapping[str, Interval]) -> dict[str, list[float | None]]:
    return {name: [one.value, one.low, one.high, one.n] for name, one in measured.items()}


def decode(value: Mapping[str, Any]) -> RunSummary:
    """From JSON values. Raises ``ValueError`` and its like, and ``InvalidInput``, where they are none."""
    setup, made_on = dict(value["setup"]), dict(value["provenance"])
    method = make_method(setup.pop("method"))
    statuses = tuple(map(json_values.word, setup.pop("statuses")))
    versions = {json_values.word(name): json_values.word(version) for name, version in made_on.pop("versions").items()}
    outcomes = {Outcome(name): json_values.whole(number, 0) for name, number in value["outcomes"].items()}
    # The library that measures ends the process where a cut-off is below 1.
    top_k = json_values.whole(setup.pop("top_k"), 1, MAX_TOP_K)
    if not text.is_slug(value["id"]):
        raise ValueError("its id is none")
    return RunSummary(
        id=value["id"],
        time=json_values.moment(value["time"]),
        setup=Setup(method=method, statuses=statuses, top_k=top_k, **json_values.words(setup)),
        provenance=Provenance(versions=versions, **json_values.words(made_on)),
        outcomes={outcome: outcomes[outcome] for outcome in Outcome},
        figures=_figures(value),
        by=json_values.word(value["by"]),
        name=json_values.word(value["name"]),
        seconds=json_values.number(value["seconds"], 0),
        without_scripts=tuple(map(json_values.word, value["without_scripts"])),
        refused=json_values.words(value["refused"]),
    )


def _figures(value: Mapping[str, Any]) -> Figures:
    return Figures(
        overall=_measured(value["overall"]),
        sections={section: _measured(measured) for section, measured in value["sections"].items()},
        coverage={section: _covered(*pair) for section, pair in value["coverage"].items()},
    )


def _covered(judged: Any, shown: Any) -> Coverage:
    most = json_values.whole(shown, 0)
    return Coverage(json_values.whole(judged, 0, most), most)


def _measured(value: Mapping[str, Any]) -> dict[str, Interval]:
    found = {}
    for name, (middle, low, high, n) in value.items():
        found[name] = Interval(_figure(middle), _figure(low), _figure(high), json_values.whole(n, 0))
    return found


def _figure(value: Any) -> float | None:
    return None if value is None else json_values.number(value, 0, 1)
