"""Near-duplicates that are both meant: kept beside the records, for as long as both texts stay what they were."""

from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from dulwich.repo import Repo

from services.backup import backup
from services.domain.history import signed
from services.domain.settled import Meant
from services.errors import InvalidYaml, NotFound, RecordMoved
from services.records.settled_files import YamlSettledStore, decode, encode
from tests.doubles import TinyWorkbench, make_workspace, script

TEXT = "Let the evening come down slowly over the harbour, and let each boat find its own place to rest."
PAIR = ("harbour", "harbour-again")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    again = script("harbour-again", text=TEXT.replace("slowly", "softly"))
    return make_workspace(tmp_path / "workspace", [script("harbour", text=TEXT), again, script("garden")])


@pytest.fixture
def bench(root: Path):
    with TinyWorkbench(root) as opened:
        opened.refresh()
        yield opened


def bases(bench: TinyWorkbench, *ids: str) -> dict[str, str]:
    return {i: bench.catalogue.records[i].digest for i in ids or PAIR}


def twins(bench: TinyWorkbench) -> list[str]:
    """What the live side of the editor says of the harbour."""
    record = bench.catalogue.records["harbour"]
    return [twin.id for twin in bench.nearness().twins(record.script, record.vectors)]


def test_what_is_meant_does_not_come_up_and_can_be_taken_back(bench: TinyWorkbench) -> None:
    assert twins(bench) == ["harbour-again"]
    bench.attention()
    assert len(bench.attention_last.twins) == 1
    with signed("Ada"):
        meant = bench.settle(bases(bench))
    assert (meant.pair, meant.by) == (PAIR, "Ada")
    assert twins(bench) == []
    assert len(bench.attention_last.twins) == 0
    assert bench.meant() == [meant]
    # Nothing is to be looked for again: what was found is known still.
    assert bench.attention_last.basis == bench.attention_basis()
    bench.take_back(meant.pair)
    assert twins(bench) == ["harbour-again"]
    assert len(bench.attention_last.twins) == 1
    assert bench.meant() == []


def test_it_holds_until_a_text_changes_and_whatever_else_does(bench: TinyWorkbench) -> None:
    bench.settle(bases(bench))
    record = bench.catalogue.records["harbour"]
    record = bench.save(replace(record.script, title="The harbour", section="awakening"), record.digest).record
    assert twins(bench) == []
    edited = replace(record.script, text=TEXT.replace("boat", "ship"))
    record = bench.save(edited, record.digest).record
    assert twins(bench) == ["harbour-again"]
    assert bench.meant() == []
    bench.save(replace(edited, text=TEXT), record.digest)
    assert twins(bench) == []


def test_only_what_was_looked_at_is_settled(bench: TinyWorkbench) -> None:
    seen = bases(bench)
    record = bench.catalogue.records["harbour"]
    bench.save(replace(record.script, title="Changed meanwhile"), record.digest)
    with pytest.raises(RecordMoved):
        bench.settle(seen)
    bench.delete("harbour-again")
    with pytest.raises(NotFound):
        bench.settle({**bases(bench, "harbour"), "harbour-again": seen["harbour-again"]})
    assert bench.meant() == []


def test_it_is_in_the_history_and_in_a_backup(root: Path, bench: TinyWorkbench, tmp_path: Path) -> None:
    bench.settle(bases(bench))
    repo = Repo(str(root))
    assert b"settled.yaml" in repo[repo[repo.head()].tree]
    assert repo[repo.head()].message.startswith(b"settling two near-duplicates")
    repo.close()
    backup(root, tmp_path / "backup.zip")
    with ZipFile(tmp_path / "backup.zip") as archive:
        assert archive.read("settled.yaml") == (root / "settled.yaml").read_bytes()


def test_what_git_brings_is_read(root: Path, bench: TinyWorkbench) -> None:
    one, other = (bench.catalogue.records[i].script for i in PAIR)
    # Whoever writes it by hand may name the two in any order.
    meant = Meant.of(other, one, "Ada", "2026-11-21T10:00:00.000Z")
    written = encode({PAIR: meant}).decode()
    swapped = written.replace("- harbour\n  - harbour-again", "- harbour-again\n  - harbour")
    first, second = meant.texts
    swapped = swapped.replace(first, "first").replace(second, first).replace("first", second)
    (root / "settled.yaml").write_text(swapped)
    assert bench.meant() == [meant]
    assert decode(written.encode(), source="settled.yaml") == {PAIR: meant}


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "format: scriptorium-settled/2\n",
        "format: scriptorium-settled/1\nboth_meant: yes\n",
        "format: scriptorium-settled/1\nboth_meant:\n- scripts: [a]\n  texts: [x, y]\n",
        "format: scriptorium-settled/1\nboth_meant:\n- scripts: [a, a]\n  texts: [x, y]\n",
        "format: scriptorium-settled/1\nboth_meant:\n- scripts: [../a, b]\n  texts: [x, y]\n",
        "format: scriptorium-settled/1\nboth_meant:\n- scripts: [a, b]\n  texts: [[x], y]\n",
    ],
)
def test_a_damaged_file_is_named_never_overwritten_and_settles_nothing(
    root: Path, bench: TinyWorkbench, damage: str
) -> None:
    (root / "settled.yaml").write_text(damage)
    assert twins(bench) == ["harbour-again"]
    assert [broken.path for broken in bench.broken] == ["settled.yaml"]
    with pytest.raises(InvalidYaml):
        bench.settle(bases(bench))
    assert (root / "settled.yaml").read_text() == damage


def test_what_cannot_be_read_is_named_and_what_is_mended_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "settled.yaml"
    path.mkdir()
    store = YamlSettledStore(path)
    assert store.all()[1][0].cause == "settled.yaml cannot be read (Is a directory)."
    path.rmdir()
    store.put(Meant(PAIR, ("x", "y")))
    assert store.all() == ({PAIR: Meant(PAIR, ("x", "y"))}, ())


def test_pairs_are_found_whether_meant_or_not(bench: TinyWorkbench) -> None:
    """Taking back must not need a search: the search itself knows nothing of what was settled."""
    bench.settle(bases(bench))
    assert [(one, twin.id) for one, twin in bench.attention().twins.near] == [PAIR]
