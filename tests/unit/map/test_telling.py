"""What is told of a point has room on a telephone."""

import html
import re

from services.map.look import Look, Texts
from services.map.picture import draw
from services.shelf import Row
from tests.unit.map.landscapes import ROWS, SECTIONS, row, the_map


def of_the_first(first: Row) -> list[str]:
    made = draw(the_map(), (first, *ROWS[1:]), Look(SECTIONS, texts=Texts.BEGINNINGS))
    return made.figure["data"][0]["hovertext"][0].split("<br>")


def test_a_long_line_goes_on_in_the_next_and_loses_nothing() -> None:
    title = "The harbour & its <lights>, as they were seen from the old hill"
    told = [html.unescape(re.sub("</?b>", "", line)) for line in of_the_first(row("a", "induction", 60, title=title))]
    assert max(map(len, told)) <= 48
    # 60 letters of the title.
    assert told[:2] == ["The harbour & its <lights>, as they were seen", "from the old…"]
    # 80 letters of "wave wave …", the last for what follows.
    assert " ".join(told[2:4]) == " ".join(["wave"] * 15) + " wave…"
    assert told[4] == "Induction"
