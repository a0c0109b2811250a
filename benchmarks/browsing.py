"""The library of many scripts: opening it and typing in its search box, as the server does it."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from streamlit.testing.v1 import AppTest

from benchmarks.table import Row, limited
from benchmarks.timing import seconds, typical
from services import workspaces
from services.workbench import Workbench

_APP = Path(__file__).parents[1] / "app.py"
_LIMIT = 300
# Each makes the server look at all texts; the last is in none, and so is sought to the end of each.
_TYPED = ("s", "slow", "slow stone", "slow stone river", "xylophone", "")


def rows(root: Path, scripts: int, *, quick: bool) -> Iterator[Row]:
    with Workbench(root) as workbench:
        # The index and a check, which a page would else begin with.
        workbench.check()
    with mock.patch.dict(os.environ, {workspaces.ENVIRONMENT: str(root)}):
        app = AppTest.from_file(_APP, default_timeout=300)
        app.run().switch_page("pages/library.py").run()
        times = [seconds(app.run) for _ in range(3 if quick else 9)]
        meaning = "A whole run of the page on the server: records looked at, banner, list, and the script that is open."
        yield limited(Row(f"open the library, {scripts:,} records", meaning, typical(times)), _LIMIT, times)
        times = []
        for typed in _TYPED * (1 if quick else 2):
            app.text_input(key="search").set_value(typed)
            times.append(seconds(app.run))
        meaning = "The same run after each change of the search box; every word of every text is looked through."
        note = f"{typical(times)} (slowest {typical([max(times)])})"
        yield limited(Row(f"type in the search box, {scripts:,} records", meaning, note), _LIMIT, times)
