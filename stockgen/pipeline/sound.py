"""Ideas whose pictures can be what they say: those that contradict themselves are passed over for the next ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from stockgen.data.prompting import Prompting
from stockgen.domain.protocols import Mode
from stockgen.domain.words import Idea, Look, Order

PASSED = 20  # ideas in a row that are passed over; then the order itself says what can't be, and gets it


def sound(mode: Mode, rules: Callable[[], Prompting]) -> Mode:
    """The same mode for models that paint what they read: a title that says daylight would be false of a night.

    `rules` is asked for when ideas are made.
    """

    def ideas(order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
        if look != "diffusion" or order.mode == "exact":
            return mode(order, look, count, rng)
        return islice(_sound(mode(order, look, count * (PASSED + 1), rng), rules()), count)

    return ideas


def consistent(idea: Idea, rules: Prompting) -> bool:
    """Whether neither its prompt nor its English title contradicts itself."""
    texts = (idea.prompt, idea.title["en"])
    return all(rules.consistent(text) == text for text in texts)


def _sound(ideas: Iterator[Idea], rules: Prompting) -> Iterator[Idea]:
    passed = 0
    for idea in ideas:
        if passed < PASSED and rules.consistent(idea.prompt) != idea.prompt:
            passed += 1
            continue
        passed = 0
        yield idea
