"""What stands beside two maps, as plain text and numbers: for the page, and for the file that is passed on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.domain.moved import Asked, Compared, Seen
from services.domain.words import count, section

# More are of no use in a list that is read from its top.
MOST = 500
# What the columns of distances begin with.
DISTANCE = "Distance"
ABOUT_MOVED = (
    "By the share of its true neighbours that a script has lost; then by its way on the picture, where 1 is from the "
    "middle to the usual script."
)


@dataclass(frozen=True)
class Said:
    """What matters in a few words, which may be empty, and what follows."""

    head: str
    rest: str


@dataclass(frozen=True)
class Names:
    """How people call what one side has: who reads the scripts, who asks if anybody does, and of when they are."""

    reads: str
    asks: str = ""
    when: str = ""

    @property
    def title(self) -> str:
        """What is to be seen there, in a line."""
        return f"Read by {self.reads}{f', asked by {self.asks}' if self.asks else ''}"


@dataclass(frozen=True)
class Row:
    """A line of the table of what moved."""

    script: str
    title: str
    # Percent of its true neighbours.
    lost: int
    way: float
    section: str
    # Whether its own vectors are others, in words; empty where two models read it.
    itself: str


def headline(found: Compared) -> Said:
    """What there is to see, in a sentence."""
    both = count(len(found.moved), "script")
    if not found.moved:
        told = Said("", "The two sides have no script in common, so that nothing can be followed.")
    elif found.same_scripts:
        told = Said(
            "No script has moved:", f"both sides have the same scripts, read by the same model. {otherwise(found)}"
        )
    elif found.lost is None:
        told = Said("", f"{both} on both sides: too few to tell what has moved.{_changed(found)}")
    else:
        stay = f"Of the {found.neighbours} scripts that are truly nearest to one, {1 - found.lost:.0%} stay so,"
        told = Said(stay, f"over the {both} on both sides.")
    aside = [
        f"{count(len(some), 'script')} {'is' if len(some) == 1 else 'are'} only {where}."
        for some, where in ((found.only_before, "in the first"), (found.only_after, "in the second"))
        if some
    ]
    return Said(told.head, " ".join([told.rest, *aside]))


def _changed(found: Compared) -> str:
    """How many of them have other words, where one model reads both sides."""
    changed = sum(one.itself for one in found.moved)
    if not changed or found.before.map.model_digest != found.after.map.model_digest:
        return ""
    return f" {count(changed, 'script')} of them {'has' if changed == 1 else 'have'} changed."


def otherwise(found: Compared) -> str:
    """What there is to see all the same, where the scripts are the same."""
    askers = {seen.side.asked_by for seen in (found.before, found.after)}
    if len(askers) > 1:
        return "What differs is who asks: questionnaires are placed with the scripts, so that these shift a little too."
    pairs = [(one, found.after.records[i]) for i, one in found.before.records.items()]
    if changed := sum(one.digest != other.digest and one.script != other.script for one, other in pairs):
        return f"Something else was changed in {count(changed, 'script')}, which places do not go by."
    return "Nothing differs between them. Each picture is drawn by itself, so points may stand a little differently."


def alternative(found: Compared, seen: Seen) -> str:
    """What a picture shows, and which tables below have the same in words."""
    told = [f"{count(len(seen.map.scripts), 'script')} as points."]
    if seen.asked is not None:
        told[0] = f"{told[0][:-1]}, and {count(len(seen.asked.ids), 'questionnaire')} as stars."
        told.append("The table Who asks has what is nearest to each questionnaire, and how far.")
    if found.same_scripts:
        told.append("No script has moved.")
    elif found.lost is not None:
        most = f"the {MOST:,} of them that" if len(found.moved) > MOST else "what"
        told.append(f"The table Moved most has {most} moved, and how far.")
    return " ".join(told)


def distances(asked: Asked, names: Names) -> Said:
    """Who asks on a side, and how far that is from the scripts."""
    told = "No script is approved here, so that a questionnaire has no nearest one"
    if asked.usual is not None:
        told = f"A questionnaire is {asked.usual:.3f} from its nearest script"
    if asked.usual is not None and asked.usual_of_passages is not None:
        told += f", where a piece of a script is {asked.usual_of_passages:.3f} from the nearest other script"
    told += f"; the middle of all questionnaires is {asked.middles:.3f} from that of all scripts."
    if asked.same_model:
        return Said(f"Asked by {names.asks}, which reads the scripts too.", told)
    whose = f"Asked by {names.asks}, the scripts read by {names.reads}:"
    if asked.reads_alike:
        proof = "Read anew by the model that asks, a few scripts have nearly the vectors that they carry."
        return Said(f"{whose} another build of one model.", f"{told} {proof}")
    if not asked.apart:
        alike = "The two may read alike, as two builds of one model do; nothing here proves that they do."
        return Said(f"{whose} another model, and no clump apart.", f"{told} {alike}")
    chance = "Which script is nearest is chance, and so is everything that is retrieved."
    if asked.reads_alike is None:
        chance = (
            "Either the two read nothing alike, so that everything that is retrieved is chance, or no script is about "
            "what is asked for."
        )
    return Said(f"{whose} a clump apart.", f"{told} {chance}")


ABOUT_DISTANCES = (
    "Distances are cosine distances of the full space as Retrieve shows them: from a questionnaire as it is asked to "
    "an approved script, whose nearest piece counts unless the workspace's method says otherwise. The sentences above "
    "have medians; 1 is as far as things lie apart that have nothing in common. On the pictures questionnaires are "
    "placed by their answers, without the sentence around them that all have in common, and at most five times as far "
    "from the middle of the scripts as the usual script is."
)


def questionnaires(found: Compared) -> Mapping[str, Sequence[str | float | None]]:
    """The columns of a table: each questionnaire, its distance to the nearest script on each side, and that script.

    The distances come first, which a narrow screen has room for. None stands where a questionnaire is not asked;
    nothing of a side where nobody asks.
    """
    both = ((found.before, "first"), (found.after, "second"))
    there = [(seen, seen.asked, side) for seen, side in both if seen.asked is not None]
    titles = {i: title for _, asked, _ in there for i, title in zip(asked.ids, asked.titles, strict=True)}
    columns: dict[str, Sequence[str | float | None]] = {"Questionnaire": list(titles.values())}
    for _, asked, side in there:
        far = dict(zip(asked.ids, asked.nearest.tolist(), strict=True))
        columns[f"{DISTANCE}, {side}"] = [None if math.isnan(far.get(i, math.nan)) else far[i] for i in titles]
    for seen, asked, side in there:
        near = {i: script for i, script in zip(asked.ids, asked.nearest_scripts, strict=True) if script}
        columns[f"Nearest, {side}"] = [seen.records[near[i]].script.title if i in near else None for i in titles]
    return columns


def moved(found: Compared) -> Sequence[Row]:
    """What moved most, at most ``MOST`` of them; nothing where nothing can have moved, or nobody can tell."""
    if found.same_scripts or found.lost is None:
        return []
    one_model = found.before.map.model_digest == found.after.map.model_digest
    lines = []
    for one in found.moved[:MOST]:
        script = found.after.records[one.script].script
        itself = ("changed" if one.itself else "as it was") if one_model else ""
        lines.append(Row(one.script, script.title, round(100 * one.lost), one.way, section(script.section), itself))
    return lines
