"""Made ideas without the words that no market takes: out of titles and tags they go, a prompt with one is not made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

from stockgen.data.blocked import Kind
from stockgen.data.lint import SILENT, Lint
from stockgen.domain.protocols import Mode, Past, WrittenMode
from stockgen.domain.words import Idea, Look, Order, Remark

SPARE = 100  # ideas in a row that may be refused before an order gets fewer than it asked for
ROUNDS = 5  # times that a text model is asked for what is missing, before the rest is made without it
# Markets differ in what they want to hear about how a picture was made, so that is each market's own business; only
# titles, which all share, say nothing of it.
_BY_MARKET: frozenset[Kind] = frozenset(("machine",))


@dataclass(frozen=True, slots=True)
class Clear:
    """What an idea is held against: names and words that no market takes, and whether it contradicts itself."""

    lint: Callable[[], Lint]
    consistent: Callable[[Idea], bool]


def lawful(mode: Mode, lint: Callable[[], Lint]) -> Mode:
    """The same mode, but each idea that can't be sold is replaced by the next one that can.

    `lint` is asked for when ideas are made: building it takes a tenth of a second, and a start waits for nothing.
    """

    def ideas(order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
        made = (cleared(idea, lint()) for idea in mode(order, look, count + SPARE, rng))
        return islice((idea for idea in made if idea is not None), count)

    return ideas


def spared(
    mode: WrittenMode, clear: Clear, order: Order, look: Look, count: int, rng: Random, past: Past
) -> Iterator[Idea | Remark]:
    """What a text model writes, without ideas that can't be sold; for those that it lacks then it is asked again.

    An idea that contradicts itself is asked for once more; after that it is taken as it is, because the order itself
    may be what can't be, and its prompt is put right before it is drawn.

    Fewer than `count` ideas where the mode gave fewer than it was asked for, or refused ones each time.
    """
    for lap in range(ROUNDS):
        wanted, given = count, 0
        for one in mode(order, look, wanted, rng, past):
            if isinstance(one, Remark):
                yield one
                continue
            given += 1
            idea = cleared(one, clear.lint())
            if idea is not None and (lap or clear.consistent(idea)):
                count -= 1
                yield idea
        if not count or given < wanted:
            return


def cleared(idea: Idea, lint: Lint) -> Idea | None:
    """The idea without refused words in its titles, descriptions and tags; None where its prompt has one, or where
    nothing is left of a title.
    """
    tags = [tag for each in idea.tags.values() for tag in each]
    if not lint.found("; ".join((idea.prompt, *idea.title.values(), *idea.description.values(), *tags)), but=()):
        return idea
    title = {language: _capital(lint.without(text)) for language, text in idea.title.items()}
    if lint.found(idea.prompt, but=SILENT) or not all(title.values()):
        return None
    return replace(
        idea,
        title=title,
        description={
            language: _capital(lint.without(text, but=_BY_MARKET)) for language, text in idea.description.items()
        },
        tags={
            language: tuple(tag for tag in each if not lint.found(tag, but=_BY_MARKET))
            for language, each in idea.tags.items()
        },
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
