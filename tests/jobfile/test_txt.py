"""TXT files: for people, and never misread in silence."""

from __future__ import annotations

import pytest

from stockgen.domain.errors import JobFileError


def test_one_line_is_one_subject(txt):
    request = txt("봄 소풍\n\n# 메모\n## 제목\n#\n바다, 노을\n")
    assert [(o.subject, o.line, o.mode) for o in request.orders] == [
        ("봄 소풍", 1, "keyword"),
        ("바다, 노을", 6, "keyword"),
    ]


@pytest.mark.parametrize("separator", ["|", " | ", "\t", "｜", " ｜ "])
def test_bars_and_tabs_separate_subject_count_and_model(txt, separator):
    order = txt(separator.join(["봄 소풍", "3", "로컬"])).orders[0]
    assert (order.subject, order.count, order.model) == ("봄 소풍", 3, ("procedural",))


def test_an_empty_cell_means_the_default(txt):
    order = txt("봄||로컬").orders[0]
    assert (order.count, order.model) == (4, ("procedural",))


@pytest.mark.parametrize(
    "ending", [" 5장", " 5개", " x5", " X5", " ×5", "×5", "5장", " 5 장", " (5장)", " 5장씩", " | 5장"]
)
def test_a_count_at_the_end_has_its_unit(txt, ending):
    order = txt(f"벚꽃{ending}").orders[0]
    assert (order.subject, order.count) == ("벚꽃", 5)


def test_a_bare_number_is_never_a_count_and_this_is_told(txt):
    request = txt("route 66")
    assert (request.orders[0].subject, request.orders[0].count) == ("route 66", 4)
    assert request.remarks[0].code == "job_file.told.bare_number"


@pytest.mark.parametrize(
    "before", ["- ", "* ", "•", "-", "1. ", "2) ", "(3) ", "①", "- [x] ", "🌸 ", "1️⃣ ", "> ", "※ ", "\t"]
)
def test_bullets_list_numbers_and_emoji_are_no_words(txt, before):
    assert txt(f"{before}벚꽃").orders[0].subject == "벚꽃"


def test_quotes_around_a_line_are_no_words(txt):
    assert txt('"sunset: golden hour"').orders[0].subject == "sunset: golden hour"


def test_a_number_that_is_no_list_number_stays(txt):
    assert [o.subject for o in txt("3.5 inch disk\n2024. spring").orders] == ["3.5 inch disk", "2024. spring"]


def test_settings_on_top_hold_for_every_line(txt):
    request = txt("개수: 3\nmodel: flux\n크기：정사각형\n\n봄\n여름 2장\n")
    assert [(o.count, o.model, o.size.ratio) for o in request.orders] == [
        (3, ("flux",), 1),
        (2, ("flux",), 1),
    ]


def test_settings_alone_are_a_job(txt):
    assert [(o.mode, o.count) for o in txt("방식: 무작위\n개수: 7").orders] == [("random", 7)]
    assert txt("keywords: 벚꽃, 바다").orders[0].subject == "벚꽃, 바다"


def test_a_setting_after_a_subject_is_not_guessed_at(txt_faults):
    assert txt_faults("봄\ncount: 3\n") == ["2 txt_late"]


def test_a_mistyped_setting_is_not_drawn(txt_faults):
    assert txt_faults("cuont: 3\n봄\n") == ["1 unknown_key_near"]
    assert txt_faults("갯쑤: 3\n봄\n") == ["1 unknown_key_near"]
    assert txt_faults("sunset: golden hour") == ["1 unknown_key"]


def test_a_korean_word_with_a_colon_is_a_subject(txt):
    assert txt("봄날: 벚꽃 아래").orders[0].subject == "봄날: 벚꽃 아래"


def test_the_same_line_twice_is_once_and_told(txt):
    request = txt("벚꽃\n- 벚꽃\nCat x2\ncat ×2\n벚꽃 2장\n")
    assert [order.line for order in request.orders] == [1, 3, 5]
    assert [(r.line, r.facts["first"]) for r in request.remarks] == [(2, 1), (4, 3)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("벚꽃 배경 10장 만들어 줘", "ask_chat"),
        ("예쁜 배경 부탁해요", "ask_chat"),
        ("Please make some backgrounds", "ask_chat"),
        ("i'd like a cat", "ask_chat"),
        ("https://example.com/cat", "ask_address"),
        ("see www.example.com", "ask_address"),
        ("a,b,c,d,e,f,g,h,i,j,k,l,m", "ask_commas"),
        ("벚꽃,5", "ask_comma_count"),
        ("#1 벚꽃", "ask_hash"),
        ("하늘 #a1b2c3", "ask_hash"),
        ("벚꽃 # memo", "ask_hash"),
        ('{"keywords": "a"}', "ask_data"),
        ("IMG_0123.JPG", "ask_file"),
        ("me@example.com", "ask_address"),
        ("5장 벚꽃", "ask_count"),
        ("벚꽃 3-5장", "ask_count"),
        ("벚꽃 5장, 바다 3장", "ask_count"),
        ("벚꽃 5장/바다 3장", "ask_count"),
        ("벚꽃: 5", "ask_comma_count"),
        ("배경이 필요합니다.", "ask_chat"),
        ("이 그림은 잘 팔린다.", "ask_chat"),
        ("벚꽃은 어떨까요", "ask_chat"),
        ("Any ideas?", "ask_chat"),
        ("word " * 45, "ask_commas"),
        ("cherry-k7m2q-003.jpg", "ask_ours"),
        ("a | 1 | auto | wide", "txt_columns"),
        ("!?", "no_words"),
        ("5장", "no_words"),
        ("{봄|가을 공원", "template.open"),
        ("__seasn__ park", "template.unknown_near"),
        ("${season} park", "template.unset"),
        ("count = 5", "txt_equals"),
        ("keywords:", "txt_yaml"),
        ("벚꽃 5장 | 3", "count_twice"),
        ("벚꽃 | many", "value"),
    ],
)
def test_what_is_no_subject_is_asked_about_and_never_drawn(txt_faults, line, code):
    assert txt_faults(f"여름\n{line}" if code not in ("txt_yaml", "txt_equals") else line)[0].endswith(code)


