"""An idea says of its picture what can be seen in it, and an order gets as many ideas as it asked for all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from stockgen.data import Shelf
from stockgen.data.prompting import load_prompting
from stockgen.domain.protocols import Mode
from stockgen.domain.words import Idea, Look, Order
from stockgen.pipeline.sound import sound
from tests.ledger.book import IDEA

RULES = load_prompting(Shelf())


def mode(*endings: str) -> Mode:
    """Says `city 0, night, …` with one ending after the other, again and again."""

    def ideas(order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
        return (replace(IDEA, prompt=f"city {n}, night, {endings[n % len(endings)]}") for n in range(count))

    return ideas


def prompts(made: Mode, count: int, *, look: Look = "diffusion", kind: str = "keyword") -> list[str]:
    order = Order.from_json({"mode": kind, "count": count})
    return [idea.prompt for idea in sound(made, lambda: RULES)(order, look, count, Random(1))]


def test_an_idea_that_contradicts_itself_is_passed_over_for_the_next() -> None:
    made = prompts(mode("moonlight", "bright daylight", "neon signs"), 4)
    assert made == ["city 0, night, moonlight", "city 2, night, neon signs", "city 3, night, moonlight",
                    "city 5, night, neon signs"]  # fmt: skip


def test_an_order_that_asks_for_a_contradiction_itself_gets_its_pictures() -> None:
    assert len(prompts(mode("bright daylight"), 3)) == 3


def test_what_is_drawn_by_a_program_or_was_written_by_hand_is_not_judged() -> None:
    assert len(prompts(mode("bright daylight"), 2, look="drawn")) == 2
    assert prompts(mode("bright daylight"), 1, kind="exact") == ["city 0, night, bright daylight"]
