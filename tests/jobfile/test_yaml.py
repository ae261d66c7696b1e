"""What YAML may do here, and what it may not."""

from __future__ import annotations

import time

import pytest


def test_each_mapping_item_and_document_is_an_order_in_its_order(yaml):
    request = yaml("keywords: a\n---\n- b\n- {keywords: c, count: 2}\n- keywords: [d, e]\n")
    assert [(o.subject, o.line, o.count) for o in request.orders] == [
        ("a", 1, 4), ("b", 3, 4), ("c", 4, 2), ("d", 5, 4), ("e", 5, 4)
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["벚꽃", "- 벚꽃", "['벚꽃']", "{keywords: 벚꽃}"])
def test_a_subject_may_stand_alone(yaml, text):
    assert [order.subject for order in yaml(text).orders] == ["벚꽃"]


def test_a_string_is_one_subject_and_a_list_is_several(yaml):
    assert [o.subject for o in yaml("keywords: 벚꽃, 바다").orders] == ["벚꽃, 바다"]
    assert [o.subject for o in yaml("keywords: [벚꽃, 바다]").orders] == ["벚꽃", "바다"]


@pytest.mark.parametrize("word", ["no", "0123", "12:30:45", "1.10", "2026-13-45", "0x10", "true"])
def test_a_subject_stays_the_text_that_was_written(yaml, word):
    assert yaml(f"keywords: {word}").orders[0].subject == word


@pytest.mark.parametrize("text", ["", " \n\t\n", "# only this\n", "---\n---\n", "[]", "{}", "~"])
def test_a_file_with_nothing_in_it_is_refused_kindly(yaml_faults, text):
    assert yaml_faults(text) == ["0 empty"]


def test_lines_that_yaml_would_fold_into_one_subject_are_asked_about(yaml_faults):
    assert yaml_faults("벚꽃\n바다\n") == ["1 yaml_lines"]


def test_a_double_key_is_refused_with_its_line(yaml_faults):
    assert yaml_faults("keywords: a\ncount: 1\ncount: 2\n") == ["3 twice"]
    assert yaml_faults("keywords:\n  a: 1\n  b: 2\n  a: 3\n") == ["4 twice"]


def test_one_key_in_two_languages_is_a_double_key(yaml_faults):
    assert yaml_faults("keywords: a\n키워드: b\n") == ["2 twice_meant"]


def test_anchors_aliases_tags_and_merges_are_refused_by_line(yaml_faults):
    found = yaml_faults("- &a x\n- *a\n- !!python/object/apply:os.system [ls]\n- <<: {}\n")
    assert {"1 yaml_alias", "2 yaml_alias", "3 yaml_tag", "4 yaml_merge"} <= set(found)


def test_a_recursive_alias_ends(yaml_faults):
    assert "1 yaml_alias" in yaml_faults("&a [*a]")


@pytest.mark.parametrize("text", ["[" * 50_000, "a: " * 50_000, "? " * 50_000, "- " * 50_000, "{a: " * 50_000])
def test_fifty_thousand_nested_brackets_do_not_kill_the_process(yaml_faults, text):
    assert yaml_faults(text)[0].split()[1] in ("too_deep", "yaml_colon", "yaml", "yaml_braces")


def test_twenty_levels_are_counted_exactly(yaml_faults):
    assert yaml_faults("keywords: " + "[" * 18 + "a" + "]" * 18) == ["1 not_list"]
    assert yaml_faults("keywords: " + "[" * 19 + "a" + "]" * 19) == ["1 too_deep"]


def test_more_than_ten_thousand_entries_are_refused_at_once(yaml_faults):
    start = time.perf_counter()
    assert yaml_faults("[" + "a," * 300_000 + "]")[0].endswith("too_many")
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("text", ["prompt: {soft} light\n", "prompt: {soft light}\n", "- [a] b\n", "prompt: [a b\n"])
def test_a_brace_without_quotes_is_explained(yaml_faults, text):
    assert yaml_faults(text)[0] in ("1 braces", "1 yaml_braces")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("keywords: a: b", "1 yaml_colon"),
        ("keywords:\n\t- a", "2 yaml_tab"),
        ("keywords: cat\ncount:5", "2 yaml_space"),
        ("count:5", "1 yaml_space"),
        ("keywords: 'a", "1 yaml"),
        ('keywords: "\\U00110000"', "1 yaml"),
        ("[a]: b", "1 yaml_key"),
        ("- [a]", "1 list_in_list"),
    ],
)
def test_a_slip_of_layout_is_explained_with_its_line(yaml_faults, text, fault):
    assert fault in yaml_faults(text)


@pytest.mark.parametrize("escape", ["\\x1b[31m", "\\0", "\\ud800", "\\x07"])
def test_an_escape_cannot_smuggle_in_what_must_not_reach_a_log(yaml_faults, escape):
    assert yaml_faults(f'keywords: "a{escape}"') == ["1 unreadable"]


def test_an_escaped_direction_mark_is_dropped(yaml):
    assert yaml('keywords: "a\\u202eb\\u200b"').orders[0].subject == "ab"


def test_signs_of_a_korean_keyboard_and_a_word_processor_do_their_work(yaml):
    request = yaml("키워드：[벚꽃，바다、산]\n제목： “it’s “spring””\n스타일: ‘soft’\n크기: １６：９\n")
    assert [order.subject for order in request.orders] == ["벚꽃", "바다", "산"]
    assert request.orders[0].style == "soft"
    assert request.orders[0].size.ratio == 16 / 9


def test_a_smart_quote_inside_a_quoted_text_does_not_end_it(yaml):
    assert yaml("title: 'it’s “new”'\nkeywords: a").orders[0].title == 'it\'s "new"'


def test_replaced_signs_leave_the_line_numbers_right(yaml_faults):
    assert yaml_faults("키워드：“벚꽃”\r\n\r\n갯쑤： 5") == ["3 unknown_key_near"]
