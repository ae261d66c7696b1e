"""A theme or a season without a text model, and what an order wants to avoid."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from stockgen.domain.words import Idea, Look, Order
from stockgen.modes import modes
from stockgen.modes.avoiding import Avoiding
from tests.modes.test_written import DATA, SEASONS, assert_sellable

DYNAMIC = modes(DATA, SEASONS)["dynamic"]


def ideas(count: int = 8, look: Look = "diffusion", seed: int = 1, **order: Any) -> list[Idea]:
    return list(DYNAMIC(Order(mode="dynamic", count=count, **order), look, count, Random(seed)))


def words(idea: Idea) -> str:
    tags = " ".join(tag for each in idea.tags.values() for tag in each)
    return f"{idea.prompt} {idea.title['en']} {idea.title['ko']} {tags}".casefold()


def test_a_theme_is_read_as_a_subject_is_and_its_season_with_it() -> None:
    made = ideas(theme="카페", season="winter")
    assert_sellable(made)
    assert all("cafe" in idea.prompt and "winter" in idea.prompt for idea in made)


def test_a_season_alone_is_its_own_subjects_the_most_wanted_first() -> None:
    made = ideas(6, season="chuseok")
    subjects = [DATA.vocabulary.subjects[key].told for key in SEASONS["chuseok"].subjects[:6]]
    assert [idea.prompt.startswith(subject) for idea, subject in zip(made, subjects, strict=False)] == [True] * 6
    assert_sellable(made)


def test_every_season_gives_ideas_that_can_be_sold() -> None:
    for key in SEASONS:
        for look in ("diffusion", "drawn"):
            assert len(ideas(4, look, season=key)) == 4  # type: ignore[arg-type]


def test_without_theme_and_season_there_is_something_of_everything() -> None:
    made = ideas(40)
    assert len({idea.root.split("/")[1] for idea in made}) == 40


@pytest.mark.parametrize("look", ["drawn", "diffusion"])
def test_a_killed_planning_finds_the_same_ideas_of_a_theme_again(look: Look) -> None:
    assert ideas(12, look, theme="가을 공원") == ideas(30, look, theme="가을 공원")[:12]


@pytest.mark.parametrize("avoid", ["송편", "songpyeon rice cake"])
def test_what_is_to_be_avoided_is_in_none_in_either_language(avoid: str) -> None:
    assert any("songpyeon" in words(idea) for idea in ideas(24, season="chuseok"))
    made = ideas(24, season="chuseok", avoid=(avoid,))
    assert len(made) == 24
    assert not [idea for idea in made if "songpyeon" in words(idea) or "송편" in words(idea)]


def test_a_subject_that_only_brings_it_along_is_made_without_its_tags() -> None:
    made = ideas(6, theme="카페", avoid=("커피",))
    assert len(made) == 6
    assert not [idea for idea in made if "coffee" in words(idea) or "커피" in words(idea)]


def test_a_short_korean_word_is_not_found_inside_other_words() -> None:
    avoiding = Avoiding(Order(mode="dynamic", count=1, avoid=("눈", "귤", "men")), DATA)
    assert not avoiding.named_in("눈부신 아침", "달팽이", "a menu on a table")
    assert avoiding.named_in("눈이 내린 길")
    assert avoiding.named_in("two men")
    assert avoiding.named_in("말린 귤")


def test_a_theme_that_is_itself_to_be_avoided_ends_instead_of_searching_for_ever() -> None:
    assert ideas(theme="커피", avoid=("coffee",)) == []
    assert ideas(theme="뷁뷁") == []


def test_everything_but_something_is_still_everything() -> None:
    made = ideas(60, avoid=("사람", "people", "flower", "글자"))
    assert len(made) == 60
    assert not [idea for idea in made if "flower" in words(idea)]
