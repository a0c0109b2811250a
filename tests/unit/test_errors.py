"""The tree of errors in ``services/errors.py`` is the one there is."""

import re

from services import errors
from services.cli.parser import UsageError

# A name with the branches before it, four characters a level.
DRAWN = re.compile(r"^((?:[│ ]   )*[├└]── )(\w+)", re.MULTILINE)


def below(kind: type[Exception], depth: int = 1) -> list[tuple[int, str]]:
    """The kinds below this one with their depth."""
    found = []
    for child in kind.__subclasses__():
        if child.__module__.startswith("services."):
            found += [(depth, child.__name__), *below(child, depth + 1)]
    return found


def test_the_tree_names_every_error_below_its_parent() -> None:
    drawn = [(len(branches) // 4, name) for branches, name in DRAWN.findall(errors.__doc__ or "")]
    assert (2, UsageError.__name__) in drawn
    assert sorted(drawn) == sorted(below(errors.ScriptoriumError))
