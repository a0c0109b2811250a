"""Questionnaires on one side of a comparison: how far they truly are, and how far they are drawn."""

from dataclasses import replace

import numpy as np

from services.domain.directions import centroid, unit
from services.domain.maps import NONE, Points, Positions
from services.domain.moved import Asked, Questions, Seen
from services.ground.progress import Progress
from services.map.reached import Reachable

_NOTHING = 1e-9
# The middle of all questionnaires is at most so many radii of the scripts from theirs, or so much more than both reach.
_FARTHEST, _APART = 5.0, 1.25


def asked(
    questions: Questions,
    points: Points,
    positions: Positions,
    reachable: Reachable,
    progress: Progress | None = None,
) -> Asked:
    """The questionnaires at these places, and how far they truly are from the scripts. Needs at least one script."""
    which, far = reachable.nearest(questions.vectors)
    found = which != NONE
    return Asked(
        ids=questions.ids,
        titles=questions.titles,
        positions=positions,
        nearest=np.where(found, far, np.float32(np.nan)),
        nearest_scripts=tuple(reachable.scripts[place] if place != NONE else "" for place in which.tolist()),
        model_name=questions.model_name,
        same_model=questions.model_digest == points.model_digest,
        reads_alike=questions.reads_alike,
        usual=float(np.median(far)) if found.all() else None,
        usual_of_passages=reachable.usual(progress),
        middles=float(1.0 - np.vecdot(*unit(np.stack([centroid(questions.vectors), centroid(points.vectors)])))),
    )


def not_too_far(seen: Seen) -> Seen:
    """The questionnaires as a whole at most so far from the scripts that these are still to be seen.

    How far UMAP puts from each other what has nothing in common says little: 9 radii or 18, by chance.
    """
    asked, positions = seen.asked, seen.map.positions
    if asked is None:
        return seen
    middle, theirs = positions.mean(axis=0, dtype=np.float64), asked.positions.mean(axis=0, dtype=np.float64)
    out, around = np.linalg.norm(positions - middle, axis=1), np.linalg.norm(asked.positions - theirs, axis=1)
    # Two clumps never run into each other by this.
    radius, far = float(np.sqrt((out**2).mean())), float(np.linalg.norm(theirs - middle))
    most = max(_FARTHEST * radius, _APART * float(out.max() + around.max()))
    if radius <= _NOTHING or far <= most:
        return seen
    nearer = np.asarray(asked.positions - (theirs - middle) * (1 - most / far), np.float32)
    return replace(seen, asked=replace(asked, positions=nearer))
