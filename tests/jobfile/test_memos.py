"""Memos: headings, hashtags, counts in all manners."""

from __future__ import annotations

import pytest


def subjects(request):
    return [(order.subject, order.count) for order in request.orders]


@pytest.mark.parametrize("heading", ["봄 배경:", "[봄]", "【봄】", "<봄>", "**봄:**", "Ideas:"])
def test_a_heading_is_not_drawn_and_told(txt, heading):
    request = txt(f"{heading}\n- 벚꽃 5장\n")
    assert subjects(request) == [("벚꽃", 5)]
    assert [remark.code for remark in request.remarks] == ["job_file.told.heading"]


@pytest.mark.parametrize("heading", ["# 봄", "## 봄", "###봄", "#", "---", "=====", "━━━━", "* * *", "···"])
def test_comments_and_dividers_say_nothing(txt, heading):
    request = txt(f"{heading}\n벚꽃\n{heading}\n")
    assert (subjects(request), request.remarks) == ([("벚꽃", 4)], ())


def test_the_title_of_a_memo_above_nothing_but_bullets_is_no_subject(txt):
    assert subjects(txt("봄 시즌\n\n- 벚꽃\n- 튤립\n")) == [("벚꽃", 4), ("튤립", 4)]


def test_settings_above_the_title_of_a_memo_make_no_pictures_of_the_title(txt):
    text = "비율: 가로\n마켓: 미리캔버스\n안녕 봄 시안 목록~\n\n- 벚꽃\n- 튤립\n"  # what a mended copy looks like
    assert subjects(txt(text)) == [("벚꽃", 4), ("튤립", 4)]


@pytest.mark.parametrize("text", ["봄 시즌\n- 벚꽃\n튤립\n", "봄 시즌 5장\n- 벚꽃\n- 튤립\n", "봄 시즌\n- 벚꽃\n"])
def test_a_first_line_that_may_be_meant_is_kept(txt, text):
    assert txt(text).orders[0].subject == "봄 시즌"


def test_hashtags_behind_a_subject_become_its_tags(txt):
    request = txt("태그: 여행\n한강 소풍 #봄 #가족_나들이 3장\n바다\n")
    assert request.orders[0].tags == ("여행", "봄", "가족 나들이")
    assert subjects(request) == [("한강 소풍", 3), ("바다", 4)]
    assert request.orders[1].tags == ("여행",)


@pytest.mark.parametrize(
    "text", ["벚꽃 5장 #봄", "벚꽃 #봄 5장", "벚꽃 #봄 | 5", "벚꽃 5장 --v 6", "벚꽃 5장 #봄 --v 6"]
)
def test_a_count_may_stand_before_hashtags_and_options(txt, text):
    assert subjects(txt(text)) == [("벚꽃", 5)]


@pytest.mark.parametrize("text", ["#봄 #벚꽃", "#봄#벚꽃", "#봄, #벚꽃"])
def test_a_line_of_hashtags_is_a_subject_of_their_words(txt, text):
    order = txt(text).orders[0]
    assert (order.subject, order.tags) == ("봄 벚꽃", ("봄", "벚꽃"))


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("벚꽃 다섯 장", 5), ("벚꽃 열장", 10), ("벚꽃 스무 장", 20), ("벚꽃 5매", 5), ("벚꽃 5컷", 5),
        ("벚꽃: 5장", 5), ("벚꽃 - 5장", 5), ("벚꽃 = 5장", 5), ("벚꽃, 5장", 5), ("벚꽃 *5", 5), ("벚꽃 x 5", 5),
        ("벚꽃 5pcs", 5), ("벚꽃 5 images", 5), ("벚꽃 5ea", 5), ("벚꽃\t5 장", 5), ("벚꽃 ５장", 5),
    ],
)  # fmt: skip
def test_a_count_in_any_manner_is_a_count(txt, written, count):
    assert subjects(txt(written)) == [("벚꽃", count)]


@pytest.mark.parametrize("written", ["사과 세 개", "사과 3개가 있는 접시", "3개의 촛불", "route 66x", "4k 벽지"])
def test_a_number_that_is_seen_in_the_picture_stays(txt, written):
    assert subjects(txt(written)) == [(written, 4)]


@pytest.mark.parametrize(
    "written",
    [
        "5장 벚꽃",
        "벚꽃 5장 정도",
        "벚꽃 5~6장",
        "벚꽃 3-5장",
        "벚꽃 5장 이상",
        "벚꽃 5장 가로로",
        "3개 사과",
        "벚꽃 5장 (급함)",
        "벚꽃 -3장",
        "벚꽃 1,000장",
        "벚꽃 1.5장",
        "벚꽃 9999999999장",
    ],
)
def test_a_count_that_stands_anywhere_else_is_asked_about(txt_faults, written):
    assert txt_faults(written) == ["1 ask_count"]


@pytest.mark.parametrize(
    "line",
    ["thank you card", "hello kitty bow", "hi-tech grid", "봄바람", "눈사람 만들기", "sure-footed goat",
     "서울.부산 지도", "3.5 inch disk", "소망", "바다요리"],
)  # fmt: skip
def test_words_that_only_look_like_a_sentence_are_drawn(txt, line):
    assert txt(line).orders[0].subject == line
