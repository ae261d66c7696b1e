"""Every remark can be said in both languages."""

from __future__ import annotations

import re

import pytest

from stockgen.domain.errors import JobFileError
from stockgen.jobfile import read
from stockgen.messages import Messages

# One file for each remark: a code that no file can raise, or that has no file here, fails the first test.
FILES: dict[str, tuple[str, str | bytes]] = {
    "ending": ("a.doc", "a"),
    "too_big": ("a.txt", "a" * (1 << 20) + "a"),
    "binary": ("a.txt", b"\0"),
    "encoding": ("a.txt", b"\xff"),
    "unreadable": ("a.txt", "\x07"),
    "marks": ("a.txt", "a" + "\u0301" * 2000),
    "empty": ("a.txt", ""),
    "too_deep": ("a.yaml", "[" * 30),
    "too_many": ("a.txt", "\n" * 10_001),
    "more": ("a.txt", "#1\n" * 200),
    "sum": ("a.txt", "a x300\nb x300"),
    "yaml": ("a.yaml", "a: '"),
    "yaml_tab": ("a.yaml", "\ta: b"),
    "yaml_colon": ("a.yaml", "a: b: c"),
    "yaml_braces": ("a.yaml", "a: {b} c"),
    "yaml_space": ("a.yaml", "count:5"),
    "yaml_lines": ("a.yaml", "a\nb"),
    "yaml_alias": ("a.yaml", "&a b"),
    "yaml_tag": ("a.yaml", "!a b"),
    "yaml_merge": ("a.yaml", "<<: b"),
    "yaml_key": ("a.yaml", "[a]: b"),
    "list_in_list": ("a.yaml", "- [a]"),
    "twice": ("a.yaml", "tag: a\ntag: b"),
    "unknown_key": ("a.yaml", "zebra: 1"),
    "unknown_key_near": ("a.yaml", "modle: 1"),
    "unknown_part": ("a.yaml", "control: {zebra: 1}"),
    "unknown_part_near": ("a.yaml", "control: {imgae: a.png}"),
    "picture_folder": ("a.yaml", "control: b/c.png"),
    "lora_twice": ("a.yaml", "lora: [paper, paper]"),
    "element_ground": ("a.yaml", "kind: element\ntransparent: no"),
    "template.open": ("a.txt", "{a|b"),
    "template.pick": ("a.txt", "{3$$a|b}"),
    "template.weights": ("a.txt", "{0::a|0::b}"),
    "template.variable": ("a.txt", "${1} a"),
    "template.unset": ("a.txt", "${x} a"),
    "template.variable_inside": ("a.txt", "{a|${x=b}}"),
    "template.unknown": ("a.txt", "__zebra__"),
    "template.unknown_near": ("a.txt", "__seasn__"),
    "template.cycle": ("a.txt", "__round__"),
    "template.deep": ("a.txt", "{a|" * 30 + "b" + "}" * 30),
    "template.long": ("a.txt", "__long__, __long__"),
    "template.list_empty": ("a.txt", "__empty__"),
    "template.list_broken": ("a.txt", "__broken__"),
    "template.in_list": ("a.txt", "__wrong__"),
    "no_value": ("a.yaml", "count:"),
    "not_text": ("a.yaml", "title: {a: b}"),
    "not_list": ("a.yaml", "title: [a]"),
    "twice_meant": ("a.yaml", "투명: yes\n누끼: yes"),
    "too_long": ("a.txt", "a" * 33_000),
    "value": ("a.yaml", "count: -1"),
    "value_near": ("a.yaml", "kind: phot"),
    "braces": ("a.yaml", "prompt: {a}"),
    "no_words": ("a.txt", "!!"),
    "model_refused": ("a.yaml", "model: upscaler"),
    "model_refused_instead": ("a.yaml", "model: Gone/Banned"),
    "model_not_set_up": ("a.yaml", "model: absent"),
    "model_gone_not_set_up": ("a.yaml", "model: gone"),
    "market_closed": ("a.yaml", "markets: shut"),
    "both": ("a.yaml", "prompt: a\nkeywords: b"),
    "exact_needs": ("a.yaml", "mode: exact"),
    "keyword_needs": ("a.yaml", "mode: keyword"),
    "random_needs": ("a.yaml", "mode: random\nprompt: a"),
    "dynamic_needs": ("a.yaml", "mode: dynamic\nkeywords: a"),
    "avoid_needs": ("a.yaml", "keywords: a\navoid: b"),
    "theme_beside": ("a.yaml", "keywords: a\ntheme: b"),
    "count_twice": ("a.txt", "a 5장 | 5"),
    "counts_length": ("a.yaml", "keywords: a\ncounts: [1, 2]"),
    "preset_in_preset": ("a.yaml", "preset: nested"),
    "job_differs": ("a.yaml", "priority: 1\n---\npriority: 2"),
    "txt_both": ("a.txt", "keywords: a\nb"),
    "txt_equals": ("a.txt", "count = 1"),
    "txt_late": ("a.txt", "a\ncount: 1"),
    "txt_yaml": ("a.txt", "count:"),
    "txt_columns": ("a.txt", "a|1|auto|b"),
    "ask_file": ("a.txt", "IMG_1.jpg"),
    "ask_count": ("a.txt", "5장 a"),
    "ask_options": ("a.yaml", "prompt: a --ar 1:1"),
    "ask_address": ("a.txt", "www.a.b"),
    "ask_hash": ("a.txt", "a # b"),
    "ask_data": ("a.txt", '{"a": 1}'),
    "ask_ours": ("a.txt", "a-k7m2q-001"),
    "ask_chat": ("a.txt", "please a"),
    "ask_commas": ("a.txt", "a," * 13 + "a"),
    "ask_comma_count": ("a.txt", "a,5"),
    "ask_together": ("a.txt", "a\ntotal 20"),
    "told.mood": ("a.txt", "ㅋㅋㅋㅋ\na"),
    "told.each_count": ("a.txt", "a\neach 3"),
    "json": ("a.json", "{"),
    "json_nan": ("a.json", '{"seed": NaN}'),
    "csv_quotes": ("a.csv", '"a'),
    "table_cells": ("a.csv", "keywords\na,b"),
    "table_subject": ("a.csv", "keywords,count\n,5"),
    "told.encoding": ("a.txt", "벚꽃".encode("cp949")),
    "told.twice": ("a.txt", "a\na"),
    "told.bare_number": ("a.txt", "a 5"),
    "told.first_number": ("a.txt", "5 a"),
    "told.random": ("a.yaml", "count: 1"),
    "told.whole_job": ("a.yaml", "priority: 1\n---\nb"),
    "told.not_before": ("a.yaml", "keywords: a\nnot_before: in 2 hours"),
    "told.past": ("a.yaml", "keywords: a\nnot_before: 1970-01-01T00:00Z"),
    "told.options": ("a.txt", "a --ar 1:1"),
    "told.hashtags": ("a.txt", "a #b"),
    "told.columns": ("a.csv", "keywords,notes\na,b"),
    "told.title": ("a.csv", "b\nkeywords,count\na,1"),
    "told.total": ("a.csv", "keywords,count\na,1\ntotal,1"),
    "told.fence": ("a.txt", "hello\n```\na\n```"),
    "told.chat": ("a.txt", "[나] [오후 3:12] 벚꽃"),
    "told.more": ("a.txt", "a\n" * 200),
    "told.heading": ("a.txt", "봄 배경:\na"),
    "told.style": ("a.yaml", "style: watercolour"),
}
# What stands inside other sentences, each with a file that uses it.
PARTS = {
    "allowed.whole": "steps: 0",
    "allowed.decimal": "guidance: 31",
    "allowed.seed": "seed: -1",
    "allowed.priority": "priority: 101",
    "allowed.size": "size: 1",
    "allowed.names": "model: zebra",
    "allowed.season": "season: sometime",
    "allowed.moment": "not_before: someday",
    "allowed.yes_no": "transparent: maybe",
    "allowed.money": "budget: much",
    "allowed.share": "lora: paper:3",
    "allowed.ours": "like: cat.jpg",
    "allowed.picture": "control: cat.gif",
}

