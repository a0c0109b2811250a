"""The map of an open workspace: what is shown at once, when a fit is due, and what of it lasts."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.domain.maps import Drawn
from services.errors import Cancelled, MapFailed, MapNotKept
from services.ground.progress import silent
from tests.doubles import SECTIONS, TinyWorkbench, make_workspace, script

WORDS = ("river", "garden", "harbour", "orchard", "lantern", "meadow", "thimble", "zephyr", "kettle", "beacon")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty scripts."""
    made = [script(f"{section}-{word}", section, f"{word} {section} " * 3) for section in SECTIONS for word in WORDS]
    return make_workspace(tmp_path_factory.mktemp("charting") / "workspace", made)


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "workspace"))


@pytest.fixture
def bench(root: Path) -> Iterator[TinyWorkbench]:
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened


def edit(bench: TinyWorkbench, script_id: str, text: str) -> None:
    known = bench.catalogue.records[script_id]
    bench.save(script(script_id, known.script.section, text), known.digest)


def test_at_first_there_is_a_stand_in_and_a_reason_to_draw(bench: TinyWorkbench) -> None:
    assert bench.map_shown() is None
    shown = bench.map_of()
    assert (shown.drawn, len(shown.scripts)) == (Drawn.PCA, 30)
    assert bench.map_shown() is shown is bench.map_of()
    assert "stand-in" in bench.map_due(shown)
    assert bench.fitter.began == []


def test_what_is_drawn_is_shown_kept_and_not_drawn_again(bench: TinyWorkbench, root: Path) -> None:
    drawn = bench.draw_map()
    assert drawn is bench.map_shown()
    assert (drawn.drawn, bench.map_due(drawn)) == (Drawn.UMAP, "")
    assert bench.draw_map() is drawn
    assert len(bench.fitter.began) == 1
    with TinyWorkbench(root) as other:
        other.refresh()
        kept = other.draw_map()
        assert (kept.drawn, other.fitter.began) == (Drawn.UMAP, [])
        np.testing.assert_array_equal(kept.positions, drawn.positions)


def test_drawn_anew_of_the_same_scripts_it_is_the_same(bench: TinyWorkbench) -> None:
    drawn = bench.draw_map()
    again = bench.draw_map(anew=True)
    assert len(bench.fitter.began) == 2
    np.testing.assert_allclose(again.positions, drawn.positions, atol=1e-5)


def test_an_edit_places_one_script_and_the_next_fit_begins_there(bench: TinyWorkbench) -> None:
    drawn = bench.draw_map()
    edit(bench, "induction-river", "Quite other words of quizzical jazz.")
    assert bench.map_shown() is None
    shown = bench.map_of()
    moved = (shown.positions != drawn.positions).any(axis=1)
    assert [shown.scripts[row] for row in np.flatnonzero(moved)] == ["induction-river"]
    assert (shown.drawn, bench.map_due(shown)) == (Drawn.UMAP, "")
    bench.draw_map()
    began = bench.fitter.began[1]
    np.testing.assert_array_equal(began[~moved], drawn.positions[~moved])


def test_tags_and_titles_that_no_vector_knows_change_no_place(bench: TinyWorkbench) -> None:
    drawn = bench.draw_map()
    known = bench.catalogue.records["induction-river"]
    tagged = script("induction-river", "induction", known.script.text, techniques=("counting",))
    bench.save(tagged, known.digest)
    shown = bench.map_of()
    assert (shown.fitted.all(), bench.fitter.began[1:]) == (True, [])
    np.testing.assert_array_equal(shown.positions, drawn.positions)


def test_enough_edits_make_a_fit_due(bench: TinyWorkbench) -> None:
    bench.draw_map()
    for word in WORDS[:3]:
        edit(bench, f"induction-{word}", f"{word} of quizzical jazz.")
    assert bench.map_due(bench.map_of()) == "3 of 30 scripts are new or changed since the map was drawn."
    assert bench.map_due(bench.draw_map()) == ""


def test_a_fit_by_another_process_is_taken_up(bench: TinyWorkbench, root: Path) -> None:
    assert bench.map_of().drawn is Drawn.PCA
    with TinyWorkbench(root) as other:
        other.refresh()
        other.draw_map()
    assert bench.map_of().drawn is Drawn.UMAP
    assert bench.fitter.began == []


def test_what_is_gone_back_to_is_what_the_next_edit_keeps(bench: TinyWorkbench, monkeypatch) -> None:
    first = bench.draw_map()
    added = [script(f"late-{word}", "induction", f"{word} of jazz.") for word in WORDS[:5]]
    for one in added:
        bench.save(one, None)
    fit = bench.fitter.fit

    def shuffled(vectors, start, report, **how):
        return fit(vectors, np.roll(start, 1, axis=0), report, **how)

    monkeypatch.setattr(bench.fitter, "fit", shuffled)
    second = bench.draw_map()
    assert not np.allclose(second.positions[second.places["induction-river"]], first.positions[0])
    for one in added:
        bench.delete(one.id, bench.catalogue.records[one.id].digest)
    np.testing.assert_array_equal(bench.map_of().positions, first.positions)
    edit(bench, "induction-river", "Quite other words of quizzical jazz.")
    moved = (bench.map_of().positions != first.positions).any(axis=1)
    assert [first.scripts[row] for row in np.flatnonzero(moved)] == ["induction-river"]
    assert bench.map_due(bench.map_of()) == ""


