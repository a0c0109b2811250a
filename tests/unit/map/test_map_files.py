"""A map as files: what is in them, and what is not."""

import csv
import io
import json
import struct
from dataclasses import replace
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from services.domain.colours import DARK
from services.errors import InvalidInput
from services.exporting import maps
from services.map.look import NO_LAYERS, Colouring, Layers, Look
from tests.unit.map.landscapes import ASKED, HOSTILE, LANDSCAPE, ROWS, SECTIONS, row, the_map

BOTH = Layers(ASKED, LANDSCAPE)


def made(form, layers=BOTH, *, with_text=False, **look):
    return maps.as_bytes(maps.Shown(the_map(), ROWS, Look(SECTIONS, **look), layers), form, with_text=with_text)


def data_of(page):
    return json.loads(page.split('<script type="application/json" id="data">')[1].split("</script>")[0])


def test_the_page_has_titles_and_no_words():
    page = made("html").decode()
    data = data_of(page)
    assert "wave" not in page.replace("shockwave", "").split("<script>")[0]
    assert "words" not in data
    assert HOSTILE not in page
    assert "&lt;b&gt;Sea&lt;/b&gt;" in page
    assert "Where a point stands is only an impression" in page
    assert "Of a script&#x27;s 3 nearest, 50% are among the 3 nearest here" in page


def test_the_page_has_the_words_where_that_was_asked_for():
    data = data_of(made("html", with_text=True).decode())
    assert data["words"][0] == {"title": HOSTILE, "text": " ".join(["wave"] * 10)}
    # Each point leads to its script, by its number in the list.
    told = [[data["words"][number]["title"] for number in trace] for trace in data["scripts"]]
    assert ["D", "E", "F"] in told


def test_what_people_said_is_in_it_only_where_that_was_asked_for():
    without, whole = made("html").decode(), made("html", with_text=True).decode()
    assert "In no near script" not in without
    # In the list, and where one points at it, in light and in dark.
    assert whole.count("In no near script: moths, wool") >= 2


def test_layers_that_are_off_are_not_in_its_lists():
    off = made("html", Layers(ASKED, LANDSCAPE, names=False, gaps=False)).decode()
    assert "Gaps: nothing near · 1" in made("html").decode()
    assert "Gaps: nothing near" not in off
    assert "Moths" not in off
    assert "with the words that set them apart" not in off


def test_in_the_dark_only_colours_are_other():
    data = data_of(made("html").decode())
    changed = {key for trace in data["figures"][0]["dark"]["data"] for key in trace}
    assert changed <= {"marker", "line", "textfont"}
    assert "paper_bgcolor" not in data["figures"][0]["dark"]["layout"]


@pytest.mark.parametrize("form", ["svg", "html", "parquet"])
def test_the_same_map_gives_the_same_bytes(form):
    assert made(form) == made(form)


@pytest.mark.parametrize("colouring", [Colouring.WORDS, Colouring.DISTANCE])
def test_pictures_are_drawn(colouring):
    png = made("png", colouring=colouring, by_section=colouring is Colouring.WORDS, colours=DARK)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    # 10 by 8.4 inches, or two small maps of 4 inches and 1.4 for the rest; 200 points an inch.
    size = (1600, 1120) if colouring is Colouring.WORDS else (2000, 1680)
    assert struct.unpack(">II", png[16:24]) == size


def test_a_picture_says_what_there_is_to_know_and_formulas_are_text():
    drawn = made("svg", colouring=Colouring.CLUSTER).decode()
    for told in (
        "placed by UMAP",
        "trusted: 0.85 of 1",
        "harbour · tide · 3",
        "&lt;i&gt;oak&lt;/i&gt;",
        "0.300",
    ):
        assert told in drawn
    assert "<i>" not in drawn


def test_in_a_picture_names_of_clusters_hide_no_script():
    # Without a question and lines. What is drawn first lies below: two names, then the scripts and all the rest.
    drawn = ET.fromstring(made("svg", Layers(landscape=replace(LANDSCAPE, joined=(), gaps=()))))
    parts = [one.get("id", "") for one in drawn.iter() if one.tag.endswith("}g")]
    assert [one for one in parts if one.startswith(("text", "Path"))][:3] == ["text_1", "text_2", "PathCollection_1"]


def test_names_that_the_library_reads_otherwise_are_shown():
    rows = [row(name, "induction", author="_$x$") for name in "abcdefg"]
    shown = maps.Shown(the_map(), tuple(rows), Look(SECTIONS, Colouring.AUTHOR))
    assert "_$x$ · 7" in maps.as_bytes(shown, "svg").decode()


def test_letters_that_xml_has_not_leave_a_picture_whole():
    rows = [row("a", "induction", title="\ufffe", author="Ada\uffff\U0001f600"), *ROWS[1:]]
    for colouring in (Colouring.AUTHOR, Colouring.SECTION):
        shown = maps.Shown(the_map(), tuple(rows), Look(SECTIONS, colouring))
        drawn = maps.as_bytes(shown, "svg")
        assert b"\xef\xbf\xbf" not in drawn
        # Raises where it is not well-formed.
        told = "".join(ET.fromstring(drawn.decode()).itertext())
        assert colouring is Colouring.SECTION or "Ada\ufffd\U0001f600 · 1" in told


def test_sections_have_their_names_for_people_and_in_tables_their_ids():
    page = made("html").decode().split('<script type="application/json"')[0]
    assert "<td>Induction</td>" in page
    assert "(Affirmations 3)" in page
    assert "Moths &amp; wool: Induction. " in page
    drawn = made("svg", by_section=True).decode()
    assert ">Affirmations</text>" in drawn
    for shown in (page, drawn):
        assert "affirmations" not in shown
        assert "induction" not in shown
    assert {line["section"] for line in csv.DictReader(io.StringIO(made("csv").decode()))} == set(SECTIONS)


def test_places_as_a_table():
    rows = list(csv.DictReader(io.StringIO(made("csv").decode())))
    assert [r["script"] for r in rows] == list("abcdefg")
    assert rows[2] == {
        "script": "c",
        # No spreadsheet runs it.
        "title": "'=1+1",
        "section": "induction",
        "status": "draft",
        "cluster": "1",
        "cluster_name": "harbour · tide",
        "x": "0.0",
        "y": "1.0",
        "fitted": "true",
    }
    assert (rows[6]["cluster"], rows[6]["cluster_name"], rows[6]["fitted"]) == ("", "", "false")


def test_places_as_parquet_are_numbers_and_titles_as_they_are():
    table = pl.read_parquet(made("parquet", NO_LAYERS))
    assert table["title"][2] == "=1+1"
    assert table["x"].dtype == pl.Float32
    assert table["cluster"].to_list() == [1, 1, 1, 2, 2, 2, None]


@pytest.mark.parametrize("file", ["map.xlsx", "map", "csv"])
def test_other_tables_are_refused(file):
    with pytest.raises(InvalidInput, match="cannot be written"):
        maps.table_format(file)
    assert maps.table_format("MAP.CSV") == "csv"
    with pytest.raises(InvalidInput, match="no format 'pdf'"):
        made("pdf")
