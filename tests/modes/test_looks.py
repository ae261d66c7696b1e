"""What of a prompt is look and what is subject; other subjects of the same sort; the same look in every mode."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from stockgen.domain.words import Idea, Like, Look, Order
from stockgen.modes import modes
from stockgen.modes.looks import Looks, colours_said, looks_of
from stockgen.modes.siblings import Unlike, siblings
from tests.modes.brain import Brain, Thinker
from tests.modes.test_written import DATA, SEASONS, assert_sellable, think

MODES = modes(DATA, SEASONS)
WATERCOLOR = DATA.vocabulary.styles["watercolor"].prompt
PALETTE = "navy, turquoise and beige"


def looks(prompt: str, category: str = "lifestyle", **order: Any) -> Looks:
    return looks_of(prompt, Order(mode="exact", count=1, prompt=prompt, **order), category, DATA)


def more(like: Like, count: int = 30, look: Look = "diffusion", seed: int = 1, **order: Any) -> list[Idea]:
    wanted = {"style": WATERCOLOR, "palette": PALETTE} | order
    one = Order(mode="dynamic", count=count, like=like, **wanted)
    return list(MODES["dynamic"](one, look, count, Random(seed)))


def liked(of: Looks) -> Like:
    return Like("a-k7m2q-001", shot=1, about=of.about, sort=of.sort, air=of.air)


# -- what is what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["벚꽃", "떡볶이", "hanbok", "coffee"])
def test_of_an_idea_of_the_word_lists_style_light_and_mood_are_known_again(subject: str) -> None:
    order = Order(mode="keyword", count=8, subject=subject, kind="illustration")
    for idea in MODES["keyword"](order, "diffusion", 8, Random(3)):
        found = looks_of(idea.prompt, order, idea.category, DATA)
        assert found.style in [one.prompt for one in DATA.vocabulary.styles.values()]
        light, mood = found.air.split(", ")
        assert light in [one.en for one in DATA.vocabulary.phrases.lights.values()] and mood.endswith(" mood")
        assert found.about == idea.prompt.partition(",")[0]
        assert not any(part in found.style for part in (light, mood, "detailed illustration", "empty space on"))


@pytest.mark.parametrize(
    ("prompt", "style", "air"),
    [
        ("a red fox in snow, oil painting with thick brush strokes, golden hour, space on the left, 35mm film grain",
         "oil painting with thick brush strokes, 35mm film grain", "golden evening light"),
        ("watercolor cat by a window", WATERCOLOR, ""),
        ("a lighthouse, seen from above, a small boat beside it, calm mood", "", "calm mood"),
        ("a jug, muted matte tones, a table with three lemons and a knife on linen, soft morning light",
         "muted matte tones", "soft morning light"),
    ],
)  # fmt: skip
def test_of_free_words_what_says_how_is_kept_and_what_is_seen_is_not(prompt: str, style: str, air: str) -> None:
    found = looks(prompt)
    assert (found.style, found.air) == (style, air)


def test_a_style_that_was_ordered_is_the_style_whatever_else_the_prompt_says() -> None:
    assert looks("a sea, thick oil paint", style="수채화").style == WATERCOLOR
    assert looks("a sea, flat", style="몽글몽글").style == ""  # no word of it can be told to a model


def test_what_is_shown_is_of_a_group_else_of_its_category_else_of_the_ideas() -> None:
    assert looks("a red fox in snow").sort == "wild"
    assert looks("hanbok in a chest").sort == "culture"
    assert looks("a quux", category="food").sort == "food"


def test_colours_are_said_in_korean() -> None:
    assert colours_said("navy, pale pink and beige", "ko", DATA) == "남색, 연분홍, 베이지"
    assert colours_said("aurora teal and violet", "ko", DATA) == DATA.palettes["aurora"].ko
    assert colours_said("#112233 #445566", "ko", DATA) == "#112233 #445566"


# -- other subjects --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("about", ["cherry blossom", "a red fox in snow", "hanbok", "tteokbokki", "a quux", ""])
def test_thirty_ideas_are_of_other_things_have_the_style_and_colours_and_titles_of_their_own(about: str) -> None:
    like = liked(looks(about or "!"))
    made = more(like)
    assert len({idea.prompt for idea in made}) == 30
    assert_sellable(made)
    assert all(WATERCOLOR in idea.prompt and f"color palette of {PALETTE}" in idea.prompt for idea in made)
    assert not [idea.prompt for idea in made if Unlike(like, DATA).shown(idea)]
    assert made == more(like)[:30] and made[:9] == more(like, 9)


def test_they_are_of_its_sort_before_they_are_of_its_category() -> None:
    found = siblings(Like("a", about="a red fox", sort="wild"), DATA, Random(0))
    assert {one.subjects[0].group for one in found} == {"wild"}
    few = siblings(Like("a", about="wedding rings", sort="love"), DATA, Random(0))
    assert len(few) > 12
    assert {one.subjects[0].group for one in few[:1]} == {"love"}


def test_colours_of_its_name_do_not_make_every_idea_one_of_the_picture() -> None:
    like = Like("a", about="cherry blossom", sort="plants")
    assert len(more(like, palette="cherry blossom pink")) == 30


def test_its_light_comes_back_wherever_it_makes_sense() -> None:
    made = more(Like("a", about="a red fox", sort="wild", air="golden evening light, calm mood"))
    assert all("golden evening light, calm mood" in idea.prompt for idea in made)
    assert len({idea.prompt for idea in made}) == 30


def test_without_a_style_to_be_known_the_series_still_has_one_look() -> None:
    styles = [one.prompt for one in DATA.vocabulary.styles.values()]
    made = more(Like("a", about="a red fox", sort="wild"), style="")
    assert not [idea.prompt for idea in made if any(style in idea.prompt for style in styles)]


def test_a_style_that_is_told_by_its_words_keeps_its_tags() -> None:
    assert all("watercolor" in idea.tags["en"] for idea in more(Like("a", about="a red fox", sort="wild"), 5))


# -- drawings --------------------------------------------------------------------------------------------------


def test_a_drawing_keeps_palette_and_family_whatever_its_own_subject_suggests() -> None:
    like = Like("a", about="terrazzo", sort="terrazzo")
    order = Order(mode="keyword", count=6, subject="여름 바다", like=like, palette="aurora teal and violet")
    for idea in MODES["keyword"](order, "drawn", 6, Random(1)):
        assert idea.prompt.startswith("aurora teal and violet terrazzo pattern")
    exact = Order(mode="exact", count=1, prompt="calm sea", like=like, palette="aurora teal and violet")
    (idea,) = MODES["exact"](exact, "drawn", 1, Random(1))
    assert idea.prompt == "calm sea, aurora teal and violet, terrazzo"


def test_a_painted_picture_is_drawn_in_palettes_of_its_colours() -> None:
    made = more(Like("a", about="a red fox", sort="wild"), 4, "drawn", palette="mint and pale pink")
    assert {idea.root.rpartition("/")[2] for idea in made} <= {"mint", "sakura", "celadon", "dusty_rose", "candy"}


# -- with a text model -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_text_model_is_told_of_the_picture_its_colours_and_its_light(language: Any) -> None:
    brain = Brain()
    like = Like("a", about="a single brass bell on a sill", sort="home", air="soft morning light")
    order = Order(mode="dynamic", count=12, like=like, style=WATERCOLOR, palette=PALETTE)
    run = think(Thinker(brain), order, language=language)
    text = brain.asked[0]
    assert all(part in text for part in (like.about, PALETTE, "soft morning light", WATERCOLOR))
    assert "{" not in text.partition("JSON")[0]
    assert len(run.ideas) == 12
    assert all(WATERCOLOR in idea.prompt and PALETTE in idea.prompt for idea in run.ideas)


def test_an_idea_of_what_the_picture_shows_is_not_taken_and_the_model_hears_of_it() -> None:
    brain = Brain()
    like = Like("a", about="a single brass bell on a sill", sort="home")
    run = think(Thinker(brain), Order(mode="dynamic", count=40, like=like))
    assert run.steps["idea.like"] > 0
    assert not [idea.title for idea in run.ideas if "brass bell" in idea.title["en"]]
    assert any("brass bell" in asked for asked in brain.asked[1:])


def test_whoever_names_subjects_may_name_the_pictures_own() -> None:
    brain = Brain()
    like = Like("a", about="a single brass bell on a sill", sort="home")
    run = think(Thinker(brain), Order(mode="keyword", subject="brass bell", count=40, like=like))
    assert run.steps["idea.like"] == 0
    assert like.about not in brain.asked[0]