def test_a_fit_that_is_overtaken_by_an_undo_is_kept_all_the_same(bench: TinyWorkbench, monkeypatch) -> None:
    first = bench.draw_map()
    bench.save(script("late", "induction", "Quite other words of quizzical jazz."), None)
    fit = bench.fitter.fit

    def undone(*given, **how):
        bench.delete("late", bench.catalogue.records["late"].digest)
        return fit(*given, **how)

    monkeypatch.setattr(bench.fitter, "fit", undone)
    shown = bench.draw_map()
    np.testing.assert_array_equal(shown.positions, first.positions)
    bench.save(script("late", "induction", "Quite other words of quizzical jazz."), None)
    assert bench.map_of().fitted.all()


def test_a_change_of_the_model_begins_a_map_of_its_own(bench: TinyWorkbench) -> None:
    before = bench.draw_map()
    bench.rebuild("other")
    assert bench.map_shown() is None
    shown = bench.map_of()
    assert (shown.drawn, shown.model_digest != before.model_digest) == (Drawn.PCA, True)
    bench.draw_map()
    bench.rebuild("tiny")
    np.testing.assert_array_equal(bench.map_of().positions, before.positions)


def test_without_the_derived_folder_it_is_drawn_again_the_same(bench: TinyWorkbench, root: Path) -> None:
    drawn = bench.draw_map()
    bench.close()
    shutil.rmtree(root / "derived")
    with TinyWorkbench(root) as fresh:
        fresh.refresh()
        np.testing.assert_array_equal(fresh.draw_map().positions, drawn.positions)
        assert len(fresh.fitter.began) == 1


def test_the_last_fit_is_known_before_any_script_is_read(bench: TinyWorkbench, root: Path) -> None:
    assert bench.map_last() is None
    drawn = bench.draw_map()
    bench.delete("induction-river", bench.catalogue.records["induction-river"].digest)
    (root / "records" / "induction" / ".half.yaml").write_text("no script")
    with TinyWorkbench(root) as other:
        kept, filed = other.map_last()
        np.testing.assert_array_equal(kept.positions, drawn.positions)
        assert (len(filed), filed["awakening-river"], "induction-river" in filed) == (29, "awakening", False)
        assert not other.is_open
        # git keeps no empty folder.
        for section in ("induction", "awakening"):
            shutil.rmtree(root / "records" / section)
        assert set(other.map_last()[1].values()) == {"affirmations"}


def test_a_damaged_map_is_drawn_again(bench: TinyWorkbench, root: Path) -> None:
    bench.draw_map()
    (kept,) = (root / "derived" / "map").iterdir()
    kept.write_bytes(kept.read_bytes()[:200])
    with TinyWorkbench(root) as other:
        other.refresh()
        assert other.map_of().drawn is Drawn.PCA
        assert (other.draw_map().drawn, len(other.fitter.began)) == (Drawn.UMAP, 1)


def test_what_goes_wrong_or_is_stopped_leaves_the_map_as_it_was(bench: TinyWorkbench, monkeypatch) -> None:
    before = bench.map_of()

    def fails(*_: object, **__: object) -> None:
        raise MapFailed("It died.", "Draw the map again.")

    def stopped(*_: object) -> None:
        raise Cancelled("Enough.")

    monkeypatch.setattr(bench.fitter, "fit", fails)
    with pytest.raises(MapFailed):
        bench.draw_map()
    with pytest.raises(Cancelled):
        bench.draw_map(stopped)
    assert bench.map_shown() is before


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_few_scripts_have_a_map_or_none_and_never_a_fit(tmp_path: Path, count: int) -> None:
    few = [script(f"s-{number}", text=f"{word} " * 4) for number, word in enumerate(WORDS[:count])]
    with TinyWorkbench(make_workspace(tmp_path / "few", few)) as bench:
        bench.refresh()
        drawn = bench.draw_map()
        assert bench.fitter.began == []
        assert (drawn and len(drawn.scripts)) == (count or None)
        assert drawn is bench.map_shown()
        if drawn:
            assert bench.map_due(drawn) == ""
            assert drawn.note


def test_identical_scripts_and_one_section_only_have_a_map(tmp_path: Path) -> None:
    twins = [script(f"s-{number:02d}", text="The same words.", title="One title") for number in range(15)]
    with TinyWorkbench(make_workspace(tmp_path / "twins", twins)) as bench:
        bench.refresh()
        drawn = bench.draw_map()
        assert (bench.fitter.began, len(np.unique(drawn.positions, axis=0))) == ([], 15)
        assert "15 scripts read the same" in drawn.note


def test_scripts_without_vectors_are_left_out_with_the_reason(bench: TinyWorkbench, root: Path) -> None:
    path = root / "records" / "induction" / "induction-river.yaml"
    text = path.read_text()
    path.write_text(text[: text.index("vectors:")])
    bench.refresh()
    assert len(bench.map_of().scripts) == 29
    assert list(bench.map_points().left_out) == ["induction-river"]


def test_a_disk_that_says_no_is_told_and_the_map_is_shown(bench: TinyWorkbench, root: Path) -> None:
    (root / "derived" / "map").write_text("a file in the way")
    with pytest.raises(MapNotKept, match="The map is drawn, and could not be kept"):
        bench.draw_map()
    assert bench.map_shown().drawn is Drawn.UMAP


def test_a_workspace_that_cannot_be_written_to_has_a_map_too(bench: TinyWorkbench, root: Path, monkeypatch) -> None:
    monkeypatch.setattr(type(bench.records), "writable", property(lambda _: False))
    with TinyWorkbench(root) as reading:
        reading.refresh()
        drawn = reading.draw_map(silent)
        assert drawn.drawn is Drawn.UMAP
        assert reading.map_shown() is drawn
        assert not (root / "derived" / "map").exists()
