"""Which vector space a vector lives in."""

from dataclasses import fields, replace

import pytest

from services.domain.model_digest import ModelIdentity, Recipe, Stamp, State, compare
from services.domain.passages import PassagePolicy

MODEL = ModelIdentity("ada", "2", 1536, "cls", True, "", "", "float32")
RECIPE = Recipe(MODEL, PassagePolicy())
STAMP = Stamp.of(RECIPE)


def _other(value: object) -> object:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"


@pytest.mark.parametrize("name", [field.name for field in fields(ModelIdentity)])
def test_every_part_of_the_identity_makes_another_space(name: str) -> None:
    changed = replace(MODEL, **{name: _other(getattr(MODEL, name))})
    assert changed.digest != MODEL.digest
    assert compare(Stamp.of(Recipe(changed, PassagePolicy())), STAMP) is State.MISMATCH


@pytest.mark.parametrize("name", [field.name for field in fields(PassagePolicy)])
def test_another_preparation_is_stale_and_the_same_space(name: str) -> None:
    policy = replace(PassagePolicy(), **{name: _other(getattr(PassagePolicy(), name))})
    changed = Stamp.of(Recipe(MODEL, policy))
    assert changed.model_digest == STAMP.model_digest
    assert compare(changed, STAMP) is State.STALE


def test_two_models_of_one_size_do_not_match() -> None:
    small = replace(MODEL, name="text-embedding-3-small")
    assert compare(Stamp.of(Recipe(small, PassagePolicy())), STAMP) is State.MISMATCH


def test_the_same_matches_and_nothing_recorded_never_does() -> None:
    assert compare(Stamp.of(Recipe(replace(MODEL), PassagePolicy())), STAMP) is State.MATCH
    assert compare(None, STAMP) is State.UNVERIFIED


def test_a_stamp_says_what_it_is() -> None:
    assert (STAMP.model_name, STAMP.dimensions) == ("ada", 1536)
    assert (STAMP.model_digest, STAMP.recipe_digest) == (MODEL.digest, RECIPE.digest)
