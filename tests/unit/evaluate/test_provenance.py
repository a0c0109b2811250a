"""What a run was made on: each digest changes with what it is about, and with nothing else."""

from dataclasses import fields, replace

import pytest

from services.domain.judgements import Judgement
from services.domain.methods import Method
from services.domain.settings import Settings
from services.evaluate import provenance
from tests.doubles import bare_record
from tests.unit.evaluate.compass import POINTS, SCRIPTS, asks, subject

SAID = {"a": [Judgement("north-one", "Ann", 2, "warm", "then"), Judgement("east-one", "Ben", 1)]}


def basis(**more):
    given = {"records": SCRIPTS, "judgements": SAID, **more}
    return subject([given.pop("asked", asks("a", "north", north_one=3))], **given)


def changed(**more) -> set[str]:
    one, two = provenance.of(basis()), provenance.of(basis(**more))
    return {field.name for field in fields(one) if getattr(one, field.name) != getattr(two, field.name)}


def reworded(record):
    return replace(record, script=replace(record.script, text="Other words."))


OTHER_VECTORS = (bare_record("north-one", [POINTS["east"]]), *SCRIPTS[1:])
SECTIONS = ("induction", "awakening")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, set()),
        ({"records": (reworded(SCRIPTS[0]), *SCRIPTS[1:])}, {"corpus"}),
        ({"records": SCRIPTS[:3]}, {"corpus"}),
        ({"records": OTHER_VECTORS}, set()),
        ({"records": SCRIPTS[::-1]}, set()),
        ({"asked": asks("a", "east", north_one=3)}, {"questionnaires"}),
        ({"asked": asks("a", "north", north_one=2)}, {"questionnaires"}),
        ({"judgements": {"a": [Judgement("north-one", "Ann", 3), SAID["a"][1]]}}, {"judgements"}),
        ({"judgements": {"a": [SAID["a"][1], Judgement("north-one", "Ann", 2, "another note", "later")]}}, set()),
        ({"settings": Settings(sections=SECTIONS, top_k=3)}, {"settings"}),
        ({"settings": Settings(sections=SECTIONS, query_template="{focus_area}")}, {"settings"}),
        ({"settings": Settings(sections=SECTIONS, method=Method(variety=0.5))}, {"settings"}),
        ({"settings": Settings(sections=SECTIONS, method=Method("called otherwise"), name="Other")}, set()),
        ({"commit": "c0ffee"}, {"commit"}),
    ],
)
def test_each_digest_is_about_one_thing(more, expected):
    assert changed(**more) == expected


def test_the_versions_of_what_computes_are_kept():
    assert {"numpy", "bm25s", "ir-measures", "ctranslate2"} <= set(provenance.of(basis()).versions)
