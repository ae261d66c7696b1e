"""`stockgen ideas`: what a text model thinks of is printed, and may be kept; nothing is rendered or written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Desk, Said
from tests.modes.brain import Brain
from tests.ollama import OllamaServer

Talk = Callable[..., Said]


@pytest.fixture
def writers() -> Iterator[Callable[[Brain], dict[str, Any]]]:
    """What the config says of a server with this brain."""
    servers: list[OllamaServer] = []

    def start(brain: Brain) -> dict[str, Any]:
        servers.append(OllamaServer(answers=brain).__enter__())
        return {"ollama": {"url": servers[-1].url, "model": "qwen2.5:14b"}}

    yield start
    for one in servers:
        one.__exit__(None, None, None)


def test_ideas_are_printed_in_the_users_language_and_nothing_is_made(
    desk: Callable[..., Desk], writers: Callable[[Brain], dict[str, Any]]
) -> None:
    there = desk(language="ko", writers=writers(Brain()))
    said = there("ideas", "--theme", "겨울 카드", "-n", "12", "--season", "크리스마스")
    assert said.code == 0
    assert " 1. " in said.out
    assert "12. " in said.out
    assert "13. " not in said.out
    for words in ("입니다. 왼쪽에 글자를 얹기 좋습니다.", "프롬프트: a single", "태그: "):
        assert words in said.out
    assert all(len(line) <= 104 for line in said.out.splitlines()[1:])
    assert sorted(path.name for path in there.root.iterdir()) == ["config.yaml"]


def test_the_same_in_english(desk: Callable[..., Desk], writers: Callable[[Brain], dict[str, Any]]) -> None:
    said = desk(writers=writers(Brain()))("ideas", "--theme", "winter cards", "-n", "3")
    assert said.code == 0
    assert "Prompt: a single" in said.out
    assert "Free space for words" in said.out
    assert "입니다" not in said.out


def test_without_a_model_templates_think_and_that_is_said(desk: Callable[..., Desk]) -> None:
    said = desk()("ideas", "--theme", "cherry blossom", "-n", "3")
    assert said.code == 0
    assert "There is no text model" in said.out
    assert " 3. " in said.out


def test_a_model_that_goes_away_in_the_middle_leaves_the_rest_to_templates(
    desk: Callable[..., Desk], writers: Callable[[Brain], dict[str, Any]]
) -> None:
    class Fainting(Brain):
        def say(self, text: str, schema: Any) -> str:
            return "" if self.asked else super().say(text, schema)

    said = desk(writers=writers(Fainting()))("ideas", "--theme", "cherry blossom", "-n", "12", "--json")
    assert said.code == 0
    thought = [one["writer"] for one in said.json["ideas"]]
    assert thought == ["ollama/qwen2.5:14b"] * 8 + [""] * 4
    assert "ideas.templates" in [one["code"] for one in said.json["told"]]


def test_a_server_that_is_not_there_is_no_reason_to_print_nothing(desk: Callable[..., Desk]) -> None:
    there = desk(writers={"ollama": {"url": "http://127.0.0.1:9", "model": "qwen2.5:14b"}})
    said = there("ideas", "--theme", "cherry blossom", "-n", "2")
    assert said.code == 0
    assert "does not" in said.out or "not there" in said.out or "not running" in said.out
    assert " 2. " in said.out


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_kept_is_a_job_file_that_makes_just_these_pictures(
    desk: Callable[..., Desk], writers: Callable[[Brain], dict[str, Any]], language: str
) -> None:
    there = desk(language=language, writers=writers(Brain()))
    file = there.root / "mine.yaml"
    assert there("ideas", "--theme", "winter cards", "-n", "5", "--save", file).code == 0
    checked = there("check", file, "--json").json
    assert checked["ok"]
    orders = checked["orders"]
    assert [(order["mode"], order["count"]) for order in orders] == [("exact", 1)] * 5
    assert all(order["prompt"].startswith("a single") for order in orders)
    assert all(order["title"] and len(order["tags"]) > 15 for order in orders)
    assert {order["category"] for order in orders} == {"lifestyle"}
    again = there("ideas", "--theme", "winter cards", "-n", "5", "--save", file)
    assert again.code == 2
    assert str(file) in again.err


@pytest.mark.parametrize(("name", "helps"), [("mine.jpg", "--save mine.yaml"), ("봄.txt", "--save 봄.yaml"),
                                             ("no/such/mine.yaml", "no/such")])  # fmt: skip
def test_no_model_thinks_for_minutes_about_what_could_not_be_kept(
    desk: Callable[..., Desk], writers: Callable[[Brain], dict[str, Any]], name: str, helps: str
) -> None:
    brain = Brain()
    there = desk(writers=writers(brain))
    said = there("ideas", "--theme", "bells", "--save", there.root / name)
    assert (said.code, brain.asked) == (2, [])
    assert helps in said.err


def test_signs_that_would_make_variants_of_a_prompt_are_taken_out_of_what_is_kept(
    desk: Callable[..., Desk], writers: Callable[[Brain], dict[str, Any]]
) -> None:
    change = {
        "prompt": "a {red|blue} bell on a __color__ table, soft light",
        "title_en": "yes: # no",
        "category": "null",
    }
    there = desk(writers=writers(Brain(change=change)))
    file = there.root / "mine.yaml"
    assert there("ideas", "--theme", "bells", "-n", "1", "--save", file).code == 0
    (order,) = there("check", file, "--json").json["orders"]
    assert not set("{}|_") & set(order["prompt"])


def test_what_was_made_before_is_not_thought_of_again(
    desk: Callable[..., Desk], writers: Callable[[Brain], dict[str, Any]]
) -> None:
    there = desk(writers=writers(Brain()))
    first = there("ideas", "--theme", "winter cards", "-n", "1", "--json").json["ideas"][0]["title"]["en"]
    made = there.write("a.yaml", f"prompt: a calm sea\nsize: 96x64\ntitle: {first}\n")
    assert there("run", made).code == 0
    there = desk(writers=writers(Brain()))  # which begins with the same idea
    before = Path(there.root / ".stockgen" / "ledger.db").read_bytes()
    titles = [one["title"]["en"] for one in there("ideas", "--theme", "cards", "-n", "9", "--json").json["ideas"]]
    assert len(titles) == 9
    assert first not in titles
    assert Path(there.root / ".stockgen" / "ledger.db").read_bytes() == before


def test_a_brand_that_the_model_names_is_in_nothing_that_is_printed(
    desk: Callable[..., Desk], writers: Callable[[Brain], dict[str, Any]]
) -> None:
    class Branded(Brain):
        def _idea(self) -> dict[str, Any]:
            idea = dict(super()._idea())
            if len(self._said) % 3 == 0:
                idea["prompt"] = idea["prompt"].replace("a single", "a Nike")
            return idea

    said = desk(writers=writers(Branded()))("ideas", "--theme", "winter cards", "-n", "12")
    assert "Nike" not in said.out
    assert "12. " in said.out


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--season", "chrismas"), "christmas"),
        (("--kind", "statue"), "illustration"),
        (("--theme", "Nike shoes"), "Nike"),
        (("-n", "9999"), "9999"),
    ],
)
def test_a_wish_that_can_not_be_is_told_and_ends_with_two(
    desk: Callable[..., Desk], words: tuple[str, ...], found: str
) -> None:
    said = desk()("ideas", *words)
    assert said.code == 2
    assert found in said.err
    assert "Line" not in said.err


def test_a_slip_in_ones_own_prompt_is_told_at_the_start(desk: Callable[..., Desk]) -> None:
    there = desk()
    there.write("my/prompts/ideas.en.txt", "Think of {count} pictures of {thema}{subject}")
    said = there("config", "check")
    assert said.code == 2
    assert "Did you mean {theme}" in said.err
