"""What became of the scripts from one commit of the history to another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from services.domain.history import What
from services.domain.words import count

# In this order they are told.
_TOLD = {
    What.EDITED: "changed",
    What.MOVED: "moved to another section",
    What.CREATED: "added",
    What.DELETED: "deleted",
}
_NOT_LOOKED_INTO = "changed or embedded anew"


@dataclass(frozen=True)
class Differing:
    """A script that is not after one commit what it was after another."""

    id: str
    # Created, edited, moved or deleted; embedded where its vectors alone are others.
    what: What
    # Where it is, and where it was where it is gone.
    section: str
    # As of the later commit, or as it was where it is gone; empty where that cannot be read.
    title: str = ""
    # The section that it was moved from.
    was_in: str = ""

    def as_json(self) -> dict[str, str]:
        """Every field under its name."""
        return {**vars(self), "what": self.what.value}


@dataclass(frozen=True)
class Between:
    """The scripts that differ between two commits, by section and id."""

    scripts: tuple[Differing, ...] = ()
    # Why it cannot be told, as a sentence; then there are none.
    problem: str = ""
    # False where they are so many that no title was read, nor whether words or vectors of the edited ones are others.
    looked_into: bool = True

    def those(self, *what: What) -> Sequence[Differing]:
        """Those of which this became."""
        return [one for one in self.scripts if one.what in what]

    @property
    def reworded(self) -> Sequence[Differing]:
        """Those that say something else, or are somewhere else: all whose vectors are not all that changed."""
        return self.those(*_TOLD)

    def sentence(self) -> str:
        """'3 scripts were changed, 1 added': without a full stop; empty where none says anything else."""
        named = {
            what: _NOT_LOOKED_INTO if what is What.EDITED and not self.looked_into else _TOLD[what] for what in _TOLD
        }
        counts = {what: len(self.those(what)) for what in _TOLD}
        there = [what for what in _TOLD if counts[what]]
        if not there:
            return ""
        first, *others = there
        verb = "was" if counts[first] == 1 else "were"
        rest = (f"{counts[what]:,} {named[what]}" for what in others)
        return ", ".join([f"{count(counts[first], 'script')} {verb} {named[first]}", *rest])

    def as_json(self) -> dict[str, Any]:
        """The shape promised in ``docs/command-line.md``."""
        return {
            "problem": self.problem,
            "looked_into": self.looked_into,
            "scripts": [one.as_json() for one in self.scripts],
        }


def differing(found: Collection[Differing], *, looked_into: bool = True) -> Between:
    """These, in their order."""
    return Between(tuple(sorted(found, key=lambda one: (one.section, one.id))), looked_into=looked_into)
