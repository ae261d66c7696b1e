"""Marks of a model that sees: whatever form they come in they count, and what is no mark is never taken for one."""

from __future__ import annotations

import pytest

from stockgen.answers import read
from stockgen.checks.vision import ASPECTS, brief, seen
from stockgen.domain.errors import BadAnswer

GOOD = {"hands": 10, "text": 9, "logos": 10, "composition": 8, "caption_en": "A white ceramic cup on a wooden table.",
        "caption_ko": "나무 탁자 위에 놓인 하얀 도자기 컵입니다."}  # fmt: skip


def test_each_aspect_is_asked_for_and_answered_by_a_finding():
    asked = brief(b"jpeg", "a cup")
    assert all(name in asked.text for name in ASPECTS)
    assert set(ASPECTS) <= set(asked.schema["required"])
    assert asked.images == (b"jpeg",)
    findings = seen([GOOD]).findings(8.5)
    assert [(one.name, one.ok) for one in findings] == [
        ("hands", True), ("text", True), ("logos", True), ("composition", False),
    ]  # fmt: skip


@pytest.mark.parametrize("mark", [3, 3.0, "3", "3/10", "3 of 10", {"score": 3}, {"mark": "3"}])
def test_a_bad_mark_counts_in_whatever_form_it_comes(mark):
    assert not seen([GOOD | {"hands": mark}]).findings(5)[0].ok


@pytest.mark.parametrize("mark", [None, True, "good", "", 11, -1, [3], "ten", {"why": 3}])
def test_what_is_no_mark_is_asked_again_instead_of_passing_the_picture(mark):
    with pytest.raises(BadAnswer):
        seen([GOOD | {"hands": mark}])


def test_an_answer_without_an_object_is_no_mark():
    with pytest.raises(BadAnswer):
        seen(read("I see a nice picture.").items)


def test_marks_are_found_behind_thoughts_and_fences():
    text = 'Let me look.</think>Here:\n```json\n{"hands": 2, "text": 10, "logos": 10, "composition": 7,}\n```'
    assert seen(read(text).items).marks["hands"] == 2


@pytest.mark.parametrize(("key", "text"), [
    ("caption_ko", "白い陶器のカップがテーブルの上にあります"), ("caption_ko", "桌子上的白色陶瓷杯 컵입니다"),
    ("caption_ko", "A cup on a table in the sun"), ("caption_en", "하얀 도자기 컵이 탁자 위에 있습니다"),
    ("caption_en", "cup"), ("caption_en", 7), ("caption_en", "x" * 400),
])  # fmt: skip
def test_a_caption_in_another_language_or_of_no_use_describes_nothing(key, text):
    language = key[-2:]
    assert language not in seen([GOOD | {key: text}]).caption
    assert seen([GOOD]).caption[language] == GOOD[key]
