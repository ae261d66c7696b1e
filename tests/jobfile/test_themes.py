"""Orders without a subject of their own: a theme, a season, what to avoid."""

from __future__ import annotations

import pytest

from stockgen.domain.words import Order, Remark
from stockgen.jobfile import accepted


def meant(order: Order) -> tuple[str, str, str, tuple[str, ...], int]:
    return order.mode, order.theme, order.season, order.avoid, order.count


@pytest.mark.parametrize(
    "text",
    [
        "주제: 아늑한 카페\n시즌: 설날\n피하기: 사람, 글자\n개수: 20",
        "theme: 아늑한 카페\nseason: Lunar New-Year\navoid: [사람, 글자]\ncount: 20",
    ],
)
def test_a_theme_needs_no_word_of_mode_in_either_language(yaml, txt, text):
    assert meant(yaml(text).orders[0]) == ("dynamic", "아늑한 카페", "seollal", ("사람", "글자"), 20)
    if "[" not in text:
        assert meant(txt(text).orders[0]) == meant(yaml(text).orders[0])


def test_a_season_alone_is_enough_and_may_be_left_to_us(yaml, csv):
    assert meant(yaml("season: 봄").orders[0]) == ("dynamic", "", "spring", (), 4)
    assert [order.season for order in csv("시즌,개수\n자동,3\n크리스마스,5").orders] == ["auto", "christmas"]
    assert meant(yaml("mode: dynamic").orders[0])[:3] == ("dynamic", "", "")


def test_a_slip_in_a_season_is_answered_with_the_season_that_was_meant(yaml_faults, known, say):
    assert yaml_faults("season: chrismas") == ["1 value_near"]
    assert yaml_faults("시즌: 크리스마쓰") == ["1 value_near"]
    assert yaml_faults("season: sometime") == ["1 value"]


@pytest.mark.parametrize("what", ["keywords: tea", "prompt: a cup of tea"])
@pytest.mark.parametrize("key", ["theme: tea time", "season: spring"])
def test_a_theme_beside_a_subject_is_asked_about_because_one_would_be_lost(yaml_faults, what, key):
    assert yaml_faults(f"{what}\n{key}") == ["2 theme_beside"]


def test_a_season_above_lines_of_subjects_is_asked_about(txt_faults):
    assert txt_faults("시즌: 설날\n떡국 5장") == ["1 theme_beside"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mode: dynamic\nkeywords: tea", "1 dynamic_needs"),
        ("mode: dynamic\nprompt: tea", "1 dynamic_needs"),
        ("mode: keyword\ntheme: tea", "1 keyword_needs"),
        ("mode: exact\nseason: spring", "1 exact_needs"),
        ("mode: random\ntheme: tea", "1 random_needs"),
        ("keywords: tea\navoid: cups", "2 avoid_needs"),
        ("count: 3\navoid: cups", "2 avoid_needs"),
        ("theme: '!!'", "1 no_words"),
        ("theme: [a, b]", "1 not_list"),
        ("mode: dynmic", "1 value_near"),
    ],
)
def test_what_a_text_model_can_not_honour_is_refused_and_not_dropped(yaml_faults, text, code):
    assert yaml_faults(text) == [code]


def test_a_season_of_a_preset_gives_way_to_a_subject(yaml):
    assert meant(yaml("preset: season").orders[0]) == ("dynamic", "", "auto", ("people",), 4)
    assert meant(yaml("preset: season\ntheme: tea").orders[0]) == ("dynamic", "tea", "auto", ("people",), 4)
    order = yaml("preset: season\nkeywords: tea").orders[0]
    assert (order.subject, *meant(order)) == ("tea", "keyword", "", "", (), 4)


def test_what_ideas_are_about_stands_in_the_note_as_people_call_it(yaml, say):
    request = yaml("theme: tea\nseason: 설날\navoid: [dogs, cats]")
    named = Remark("plan.season", 1, {"key": "seollal", "season": "설날", "when": "2027-02-07", "weeks": 10})
    note = accepted(request, "k7m2q", "a.yaml", [named], say["ko"]).decode("utf-8-sig")
    assert "새 아이디어: tea, 설날" in note
    assert "피하기: dogs, cats" in note
