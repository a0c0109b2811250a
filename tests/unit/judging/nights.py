"""Scripts that are much alike, and what is asked of a workspace in which they are judged."""

from tests.doubles import TinyWorkbench

# More than the methods bring together, so that a pool is a choice.
NAMES = [f"night-{letter}" for letter in "abcdefghijklmnopqrstuvwxyzabcdef"[:26]]
EXPECTED = "far-away"


def names(bench: TinyWorkbench, judge: str, section: str = "induction") -> list[str]:
    return [candidate.script for candidate in bench.judging_pool("calm", section, judge).candidates]
