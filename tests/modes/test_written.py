"""Ideas by a text model: different, sellable, in both languages, and bounded in what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from stockgen.app.thinking import Fresh
from stockgen.data import Shelf
from stockgen.data.market import load_markets
from stockgen.data.palettes import families, palettes
from stockgen.data.prompts import load_prompts
from stockgen.data.seasons import load_seasons
from stockgen.data.vocabulary_files import load_vocabulary
from stockgen.domain.errors import BadAnswer
from stockgen.domain.protocols import Past, Writer
from stockgen.domain.words import Idea, Language, Look, Order, Remark
from stockgen.messages import Messages
from stockgen.modes import material
from stockgen.modes.wording import has_hangul, is_latin
from stockgen.modes.written import most_calls, needs_writer, written_modes
from stockgen.writers.ollama import Options, build
from tests.modes.brain import Brain, Thinker
from tests.ollama import OllamaServer

SHELF = Shelf()
VOCABULARY = load_vocabulary(SHELF)
DATA = material(VOCABULARY, palettes(SHELF), families(SHELF), {})
SEASONS = load_seasons(SHELF)
PROMPTS = {language: load_prompts(SHELF, language) for language in ("en", "ko")}
ADOBE = load_markets(SHELF)["adobe_stock"]
CAFE = Order(mode="dynamic", count=10, theme="겨울 카페 단골에게 보내는 카드", line=3)


@dataclass
class Run:
    """What came of one order."""

    ideas: list[Idea] = field(default_factory=list)
    told: list[Remark] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)


def think(
    writer: Writer, order: Order = CAFE, past: Past | None = None, language: Language = "ko", look: Look = "diffusion"
) -> Run:
    run = Run()
    modes = written_modes(DATA, writer, PROMPTS[language], SEASONS, lambda step: run.steps.update((step,)))
    for one in modes[order.mode](order, look, order.count, Random(1), past or Fresh()):
        (run.ideas if isinstance(one, Idea) else run.told).append(one)  # type: ignore[arg-type]
    return run


class Old(Fresh):
    """A past in which there was a lot."""

    def __init__(self, made: Sequence[str], refused: Sequence[str] = (), near: str = "") -> None:
        super().__init__()
        self._made, self._refused, self._nearest = list(made), list(refused), near

    def recent(self, count: int) -> Sequence[str]:
        return [*super().recent(count), *self._made][:count]

    def refused(self, count: int) -> Sequence[str]:
        return self._refused[:count]

    def near(self, idea: Idea) -> str | None:
        return self._nearest or super().near(idea)


def assert_sellable(ideas: Sequence[Idea]) -> None:
    for language in ("en", "ko"):
        titles = [idea.title[language].casefold() for idea in ideas]
        assert len(set(titles)) == len(titles)
        for idea in ideas:
            assert 0 < len(idea.title[language]) <= ADOBE.title.max_chars
            assert 15 <= len(idea.tags[language]) <= 49
            assert idea.description[language]
    for idea in ideas:
        assert is_latin(idea.prompt)
        assert all(map(is_latin, idea.tags["en"]))
        assert has_hangul(idea.title["ko"])
        assert idea.category in VOCABULARY.categories


# -- over the wire ---------------------------------------------------------------------------------------------


@pytest.fixture
def ollama(tmp_path: Any) -> Iterator[Any]:
    servers: list[OllamaServer] = []

    def start(answers: Any) -> Writer:
        servers.append(OllamaServer(answers=answers))
        servers[-1].__enter__()
        return build(Options(url=servers[-1].url, model="qwen2.5:14b"), tmp_path)

    yield start
    for one in servers:
        one.__exit__(None, None, None)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_forty_ideas_of_a_theme_are_different_and_can_be_sold(ollama: Any, language: Language) -> None:
    brain = Brain()
    order = Order(mode="dynamic", count=40, theme="warm winter cards", season="christmas")
    run = think(ollama(brain), order, language=language)
    assert len(run.ideas) == 40
    assert run.told == []
    assert_sellable(run.ideas)
    assert {idea.writer for idea in run.ideas} == {"ollama/qwen2.5:14b"}
    assert {idea.category for idea in run.ideas} == {"lifestyle"}
    assert run.steps["call"] == len(brain.asked) <= 6


def test_a_server_that_repeats_itself_and_babbles_costs_calls_but_no_idea_comes_twice(ollama: Any) -> None:
    brain = Brain(near=40, bad=20)
    run = think(ollama(brain), Order(mode="dynamic", count=40, theme="warm winter cards"))
    assert len(run.ideas) == 40
    assert_sellable(run.ideas)
    assert run.steps["idea.same"] > 5
    assert run.steps["call"] <= most_calls(40)


def test_an_answer_that_is_none_twice_in_a_row_is_given_up_so_that_templates_make_the_rest(ollama: Any) -> None:
    brain = Brain(bad=100)
    with pytest.raises(BadAnswer):
        think(ollama(brain))
    assert len(brain.asked) == 4  # each with one request to put it right


# -- what the model is told ------------------------------------------------------------------------------------


def test_the_model_is_told_of_theme_season_what_to_avoid_and_what_there_was() -> None:
    brain = Brain()
    order = Order(
        mode="dynamic", count=4, theme="새해 인사", season="seollal", avoid=("사람", "글자"), kind="illustration"
    )
    think(Thinker(brain), order, Old(["Red lantern by a gate"], ["Blurry rice cake"]))
    told = brain.asked[0]
    for words in (
        "새해 인사",
        "설날",
        "사람, 글자",
        "- Red lantern by a gate",
        "- Blurry rice cake",
        "일러스트",
        "그림 6개",
    ):
        assert words in told
    assert "{" not in told.replace('{"ideas": [{', "")
    assert "너무 비슷" not in told  # nothing was yet


def test_a_line_of_which_there_is_nothing_to_say_is_left_out() -> None:
    brain = Brain()
    think(Thinker(brain), Order(mode="dynamic", count=4), language="en")
    told = brain.asked[0]
    for words in ("Theme", "Season", "Nothing of this", "made already", "not accepted", "#"):
        assert words not in told
    assert "Kind of picture" in told


def test_ideas_that_are_too_near_are_asked_again_with_the_near_one_named() -> None:
    class Once(Fresh):
        def near(self, idea: Idea) -> str | None:
            return "Teapot at the window" if len(brain.asked) == 1 else super().near(idea)

    brain = Brain()
    run = think(Thinker(brain), Order(mode="dynamic", count=5, theme="tea"), Once(), language="en")
    assert len(run.ideas) == 5
    assert run.steps["idea.near"] == 7
    assert "(= Teapot at the window)" in brain.asked[1]
    assert "too much like" in brain.asked[1]


def test_a_model_that_knows_only_what_there_was_is_left_alone_and_that_is_told() -> None:
    brain = Brain()
    run = think(Thinker(brain), CAFE, Old([], near="Everything"))
    assert run.ideas == []
    assert len(brain.asked) == 3
    (told,) = run.told
    assert (told.code, told.line, told.facts["made"], told.facts["count"]) == ("plan.ideas_used_up", 3, 0, 10)
    for language in ("en", "ko"):
        assert "thinker/1" in Messages(language).tell(told)


# -- what comes of an answer -----------------------------------------------------------------------------------


def test_few_tags_are_completed_and_a_sentence_is_none() -> None:
    change = {"tags_en": ["tea", "a very long sentence about a teapot"], "tags_ko": ["차"]}
    (idea, *_) = think(Thinker(Brain(change=change)), Order(mode="dynamic", count=1, theme="tea")).ideas
    assert idea.tags["en"][0] == "tea"
    assert all(len(tag.split()) <= 4 for tag in idea.tags["en"])
    assert_sellable([idea])


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("Food & Drink / cuisine", "food"),
        ("음료", "drinks"),
        ("graphic_resources", "graphic_resources"),
        ("???", "drinks"),
    ],
)
def test_a_category_in_other_words_is_one_of_the_list(said: str, category: str) -> None:
    change = {"category": said, "title_en": "green tea in a bowl"}
    (idea,) = think(Thinker(Brain(change=change)), Order(mode="dynamic", count=1, theme="tea")).ideas
    assert idea.category == category


def test_a_title_that_is_too_long_is_cut_between_words() -> None:
    change = {
        "title_en": "old brass teapot beside a bright window with frost flowers in a small mountain village",
        "title_ko": " ".join(f"서리꽃 핀 {room} 창가에 놓인" for room in ("안방", "부엌", "다락", "마루", "거실")),
    }
    (idea,) = think(Thinker(Brain(change=change)), Order(mode="dynamic", count=1, theme="tea")).ideas
    assert_sellable([idea])
    assert idea.title["en"] == "Old brass teapot beside a bright window with frost flowers in a small"


def test_the_orders_own_title_and_tags_come_first() -> None:
    order = Order(
        mode="keyword", count=3, subject="찻집", title="Tea House Card", tags=("오픈 이벤트", "grand opening")
    )
    made = think(Thinker(Brain()), order).ideas
    assert made[0].title["en"] == "Tea House Card"
    assert all(idea.title["en"].startswith("Tea House Card") for idea in made)
    assert not any(idea.title["ko"].startswith("Tea") for idea in made)
    assert {(idea.tags["ko"][0], idea.tags["en"][0]) for idea in made} == {("오픈 이벤트", "grand opening")}


def test_a_style_of_the_order_reaches_every_prompt() -> None:
    made = think(Thinker(Brain()), Order(mode="keyword", count=3, subject="차", style="수채화")).ideas
    assert all("soft watercolor painting" in idea.prompt for idea in made)


@pytest.mark.parametrize("avoid", [("teapots",), ("찻주전자", "snow")])
def test_what_is_to_be_avoided_is_in_no_idea_whatever_the_model_says(avoid: tuple[str, ...]) -> None:
    run = think(Thinker(Brain()), Order(mode="dynamic", count=30, theme="tea", avoid=avoid))
    assert len(run.ideas) == 30
    assert run.steps["idea.avoided"] > 0
    seen = [f"{idea.prompt} {idea.title} {idea.tags}" for idea in run.ideas]
    forbidden = "teapot" if avoid[0] == "teapots" else "찻주전자"
    assert not [one for one in seen if forbidden in one]


# -- which orders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "look", "needs"),
    [
        ({"mode": "keyword", "subject": "벚꽃"}, "diffusion", "helps"),
        ({"mode": "keyword", "subject": "벚꽃"}, "drawn", "no"),
        ({"mode": "keyword", "subject": "{빨간|파란} 문"}, "diffusion", "no"),
        ({"mode": "keyword", "subject": "뷁뷁"}, "diffusion", "must"),
        ({"mode": "keyword", "subject": "벚꽃 뷁뷁"}, "drawn", "helps"),
        ({"mode": "exact", "prompt": "a red door"}, "diffusion", "no"),
        ({"mode": "exact", "prompt": "a red door, 뷁뷁"}, "diffusion", "helps"),
        ({"mode": "exact", "prompt": "뷁뷁"}, "diffusion", "must"),
        ({"mode": "keyword", "subject": "__gone__ 뷁뷁"}, "diffusion", "no"),  # told by whoever makes it
        ({"mode": "random"}, "diffusion", "no"),
        ({"mode": "dynamic"}, "diffusion", "helps"),
        ({"mode": "dynamic", "season": "chuseok"}, "drawn", "no"),
        ({"mode": "dynamic", "theme": "뷁뷁"}, "diffusion", "must"),
        ({"mode": "dynamic", "theme": "뷁뷁", "season": "chuseok"}, "diffusion", "helps"),
    ],
)
def test_an_order_waits_for_a_model_only_where_nothing_can_be_made_without(
    order: dict[str, Any], look: Look, needs: str
) -> None:
    assert needs_writer(Order(count=1, **order), DATA, look) == needs


def test_variants_that_somebody_wrote_are_left_to_templates_and_cost_no_call() -> None:
    brain = Brain()
    run = think(Thinker(brain), Order(mode="keyword", count=4, subject="{red|blue} door"))
    assert (run.ideas, brain.asked) == ([], [])
