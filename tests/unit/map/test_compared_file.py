"""Two maps side by side as one file: what is in it, and what is not."""

import html
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from services.domain.moved import Moved
from services.exporting import maps
from services.map import beside
from services.map.beside import Names
from services.map.look import Colouring, Look
from tests.unit.map.landscapes import HOSTILE, ROWS, SECTIONS, asked, compared, row, seen, the_map

NAMES = (Names("one", "<i>one</i>", "1 May"), Names("one", "two & three"))
SILENT = compared(seen("one", asked=asked()), seen("two", asked=asked(same_model=False, nearest_scripts=("b", "c"))))


def made(found=SILENT, rows=ROWS, **look):
    of = maps.ShownBeside(found, (rows, rows), NAMES, Look(SECTIONS, **look))
    return maps.beside_as_bytes(of)


def data_of(page):
    return json.loads(page.split('<script type="application/json" id="data">')[1].split("</script>")[0])


def said(page):
    """What stands there as text, without tags, before the data."""
    return html.unescape(re.sub(r"<[^>]*>", "|", page.split("<script>")[0]))


def lines(page):
    return [re.findall(r"<td[^>]*>(.*?)</td>", line) for line in re.findall(r"<tr>(.*?)</tr>", page)][1:]


@pytest.fixture(scope="module")
def page():
    return made().decode()


def test_titles_are_text_and_scripts_have_no_words_in_it(page):
    assert HOSTILE not in page
    assert page.count("<img") == page.count("<i>") == 0
    told = said(page)
    assert "|Read by one, asked by <i>one</i>||Scripts of 1 May||" in told
    assert told.count("Scripts of") == 1
    assert "<" not in page.split('id="data">')[1].split("</script>")[0]
    hovered = json.dumps(data_of(page)["figures"])
    assert "&lt;b&gt;Sea&lt;/b&gt;" in hovered
    assert "wave" not in hovered
    assert "wave" not in told


def test_plotly_and_places_are_in_it_once_and_it_may_load_nothing(page):
    assert page.count("plotly.js v") == 1
    both = data_of(page)["figures"]
    changed = {key for one in both for trace in one["dark"]["data"] for key in trace}
    assert (len(both), changed) == (2, {"marker"})
    assert all("paper_bgcolor" not in one["dark"]["layout"] for one in both)
    one = maps.as_bytes(maps.Shown(the_map(), ROWS, Look(SECTIONS)), "html").decode()
    policy = re.compile(r'Content-Security-Policy" content="([^"]*)"')
    assert policy.findall(page) == policy.findall(one) != []


def test_the_same_comparison_gives_the_same_bytes():
    assert made() == made()
    assert made(colouring=Colouring.STATUS) != made()


def test_both_pictures_have_one_frame_and_the_questionnaires(page):
    first, second = (one["light"] for one in data_of(page)["figures"])
    assert first["layout"]["xaxis"]["range"] == second["layout"]["xaxis"]["range"]
    assert first["data"][-1]["name"] == second["data"][-1]["name"] == "questionnaires · 2"
    numbers = [trace["customdata"] for trace in first["data"][:-1]]
    assert numbers == [trace["customdata"] for trace in second["data"][:-1]]


