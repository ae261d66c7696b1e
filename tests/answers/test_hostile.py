"""Nothing that a text model writes may end a night: no exception but our own, and no answer takes long."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from random import Random

import json_repair
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stockgen.answers import Answer, read
from stockgen.answers.ideas import ideas
from stockgen.answers.objects import Enough, Patience
from stockgen.answers.repairing import repair_text

IDEA = {
    "title_en": "Soft sky",
    "title_ko": "부드러운 하늘",
    "prompt": "soft pastel sky with thin clouds at dawn",
    "tags_en": ["sky", "dawn"],
    "tags_ko": ["하늘", "새벽"],
}
GOOD = json.dumps({"ideas": [IDEA]}, ensure_ascii=False)
LONGEST = 20.0  # seconds on a busy machine; alone each takes three at most, and without a bound minutes


def mixed(*parts: str) -> str:
    """Some tens of thousands of them in no order, always the same."""
    rng = Random(1)
    return "".join(rng.choice(parts) for _ in range(20_000))


BOMBS: dict[str, Callable[[], str]] = {
    "braces": lambda: "{" * 300_000,
    "brackets": lambda: "[1," * 100_000,
    "closed_brackets": lambda: "[" * 100_000 + "]" * 100_000,
    "objects": lambda: '{"a":' * 60_000,
    "quotes": lambda: '{"a": "' + 'x"y' * 100_000,
    "single_quotes": lambda: "{'" * 100_000,
    "unclosed_thoughts": lambda: "<think>" * 50_000,
    "thoughts": lambda: "<think>a</think>" * 20_000,
    "thoughts_of_two_names": lambda: "<think>" * 20_000 + "</thinking>",
    "fences": lambda: "```\n" * 80_000,
    "megabytes": lambda: GOOD + " lorem {ipsum} [dolor] 'sit'" * 100_000,
    "words": lambda: "벚꽃 배경 " * 200_000,
    "colons": lambda: "a: b: c\n" * 50_000,
    "labels": lambda: "title: a b c d e\n" * 30_000,
    "bullets": lambda: "- prompt\n" * 40_000,
    "pipes": lambda: "|" * 300_000,
    "pipes_in_lines": lambda: "| title | prompt |\n" * 20_000,
    "stars": lambda: "*" * 300_000,
    "blanks": lambda: GOOD[:-2] + " " * 300_000,
    "blanks_in_text": lambda: '{"a": "' + (" " * 3_000 + "x\n") * 100,
    "half_objects": lambda: mixed("(", '{"a": "', "- ", '{"prompt":', "```"),
    "escapes": lambda: mixed("<a>" * 30, '\\"', "["),
    "newlines": lambda: "{" + "\n" * 300_000,
    "tags": lambda: "<a>" * 100_000,
    "numbers": lambda: "1. " * 100_000,
    "comments": lambda: "{/*" * 80_000,
    "aliases": lambda: "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c]\n" * 20,
    "encoded": lambda: json.dumps(json.dumps(json.dumps(json.dumps(GOOD)))),
    "deep_encoded": lambda: '{\\"' * 100_000,
    "nul": lambda: "\x00" * 100_000 + GOOD,
    "surrogates": lambda: "\ud83d" * 50_000 + GOOD,
    "many_items": lambda: json.dumps([IDEA | {"prompt": f"soft pastel sky number {n} at dawn"} for n in range(1_500)]),
    "long_key": lambda: json.dumps({"k" * 200_000: IDEA}),
    "long_prompt": lambda: json.dumps(IDEA | {"prompt": "soft pastel sky " * 20_000}),
    "many_tags": lambda: json.dumps(IDEA | {"tags_en": [f"tag {n}" for n in range(30_000)]}),
    "wide": lambda: json.dumps({f"key {n}": {"x": n} for n in range(20_000)}),
    "equals": lambda: "a = 1\n" * 9_000,
    "commas": lambda: "title," * 60_000,
    "words_repeated": lambda: json.dumps(IDEA | {"prompt": " ".join(f"a{n % 7}" for n in range(400))}),
}


END = " and that was all, 12 of them"  # with it, what stands before is no loop that could simply be cut


@pytest.mark.parametrize("end", ["", END])
@pytest.mark.parametrize("name", BOMBS)
def test_no_answer_takes_long_or_raises(name: str, end: str) -> None:
    text = BOMBS[name]() + end
    start = time.perf_counter()
    good, faults = ideas(read(text).items)
    assert time.perf_counter() - start < LONGEST
    assert len(good) <= 200
    assert repair_text(faults)


def test_json_repair_is_stopped_and_the_profiler_comes_back() -> None:
    """Some rubbish of 50,000 characters took it half a minute; nothing stops a thread from outside."""
    looks = iter(range(1_000))

    def profiler(*event: object) -> None: ...

    sys.setprofile(profiler)
    try:
        with pytest.raises(Enough):
            Patience(lambda: float(next(looks))).within(json_repair.loads, "{'a': [1, 2, " * 40)
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
    assert next(looks) == 5


def test_an_idea_before_megabytes_of_rubbish_is_kept() -> None:
    good, _ = ideas(read(BOMBS["megabytes"]()).items)
    assert good[0].title["ko"] == "부드러운 하늘"


def test_an_idea_behind_broken_signs_is_kept() -> None:
    for name in ("nul", "surrogates"):
        assert len(ideas(read(BOMBS[name]()).items)[0]) == 1


SIGNS = [
    "```",
    "<think>",
    "</think>",
    "prompt",
    "제목",
    "title_en:",
    "...",
    "//",
    "/*",
    "*/",
    "null",
    "\\u12",
    "1.",
    "[[",
]
pieces = st.sampled_from([GOOD, "\n", "- ", "\x00", "\ud800", *SIGNS, *"{}[]:,-|#=花“”\\\"'"])
texts = st.lists(pieces | st.text(max_size=8), max_size=40).map("".join)
data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(IDEA["prompt"]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from([*IDEA, "title", "tags", "ideas", "en", "ko", "type"]) | st.text(max_size=6),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


def holds(answer: Answer) -> None:
    good, faults = ideas(answer.items)
    for idea in good:
        assert idea.prompt.isprintable()
        assert idea.title["en"]
        assert idea.title["ko"]
        assert all(tag.strip() == tag != "" for tags in idea.tags.values() for tag in tags)
    assert all(1 <= fault.item <= len(answer.items) for fault in faults)
    assert repair_text(faults)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_any_text_is_read_without_a_crash(text: str) -> None:
    holds(read(text))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data)
def test_any_data_is_read_without_a_crash(value: object) -> None:
    holds(read(json.dumps(value)))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(GOOD)))
def test_an_answer_that_ends_anywhere_never_gives_half_a_prompt(end: int) -> None:
    two = json.dumps({"ideas": [IDEA, IDEA | {"prompt": "a quiet lake in the morning mist", "title_en": "Lake"}]})
    good, _ = ideas(read(two[: len(two) - end]).items)
    assert {idea.prompt for idea in good} <= {IDEA["prompt"], "a quiet lake in the morning mist"}
