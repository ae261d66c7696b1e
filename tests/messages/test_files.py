"""Both message files say the same, in their own language and in words that people use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from string import Formatter

import pytest
import yaml

from tests.messages.conftest import LANGUAGES, ROOT

HANGUL = re.compile("[ㄱ-ㆎ가-힣]")
LITERAL = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\{[^}]*\}")  # names, values and places, as they are typed
# Korean particles whose form depends on the last letter before them; nobody knows how a place will end. `'…'라는` is
# right after any quotation.
PARTICLE = re.compile(r"\}['`\"”’]?(은|는|이|가|을|를|과|와|로|으로|이라는|이나|나)(?![가-힣(])")
# Values without Hangul that a Korean reader takes as they are.
SAME_IN_KOREAN = {"line", "job_file.allowed.names", "reason.other", "system.other", "status.market"}
INNER_WORDS = re.compile(r"\b(shots?|lanes?|attempts?|spool|ledger\.db|traceback|fsync)\b", re.IGNORECASE)


def places(text: str) -> set[str]:
    return {f"{name}:{form}" for _, name, form, _ in Formatter().parse(text) if name is not None}


def written(node: yaml.MappingNode, above: str = "") -> Iterator[str]:
    """Every code as it stands in the file, each as often as it stands there."""
    for key, value in node.value:
        if isinstance(value, yaml.MappingNode):
            yield from written(value, f"{above}{key.value}.")
        else:
            yield above + key.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_hidden_by_another_of_its_name(language):
    # YAML takes the last of two in silence: an old sentence that a merge brought back is told instead of the new one.
    text = (ROOT / "stockgen" / "messages" / f"{language}.yaml").read_text("utf-8")
    assert [code for code, count in Counter(written(yaml.compose(text))).items() if count > 1] == []


def test_nobody_gets_a_sentence_in_one_language_only(texts):
    assert texts["en"].keys() == texts["ko"].keys()


def test_no_fact_is_told_in_one_language_and_kept_back_in_the_other(texts):
    differing = [code for code in texts["en"] if places(texts["en"][code]) != places(texts["ko"].get(code, ""))]
    assert differing == []


def test_no_english_sentence_under_korean(texts):
    english = [
        code
        for code, text in texts["ko"].items()
        if not HANGUL.search(text) and re.search("[A-Za-z]", LITERAL.sub("", text)) and code not in SAME_IN_KOREAN
    ]
    assert english == []


def test_no_english_phrase_inside_a_korean_sentence(texts):
    commands = re.compile(r"(\.venv/bin/)?(stockgen|cd|pip|make|sudo)[ \w./&'\[\]=-]*|&&|--\w+")
    phrases = [
        code
        for code, text in texts["ko"].items()
        if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}", commands.sub("", LITERAL.sub("", text)))
    ]
    assert phrases == []


def test_no_korean_in_english_but_what_is_typed(texts):
    assert [code for code, text in texts["en"].items() if HANGUL.search(LITERAL.sub("", text))] == []


def test_no_particle_that_depends_on_a_place(texts):
    assert [code for code, text in texts["ko"].items() if PARTICLE.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_source_code_reaches_people(texts, language):
    assert [code for code, text in texts[language].items() if INNER_WORDS.search(LITERAL.sub("", text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_carries_stray_blanks(texts, language):
    assert [code for code, text in texts[language].items() if text != text.strip() or not text] == []
