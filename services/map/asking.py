"""A question on the map: the true distances of its hits, and an impression of where it lies itself."""

from collections.abc import Mapping

import numpy as np

from services.domain.landscape import AskedOnMap, Landing, Place, SectionAsked
from services.domain.maps import Map
from services.domain.results import Hit, Ranking, Retrieval
from services.domain.scripts import Vectors
from services.map.later import AMONG, amid


def on_map(retrieval: Retrieval, shown: Map) -> AskedOnMap:
    """What was retrieved, with the places of the question and its hits.

    A question has no place among scripts whose distances to it mean nothing.
    """
    distances = _distances(retrieval, shown)
    # NaN comes last.
    first = np.argsort(distances, kind="stable")[:AMONG].tolist()
    nearest = {shown.scripts[row]: float(distances[row]) for row in first if np.isfinite(distances[row])}
    position, placed_by = place_among(nearest, shown)
    return AskedOnMap(
        map_key=shown.key,
        questionnaire=retrieval.questionnaire.id,
        title=retrieval.questionnaire.title,
        query=retrieval.query,
        embedder=retrieval.embedder,
        position=position,
        without_position=_without_position(retrieval) if position is None else "",
        placed_by=placed_by,
        sections=tuple(_section(ranking, shown) for ranking in retrieval.sections.values()),
        distances=distances,
        seconds=retrieval.embedding_seconds + retrieval.search_seconds,
    )


def place_among(near: Mapping[str, float], shown: Map) -> tuple[Place | None, tuple[str, ...]]:
    """The place of something among the nearest scripts, by their distances, and those that it was placed by.

    As a script that came after the fit is placed. None where not one of them is on the map.
    """
    nearest = sorted((far, script) for script, far in near.items() if script in shown.places)[:AMONG]
    if not nearest:
        return None, ()
    far = np.array([[distance for distance, _ in nearest]], np.float32)
    placed_by = tuple(script for _, script in nearest)
    positions = shown.positions[[shown.places[script] for script in placed_by]]
    x, y = amid(far, positions[np.newaxis])[0].tolist()
    return (x, y), placed_by


def place_of(script: str, shown: Map) -> Place | None:
    """Where a script is; None where it is not on the map."""
    row = shown.places.get(script)
    if row is None:
        return None
    x, y = shown.positions[row].tolist()
    return x, y


def _distances(retrieval: Retrieval, shown: Map) -> Vectors:
    """``float32[n]``, of each script of the map; NaN where it has none or where it would mean nothing."""
    found = np.full(len(shown.scripts), np.nan, np.float32)
    for ranking in retrieval.sections.values():
        if ranking.random:
            continue
        rows = np.array([shown.places.get(script, -1) for script in ranking.scored], np.int64)
        found[rows[rows >= 0]] = ranking.distances[rows >= 0]
    return found


def _section(ranking: Ranking, shown: Map) -> SectionAsked:
    return SectionAsked(
        section=ranking.section,
        hits=tuple(_landing(hit, shown) for hit in ranking.hits),
        refusal=ranking.refusal,
        next_step=ranking.next_step,
        separation=ranking.separation,
        random=ranking.random,
        without_distances=ranking.without_distances,
    )


def _landing(hit: Hit, shown: Map) -> Landing:
    script = hit.script
    position = place_of(script.id, shown)
    return Landing(hit.rank, script.id, script.title, script.section, hit.distance, position, hit.words)


def _without_position(retrieval: Retrieval) -> str:
    rankings = [ranking for ranking in retrieval.sections.values() if not ranking.empty]
    random = [ranking for ranking in rankings if ranking.random]
    if random and len(random) == len(rankings):
        return (
            "The question has no place here: it was embedded by another model than the scripts, "
            "so that no distance between them means anything."
        )
    reason = next((ranking.without_distances for ranking in rankings if ranking.without_distances), "")
    if reason:
        return f"Only words were compared, so the question has no place. {reason}"
    if not any(ranking.scored for ranking in rankings):
        return "Nothing was found, so the question has no place."
    return "None of the scripts that were found is on the map, so the question has no place."