@pytest.mark.parametrize(
    "line", ["crop circles", "vacation", "해바라기", "showroom", "helloween", "twelve, commas, " * 5]
)
def test_a_plain_subject_is_not_taken_for_a_request(txt, line):
    assert len(txt(line).orders) == 1


def test_a_file_of_exact_prompts_may_have_many_commas(txt):
    prompt = "Create a meadow, a, b, c, d, e, f, g, h, i, j, k, l, m 5장"
    order = txt(f"mode: exact\n{prompt}\n").orders[0]
    assert (order.mode, order.prompt, order.subject, order.count) == ("exact", prompt, "", 4)


def test_a_prompt_is_taken_word_for_word(txt):
    assert txt("mode: exact\n\n- Wow! A `cat` **now**~").orders[0].prompt == "Wow! A `cat` **now**~"


def test_every_bad_line_is_told_at_once(txt_faults):
    assert txt_faults("https://a.b\n봄\n#1\n가을 | x\n") == ["1 ask_address", "3 ask_hash", "4 value"]


def test_subjects_in_a_key_and_in_lines_are_not_mixed(txt_faults):
    assert txt_faults("keywords: 봄\n여름\n") == ["1 txt_both"]


def test_more_lines_than_anyone_means_are_refused(txt_faults):
    assert txt_faults("".join(f"line {number}.\n" for number in range(1100))) == ["0 too_many"]
    assert txt_faults("\n" * 10_001) == ["0 too_many"]


@pytest.mark.parametrize("line", ["Hey, could you give me 5 blue wallpapers?", "가을 느낌 배경 10장 필요해요"])
def test_a_request_in_the_middle_of_a_line_is_asked_about(txt, line):
    with pytest.raises(JobFileError):
        txt(line)


@pytest.mark.parametrize(
    "line", ["각 3장", "각각 3장씩", "3장씩", "세 장씩", "each 3", "3 each", "3 images each", "각 3장씩!"]
)
@pytest.mark.parametrize("where", ["{0}\n봄\n여름 5장", "봄\n여름 5장\n\n{0}"])
def test_a_count_for_each_is_no_subject(txt, line, where):
    request = txt(where.format(line))
    assert [(o.subject, o.count) for o in request.orders] == [("봄", 3), ("여름", 5)]
    assert "job_file.told.each_count" in [told.code for told in request.remarks]


@pytest.mark.parametrize("line", ["총 20장", "모두 20장", "전부 20", "20 in total", "total 20"])
def test_a_count_for_all_together_is_asked_about(txt_faults, line):
    assert txt_faults(f"봄\n여름\n{line}") == ["3 ask_together"]


@pytest.mark.parametrize("line", ["장수 3", "개수 3장", "count 3"])
def test_a_count_without_its_colon_is_no_subject(txt, txt_faults, line):
    assert [(o.subject, o.count) for o in txt(f"{line}\n봄").orders] == [("봄", 3)]
    assert txt_faults(f"봄\n{line}") == ["2 txt_late"]


@pytest.mark.parametrize("line", ["각도기 3장", "총천연색 3장", "모두의 마당", "count down 3", "total eclipse"])
def test_words_that_begin_like_a_count_stay_subjects(txt, line):
    assert len(txt(f"봄\n{line}").orders) == 2


@pytest.mark.parametrize(("line", "count"), [("튤립 열 두 장", 12), ("튤립 열다섯장", 15), ("튤립 스물 네 장", 24)])
def test_numbers_in_words_are_read_whole(txt, line, count):
    assert [(o.subject, o.count) for o in txt(line).orders] == [("튤립", count)]


def test_an_open_range_is_no_part_of_the_picture(txt_faults):
    assert txt_faults("여름바다 ~10장") == ["1 ask_count"]


def test_a_number_in_front_is_told_to_be_no_count(txt):
    request = txt("10 벚꽃")
    assert [(o.subject, o.count) for o in request.orders] == [("10 벚꽃", 4)]
    assert [told.code for told in request.remarks] == ["job_file.told.first_number"]


def test_a_key_with_a_dash_instead_of_its_colon_is_no_subject(txt, txt_faults):
    assert txt_faults("종류 - 사진\n벚꽃") == ["1 txt_equals"]
    assert txt("바다 - 새벽").orders[0].subject == "바다 - 새벽"


@pytest.mark.parametrize("line", ["ㅋㅋㅋㅋ", "🌸🌸", "ㅎㅎ 🌸", "^^"])
def test_a_line_of_laughter_alone_refuses_nothing(txt, line):
    request = txt(f"봄\n{line}\n여름")
    assert [order.subject for order in request.orders] == ["봄", "여름"]
    assert [told.code for told in request.remarks] == ["job_file.told.mood"]
