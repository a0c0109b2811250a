"""What is understood of a map, on real workspaces with maps made by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pages.ui.map import understood
from services.domain.landscape import Joined, Landscape
from services.domain.maps import NONE, Drawn
from services.domain.model_change import Price
from services.domain.questionnaires import make_questionnaire
from services.domain.scripts import Status
from services.errors import Cancelled
from services.map import twins
from services.workbench import Workbench
from tests.doubles import TinyEmbedder, TinyWorkbench, hand_map, make_workspace, script

SEA = "Let the evening come down slowly over the harbour, and let each boat find its own place on the tide to rest."
SOFTLY = SEA.replace("slowly", "softly")
SCRIPTS = [
    script("harbour", text=SEA),
    script("harbour-again", text=SOFTLY),
    script("pier", "awakening", text="The tide turns; the harbour wakes and every rope is let go."),
    script("garden", "affirmations", text="I sow the seed and wait for leaf and rain."),
    script("orchard", "affirmations", text="I water the seed; the leaf knows when."),
    script("zigzag", text="Zzz zzz zzz zzz zzz."),
]
PLACES = {
    "harbour": (0, 0),
    "harbour-again": (1, 0),
    "pier": (5, 3),
    "garden": (9, 9),
    "orchard": (9, 7),
    "zigzag": (4, 4),
}
CLUSTERS = [0, 0, 0, 1, 1, NONE]
SHOWN = hand_map(CLUSTERS, **PLACES)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "workspace", SCRIPTS)


@pytest.fixture
def bench(root: Path):
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened


def ask(bench: Workbench, text: str, name: str = "night"):
    bench.save_questionnaire(make_questionnaire(id=name, title=name.title(), query=text))


def test_clusters_with_words_sections_and_middle(bench):
    found = bench.landscape(SHOWN)
    sea, soil = found.clusters
    assert (sea.number, sea.size, sea.scripts) == (0, 3, ("harbour", "harbour-again", "pier"))
    assert list(sea.sections.items()) == [("induction", 2), ("awakening", 1)]
    # In the midst: the middle value of 0, 1 and 5, and of 0, 0 and 3.
    assert sea.centre == (1.0, 0.0)
    assert "harbour" in sea.words
    assert soil.name.split(" · ") == list(soil.words)
    assert set(soil.words) <= {"seed", "leaf"}
    assert (found.outliers.scripts, found.outliers.sections) == (("zigzag",), {"induction": 1})
    assert found.without_clusters == ""
    assert found.names == {0: sea.name, 1: soil.name}


def test_near_duplicates_are_joined_until_both_are_meant(bench):
    (pair,) = bench.landscape(SHOWN).joined
    assert (pair.one, pair.other, pair.ends) == ("harbour", "harbour-again", ((0.0, 0.0), (1.0, 0.0)))
    assert 0.9 < pair.words < 1
    assert pair.distance is not None
    # One of them is not on the map: no line.
    without = hand_map([0, 0], **{name: PLACES[name] for name in ("harbour", "pier")})
    assert bench.landscape(without).joined == ()
    records = bench.catalogue.records
    bench.settle({name: records[name].digest for name in ("harbour", "harbour-again")})
    assert bench.landscape_shown(SHOWN) is None
    assert bench.landscape(SHOWN).joined == ()


def test_what_is_known_is_told_until_something_changes(bench):
    assert bench.landscape_shown(SHOWN) is None
    found = bench.landscape(SHOWN)
    assert bench.landscape_shown(SHOWN) is found
    assert bench.landscape(SHOWN) is found
    # The same key before the full fit: other clusters, another landscape.
    assert bench.landscape_shown(replace(SHOWN, clusters=np.full(6, NONE))) is None
    ask(bench, "Night")
    assert bench.landscape_shown(SHOWN) is None
    assert bench.landscape(SHOWN).asked == 1
    bench.delete("zigzag")
    assert bench.landscape_shown(SHOWN) is None


def test_a_script_that_is_gone_is_still_on_an_old_map(bench):
    bench.delete("pier")
    found = bench.landscape(SHOWN)
    assert found.clusters[0].size == 3
    assert found.clusters[0].sections == {"induction": 2}


def test_why_nothing_clusters(bench):
    none = hand_map(**PLACES)
    assert bench.landscape(none).without_clusters == "Clusters are looked for from 10 scripts on."
    assert bench.landscape(none).outliers.scripts == ()
    many = hand_map(**{f"s{n}": (n, n) for n in range(10)})
    assert bench.landscape(many).without_clusters.startswith("Nothing clusters")
    early = replace(many, drawn=Drawn.PCA)
    assert bench.landscape(early).without_clusters == "Clusters are found on the full map, which is not drawn yet."
    alike = replace(early, note="All scripts read the same.")
    assert bench.landscape(alike).without_clusters == "All scripts read the same."


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_scripts(tmp_path: Path, count):
    with TinyWorkbench(make_workspace(tmp_path / "few", SCRIPTS[:count])) as bench:
        bench.refresh()
        ask(bench, "You")
        found = bench.landscape(hand_map(**{s.id: PLACES[s.id] for s in SCRIPTS[:count]}))
        assert (found.clusters, len(found.outliers), found.gaps) == ((), 0, ())
        assert found.without_clusters
        expected = "Too few questionnaires are saved to tell which are unusually far: 1 of 8."
        assert found.without_gaps == (expected if count else "There is no script yet that could be asked for.")


def test_identical_scripts_are_one_group_and_a_chain(tmp_path: Path):
    same = [script(f"s{n}", title="The same", text=SEA) for n in range(4)]
    other = script("softly", text=SOFTLY)
    with TinyWorkbench(make_workspace(tmp_path / "same", [*same, other])) as bench:
        bench.refresh()
        shown = hand_map([0] * 5, **{s.id: (0, 0) for s in (*same, other)})
        found = bench.landscape(shown)
        assert found.clusters[0].centre == (0.0, 0.0)
        assert found.clusters[0].words
        assert found.same == (("s0", "s1", "s2", "s3"),)
        # Three lines for four, and one of them beside what is nearly the same.
        assert [(one.one, one.other) for one in found.joined] == [
            ("s0", "s1"),
            ("s1", "s2"),
            ("s2", "s3"),
            ("s0", "softly"),
        ]
        assert [one.words for one in found.joined[:3]] == [1.0] * 3
        assert found.joined[0].distance == pytest.approx(0, abs=1e-6)
        assert [(one.other, one.words < 1) for one in found.near] == [("softly", True)]
        assert (found.alike, found.more_joined) == (2, False)
        # From the left on, each time to the nearest.
        apart = bench.landscape(hand_map([0] * 5, s0=(2, 0), s1=(5, 0), s2=(1, 0), s3=(6, 0), softly=(9, 9)))
        assert [(one.one, one.other) for one in apart.joined[:3]] == [("s2", "s0"), ("s0", "s1"), ("s1", "s3")]
        # Of s0 and s1 both are meant, and both still are what s2 and s3 are; of s0 beside each, it stands apart.
        records = bench.catalogue.records
        for beside in ("s1", "s2", "s3"):
            assert bench.landscape(shown).same == (("s0", "s1", "s2", "s3"),)
            bench.settle({name: records[name].digest for name in ("s0", beside)})
        assert bench.landscape(shown).same == (("s1", "s2", "s3"),)


def test_lines_go_along_what_nobody_has_settled(tmp_path: Path):
    same = [script(f"s{n}", title="The same", text=SEA) for n in range(4)]
    with TinyWorkbench(make_workspace(tmp_path / "same", same)) as bench:
        bench.refresh()
        shown = hand_map([0] * 4, s0=(0, 0), s1=(1, 0), s2=(2, 0), s3=(3, 0))
        records = bench.catalogue.records

        def settle(*two):
            bench.settle({name: records[name].digest for name in two})
            found = bench.landscape(shown)
            assert found.same == (("s0", "s1", "s2", "s3"),)
            return [(one.one, one.other) for one in found.joined]

        # Past s1, which is as near to s2 as s3 is and comes first.
        assert settle("s0", "s1") == [("s0", "s2"), ("s2", "s1"), ("s1", "s3")]
        # Nobody but s3 is left for s1.
        assert settle("s1", "s2") == [("s0", "s2"), ("s2", "s3"), ("s3", "s1")]
        # From s2 nobody is reached any more: it goes on from s0.
        assert settle("s2", "s3") == [("s0", "s2"), ("s0", "s3"), ("s3", "s1")]


def test_one_of_a_group_that_is_settled_hides_no_other(tmp_path: Path):
    every = [*(script(f"s{n}", title="The same", text=SEA) for n in range(3)), script("softly", text=SOFTLY)]
    with TinyWorkbench(make_workspace(tmp_path / "same", every)) as bench:
        bench.refresh()
        shown, records = hand_map([0] * 4, **{s.id: (0, 0) for s in every}), bench.catalogue.records
        for beside, near in (("s0", [("s1", "softly")]), ("s1", [("s2", "softly")]), ("s2", [])):
            bench.settle({name: records[name].digest for name in (beside, "softly")})
            assert [(one.one, one.other) for one in bench.landscape(shown).near] == near


def test_of_very_many_that_are_alike_some_are_told_and_that_there_are_more(bench, monkeypatch):
    monkeypatch.setattr(twins, "MOST", 1)
    assert not bench.landscape(SHOWN).more_joined
    bench.save(script("harbour-third", text=SEA.replace("evening", "morning")), None)
    found = bench.landscape(hand_map([0] * 7, **PLACES, **{"harbour-third": (1, 1)}))
    assert (len(found.joined), found.more_joined, found.looked_among) == (1, True, 0)


def test_where_very_many_lie_near_it_says_among_how_many_it_has_looked(bench, monkeypatch):
    monkeypatch.setattr("services.nearness._LOOKED_AT", 1)
    found = bench.landscape(SHOWN)
    assert (found.more_joined, found.looked_among) == (False, 1)


PAIR = Joined("harbour", "harbour-again", 0.9, 0.1, ((0, 0), (1, 0)))


@pytest.mark.parametrize(
    ("joined", "more", "among", "count", "told"),
    [
        ((), False, 0, "0", "No two scripts are nearly the same."),
        ((), False, 100_000, "0", "None among the 100,000 pairs that lie nearest."),
        ((PAIR,), False, 100_000, "1", "Looked for among the 100,000 pairs that lie nearest."),
        ((PAIR,), False, 0, "1", ""),
        ((PAIR,), True, 0, "1+", "There are more: of so many that are alike, this 1 pair lies nearest to each other."),
        (
            (PAIR, PAIR),
            True,
            100_000,
            "2+",
            "There are more: of so many that are alike, these 2 pairs lie nearest to each other.",
        ),
    ],
)
def test_the_page_tells_more_from_not_looked_further(joined, more, among, count, told):
    found = Landscape("key", "basis", joined=joined, more_joined=more, looked_among=among)
    assert understood.how_many(found)[understood.ALIKE] == count
    assert understood.how_many_alike(found) == told


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


def test_it_says_how_far_it_is_and_can_be_stopped(bench):
    ask(bench, "Night")
    told = []
    bench.landscape(SHOWN, lambda *what: told.append(what[0]))
    assert set(told) >= {"Reading the words of the scripts", "Asking the saved questionnaires"}

    def stop(*_):
        raise Cancelled("Stopped.")

    bench.delete("zigzag")
    with pytest.raises(Cancelled):
        bench.landscape(SHOWN, stop)
    assert bench.landscape_shown(SHOWN) is None
