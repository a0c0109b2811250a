"""Near-duplicates among the demo's scripts and edited copies of them, and how sure suggestions are there."""

import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.alike import words_of
from services.domain.settings import EmbedderSettings
from services.nearness import Nearness
from services.vectors import embed
from services.wiring import embedder
from tests.doubles import store_of

DEMO = Path(__file__).parents[3] / "data" / "demo"


@pytest.fixture(scope="module")
def demo():
    return store_of(DEMO).catalogue()


def test_the_demos_scripts_are_distinct(demo):
    assert list(Nearness(demo).all_twins()) == []


def altered(rnd, text, share, vocabulary):
    parts = re.split(r"(\s+)", text)
    places = [i for i in range(0, len(parts), 2) if parts[i]]
    for place in rnd.sample(places, round(share * len(places))):
        parts[place] = rnd.choice(vocabulary)
    return "".join(parts)


def test_edited_copies_are_found_among_the_demos_scripts(demo):
    rnd = random.Random(5)
    vocabulary = sorted({word for r in demo.records.values() for word in words_of(r.script.text)})
    chosen = rnd.sample([r.script for r in demo.records.values()], 6)
    copies = [
        replace(made, id=f"copy-{i}", title="Another title", text=altered(rnd, made.text, share, vocabulary))
        for i, (made, share) in enumerate(zip(chosen, (0.0, 0.05, 0.1, 0.2, 0.2, 0.2), strict=True))
    ]
    whole = f"{chosen[0].text}\n\n{chosen[1].text}"
    copies += [replace(chosen[0], id="longer", text=whole), replace(chosen[3], id="part", text=chosen[3].text[300:900])]
    sets = embed(copies, embedder(EmbedderSettings("minilm"), {}))
    nearness = Nearness(demo)
    found = [{t.id for t in nearness.twins(made, made_of)} for made, made_of in zip(copies, sets, strict=True)]
    assert found == [*({made.id} for made in chosen), {chosen[0].id, chosen[1].id}, {chosen[3].id}]
    assert [{t.id for t in nearness.twins(made, None)} for made in copies] == found


def test_suggestions_are_as_sure_as_they_are_right(demo):
    """Each script left out in turn: the mean sureness is the share of right answers, give or take."""
    nearness, sections, areas = Nearness(demo), [], []
    for script_id, kept in demo.records.items():
        section = nearness.section(kept.vectors, without=script_id)
        sections.append((section.value == kept.script.section, section.sureness))
        area = nearness.focus_areas(kept.vectors, without=script_id)[0]
        areas.append((area.value in kept.script.focus_areas, area.sureness))
    right, sure = np.mean(sections, axis=0)
    assert right > 0.6
    assert abs(right - sure) < 0.05
    right, sure = np.mean(areas, axis=0)
    assert right > 0.4
    assert abs(right - sure) < 0.05
