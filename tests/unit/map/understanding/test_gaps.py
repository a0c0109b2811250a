"""Gaps on a map: which saved questionnaires nothing answers, and who is asked for them and when."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.model_change import Price
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Status
from tests.doubles import TinyEmbedder, TinyWorkbench
from tests.unit.map.understanding.harbour import SEA, SHOWN, ask


def test_without_eight_questionnaires_nobody_can_tell_which_is_far(bench):
    for number in range(7):
        ask(bench, SEA + "e" * number, f"sea-{number}")
    assert bench.landscape(SHOWN).without_gaps.startswith("Too few questionnaires are saved to tell")
    ask(bench, SEA, "sea-7")
    assert bench.landscape(SHOWN).without_gaps.startswith("No saved questionnaire is unusually far")


def test_without_questionnaires_and_with_one_that_asks_nothing(bench):
    assert bench.landscape(SHOWN).without_gaps.startswith("No questionnaire is saved yet.")
    bench.save_questionnaire(make_questionnaire(id="empty", title="Empty", desired_feeling="calm"))
    found = bench.landscape(SHOWN)
    assert found.without_gaps.startswith("The saved questionnaires ask nothing.")
    assert found.asked == 0


def test_a_gap_of_nine_questionnaires(bench):
    # By letters: eight ask in the scripts' own words, and one for a letter that only the zigzag has many of.
    for number in range(8):
        ask(bench, f"{SEA} {'rope ' * number}", f"sea-{number}")
    ask(bench, "z" * 200, "bees")
    found = bench.landscape(SHOWN)
    assert {gap.questionnaire for gap in found.gaps} == {"bees"}
    gap = found.gaps[0]
    (answer,) = (record for record in bench.retrieve(bench.all_questionnaires["bees"]).sections[gap.section].hits[:1])
    assert gap.distance == pytest.approx(answer.distance, abs=1e-6)
    assert gap.nearest[0] == answer.script.id
    assert gap.position is not None
    assert (found.asked, found.without_gaps) == (9, "")


def test_only_approved_scripts_answer(bench):
    for number in range(8):
        ask(bench, SEA + "e" * number, f"sea-{number}")
    ask(bench, "Zzz zzz zzz zzz zzz.", "bees")
    before = {gap.section: gap for gap in bench.landscape(SHOWN).gaps}
    zigzag = bench.catalogue.records["zigzag"]
    bench.save(replace(zigzag.script, status=Status.RETIRED), zigzag.digest)
    after = {gap.section: gap for gap in bench.landscape(SHOWN).gaps}
    assert "induction" not in before
    assert "zigzag" not in after["induction"].nearest


def test_where_another_model_asks_no_gaps_are_told(root: Path):
    path = root / "workspace.yaml"
    path.write_text(path.read_text().replace("name: tiny", "name: hashing"))
    with TinyWorkbench(root, {"hashing": TinyEmbedder("hashing")}) as bench:
        bench.refresh()
        ask(bench, "Night")
        found = bench.landscape(SHOWN)
        assert found.not_asked == ("induction", "affirmations", "awakening")
        assert found.gaps == ()
        assert found.without_gaps.startswith("Another model made the vectors of every section")
        assert found.clusters


def test_a_model_that_is_gone_leaves_the_rest_and_is_asked_again(root: Path):
    embedder = TinyEmbedder(left=0)
    with TinyWorkbench(root, {"tiny": embedder}) as bench:
        bench.refresh()
        ask(bench, "Night")
        found = bench.landscape(SHOWN)
        assert found.gaps_failed
        assert found.without_gaps.endswith("The model 'tiny' cannot be reached.")
        assert found.clusters
        # It is told until somebody looks again.
        assert bench.landscape_shown(SHOWN) is found
        embedder.left = None
        assert not bench.landscape(SHOWN).gaps_failed


def test_a_server_is_asked_when_somebody_says_so_and_once_for_each_question(root: Path):
    server = TinyEmbedder(local=False, price=Price(0.02, "2026-01-01"))
    with TinyWorkbench(root, {"tiny": server}) as bench:
        bench.refresh()
        ask(bench, "Night")
        asked = len(server.asked)
        found = bench.landscape(SHOWN)
        assert (found.gaps_unasked, found.gaps_failed, found.gaps) == (True, False, ())
        assert found.without_gaps == "Not looked for: it asks the model's server, and so costs a little."
        assert found.clusters
        assert found.joined
        assert len(server.asked) == asked
        found = bench.landscape(SHOWN, send=True)
        assert (found.gaps_unasked, found.asked, server.asked[asked:]) == (False, 1, ["Night"])
        # What it has read is not sent again: after a change it is told at once.
        bench.delete("zigzag")
        asked = len(server.asked)
        assert not bench.landscape(SHOWN).gaps_unasked
        assert len(server.asked) == asked
        ask(bench, "Noon", "noon")
        assert bench.landscape(SHOWN).gaps_unasked
        bench.landscape(SHOWN, send=True)
        assert server.asked[asked:] == ["Noon"]
