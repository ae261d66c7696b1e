"""Titles alone: the same idea in other words is not made twice, and a new one is not refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockgen.pipeline.novelty.shelf import Shelf
from tests.novelty.asking import Desk, idea


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Calm sea at pale dawn", "At pale dawn: calm seas"),
        ("Misty Pine Forest at Sunrise", "Foggy Pine Forests at Dawn"),
        ("Autumn leaves on a wooden table", "Fall Leaf Falling on Wooden Table"),
        ("Snow-Covered Mountain Cabin", "Mountain cabin covered with snow, beautiful and serene"),
        ("Grandmother's hands knitting", "Grandmother’s Hands Knitted Background"),
        ("Café terrace with blue chairs", "Blue chair on a CAFE terrace"),
    ],
)  # fmt: skip
def test_an_idea_in_other_words_is_not_made_twice(desk: Desk, earlier: str, later: str) -> None:
    desk.planned(earlier)
    assert desk.near(later) == earlier


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Misty Pine Forest at Sunrise", "Misty Mountain Lake at Sunrise"),
        ("Steaming Cup of Coffee on a Wooden Table", "Fresh Orange Juice on a Wooden Table"),
        ("Soft serene minimalist background of beautiful roses", "Soft serene minimalist background of beautiful snow"),
        ("Set of 12 icons for bread", "Set of 12 icons for cars"),
    ],
)  # fmt: skip
def test_the_same_scene_or_the_same_trimmings_do_not_make_one_idea_of_two(desk: Desk, earlier: str, later: str) -> None:
    desk.planned(earlier)
    assert desk.near(later) is None


def test_what_stands_in_every_title_tells_nothing(desk: Desk) -> None:
    subjects = [f"{first}{second}" for first in ("kal", "mir", "dov", "run") for second in ("ta", "pel", "gos", "nib")]
    template = "Hand painted gouache {} on handmade cotton paper"
    desk.planned(*(template.format(subject) for subject in subjects for _ in range(20)))
    assert desk.near(template.format("kalta")) == template.format("kalta")
    assert desk.near(template.format("zebra")) is None


def test_the_nearest_one_is_named(desk: Desk) -> None:
    desk.planned("Red fox sleeping in deep snow", "Red fox sleeping in deep grass", "Old boat")
    assert desk.near("Red foxes asleep sleeping in deep grass") == "Red fox sleeping in deep grass"


def test_ideas_of_one_answer_are_compared_with_each_other_before_they_are_planned(desk: Desk) -> None:
    assert desk.near("Old lighthouse in a winter storm") is None
    assert desk.near("Winter storm around an old lighthouse") == "Old lighthouse in a winter storm"


def test_what_another_job_has_planned_meanwhile_counts(desk: Desk) -> None:
    assert desk.near("Old lighthouse in a winter storm") is None
    desk.planned("Steam train on a stone viaduct")
    assert desk.near("A stone viaduct with a steam train") == "Steam train on a stone viaduct"


def test_an_idea_that_was_refused_was_never_made(desk: Desk) -> None:
    desk.planned("Steam train on a stone viaduct")
    desk.book.ledger._db.write("UPDATE ideas SET refused_reason = 'words'")
    assert desk.near("Steam train on a stone viaduct") is None


def test_a_title_that_says_little_in_english_is_told_apart_by_its_korean(desk: Desk) -> None:
    desk.planned(idea("Beach 1", "p1", "모래사장에 찍힌 발자국"))
    assert desk.near("Beach 2", "p2", "파라솔 아래 누운 고양이") is None
    assert desk.near("Beach 3", "p3", "발자국이 찍힌 모래사장") == "Beach 1"


def test_a_full_english_title_does_not_ask_what_the_korean_says(desk: Desk) -> None:
    desk.planned(idea("Red fox sleeping in deep snow", "p1", "눈 속의 여우"))
    assert desk.near("Steam train on a stone viaduct", "p2", "눈 속의 여우") is None


@pytest.mark.parametrize("title", ["", "…", "2026", "the and of"])
def test_a_title_without_words_is_new_and_hurts_nobody(desk: Desk, title: str) -> None:
    desk.planned("Red fox sleeping in deep snow", idea(title or " ", "p1"))
    assert desk.novelty.near(idea(title, "p2", "…")) is None
    assert desk.near("Red fox sleeping in deep snow!") is not None


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.text(max_size=30))
def test_whatever_a_model_writes_as_a_title_hurts_nobody(english: str, korean: str) -> None:
    shelf = Shelf(0)
    shelf.add([{"en": english, "ko": korean}, {"en": "Red fox sleeping in deep snow", "ko": "여우"}])
    found = [one.number for one in shelf.near({"en": english.upper(), "ko": korean}, b"", 1)]
    assert found in ([0], [])


def test_memory_that_was_given_back_is_read_anew(desk: Desk) -> None:
    desk.planned("Red fox sleeping in deep snow")
    assert desk.near("Steam train on a stone viaduct") is None
    desk.novelty.rest()
    assert desk.near("Deep snow, red fox sleeping") is not None
    assert desk.near("Steam train on a stone viaduct") is None  # it never came to be planned
