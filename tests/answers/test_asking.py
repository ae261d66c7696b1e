"""A model is asked once, told once what is wrong, and never asked for what is there already."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stockgen.answers.asking import asked
from stockgen.answers.ideas import Fault, ideas
from stockgen.answers.repairing import repair_text
from stockgen.domain.errors import BadAnswer, WriterAway
from stockgen.domain.protocols import Brief
from tests.answers.scripted import Scripted

SCHEMA = {"type": "object", "properties": {"ideas": {"items": {"properties": {"tags_en": {}, "tags_ko": {}}}}}}
BRIEF = Brief(text="Two ideas about spring.", schema=SCHEMA, temperature=0.8, seed=7)


def idea(**over: Any) -> dict[str, Any]:
    whole = {
        "title_en": "Soft sky",
        "title_ko": "부드러운 하늘",
        "prompt": "soft pastel sky with thin clouds at dawn",
        "tags_en": ["sky"],
        "tags_ko": ["하늘"],
    }
    return whole | over


LAKE = idea(title_en="Quiet lake", title_ko="고요한 호수", prompt="quiet lake in the morning mist, wide view")


def answer(*listed: dict[str, Any]) -> str:
    return json.dumps({"ideas": listed}, ensure_ascii=False)


def test_a_good_answer_is_not_asked_about_again() -> None:
    writer, steps = Scripted([answer(idea(), LAKE)]), list[str]()
    good = asked(writer, BRIEF, steps.append)
    assert [one.title["en"] for one in good] == ["Soft sky", "Quiet lake"]
    assert steps == []
    assert writer.briefs == [BRIEF]


def test_only_the_idea_with_chinese_characters_is_asked_for_again() -> None:
    writer, steps = Scripted([answer(idea(), LAKE | {"title_ko": "고요한 湖"}), answer(LAKE)]), list[str]()
    good = asked(writer, BRIEF, steps.append)
    assert [one.title["ko"] for one in good] == ["부드러운 하늘", "고요한 호수"]
    assert steps == ["fault.han", "repair"]
    again = writer.briefs[1]
    assert "idea 2, title.ko: it has Chinese characters" in again.text
    assert "고요한 湖" in again.text
    assert "부드러운 하늘" not in again.text
    assert again.text.startswith(BRIEF.text)
    assert (again.seed, again.temperature) == (8, 0.4)


def test_good_ideas_survive_a_repair_that_fails_or_never_comes() -> None:
    bad = LAKE | {"prompt": "호수"}
    for second in ("no idea", answer(bad), WriterAway("writer_silent", writer="x", seconds=1)):
        steps: list[str] = []
        good = asked(Scripted([answer(idea(), bad), second]), BRIEF, steps.append)
        assert [one.title["en"] for one in good] == ["Soft sky"]
        assert steps[-1] == "repair.failed"


def test_an_answer_without_any_idea_is_asked_for_as_a_whole_and_then_refused() -> None:
    writer, steps = Scripted(["I'd rather not."]), list[str]()
    with pytest.raises(BadAnswer) as error:
        asked(writer, BRIEF, steps.append)
    assert error.value.facts == {"writer": "scripted", "detail": "unreadable"}
    assert "could not be read as JSON" in writer.briefs[1].text
    assert steps == ["fault.unreadable", "repair", "repair.failed"]


def test_a_writer_that_goes_away_before_anything_came_is_told() -> None:
    with pytest.raises(WriterAway):
        asked(Scripted(["nothing", WriterAway("writer_silent", writer="x", seconds=1)]), BRIEF, lambda step: None)


def test_missing_tags_are_asked_for_where_tags_were_wanted_and_the_idea_stands_only_once() -> None:
    bare = idea(tags_en=[], tags_ko=[])
    writer = Scripted([answer(bare, LAKE), answer(idea())])
    good = asked(writer, BRIEF, lambda step: None)
    assert [(one.title["en"], one.tags["ko"]) for one in good] == [("Soft sky", ("하늘",)), ("Quiet lake", ("하늘",))]
    unwanted = Scripted([answer(bare)])
    assert len(asked(unwanted, Brief(text="?", schema={}), lambda step: None)) == 1
    assert len(unwanted.briefs) == 1


def test_an_idea_is_not_lost_when_its_repair_comes_back_without_tags() -> None:
    writer = Scripted([answer(idea(tags_ko=[])), answer(idea(tags_en=[], tags_ko=[]))])
    (good,) = asked(writer, BRIEF, lambda step: None)
    assert good.tags["en"] == ("sky",)


def test_the_end_of_an_answer_that_was_cut_is_no_fault() -> None:
    writer, steps = Scripted([answer(idea(), LAKE)[:-80]]), list[str]()
    assert len(asked(writer, BRIEF, steps.append)) == 1
    assert "repair" not in steps
    assert len(writer.briefs) == 1


def test_each_step_is_told_so_that_it_can_be_counted() -> None:
    steps: list[str] = []
    asked(Scripted(["<think>hm</think>```json\n" + answer(idea())[:-1] + ",}\n```"]), BRIEF, steps.append)
    assert steps == ["think", "fence", "python"]


def test_the_same_idea_in_other_words_around_it_is_one() -> None:
    same = idea(title_en="SOFT sky!", title_ko="하늘 배경", prompt="another prompt about the sky at noon")
    good, faults = ideas([idea(), same, LAKE])
    assert [one.title["en"] for one in good] == ["Soft sky", "Quiet lake"]
    assert faults == []


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"prompt": ""}, "no_prompt"),
        ({"prompt": "a sky"}, "prompt_short"),
        ({"prompt": "sky " * 10 + "and " + "more clouds over the quiet hills " * 80}, "prompt_long"),
        ({"prompt": "부드러운 하늘과 얇은 구름"}, "prompt_language"),
        ({"prompt": "soft pastel sky 天空 with clouds"}, "prompt_language"),
        ({"prompt": "a sky, " + "blue sky, " * 9}, "loop"),
        ({"title_ko": ""}, "no_title"),
        ({"title_ko": "하늘の배경"}, "han"),
        ({"title_ko": "Soft sky background"}, "not_korean"),
        ({"title_en": "Sky 天空"}, "not_english"),
        ({"title_en": "sky and clouds over land " * 10}, "title_long"),
        ({"description_ko": "하늘 背景 그림"}, "han"),
    ],
)
def test_what_is_wrong_with_an_idea_is_named_so_that_the_model_can_mend_it(over: dict[str, str], code: str) -> None:
    good, faults = ideas([idea(**over)])
    assert good == []
    assert [fault.code for fault in faults if fault.lost] == [code]
    assert "idea 1" in repair_text(faults)


def test_a_long_list_of_faults_is_cut_and_long_texts_too() -> None:
    text = repair_text([Fault("han", n, "title.ko", "긴 글 " * 100) for n in range(1, 100)])
    assert text.count("\n- ") == 12
    assert len(text) < 3_000
