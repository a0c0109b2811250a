"""Scripts with names of their sources, and what is asked of a workspace of them."""

from services.domain.scripts import make_script
from services.workbench import Workbench

SECTIONS = ("induction", "affirmations", "awakening")


def script(name, section="induction", source_id=""):
    return make_script(id=name, section=section, title=name.title(), text=f"Words of {name}.", source_id=source_id)


def judged(folder):
    with Workbench(folder) as bench:
        return bench.grades()


def reasons(done):
    return [item["reason"] for item in done["rejected"]]
