"""JSON: the same trees as YAML, with the same bounds."""

from __future__ import annotations

import time

import pytest


def subjects(request):
    return [(order.subject or order.prompt, order.count, order.line) for order in request.orders]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"keywords": "a"}', [("a", 4, 1)]),
        ('["a", "b"]', [("a", 4, 1), ("b", 4, 1)]),
        ('[{"keywords": "a"},\n {"키워드": ["b", "c"],\n  "개수": [1, 2]}]', [("a", 4, 1), ("b", 1, 2), ("c", 2, 2)]),
        ('{"keywords": {"a": 5,\n "b": 3}}', [("a", 5, 1), ("b", 3, 2)]),
        ('{"keywords": "a"}\n{"keywords": "b"}', [("a", 4, 1), ("b", 4, 2)]),
        ('"a"', [("a", 4, 1)]),
        ('\n// a list\n[\n  "a",\n]\n', [("a", 4, 4)]),
        ("{“keywords”：“a”}", [("a", 4, 1)]),
        ('{"keywords": "tab\\there \\u00e9"}', [("tab here é", 4, 1)]),
    ],
)
def test_every_shape_is_read_with_its_lines(json, text, found):
    assert subjects(json(text)) == found


@pytest.mark.parametrize(
    "text", ["{", "[", '{"a"}', '{"a": 1', '["a" "b"]', "{a: 1}", "tru", '{"a": }', "]", '"a', "'a'", "[,]"]
)
def test_a_slip_of_layout_is_explained(json_faults, text):
    assert json_faults(text)[0].endswith(" json")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_by_its_line(json_faults, word):
    assert "2 json_nan" in json_faults(f'{{"keywords": "a",\n"seed": {word}}}')


def test_a_double_key_is_refused_with_its_line(json_faults):
    assert json_faults('{"keywords": "a",\n"count": 1,\n"count": 2}') == ["3 twice"]


def test_a_value_of_nothing_is_told(json_faults):
    assert json_faults('{"keywords": null}') == ["1 no_value"]


@pytest.mark.parametrize("escape", ["\\u001b[31m", "\\u0000", "\\ud800", "\\u0007"])
def test_an_escape_cannot_smuggle_in_what_must_not_reach_a_log(json_faults, escape):
    assert json_faults(f'{{"keywords": "a{escape}"}}') == ["1 unreadable"]


@pytest.mark.parametrize("text", ["[" * 50_000, '{"a":' * 50_000])
def test_fifty_thousand_nested_brackets_end_at_the_twentieth(json_faults, text):
    assert json_faults(text) == ["1 too_deep"]


def test_more_than_ten_thousand_entries_are_refused_at_once(json_faults):
    start = time.perf_counter()
    assert json_faults("[" + '"a",' * 200_000 + "]") == ["1 too_many"]
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("number", ["1e400", "9" * 5000, "-1", "1.5", "0x10"])
def test_a_count_that_is_none_is_a_fault_and_never_a_crash(json_faults, number):
    assert json_faults(f'{{"keywords": "a", "count": {number}}}')[0].startswith("1 ")
