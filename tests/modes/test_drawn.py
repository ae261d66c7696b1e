"""A drawing's idea says what will be seen, what it is a variant of, and "seamless" only where that is true."""

from __future__ import annotations

from random import Random

import pytest

from stockgen.data import Shelf
from stockgen.data.palettes import families, palettes
from stockgen.data.vocabulary_files import load_vocabulary
from stockgen.domain.words import Idea, Order
from stockgen.modes import material, modes
from stockgen.modes.drawn import distinct
from stockgen.providers._procedural.wording import Wording

SHELF = Shelf()
FAMILIES, PALETTES = families(SHELF), palettes(SHELF)
MODES = modes(material(load_vocabulary(SHELF), PALETTES, FAMILIES, {}))


@pytest.fixture(scope="module")
def made() -> list[Idea]:
    return list(MODES["random"](Order(mode="random", count=400), "drawn", 400, Random(5)))


def test_ideas_of_one_drawing_have_one_root_and_others_another() -> None:
    way = Order(mode="keyword", subject="mint marble", count=1)
    ideas = list(MODES["keyword"](way, "drawn", 40, Random(1)))
    lap = len(FAMILIES["marble"].variants)
    roots = [idea.root for idea in ideas]
    assert len(set(roots[:lap])) == lap
    assert set(roots[:lap]) == set(roots[lap : 2 * lap])


@pytest.mark.parametrize(
    ("words", "family"), [("mint marble", "marble"), ("민트 대리석", "marble"), ("색동 조각보", "patchwork")]
)
def test_a_material_that_is_ordered_is_what_is_drawn(words: str, family: str) -> None:
    ideas = MODES["keyword"](Order(mode="keyword", subject=words, count=1), "drawn", 12, Random(1))
    assert {idea.root.split("/")[1] for idea in ideas} == {family}


def test_the_root_names_what_the_provider_draws(made: list[Idea]) -> None:
    wording = Wording(FAMILIES, PALETTES)
    for idea in made:
        choice = wording.choose(idea.prompt, [*FAMILIES], Random(1))
        assert idea.root == f"drawn/{choice.family}/{choice.variant}/{choice.palette}"


def test_only_what_has_no_seam_is_called_seamless(made: list[Idea]) -> None:
    called = set()
    for idea in made:
        _, family, variant, _ = idea.root.split("/")
        seamless = FAMILIES[family].variants[variant].seamless
        assert ("seamless" in idea.tags["en"], "심리스" in idea.tags["ko"]) == (seamless, seamless)
        for language, word in (("en", "seamless"), ("ko", "심리스")):
            said = f"{idea.title[language]} {idea.description[language]}".casefold()
            assert seamless or word not in said
            called.add(word in said)
    assert called == {True, False}


def test_no_tag_says_again_what_another_says(made: list[Idea]) -> None:
    for idea in made:
        for language in ("en", "ko"):
            tags = idea.tags[language]
            assert 15 <= len(tags) <= 49
            assert len({tag.casefold().replace(" ", "").replace("-", "").removesuffix("s") for tag in tags}) == len(
                tags
            )


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        (("wave", "waves", "Wave"), ("wave",)),
        (("bokeh lights", "bokeh light"), ("bokeh lights",)),
        (("종이 공예", "종이공예"), ("종이 공예",)),
        (("low-poly", "low poly", "lowpoly"), ("low-poly",)),
        (("glass", "glasses", "grass"), ("glass", "grass")),
        (("berry", "berries"), ("berry",)),
    ],
)
def test_plurals_and_spacing_make_no_new_tag(tags: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert distinct(tags) == kept


def test_every_way_to_draw_has_enough_to_say_in_both_languages() -> None:
    for family in FAMILIES.values():
        assert len(family.tags_en) >= 7
        assert len(family.tags_ko) >= 7
        assert family.tags_en == distinct(family.tags_en)
        assert family.tags_ko == distinct(family.tags_ko)
        assert 4 <= len(family.variants) <= 8
