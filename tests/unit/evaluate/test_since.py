"""Which scripts are not what they were in a run: also those that were changed by hand and are in no commit yet."""

from dataclasses import replace
from pathlib import Path

from services.domain.between import Between
from services.domain.history import What
from services.domain.questionnaires import make_questionnaire
from services.records import record_format
from tests.doubles import TinyWorkbench, make_workspace, record, script


def test_a_change_that_the_history_does_not_have_yet_is_no_silence(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "corpus", [script("harbour"), script("meadow")])
    with TinyWorkbench(root) as bench:
        bench.save_questionnaire(make_questionnaire(id="q", title="Q", query="calm"))
        run = bench.evaluate()
        elsewhere = replace(run, provenance=replace(run.provenance, corpus=""))
        assert bench.changed_since(run) == Between()
        meadow = root / "records" / "induction" / "meadow.yaml"
        kept = meadow.read_bytes()
        meadow.write_bytes(record_format.encode(record(script("meadow", text="Edited by hand."))))
        bench.refresh()
        assert bench.changed_since(run).problem.startswith("They were changed outside, and the history does not have")
        assert bench.changed_since(elsewhere) == Between(), "nothing says what it was run on"
        with bench.records.writing("anything"):
            pass
        assert [(one.id, one.what) for one in bench.changed_since(run).scripts] == [("meadow", What.EDITED)]
        # As it was when the run was made, whatever the last commit has.
        meadow.write_bytes(kept)
        bench.refresh()
        assert bench.changed_since(run) == Between()
