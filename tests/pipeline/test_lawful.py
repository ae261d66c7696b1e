"""No made idea carries a name to a market, and an order gets as many ideas as it asked for all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

from stockgen.data import Shelf
from stockgen.data.lint import load_lint
from stockgen.data.prompting import load_prompting
from stockgen.domain.protocols import Mode, Past
from stockgen.domain.words import Idea, Look, Order, Remark
from stockgen.ledger import Ledger
from stockgen.logs import configure
from stockgen.pipeline.lawful import SPARE, Clear, cleared, lawful, spared
from stockgen.pipeline.novelty import Novelty
from stockgen.pipeline.sound import consistent

LINT = load_lint(Shelf())
CLEAN = Idea(
    prompt="white running shoes on a track",
    title={"en": "White running shoes on a track", "ko": "트랙 위의 흰 운동화"},
    description={"en": "White shoes, useful for banners.", "ko": "배너용으로 알맞은 흰 운동화입니다."},
    tags={"en": ("shoes", "running"), "ko": ("운동화", "달리기")},
    category="sports",
)


def mode(*prompts: str) -> Mode:
    """Says these prompts, then `sea 0`, `sea 1` …"""

    def ideas(order: Order, look: Look, many: int, rng: Random) -> Iterator[Idea]:
        spoken = (*prompts, *(f"sea {number}" for number, _ in zip(count(), range(many), strict=False)))
        return (replace(CLEAN, prompt=prompt) for prompt in spoken[:many])

    return ideas


def prompts(made: Mode, many: int) -> list[str]:
    return [idea.prompt for idea in made(Order(mode="random", count=many), "diffusion", many, Random(1))]


def test_a_clean_idea_is_left_as_it_is() -> None:
    assert cleared(CLEAN, LINT) is CLEAN


def test_a_prompt_may_speak_of_cameras() -> None:
    idea = replace(CLEAN, prompt="white shoes, 85mm lens, sharp focus")
    assert cleared(idea, LINT) == idea


def test_a_name_goes_out_of_titles_descriptions_and_tags() -> None:
    idea = replace(
        CLEAN,
        title={"en": "nike running shoes, 8k", "ko": "나이키풍 운동화"},
        description={"en": "Shoes by Nike for banners.", "ko": "나이키 운동화입니다."},
        tags={"en": ("nike", "shoes", "8k", "AI"), "ko": ("나이키", "운동화")},
    )
    after = cleared(idea, LINT)
    assert after is not None
    assert after.title == {"en": "Running shoes", "ko": "운동화"}
    assert after.description == {"en": "Shoes for banners.", "ko": "운동화입니다."}
    assert after.tags == {"en": ("shoes", "AI"), "ko": ("운동화",)}  # whether AI may be said is each market's business
    assert after.prompt == CLEAN.prompt


def test_an_idea_of_which_no_title_is_left_is_not_made() -> None:
    assert cleared(replace(CLEAN, title={"en": "Pikachu", "ko": "피카츄"}), LINT) is None


def test_an_idea_that_can_not_be_sold_is_replaced_by_the_next() -> None:
    assert prompts(lawful(mode("pikachu", "rose", "eiffel tower"), lambda: LINT), 3) == ["rose", "sea 0", "sea 1"]


def test_a_longer_order_begins_with_the_ideas_of_a_shorter_one() -> None:
    made = lawful(mode("pikachu", "rose"), lambda: LINT)
    assert prompts(made, 5)[:2] == prompts(made, 2)


def test_a_mode_that_knows_nothing_else_comes_to_an_end() -> None:
    assert prompts(lawful(mode(*["pikachu"] * (SPARE + 9)), lambda: LINT), 3) == []


def test_an_idea_of_a_text_model_that_contradicts_itself_is_asked_for_once_more_and_then_taken(tmp_path: Path) -> None:
    asked: list[int] = []

    def written(order: Order, look: Look, count: int, rng: Random, past: Past) -> Iterator[Idea | Remark]:
        asked.append(count)
        for number in range(count):
            contrary = number == 0
            yield replace(
                CLEAN, prompt=f"{'bright daylight, midnight sky' if contrary else 'a cup'} {len(asked)} {number}"
            )

    rules, past = load_prompting(Shelf()), Novelty(Ledger.opened(tmp_path), None, configure("error", "json"))
    clear = Clear(lambda: LINT, lambda idea: consistent(idea, rules))
    made = list(spared(written, clear, Order(mode="keyword", count=3), "diffusion", 3, Random(0), past))
    assert asked == [3, 1]  # what the first answer lacked; nothing is asked for a third time
    assert [idea.prompt for idea in made] == ["a cup 1 1", "a cup 1 2", "bright daylight, midnight sky 2 0"]
