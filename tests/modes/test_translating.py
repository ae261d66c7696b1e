"""Words that the vocabulary does not know are put into English by a text model: only those, and nothing but names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from stockgen.domain.errors import BadAnswer
from stockgen.domain.words import Order
from stockgen.messages import Messages
from stockgen.modes import understood
from stockgen.modes.translating import Translator, phrases
from stockgen.modes.variants import english
from tests.answers.scripted import Scripted
from tests.modes.brain import Brain, Thinker
from tests.modes.test_written import DATA, PROMPTS

WORDS = {"알파카": "fluffy alpaca", "마라샹궈": "mala stir fry"}


def translator(words: Mapping[str, str] = WORDS) -> tuple[Translator, Brain]:
    brain = Brain(words=words)
    return Translator(DATA, Thinker(brain), PROMPTS["ko"]), brain


def test_unknown_words_alone_are_asked_for_and_the_rest_stays_as_it_was() -> None:
    translate, brain = translator()
    order, told = translate(Order(mode="keyword", count=3, subject="분홍색 알파카 배경", line=2))
    assert order.subject == "분홍색 fluffy alpaca 배경"
    assert understood(order, DATA).unknown == ()
    assert '["알파카"]' in brain.asked[0]
    assert "분홍색 알파카 배경" in brain.asked[0]  # what it is about helps to understand it
    (remark,) = told
    assert (remark.code, remark.line) == ("plan.words_translated", 2)
    for language in ("en", "ko"):
        assert "알파카 → fluffy alpaca" in Messages(language).tell(remark)


def test_exact_wording_stays_word_for_word_but_for_what_no_encoder_reads() -> None:
    translate, _ = translator()
    order, _ = translate(Order(mode="exact", count=1, prompt="a herd of 알파카, (soft light:1.2), 8 pieces"))
    assert order.prompt == "a herd of fluffy alpaca, (soft light:1.2), 8 pieces"
    assert english(order.prompt, DATA) == (order.prompt, ())


def test_an_order_whose_words_are_known_costs_no_call() -> None:
    translate, brain = translator()
    order = Order(mode="keyword", count=1, subject="봄 벚꽃")
    assert translate(order) == (order, ())
    assert brain.asked == []


def test_a_word_is_asked_for_once_however_many_orders_have_it() -> None:
    translate, brain = translator()
    for subject in ("알파카", "알파카 선물", "마라샹궈, 알파카"):
        translate(Order(mode="keyword", count=1, subject=subject))
    assert len(brain.asked) == 2
    assert '["알파카"]' in brain.asked[0]
    assert '["마라샹궈"]' in brain.asked[1]


@pytest.mark.parametrize(
    "answer",
    [
        '{"알파카": "fluffy alpaca"}',
        'Sure!\n```json\n[{"korean": "알파카", "english": "fluffy alpaca."}]\n```',
        '<think>hm, 알파카…</think>{"words": [{"ko": "알파카", "en": "fluffy alpaca"}]}',
        '{"words": {"알파카": "fluffy alpaca"}, "note": "done"}',
    ],
)
def test_an_answer_in_another_form_is_understood(answer: str) -> None:
    order, _ = Translator(DATA, Scripted([answer]), PROMPTS["en"])(Order(mode="keyword", count=1, subject="알파카"))
    assert order.subject == "fluffy alpaca"


@pytest.mark.parametrize(
    "english",
    [
        "알파카",
        "This is a kind of woolly animal that is kept in Peru",
        "fluffy alpaca: an animal",
        "アルパカ",
        "",
        "123",
        "fluffy alpaca. It is cute",
        "a {red|blue} alpaca",
        "x" * 200,
    ],
)
def test_what_is_no_name_of_a_thing_never_reaches_a_prompt(english: str) -> None:
    answer = json.dumps({"words": [{"korean": "알파카", "english": english}]})
    writer = Scripted([answer])
    with pytest.raises(BadAnswer):
        Translator(DATA, writer, PROMPTS["en"])(Order(mode="keyword", count=1, subject="알파카"))
    assert len(writer.briefs) == 2


def test_a_word_that_the_model_leaves_out_is_told_as_unknown() -> None:
    translate, _ = translator({"알파카": "fluffy alpaca"})
    order, told = translate(Order(mode="keyword", count=1, subject="알파카 봄 쀍쀍"))
    assert "fluffy alpaca" in order.subject
    assert [one.code for one in told] == ["plan.words_translated", "plan.unknown_words"]


def test_variants_stay_variants_when_a_word_in_them_is_translated() -> None:
    translate, _ = translator()
    order, _ = translate(Order(mode="keyword", count=2, subject="{알파카|벚꽃} 배경"))
    assert order.subject == "{fluffy alpaca|벚꽃} 배경"


def test_words_beside_each_other_are_asked_as_one() -> None:
    order: Any = Order(mode="keyword", count=1, subject="마라샹궈 알파카 사진")
    assert phrases(order, DATA) == ("마라샹궈 알파카",)
