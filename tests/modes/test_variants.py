"""A text with variants makes each of its texts once before one comes again, always ends, and tells its choices."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from random import Random
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockgen.data import Shelf
from stockgen.data.palettes import families, palettes
from stockgen.data.templates import Wildcards, load_wildcards, parse, rounds
from stockgen.data.vocabulary_files import load_vocabulary
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Idea, Look, Order
from stockgen.modes import material, modes, understood

SHELF = Shelf()
LISTS = load_wildcards(SHELF)
DATA = material(load_vocabulary(SHELF), palettes(SHELF), families(SHELF), {}, LISTS)
MODES = modes(DATA)


def texts(text: str, count: int = 100, seed: int = 1) -> list[str]:
    return [chosen.text for chosen in islice(next(rounds(parse(text, LISTS), Random(seed))), count)]


def ideas(count: int, look: Look = "diffusion", seed: int = 1, **order: Any) -> list[Idea]:
    wish = Order(**{"mode": "keyword", "count": count, **order})
    return list(MODES[wish.mode](wish, look, count, Random(seed)))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("{a|b} c", {"a c", "b c"}),
        ("{a|} c", {"a c", "c"}),
        ("{2$$a|b|c}", {"a, b", "a, c", "b, c"}),
        ("{2$$ and $$a|b|c}", {"a and b", "a and c", "b and c"}),
        ("{1-2$$ + $$a|b}", {"a", "b", "a + b"}),
        ("{a|{b|c}}", {"a", "b", "c"}),
        ("${x={a|b}}${x} and ${x}", {"a and a", "b and b"}),
        ("${x=!{a|b}}${x}", {"a", "b"}),
        (r"\{a|b\} {c|d}", {"{a|b} c", "{a|b} d"}),
        (r"a \__b__ {c|d}", {"a __b__ c", "a __b__ d"}),
        ("{{a}|b}", {"{a}", "b"}),
        ("{soft} light", {"{soft} light"}),
        ("__season__ {a|b|c}", {f"{one} {two}" for one in ("spring", "summer", "autumn", "winter") for two in "abc"}),
        ("{2$$__season__}", {"spring, summer", "spring, autumn", "spring, winter", "summer, autumn", "summer, winter",
                             "autumn, winter"}),
        ("{a|a|b}", {"a", "b"}),
    ],
)  # fmt: skip
def test_every_text_comes_exactly_once_in_a_round(text: str, made: set[str]) -> None:
    assert sorted(texts(text)) == sorted(made)
    assert parse(text, LISTS).combinations == len(made)


def test_all_lists_of_a_folder_are_one() -> None:
    every = texts("__한국/*__", 1000)
    assert {"떡국", "붕어빵", "방패연"} <= set(every)
    assert len(every) == len(set(every)) == parse("__한국/*__", LISTS).combinations


def test_weights_say_what_comes_first_and_nothing_is_left_out() -> None:
    first = [texts("{20::a|b}", seed=seed)[0] for seed in range(40)]
    assert first.count("a") > 30
    assert sorted(texts("{20::a|b|0::c}")) == ["a", "b"]


def test_the_choices_are_told_and_not_only_the_text() -> None:
    chosen = parse("${c={red}|x} a {blue|blue} {dog|dog} in {a __season__ park|a __season__ park}", LISTS).draw(
        Random(1)
    )
    assert chosen.choices[:2] == ["blue", "dog"]
    assert chosen.choices[2].startswith("a ") and chosen.choices[2].endswith(" park")
    assert chosen.choices[3] in chosen.choices[2]


def test_the_same_randomness_gives_the_same_texts_and_another_one_others() -> None:
    assert texts("{a|b|c|d} __season__", 8) == texts("{a|b|c|d} __season__", 8)
    assert texts("{a|b|c|d} __season__", 8) != texts("{a|b|c|d} __season__", 8, seed=2)


def test_a_list_that_calls_itself_is_told_and_never_waited_for() -> None:
    lists = Wildcards({"a": ("x __b__",), "b": ("__a__", "y")})
    with pytest.raises(JobFileError) as caught:
        parse("__a__", lists)
    assert [(one.code, one.facts["found"]) for one in caught.value.remarks] == [
        ("job_file.template.cycle", "a → b → a")
    ]


@pytest.mark.parametrize(
    "text",
    ["{" * 5_000, "{a|" * 5_000, "{a|b}" * 6_000, "__x0__" * 5_000, "${" * 5_000, "{2$$" * 5_000, "_" * 30_000,
     "__" + "a" * 30_000, "{20$$__huge__}", "\\" * 30_000],
)  # fmt: skip
def test_a_hostile_text_ends_soon(text: str) -> None:
    lists = Wildcards(
        {f"x{n}": (f"__x{n + 1}____x{n + 1}__", "b") for n in range(30)} | {"huge": tuple(map(str, range(10_000)))}
    )
    before = perf_counter()
    with suppress(JobFileError):
        list(islice(next(rounds(parse(text, lists), Random(1))), 5))
    assert perf_counter() - before < 5


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="{}|$_:2-=ab \\가", max_size=40))
def test_any_text_is_drawn_or_refused_and_its_number_of_texts_is_right(text: str) -> None:
    try:
        template = parse(text, LISTS)
    except JobFileError as error:
        assert all(remark.code.startswith("job_file.template.") for remark in error.remarks)
        return
    made = texts(text, 300)
    assert len(made) == len(set(made)) <= template.combinations
    if template.combinations <= 300:
        assert {template.at(index).text for index in range(template.combinations)} == set(made)


def test_pictures_take_other_texts_first_and_then_other_seeds() -> None:
    made = ideas(7, mode="exact", prompt="a {red|blue} {cat|dog}", kind="photo")
    assert len({idea.prompt for idea in made[:4]}) == 4
    assert {idea.prompt for idea in made[4:]} <= {idea.prompt for idea in made[:4]}
    assert len({idea.title["en"].casefold() for idea in made}) == len({idea.title["ko"] for idea in made}) == 7
    assert ideas(4, mode="exact", prompt="a {red|blue} {cat|dog}", kind="photo") == made[:4]


def test_what_was_chosen_stands_in_titles_and_tags_of_both_languages() -> None:
    for idea in ideas(4, mode="exact", prompt="still life, soft light, {red|blue} {roses|tulips}", kind="photo"):
        colour, flower = idea.prompt.split(", ")[2].split()
        assert {colour, flower.removesuffix("s")} <= set(
            idea.title["en"].casefold().replace("roses", "rose").replace("tulips", "tulip").split()
        )
        assert idea.tags["en"][0] == colour
        assert {"red": "빨간", "blue": "파란"}[colour] in idea.title["ko"]
        assert {"roses": "장미", "tulips": "튤립"}[flower] in idea.title["ko"]
        assert {"roses": "장미", "tulips": "튤립"}[flower] in idea.tags["ko"]


@pytest.mark.parametrize("look", ["drawn", "diffusion"])
def test_variants_hold_for_subjects_too(look: Look) -> None:
    made = ideas(12, look, subject="{봄|가을} __색__ 바다")
    assert len({idea.prompt for idea in made}) == 12
    assert len({idea.title["en"].casefold() for idea in made}) == 12
    if look == "diffusion":
        assert len({idea.prompt.split(" sea")[0] for idea in made}) == 12


def test_variants_that_nobody_can_translate_are_passed_over_and_told() -> None:
    made = ideas(6, subject="{벚꽃|꿻뚫}")
    assert len(made) == 6
    assert all(idea.prompt.startswith("cherry blossom") for idea in made)
    told = understood(Order(mode="keyword", count=6, subject="{벚꽃|꿻뚫}"), DATA)
    assert (told.unknown, told.texts, told.nothing) == (("꿻뚫",), 2, False)
    assert ideas(6, subject="{뷁|꿻뚫}") == []


def test_pictures_of_one_exact_text_and_subject_are_one_motif() -> None:
    roots = [idea.root for idea in ideas(6, mode="exact", prompt="a {cat|rose}, {red|blue}")]
    assert set(roots) == {"exact/a {cat|rose}, {red|blue}/cat", "exact/a {cat|rose}, {red|blue}/rose"}