FOLDERS = {"folder", "folder_near"}  # no file is needed: tests/jobfile/test_folders.py
MEANT = {"untranslated"}  # the vocabulary is asked: tests/jobfile/test_templates.py
LIKE = {"like_near", "like_unknown", "like_element"}  # the ledger is asked: tests/pipeline/test_likes.py
BARE = {"lora_none"}  # where there is no LoRA at all: tests/jobfile/test_pictured.py
INSIDE = {"template.variable_in_list"}  # of in_list


def remarks(known, name, data):
    try:
        return read(data if isinstance(data, bytes) else data.encode(), name, known).remarks
    except JobFileError as error:
        return error.remarks


def own(say: Messages) -> set[str]:
    return {code.removeprefix("job_file.") for code in sorted(say.keys()) if code.startswith("job_file.")}


def test_every_sentence_has_a_file_that_is_answered_with_it(say):
    used = {code for code in own(say["en"]) if not code.startswith(("note.", "kind."))}
    assert used == FILES.keys() | PARTS.keys() | FOLDERS | MEANT | INSIDE | BARE | LIKE


@pytest.mark.parametrize("code", FILES)
def test_every_remark_is_said_in_both_languages(known, say, code):
    found = remarks(known, *FILES[code])
    assert f"job_file.{code}" in [remark.code for remark in found]
    for remark in found:
        assert "job_file" not in say["en"].tell(remark) + say["ko"].tell(remark)


@pytest.mark.parametrize("code", PARTS)
def test_every_fault_says_what_is_allowed(known, say, code):
    (found,) = remarks(known, "a.yaml", PARTS[code])
    assert found.facts["allowed"].code == f"job_file.{code}"
    assert say["ko"].tell(found)


def test_both_languages_have_the_same_sentences_with_the_same_places(say):
    assert own(say["en"]) == own(say["ko"])
    for code in own(say["en"]):
        places = [sorted(set(re.findall(r"\{(\w+)\}", _raw(each, code)))) for each in say.values()]
        assert places[0] == places[1], code


def test_no_english_sentence_is_left_in_the_korean_file(say):
    for code in own(say["ko"]):
        plain = re.sub(r"\{\w+\}", " ", _raw(say["ko"], code)).replace("stockgen cancel", "")
        assert not re.search(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+", plain), code


def _raw(say: Messages, code: str) -> str:
    class Places(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "{" + key + "}"

    text: str = say._texts[f"job_file.{code}"]
    return text.format_map(Places())
