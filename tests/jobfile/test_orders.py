"""What holds for which order, what excludes what, how many pictures that makes."""

from __future__ import annotations

import pytest

from stockgen.domain.words import Order
from stockgen.jobfile.nearest import nearest


def test_the_mode_follows_from_what_is_given(yaml):
    modes = [order.mode for order in yaml("- {prompt: a}\n- {keywords: b}\n- {count: 2}\n- {prompts: [c, d]}").orders]
    assert modes == ["exact", "keyword", "random", "exact", "exact"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("keywords: a\nprompt: b", "2 both"),
        ("mode: exact\nkeywords: a", "1 exact_needs"),
        ("mode: exact", "1 exact_needs"),
        ("mode: keyword", "1 keyword_needs"),
        ("방식: 무작위\nkeywords: a", "1 random_needs"),
        ("keywords: [a, b]\ncounts: [1, 2, 3]", "2 counts_length"),
        ("keywords: {a: 1}\ncount: 3", "2 count_twice"),
        ("keywords: [a: b]", "1 not_text"),
    ],
)
def test_what_contradicts_itself_is_refused(yaml_faults, text, fault):
    assert yaml_faults(text) == [fault]


def test_counts_are_for_each_subject(yaml):
    assert [o.count for o in yaml("keywords: [a, b]\ncounts: [1, 2]").orders] == [1, 2]
    assert [(o.subject, o.count) for o in yaml("keywords: {벚꽃: 5, 바다: 3}").orders] == [
        ("벚꽃", 5),
        ("바다", 3),
    ]
    assert [o.count for o in yaml("keywords: [a, b]\ncount: 3").orders] == [3, 3]


def test_a_file_may_not_ask_for_more_than_the_limit(yaml, yaml_faults):
    assert yaml("keywords: [a, b]\ncount: 250").pictures == 500
    assert yaml_faults("keywords: [a, b]\ncounts: [250, 251]") == ["0 sum"]
    assert yaml_faults("[" + "a," * 126 + "]") == ["0 sum"]


def test_an_orders_key_beats_its_preset_and_the_preset_beats_the_defaults(yaml):
    order = yaml("preset: banner\nkeywords: a\nkind: photo").orders[0]
    assert (order.kind, order.count, order.model, round(order.size.ratio, 2)) == ("photo", 2, ("auto",), 1.78)


def test_preset_and_priority_belong_to_the_whole_job(yaml):
    request = yaml("preset: banner\n---\nkeywords: a\n---\nkeywords: b\n")
    assert [(o.subject, o.kind) for o in request.orders] == [("a", "illustration"), ("b", "illustration")]
    assert (request.preset, request.priority) == ("banner", 7)
    assert [remark.code for remark in request.remarks] == ["job_file.told.whole_job"]


def test_a_job_cannot_have_two_priorities(yaml_faults):
    assert yaml_faults("- {keywords: a, priority: 1}\n- {keywords: b, priority: 2}") == ["2 job_differs"]


def test_a_fault_in_a_preset_names_the_preset(yaml_faults):
    assert yaml_faults("keywords: a\npreset: broken") == ["2 unknown_key_near", "2 value"]
    assert yaml_faults("keywords: a\npreset: nested") == ["2 preset_in_preset"]
    assert yaml_faults("keywords: a\npreset: bannr") == ["2 value_near"]


def test_all_faults_of_a_file_come_at_once_in_the_order_of_their_lines(yaml_faults):
    text = "modle: x\ncount: 0\n---\nkeywords: a\nseed: -1\nmode: exact\nlike: x.jpg\n"
    assert yaml_faults(text) == ["1 unknown_key_near", "2 value", "5 value", "7 value"]


def test_faults_without_end_are_cut_off(yaml_faults):
    found = yaml_faults("".join(f"kez{number}: 1\n" for number in range(4000)))
    assert len(found) == 101
    assert found[-1] == "0 more"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("modle", "model"),
        ("cuont", "count"),
        ("keyword_", "keywords"),
        ("갯슈", "갯수"),
        ("ㅁㅁ", ""),
        ("zebra", ""),
        ("x" * 99, ""),
    ],
)
def test_the_nearest_name_is_the_one_that_was_meant(typed, meant):
    assert nearest(typed, ["mode", "model", "count", "keywords", "갯수"]) == meant


def test_random_pictures_by_accident_are_told(yaml):
    assert [r.code for r in yaml("size: wide").remarks] == ["job_file.told.random"]


def test_orders_survive_the_ledger(yaml):
    for order in yaml("- {prompt: a, size: 16:9, tags: 'x, y', seed: 5, guidance: 7.5}\n- b").orders:
        assert Order.from_json(order.to_json()) == order
