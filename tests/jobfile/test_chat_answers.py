"""What comes out of chat programs: fences of their answers, exports of their conversations, options of generators."""

from __future__ import annotations

import pytest

from stockgen.jobfile import read


def subjects(request):
    return [(order.subject or order.prompt, order.count, order.line) for order in request.orders]


def codes(request):
    return [remark.code.removeprefix("job_file.told.") for remark in request.remarks]


def test_what_a_chat_program_says_around_its_answer_is_not_drawn(txt):
    request = txt("물론입니다!\n\n```\n벚꽃 5장\n바다\n```\n\n더 필요하신가요?\n")
    assert subjects(request) == [("벚꽃", 5, 4), ("바다", 4, 5)]
    assert codes(request) == ["fence"]
    assert request.remarks[0].facts["lines"] == 2


@pytest.mark.parametrize(
    "block",
    [
        "```yaml\nkeywords: a\ncount: 2\n```",
        "```yml\nkeywords: a\ncount: 2\n```",
        '```json\n{"keywords": "a",\n "count": 2}\n```',
        '```\n{"keywords": "a",\n "count": 2}\n```',
        "```\n- keywords: a\n  count: 2\n```",
        "```csv\nkeywords,count\na,2\n```",
        "~~~text\na x2\n~~~",
        "````\na x2\n````",
        "   ```txt\na x2\n   ```",
        "```markdown\n1. **a** x2\n```",
    ],
)
def test_the_word_after_the_fence_or_the_text_itself_says_how_it_is_read(txt, block):
    assert [(o.subject, o.count) for o in txt(f"Here:\n{block}\n").orders] == [("a", 2)]


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.csv", "a.txt"])
def test_an_answer_saved_under_any_ending_is_read(known, name):
    assert subjects(read(b"```yaml\nkeywords: a\n```\n", name, known)) == [("a", 4, 2)]


def test_a_fence_that_is_not_closed_goes_to_the_end(txt):
    assert subjects(txt("Sure:\n```\na\nb")) == [("a", 4, 3), ("b", 4, 4)]


def test_a_lone_fence_at_the_end_closes_what_was_copied(txt):
    assert subjects(txt("a\nb\n```\n")) == [("a", 4, 1), ("b", 4, 2)]


def test_several_fences_are_one_job_with_the_lines_of_the_file(txt):
    request = txt("```\na\n```\nand\n```yaml\n- keywords: b\n- c\n```\n")
    assert subjects(request) == [("a", 4, 2), ("b", 4, 6), ("c", 4, 7)]


def test_settings_of_one_fence_hold_for_that_fence_alone(txt):
    request = txt('```\nsize: square\na\n```\n```json\n["b"]\n```\n')
    assert [(o.subject, o.size.ratio) for o in request.orders] == [("a", 1), ("b", 0)]


def test_a_fault_inside_a_fence_names_the_line_of_the_file(txt_faults):
    assert txt_faults("Hi\n\n```yaml\nkeywords: a\ncount: x\n```\n") == ["5 value"]


def test_an_empty_fence_is_an_empty_file(txt_faults):
    assert txt_faults("벚꽃\n```\n```\n") == ["0 empty"]


@pytest.mark.parametrize(
    "line",
    [
        "[나] [오후 3:12] 벚꽃 5장",
        "2026년 11월 26일 오후 3:12, 나 : 벚꽃 5장",
        "[26/11/2026, 15:12:30] Jin: 벚꽃 5장",
        "26/11/2026, 15:12 - Jin: 벚꽃 5장",
        "[11/26/26, 3:12:30 PM] Jin: 벚꽃 5장",
    ],
)
def test_who_said_it_and_when_is_not_drawn(txt, line):
    request = txt(f"{line}\n")
    assert subjects(request) == [("벚꽃", 5, 1)]
    assert codes(request) == ["chat"]


def test_days_and_pictures_of_a_conversation_are_not_drawn(txt):
    day = "--------------- 2026년 11월 25일 수요일 ---------------"
    text = f"나 님과 카카오톡 대화\n{day}\n[나] [오전 9:01] 사진\n[나] [오전 9:02] 바다\n"
    assert subjects(txt(text)) == [("바다", 4, 4)]


def test_a_request_inside_a_conversation_is_still_asked_about(txt_faults):
    assert txt_faults("[나] [오후 3:12] 벚꽃 그려 주세요\n") == ["1 ask_chat"]


def test_options_of_another_generator_become_keys_and_what_is_left_out_is_told(txt):
    request = txt("a cat --ar 16:9 --v 6.1 --no dogs, text --seed 7 --tile\n")
    order = request.orders[0]
    assert (order.subject, order.size.ratio, order.negative_prompt, order.seed) == ("a cat", 16 / 9, "dogs, text", 7)
    assert list(request.remarks[0].facts["dropped"]) == ["--v 6.1", "--tile"]


def test_the_dash_of_a_phone_is_an_option_only_before_an_options_name(txt):
    assert txt("a cat —ar 1:1").orders[0].size.ratio == 1
    assert txt("seoul — night view").orders[0].subject == "seoul — night view"


def test_options_in_a_prompt_of_yaml_are_not_drawn(yaml_faults):
    assert yaml_faults("prompt: a cat --ar 16:9") == ["1 ask_options"]
