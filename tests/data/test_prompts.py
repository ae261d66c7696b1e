"""What text models are told can be edited, and a slip in it is told at the start in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.data import Shelf
from stockgen.data.prompts import PLACES, load_prompts
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Language
from stockgen.messages import Messages


def own(tmp_path: Path, text: str | bytes, name: str = "ideas.ko.txt") -> Shelf:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Shelf(tmp_path)


def faults(shelf: Shelf, language: Language = "ko") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_prompts(shelf, language)
    assert all(Messages(one).tell(told) for one in ("en", "ko") for told in caught.value.remarks)  # type: ignore[arg-type]
    return [one.code.removeprefix("error.") for one in caught.value.remarks]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_both_languages_use_every_place_and_ask_for_the_same(language: Language) -> None:
    texts = load_prompts(Shelf(), language).templates
    for name, places in PLACES.items():
        assert all(f"{{{place}}}" in texts[name].text for place in places)
    keys = ("title_en", "title_ko", "description_ko", "tags_en", "tags_ko", "category", "prompt", "use")
    assert all(key in texts["ideas"].text for key in keys)


def test_ones_own_text_replaces_the_shipped_one_of_its_language_alone(tmp_path: Path) -> None:
    shelf = own(tmp_path, '# 메모\n{count}개 생각해 줘. {theme}{subject} {"ideas": []}')
    text = load_prompts(shelf, "ko").templates["ideas"]
    assert text.filled({"count": "7", "subject": "꽃"}) == '7개 생각해 줘. 꽃 {"ideas": []}'
    assert load_prompts(shelf, "en").templates == load_prompts(Shelf(), "en").templates


def test_a_text_that_was_saved_by_notepad_is_read(tmp_path: Path) -> None:
    shelf = own(tmp_path, "{count} {theme} {subject} 생각".encode("cp949"))
    assert "생각" in load_prompts(shelf, "ko").templates["ideas"].text


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{count} {thema} {subject}", ["prompt_place_near", "prompt_lacks"]),
        ("{count} {theme} {subject} {zzzzzz}", ["prompt_place"]),
        ("{theme} {subject}", ["prompt_lacks"]),
        ("# only a comment\n\n", ["prompt_length"]),
        ("x" * 20_001, ["prompt_length"]),
        (b"\xff\xfe\xff", ["my_file"]),
    ],
)
def test_a_slip_is_told_by_name(tmp_path: Path, text: str | bytes, codes: list[str]) -> None:
    assert faults(own(tmp_path, text)) == codes


def test_a_list_of_nothing_takes_the_words_that_lead_to_it_along(tmp_path: Path) -> None:
    text = "{count} {theme}{subject}\n\nMade already:\n{recent}\n\nStyle: {style}\nKind: {kind}"
    filled = load_prompts(own(tmp_path, text, "ideas.en.txt"), "en").templates["ideas"].filled
    places = {"count": "3", "theme": "a", "subject": "b", "kind": "photo"}
    assert filled(places) == "3 ab\n\nKind: photo"
    assert filled(places | {"recent": "- x"}) == "3 ab\n\nMade already:\n- x\n\nKind: photo"
