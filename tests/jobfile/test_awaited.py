"""With a text model, words that nobody knows refuse no file: it will translate them, and that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.domain.errors import JobFileError
from stockgen.jobfile import Outlook, accepted
from stockgen.messages import Messages
from tests.house import TEST_PLUGINS, write_config


@pytest.fixture
def writing(tmp_path: Path) -> Catalogue:
    over = {"writers": {"ollama": {"url": "http://127.0.0.1:9", "model": "a"}}}
    return Catalogue(load(write_config(tmp_path, over)), tmp_path / "my", TEST_PLUGINS)


@pytest.fixture
def alone(tmp_path: Path) -> Catalogue:
    return Catalogue(load(write_config(tmp_path)), tmp_path / "my", TEST_PLUGINS)


@pytest.mark.parametrize("text", ["키워드: 꿻뚫", "프롬프트: 꿻뚫", "주제: 꿻뚫"])
def test_words_that_nobody_knows_are_awaited_from_the_model_and_refused_without_one(
    writing: Catalogue, alone: Catalogue, text: str
) -> None:
    request = writing.read(text.encode(), "a.yaml")
    assert [one.code for one in request.remarks] == ["plan.words_awaited"]
    with pytest.raises(JobFileError) as caught:
        alone.read(text.encode(), "a.yaml")
    assert [one.code for one in caught.value.remarks] == ["job_file.untranslated"]


def test_the_note_names_the_words_and_says_that_it_will_be_completed(writing: Catalogue) -> None:
    request = writing.read("장미 꿻뚫 | 3".encode(), "a.txt")
    for language, words in (("en", "going to put these words into English"), ("ko", "영어로 옮깁니다")):
        note = accepted(request, "k7m2q", "a.txt", (), Messages(language), Outlook(awaiting=True))  # type: ignore[arg-type]
        told = note.decode("utf-8-sig")
        assert "꿻뚫" in told
        assert words in told


def test_a_note_that_has_told_how_words_were_translated_no_longer_promises_it(writing: Catalogue) -> None:
    request = writing.read("장미 꿻뚫 | 3".encode(), "a.txt")
    note = accepted(request, "k7m2q", "a.txt", (), Messages("en"), Outlook())
    assert "going to put these words" not in note.decode("utf-8-sig")


def test_words_that_are_known_wait_for_nobody(writing: Catalogue) -> None:
    request = writing.read("봄 벚꽃, sunrise\n__색__ 장미".encode(), "a.txt")
    assert "plan.words_awaited" not in [one.code for one in request.remarks]


@pytest.mark.parametrize("text", ["주제: 겨울 찻집", "계절: 설날", "키워드: 장미"])
def test_nobody_awaits_a_teahouse_of_what_only_draws_patterns(tmp_path: Path, text: str) -> None:
    over = {"providers": {"procedural": {}}, "chains": {"auto": ["procedural"]}}
    here = Catalogue(load(write_config(tmp_path, over)), tmp_path / "my", TEST_PLUGINS)
    assert "plan.drawn" in [one.code for one in here.read(text.encode(), "a.yaml").remarks]
