"""Whoever reads Korean is never answered in English, and the other way round."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import PICTURE, finished, typed

HANGUL = re.compile("[가-힣]")
ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}")
# What is typed or named stays as it is: commands, files, styles, prompts.
SAID = [
    ("--help",), ("submit", "--help"), ("list", "--help"), ("zebra",), ("stauts",), ("jobs", "--limit", "x"),
    ("check", "bad.yaml"), ("check", "good.yaml"), ("check", "gone.yaml"), ("submit", "벚꽃 2장"),
    ("submit", "그려 줘 고양이"),
    ("status",), ("jobs",), ("pause",), ("resume",), ("job",), ("cancel", "zzzzz"), ("basket", "zebra"), ("basket",),
    ("config", "check"), ("list", "zebra"), ("doctor",),
    ("ledger", "backup", "x.db"), ("ledger", "restore", "gone.db"), ("ledger", "--help"),
]  # fmt: skip


@pytest.fixture
def spoken(desk, monkeypatch):
    def spoken(language, words, **environment):
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        here = desk(language=language)
        monkeypatch.chdir(here.root)
        here.write("bad.yaml", "keyword: a\ncount: many\nmodle: x\n")
        here.write("good.yaml", PICTURE)
        said = here.bare(*words)
        return said.out + said.err

    return spoken


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_a_korean_config_is_answered_in_korean_wherever_the_system_stands(spoken, words):
    text = spoken("ko", words, LANG="C")
    assert HANGUL.search(text)
    plain = re.sub(
        r"`[^`]*`|'[^']*'|stockgen [a-z]+|pip install \S+|a calm sea|good\.yaml|: [a-z, ]+$", "", text, flags=re.M
    )
    assert not ENGLISH.search(plain)


@pytest.mark.parametrize("words", [one for one in SAID if not HANGUL.search("".join(one))], ids=" ".join)
def test_an_english_config_is_answered_in_english_wherever_the_system_stands(spoken, words):
    assert not HANGUL.search(spoken("en", words, LANG="ko_KR.UTF-8"))


@pytest.mark.parametrize(("environment", "korean"), [({"LANG": "ko_KR.UTF-8"}, True), ({"LANG": "C.UTF-8"}, False)])
def test_without_a_config_the_system_says_which(environment, korean, tmp_path):
    environment |= {"LC_ALL": "", "LC_MESSAGES": "", "STOCKGEN_CONFIG": str(tmp_path / "gone.yaml")}
    for words in (("--help",), ("status",)):
        said = finished(typed(*words, environment=environment))
        assert bool(HANGUL.search(said.out + said.err)) is korean


def test_a_config_that_cannot_be_used_is_told_in_its_own_language(spoken, desk, monkeypatch):
    monkeypatch.setenv("LANG", "C")
    here = desk()
    here.write("config.yaml", "language: ko\ninboks: {}\n")
    assert HANGUL.search(here("status").err)
    assert HANGUL.search(here.bare("--config=" + str(here.config), "--help").out)


def test_the_users_own_sentences_are_spoken(desk):
    here = desk()
    here.write("my/messages/en.yaml", "command: {resumed: Onwards!}\n")
    assert here("resume").out == "Onwards!\n"


def test_a_faulty_file_of_own_sentences_is_told(desk):
    here = desk()
    here.write("my/messages/en.yaml", "command: {resumed: '{nowhere}'}\n")
    said = here("config", "check")
    assert said.code == 2
    assert "en.yaml" in said.err
