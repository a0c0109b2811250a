"""``map`` on the command line. Four scripts are drawn without UMAP; of more, a double fits."""

import pytest

from services.cli.main import main
from services.cli.parser import COLOURINGS
from services.domain.questionnaires import make_questionnaire
from services.embedders.hashing import Hashing
from services.errors import Cancelled, MapFailed, StorageFailed
from services.map.look import Colouring
from services.records.yaml_files import YamlRecordStore
from services.workbench import Workbench
from tests.contracts.openai_server import NO_QUOTA, OpenAIServer
from tests.doubles import FlatFitter
from tests.unit.command_line import SCRIPTS, make, run


def ask(workspace, **answers):
    with Workbench(workspace) as workbench:
        workbench.questionnaires.put(make_questionnaire(id="sea", **answers))


@pytest.fixture
def eight(tmp_path, monkeypatch):
    """Eight scripts, and a double that fits them."""
    lines = [f"s-{n},induction,Script {n},Word{n} waves roll to shore number {n}.\n" for n in range(8)]
    (tmp_path / "scripts.csv").write_text("id,section,title,text\n" + "".join(lines))
    folder = make(tmp_path / "corpus")
    assert main(["--workspace", str(folder), "import", str(tmp_path / "scripts.csv")]) == 0
    fitter = FlatFitter()
    monkeypatch.setattr(Workbench, "_make_fitter", lambda self: fitter)
    return folder, fitter


def test_each_file_is_written_and_named(workspace, capsys):
    folder = workspace.parent
    files = {name: folder / f"map.{name}" for name in ("html", "png", "svg", "parquet")}
    named = [f"--{name}" if name != "parquet" else "--coordinates" for name in files]
    pairs = [word for pair in zip(named, files.values(), strict=True) for word in pair]
    code, told = run(capsys, "--workspace", workspace, "map", *pairs, "--by-section", "--dark", "--colour", "words")
    assert (code, told["points"], told["method"]) == (0, 4, "pca")
    assert [one["file"] for one in told["files"]] == [str(file) for file in files.values()]
    assert all(file.stat().st_size > 1_000 for file in files.values())


def test_two_files_of_one_name_are_refused(workspace, capsys):
    file = workspace.parent / "one"
    assert main(["--workspace", str(workspace), "map", "--html", str(file), "--png", f"{file.parent}/./one"]) == 2
    assert "cannot both be written" in capsys.readouterr().err
    assert not file.exists()


def test_a_question_lies_among_its_hits(workspace, capsys):
    ask(workspace, query="waves in the harbour")
    page = workspace.parent / "map.html"
    code, told = run(
        capsys, "--workspace", workspace, "map", "--questionnaire", "sea", "--colour", "distance", "--html", page
    )
    assert code == 0
    assert len(told["asked"]["position"]) == 2
    assert told["asked"]["sections"]["induction"][0]["id"] == "harbour"
    assert "Asked: sea" in page.read_text() or "waves in the harbour" in page.read_text()


def test_it_is_drawn_in_full_unless_nobody_waits_and_anew_when_asked(eight, capsys):
    folder, fitter = eight
    code, told = run(capsys, "--workspace", folder, "map", "--pca")
    assert (code, told["method"], fitter.began) == (0, "pca", [])
    code, told = run(capsys, "--workspace", folder, "map")
    assert (code, told["method"], told["points"], len(fitter.began)) == (0, "umap", 8, 1)
    assert 0 < told["trustworthiness"] <= 1
    code, again = run(capsys, "--workspace", folder, "map", "--anew")
    assert (again["key"], len(fitter.began)) == (told["key"], 2)


@pytest.mark.parametrize(("error", "expected"), [(MapFailed("It died.", "Again."), 2), (Cancelled("Stop.", "-"), 130)])
def test_a_fit_that_does_not_end_well_writes_nothing(eight, capsys, monkeypatch, error, expected):
    folder, fitter = eight

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(fitter, "fit", fail)
    page = folder.parent / "map.html"
    assert main(["--workspace", str(folder), "map", "--html", str(page)]) == expected
    assert not page.exists()


def test_what_cannot_be_kept_is_written_all_the_same_and_told(eight, capsys):
    folder, _ = eight
    kept, page = folder / "derived" / "map", folder.parent / "map.html"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("a file in the way")
    code = main(["--workspace", str(folder), "map", "--html", str(page)])
    told = capsys.readouterr()
    assert (code, "placed by UMAP" in page.read_text()) == (1, True)
    assert "drawn, and could not be kept" in told.err
    assert told.out.startswith("8 scripts, placed by UMAP")
    code, told = run(capsys, "--workspace", folder, "map")
    assert (code, told["method"]) == (1, "umap")
    assert told["not_kept"].startswith("The map is drawn, and could not be kept for the next time: ")
    kept.unlink()
    code, told = run(capsys, "--workspace", folder, "map")
    assert (code, told["not_kept"]) == (0, "")


