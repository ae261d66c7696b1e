"""Ideas are as many and as different as ordered, the same for the same randomness, and sellable."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockgen.data import Shelf
from stockgen.data.market import load_markets
from stockgen.data.palettes import families, palettes
from stockgen.data.templates import load_wildcards
from stockgen.data.vocabulary_files import load_vocabulary
from stockgen.domain.words import Idea, Look, Order
from stockgen.modes import material, modes, understood, unknown_words
from stockgen.modes.wording import has_hangul, is_latin
from stockgen.providers._procedural.wording import Wording

SHELF = Shelf()
VOCABULARY = load_vocabulary(SHELF)
PALETTES = palettes(SHELF)
FAMILIES = families(SHELF)
OWN_STYLES = {"grandma": "faded snapshot"}
DATA = material(VOCABULARY, PALETTES, FAMILIES, OWN_STYLES, load_wildcards(SHELF))
MODES = modes(DATA)
ADOBE = load_markets(SHELF)["adobe_stock"]


def ideas(count: int = 6, look: Look = "drawn", seed: int = 1, **order: Any) -> list[Idea]:
    wish = Order(**{"mode": "keyword", "count": count, **order})
    return list(MODES[wish.mode](wish, look, count, Random(seed)))


def named(idea: Idea, things: Any) -> str:
    return max((each for each in things if idea.prompt.startswith(f"{things[each].en} ")), key=len)


def assert_sellable(made: list[Idea], count: int) -> None:
    assert len(made) == count
    for language in ("en", "ko"):
        titles = [idea.title[language] for idea in made]
        assert len({title.casefold() for title in titles}) == count
        for idea in made:
            title, tags = idea.title[language], idea.tags[language]
            assert 0 < len(title) <= ADOBE.title.max_chars
            refused = ADOBE.title.forbidden_in(title)
            assert [one for one in refused if language == "en" or len(one) > 1] == []  # Hangul itself is no fault
            assert 15 <= len(tags) == len({tag.casefold() for tag in tags}) <= 49
            assert idea.description[language]
            assert language == "ko" or all(map(is_latin, (title, *tags)))
            assert language == "en" or sum(map(has_hangul, tags)) >= 15
    assert {idea.category for idea in made} <= set(VOCABULARY.categories)


@pytest.mark.parametrize("order", [{"mode": "exact", "prompt": "a sleeping cat"}, {"subject": "고양이"}], ids=str)
def test_an_element_has_no_room_for_words_and_its_description_promises_none(order: dict[str, Any]) -> None:
    made = ideas(8, "diffusion", kind="element", **order)
    said = " ".join(text for idea in made for text in idea.description.values())
    assert "room for words" not in said
    assert "text" not in said
    assert "글자를 얹기" not in said
    assert "빈자리" not in said
    assert "room for words" in ideas(1, "diffusion", mode="exact", prompt="a sleeping cat")[0].description["en"]


def test_a_drawing_that_was_ordered_as_an_element_is_described_by_what_is_seen() -> None:
    assert all(ideas(1, "drawn", kind="element", subject="벚꽃")[0].description.values())


WORDS = st.one_of(
    st.sampled_from(["벚꽃", "cherry blossoms", "가을 바다", "robot", "AI art, generative", "mint lines", ", ,", ""]),
    st.text(max_size=90),
)


@settings(max_examples=60, deadline=None)
@given(
    mode=st.sampled_from(["keyword", "random", "exact"]),
    look=st.sampled_from(["drawn", "diffusion"]),
    count=st.integers(1, 60),
    order=st.fixed_dictionaries(
        {
            "subject": WORDS,
            "prompt": WORDS,
            "kind": st.sampled_from(["background", "illustration", "photo", "element"]),
            "style": st.sampled_from(["", "수채화", "grandma", "torn posters", "모르는화풍"]),
            "title": st.one_of(st.just(""), WORDS),
            "tags": st.lists(st.sampled_from(["spring", "세일", "Spring", "봄, 꽃"])).map(tuple),
            "category": st.sampled_from(["", "food", "음식"]),
        }
    ),
)
def test_whatever_is_ordered_the_ideas_can_be_sold(mode: str, look: Look, count: int, order: dict[str, Any]) -> None:
    made = ideas(count, look, mode=mode, **order)
    nothing = understood(Order(mode=mode, count=count, **order), DATA).nothing  # type: ignore[arg-type]
    if made or not nothing:
        assert_sellable(made, count)


@pytest.mark.parametrize("look", ["drawn", "diffusion"])
@pytest.mark.parametrize("subject", ["벚꽃", "mint lines", "qwertyuiop", "보름달", "빨간 떡국"])
def test_two_hundred_ideas_of_one_subject_are_all_different(look: Look, subject: str) -> None:
    made = ideas(200, look, subject=subject)
    assert_sellable(made, 200)
    assert len({idea.prompt for idea in made}) == 200


@pytest.mark.parametrize("look", ["drawn", "diffusion"])
def test_five_hundred_random_ideas_are_all_different(look: Look) -> None:
    made = ideas(500, look, mode="random")
    assert_sellable(made, 500)
    assert len({idea.prompt for idea in made}) == 500


@pytest.mark.parametrize("mode", ["keyword", "random", "exact"])
@pytest.mark.parametrize("look", ["drawn", "diffusion"])
def test_a_killed_planning_finds_the_same_ideas_again(mode: str, look: Look) -> None:
    order = {"mode": mode, "subject": "벚꽃", "prompt": "a red door"}
    assert ideas(12, look, **order) == ideas(12, look, **order)
    assert ideas(30, look, **order)[:12] == ideas(12, look, **order)
    assert ideas(12, look, 2, **order) != ideas(12, look, **order)


def test_a_drawing_is_titled_by_what_is_seen_and_not_by_what_coloured_it() -> None:
    for idea in ideas(40, subject="커피"):
        assert "coffee cup" not in idea.title["en"].casefold()
        assert idea.category == "graphic_resources"
        for word in idea.prompt.replace(",", "").split()[:2]:
            assert word in idea.title["en"].casefold()


@pytest.mark.parametrize("order", [{"subject": "벚꽃"}, {"mode": "random"}, {"subject": "mint", "style": "flat"}])
def test_what_the_title_says_is_what_the_procedural_provider_will_draw(order: dict[str, Any]) -> None:
    wording = Wording(FAMILIES, PALETTES)
    for idea in ideas(150, **order):
        choice = wording.choose(idea.prompt, [*FAMILIES], Random(1))
        palette, family = PALETTES[choice.palette], FAMILIES[choice.family]
        variant = family.variants[choice.variant]
        assert idea.prompt.startswith(f"{palette.en} {family.en} {family.noun_en}, {variant.en}")


def test_a_subject_is_drawn_in_its_own_colours() -> None:
    allowed = set(VOCABULARY.subjects["cherry_blossom"].palettes)
    assert {named(idea, PALETTES) for idea in ideas(30, subject="벚꽃이")} == allowed


def test_colours_and_ways_to_draw_that_are_named_are_kept() -> None:
    made = ideas(20, subject="민트 바다 그라데이션 배경")
    assert {named(idea, PALETTES) for idea in made} == {"mint"}
    assert all(FAMILIES["mesh"].en in idea.prompt for idea in made)


def test_an_unknown_word_always_has_the_same_few_colours() -> None:
    first, again = ({named(idea, PALETTES) for idea in ideas(40, seed=seed, subject="qwertyuiop")} for seed in (1, 2))
    assert first == again
    assert len(first) < len(PALETTES)


def test_nothing_is_drawn_twice_before_everything_was_drawn_once() -> None:
    ways = sum(len(family.variants) for family in FAMILIES.values()) * len(PALETTES)
    made = ideas(ways, mode="random")
    assert len({idea.prompt for idea in made}) == ways
    assert not any(" for " in idea.prompt for idea in made)


def test_neighbours_look_different() -> None:
    made = ideas(20, mode="random")
    for one, other in pairwise(made):
        assert named(one, PALETTES) != named(other, PALETTES)


def test_a_scene_is_titled_by_its_subject_in_both_languages() -> None:
    for idea in ideas(30, "diffusion", subject="벚꽃"):
        assert "cherry blossom" in idea.title["en"].casefold()
        assert "벚꽃" in idea.title["ko"]
        assert idea.prompt.startswith("cherry blossom, ")
        assert idea.category == "plants"


def test_no_moon_shines_in_bright_daylight() -> None:
    assert not any("daylight" in idea.prompt for idea in ideas(60, "diffusion", subject="보름달"))


def test_an_exact_prompt_is_kept_word_for_word() -> None:
    prompt = r"A red door,  35mm, AI -- \(wide\) {soft} (soft:1.2)"
    assert {idea.prompt for idea in ideas(5, "diffusion", mode="exact", prompt=prompt)} == {prompt}
    assert ideas(1, "diffusion", mode="exact", prompt=prompt)[0].title["en"] == "A red door"


def test_hangul_of_an_exact_prompt_is_put_into_english_and_the_rest_stays_as_it_was() -> None:
    made = ideas(1, "diffusion", mode="exact", prompt="A  door, 흩날리는 벚꽃 꿻뚫 (soft:1.2), 가을")
    assert made[0].prompt == "A  door, falling cherry blossom (soft:1.2), autumn forest"


@pytest.mark.parametrize("mode", ["keyword", "exact"])
@pytest.mark.parametrize("look", ["drawn", "diffusion"])
def test_nothing_is_made_of_words_that_nobody_can_translate(mode: str, look: Look) -> None:
    made = ideas(3, look, mode=mode, subject="꿻뚫 뷁", prompt="꿻뚫, 뷁")
    assert len(made) == (3 if (look, mode) == ("drawn", "exact") else 0)  # a drawing sends its words to no encoder
    order = Order(mode=mode, count=1, subject="꿻뚫 뷁", prompt="꿻뚫, 뷁")  # type: ignore[arg-type]
    assert understood(order, DATA).nothing


def test_a_drawing_is_not_titled_by_an_exact_prompt_that_names_nothing_drawable() -> None:
    assert ideas(1, mode="exact", prompt="a cat astronaut")[0].title["en"] == "Abstract background"
    assert ideas(1, mode="exact", prompt="mint low poly facets, bold")[0].title["en"] == "Mint low poly facets"


@pytest.mark.parametrize(
    ("style", "words"),
    [("수채화", "soft watercolor painting"), ("grandma", "faded snapshot"), ("torn posters", "torn posters")],
)
@pytest.mark.parametrize("mode", ["keyword", "exact"])
def test_a_style_is_added_to_the_prompt(mode: str, style: str, words: str) -> None:
    made = ideas(3, "diffusion", mode=mode, subject="robot", prompt="robot", style=style)
    assert all(words in idea.prompt for idea in made)


def test_the_configs_own_style_wins_over_a_shipped_one_of_its_name() -> None:
    own = modes(material(VOCABULARY, PALETTES, FAMILIES, {"flat": "my flat look"}))
    order = Order(mode="keyword", count=1, subject="robot", style="플랫")
    (idea,) = own["keyword"](order, "diffusion", 1, Random(1))
    assert "my flat look" in idea.prompt


@pytest.mark.parametrize(("look", "mode"), [("drawn", "keyword"), ("diffusion", "keyword"), ("diffusion", "exact")])
def test_a_given_title_is_kept_and_told_apart(look: Look, mode: str) -> None:
    made = ideas(12, look, mode=mode, subject="벚꽃", prompt="red door", title="Spring sale")
    assert made[0].title["en"] == "Spring sale"
    assert all(idea.title["en"].startswith("Spring sale ") for idea in made[1:])
    assert all(has_hangul(idea.title["ko"]) for idea in ideas(3, look, subject="벚꽃", title="봄 세일"))


def test_own_tags_come_first_each_in_its_language() -> None:
    (idea,) = ideas(1, subject="벚꽃", tags=("sale", "세일", "SALE"))
    assert idea.tags["en"][0] == "sale"
    assert idea.tags["ko"][:2] == ("세일", "sale")
    assert "SALE" not in idea.tags["en"]


def test_a_given_category_wins() -> None:
    assert {idea.category for idea in ideas(3, "diffusion", subject="벚꽃", category="음식")} == {"food"}


def test_hangul_never_gets_into_an_english_prompt_and_is_told() -> None:
    order = Order(mode="keyword", count=1, subject="벚꽃 꿻뚫은 sunset", style="모르는화풍")
    assert unknown_words(order, material(VOCABULARY, PALETTES, FAMILIES, {})) == ("꿻뚫은", "모르는화풍")
    for look in ("drawn", "diffusion"):
        assert all(is_latin(idea.prompt) for idea in ideas(9, look, subject=order.subject, style=order.style))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "subject", ["벚꽃", "벚꽃이", "가을의 바다", "벚꽃배경", "봄 배경 그림", "민트색", "purple cow"]
)
def test_words_that_are_known_are_not_complained_of(subject: str) -> None:
    order = Order(mode="keyword", count=1, subject=subject)
    assert unknown_words(order, material(VOCABULARY, PALETTES, FAMILIES, {})) == ()
