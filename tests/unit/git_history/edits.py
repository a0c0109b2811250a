"""One edit of one script, and what its history tells of it."""

from services.domain.history import What
from tests.doubles import TinyWorkbench, script

ANNA = "Anna <anna@example.org>"
FIRST = ("outside", What.CREATED)


def told(bench: TinyWorkbench, script_id: str = "one") -> list[tuple[str, What]]:
    return [(version.author, version.what) for version in bench.history(script_id)]


def edit(bench: TinyWorkbench, text: str, section: str = "induction") -> None:
    bench.refresh()
    bench.save(script("one", section, text=text), bench.catalogue.records["one"].digest)