def test_a_read_only_workspace_has_a_map_that_is_not_kept(eight, capsys, monkeypatch):
    folder, _ = eight
    monkeypatch.setattr(YamlRecordStore, "writable", property(lambda _: False))
    page = folder.parent / "map.html"
    assert main(["--workspace", str(folder), "map", "--html", str(page)]) == 0
    assert "The workspace is read-only: the map is drawn, and not kept" in capsys.readouterr().err
    assert "placed by UMAP" in page.read_text()
    code, told = run(capsys, "--workspace", folder, "map")
    assert (code, told["method"]) == (0, "umap")
    assert told["not_kept"].startswith("The workspace is read-only")
    code, told = run(capsys, "--workspace", folder, "map", "--pca")
    assert (code, told["not_kept"]) == (0, "")


def test_why_no_gaps_were_looked_for_is_told(workspace, capsys, monkeypatch):
    _, told = run(capsys, "--workspace", workspace, "map")
    assert told["without_gaps"].startswith("No questionnaire is saved yet.")
    ask(workspace, query="waves in the harbour")
    _, told = run(capsys, "--workspace", workspace, "map")
    assert (told["gaps"], told["without_gaps"]) == ([], "")
    # As it were behind a server.
    monkeypatch.setattr(Hashing, "local", False)
    _, told = run(capsys, "--workspace", workspace, "map")
    assert told["without_gaps"] == "Not looked for: it asks the model's server."


def test_a_server_is_asked_for_gaps_where_somebody_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-tests")
    (tmp_path / "scripts.csv").write_text(SCRIPTS)
    with OpenAIServer() as server:
        folder = make(tmp_path / "corpus")
        settings = folder / "workspace.yaml"
        behind = f"name: openai\n  dimensions: 64\n  base_url: {server.base_url}"
        settings.write_text(settings.read_text().replace("name: hashing", behind))
        assert main(["--workspace", str(folder), "import", str(tmp_path / "scripts.csv")]) == 0
        ask(folder, query="moths in the wardrobe")
        assert main(["--workspace", str(folder), "map"]) == 0
        told = capsys.readouterr().out
        assert "Not looked for: it asks the model's server. With --gaps they are." in told
        assert "moths in the wardrobe" not in [text for seen in server.seen for text in seen.texts]
        code, told = run(capsys, "--workspace", folder, "map", "--gaps")
        assert (code, told["without_gaps"]) == (0, "")
        assert [text for seen in server.seen for text in seen.texts].count("moths in the wardrobe") == 1
        server.misbehave(then=NO_QUOTA)
        code, told = run(capsys, "--workspace", folder, "map", "--gaps")
    assert (code, told["points"]) == (1, 4)
    assert told["without_gaps"].startswith("The saved questionnaires could not be asked.")


def test_a_fit_for_which_the_disk_is_full_is_none(eight, capsys, monkeypatch):
    folder, fitter = eight

    def full(*_, **__):
        raise StorageFailed("The folder for temporary files is full.", "Make room.")

    monkeypatch.setattr(fitter, "fit", full)
    code, told = run(capsys, "--workspace", folder, "map")
    assert (code, told["error"]["kind"]) == (2, "StorageFailed")


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["--coordinates", "map.xlsx"], "InvalidInput"),
        (["--colour", "distance"], "UsageError"),
        (["--with-text"], "UsageError"),
        (["--pca", "--anew"], "UsageError"),
        (["--questionnaire", "nonesuch"], "NotFound"),
        (["--svg", "scripts.csv/map.svg"], "StorageFailed"),
        # A folder, known before anything is drawn.
        (["--html", "."], "InvalidInput"),
    ],
)
def test_what_makes_no_sense_is_refused(workspace, capsys, monkeypatch, arguments, kind):
    monkeypatch.chdir(workspace.parent)
    code, told = run(capsys, "--workspace", workspace, "map", *arguments)
    assert (code, told["error"]["kind"]) == (2, kind)


def test_an_empty_workspace_has_no_map(tmp_path, capsys):
    code, told = run(capsys, "--workspace", make(tmp_path / "empty"), "map")
    assert (code, told["error"]["kind"]) == (2, "NotFound")


def test_scripts_without_a_place_are_told(workspace, capsys):
    record = next((workspace / "records" / "induction").glob("attic.yaml"))
    record.write_text(record.read_text().split("vectors:")[0])
    assert main(["--workspace", str(workspace), "map"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("3 scripts, placed by the two directions")
    assert "\nLeft out: attic. " in told


def test_the_parser_knows_what_colours_may_mean():

    assert tuple(Colouring) == COLOURINGS