def test_what_there_is_to_see_and_who_asks(page):
    told = said(page)
    for sentence in (
        "No script has moved:| both sides have the same scripts, read by the same model. What differs is who asks",
        "Asked by <i>one</i>, which reads the scripts too.| A questionnaire is 0.375 from its nearest script, ",
        "where a piece of a script is 0.200 from the nearest other script; the middle of all questionnaires",
        "questionnaires is 0.900 from that of all scripts.",
        "Asked by two & three, the scripts read by one: a clump apart.| A questionnaire is",
    ):
        assert sentence in told
    assert told.count("Where a point stands is only an impression") == 2
    # Only the second one is a warning.
    assert page.count('<p class="wrong">') == 1
    assert lines(page) == [
        [html.escape(HOSTILE), "0.250", "0.250", html.escape(HOSTILE), "B"],
        ["Moths", "0.500", "0.500", "D", "=1+1"],
    ]
    assert "Moved most" not in told


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"same_model": False, "reads_alike": False}, ": a clump apart. A questionnaire"),
        ({"same_model": False}, ": a clump apart. A questionnaire"),
        ({"same_model": False, "middles": 0.45}, ": another model, and no clump apart. A questionnaire"),
        ({"same_model": False, "reads_alike": True}, ": another build of one model. A questionnaire"),
        ({"reads_alike": True}, "which reads the scripts too. A questionnaire"),
    ],
)
def test_chance_is_told_of_where_questionnaires_have_nothing_in_common_with_the_scripts(changes, said):
    told = beside.distances(asked(**changes), beside.Names("Hashing", "tiny"))
    assert said in f"{told.head} {told.rest}"
    assert ("is chance" in told.rest) is (": a clump apart." in told.head)
    # As long as nobody has read a script anew, it may be what is asked for.
    assert ("Either the two read nothing alike" in told.rest) is (changes == {"same_model": False})


def test_where_one_side_asks_the_table_has_its_columns_only():
    page = made(compared(seen(), seen("two", asked=asked()))).decode()
    assert "|Nearest, second|" in said(page)
    assert "Nearest, first" not in said(page)
    assert lines(page)[1] == ["Moths", "0.500", "D"]
    nobody = said(made(compared(seen(), seen())).decode())
    assert "Who asks" not in nobody


def test_a_questionnaire_that_is_not_asked_on_one_side_has_nothing_there():
    less = {"ids": ("r",), "titles": ("Moths",), "nearest": np.array([0.125], np.float32), "nearest_scripts": ("f",)}
    one = asked(**less, positions=np.array([(9, 9)], np.float32))
    found = compared(seen("one", asked=asked()), seen("two", asked=one))
    assert beside.questionnaires(found)["Distance, second"] == [None, 0.125]
    assert lines(made(found).decode())[0][1:] == ["0.250", "", html.escape(HOSTILE), ""]


def test_what_moved_most_is_a_table_with_sections_as_words():
    moved = (Moved("d", 0.665, 1.25, itself=True), Moved("a", 0.0, 0.5, itself=False))
    found = compared(seen(), seen(), moved=moved, only_before=("g",))
    page = made(found).decode()
    assert (
        "Of the 3 scripts that are truly nearest to one, 67% stay so,| over the 2 scripts on both sides. 1 script "
        in (said(page))
    )
    assert lines(page) == [
        ["D", "66%", "1.25", "Affirmations", "changed"],
        [html.escape(HOSTILE), "0%", "0.50", "Induction", "as it was"],
    ]
    for name in SECTIONS:
        assert name not in said(page)
    # Of two models the vectors of every script are others, which need not be said.
    other = replace(seen(), map=the_map(model_digest="n"))
    assert "Itself" not in said(made(compared(seen(), other, moved=moved)).decode())


def test_the_table_ends_after_five_hundred():
    many = [row(f"s-{number}", "induction") for number in range(501)]
    side = replace(seen(), records={one.script.id: one.record for one in many})
    moved = tuple(Moved(one.script.id, 0.5, 1.0, itself=True) for one in many)
    page = made(compared(side, side, moved=moved)).decode()
    assert (len(lines(page)), "The first 500 of 501" in said(page)) == (500, True)


def test_a_side_without_places_has_its_reason_and_no_picture():
    empty = the_map(
        scripts=(), positions=np.zeros((0, 2), np.float32), digests=(), fitted=np.zeros(0, bool), clusters=np.zeros(0)
    )
    nowhere = replace(seen(), map=empty, left_out={"a": "It has <no> vectors."})
    page = made(compared(nowhere, seen(not_asked="It makes 8 & 16 numbers."), moved=())).decode()
    assert len(data_of(page)["figures"]) == page.count('class="chart"') == 1
    assert "No script can be placed here. It has <no> vectors." in said(page)
    assert "It makes 8 & 16 numbers." in said(page)
    assert "have no script in common" in said(page)
