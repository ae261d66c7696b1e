"""What is to be cut out stands alone on a ground from which it stands out; nothing of that is said twice."""

from __future__ import annotations

import pytest

from stockgen.data import Shelf
from stockgen.data.catalog import Drawing
from stockgen.data.market import load_markets
from stockgen.data.prompting import Prompting, load_prompting
from stockgen.data.sizes import MOST_ENLARGED, Crop, cropped
from stockgen.domain.words import Size
from stockgen.providers._diffusion.words import Sent, sent


@pytest.fixture(scope="module")
def rules() -> Prompting:
    return load_prompting(Shelf(None))


@pytest.mark.parametrize(
    ("prompt", "ground"),
    [
        ("a red apple", "plain light gray background"),
        ("a white cup", "plain soft blue background"),
        ("a snowman with a blue scarf", "plain soft green background"),
        ("a snowman with a blue scarf beside a green tree", "plain soft pink background"),
    ],
)
def test_the_ground_is_one_from_which_the_thing_stands_out(rules: Prompting, prompt: str, ground: str) -> None:
    assert f"isolated on a {ground}" in rules.alone(prompt)


def test_what_the_author_said_is_not_said_again(rules: Prompting) -> None:
    said = "single fox, centered, on white, no shadow"
    assert rules.alone(said) == said
    assert rules.alone("two foxes, plain background").count("background") == 1
    assert "single" not in rules.alone("two foxes")
    assert rules.alone(rules.alone("a fox")) == rules.alone("a fox")


def test_it_stands_behind_the_first_clause_and_the_rest_is_kept(rules: Prompting) -> None:
    told = rules.alone("a fox, watercolor. It sleeps.")
    assert told.startswith("a fox, one single whole object")
    assert told.endswith("It sleeps.")
    assert "watercolor" in told


def test_whoever_leaves_the_background_away_is_told_of_none(rules: Prompting) -> None:
    assert "background" not in rules.alone("a fox", ground=False)


def told(rules: Prompting, *, guided: bool, exact: bool = False, prompts: str = "tags") -> Sent:
    drawing = Drawing.model_validate({
        "pipeline": "X", "steps": 4, "guidance": 0.0, "tokens": 77, "dtype": "float16", "guided": guided,
        "prompts": prompts,
    })  # fmt: skip
    return sent("a fox, watercolor", "", drawing, rules, exact=exact, alone=True)


def test_models_that_take_unwanted_things_get_shadows_there_and_others_the_contrary(rules: Prompting) -> None:
    with_list, without = told(rules, guided=True), told(rules, guided=False)
    assert (with_list.negative, without.negative) == ("shadow", "")
    assert "shadow" not in with_list.prompt + without.prompt
    assert "even light" in without.prompt


def test_a_model_of_sentences_is_told_sentences(rules: Prompting) -> None:
    said = told(rules, guided=False, prompts="sentences").prompt
    assert said.startswith("A fox, watercolor. It is one single whole object.")
    assert "It is isolated on a plain light gray background." in said


def test_an_exact_prompt_is_told_word_for_word(rules: Prompting) -> None:
    assert told(rules, guided=True, exact=True).prompt == "a fox, watercolor"


def test_a_crop_is_as_large_and_as_tight_as_the_strictest_market_wants() -> None:
    known = load_markets(Shelf(None))
    assert cropped([], Size()) == Crop(0.01, 1500, 4_000_000)
    assert cropped([known["miricanvas"]], Size()) == Crop(0.01, 1500, 0)
    assert cropped([known["miricanvas"], known["adobe_stock"]], Size()) == Crop(0.01, 1500, 4_000_000)
    assert cropped([known["miricanvas"]], Size(width=2000, height=900)) == Crop(0.01, 2000, 0)
    assert cropped([known["miricanvas"]], Size(width=800, height=600)) == Crop(0.01, 1500, 0)
    assert cropped([known["dreamstime"]], Size(width=64, height=48)) == Crop(0.01, 64, 0)  # takes no elements


@pytest.mark.parametrize(
    ("drawn", "made"),
    [((1000, 500), (2829, 1415)), ((1500, 3000), (1500, 3000)), ((100, 100), (400, 400))],
)
def test_a_crop_is_enlarged_as_far_as_is_asked_and_never_beyond_what_can_be_seen(
    drawn: tuple[int, int], made: tuple[int, int]
) -> None:
    wanted = Crop(0.01, 1500, 4_000_000)
    width, height = wanted.size(*drawn)
    assert (width, height) == made
    assert width <= MOST_ENLARGED * drawn[0]
