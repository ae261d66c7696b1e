"""What is warm goes first among equals; nothing starves; a poisoned shot is alone."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.domain.protocols import Shot
from stockgen.ledger.shots import Candidate
from stockgen.pipeline.choose import choose

NOW = 1000.0
STARVE = 900.0  # seconds
URGENT, USUAL, NIGHTLY = (-5, 0), (0, 0), (0, 1)  # ranks


def one(number: int, stack: str, rank: tuple[int, int] = USUAL, *, solo: bool = False, waits: float = 0.0,
        provider: str = "sdxl") -> Candidate:  # fmt: skip
    shot = Shot(id=number, job="aaaaa", idea=1, prompt="", seed=1, width=64, height=64, solo=solo)
    return Candidate(shot, stack, provider, rank, NOW - waits)


def chosen(candidates: Sequence[Candidate], warm: str | None = None, batch: int = 8) -> list[int]:
    return [each.shot.id for each in choose(candidates, warm, lambda _: batch, NOW, STARVE)]


def test_nothing_comes_of_nothing() -> None:
    assert chosen([]) == []


def test_the_head_of_the_queue_brings_those_of_its_stack_along() -> None:
    assert chosen([one(1, "a"), one(2, "b"), one(3, "a")]) == [1, 3]


def test_a_batch_is_as_large_as_its_provider_takes() -> None:
    queue = [one(n, "a", provider="tiny" if n < 5 else "sdxl") for n in range(10)]
    sizes = {"tiny": 2, "sdxl": 8}
    assert len(choose(queue, None, sizes.__getitem__, NOW, STARVE)) == 2


def test_two_providers_never_share_a_batch_even_with_stacks_of_one_name() -> None:
    assert chosen([one(1, "a"), one(2, "a", provider="flux")]) == [1]


def test_what_is_warm_overtakes_equals_so_that_no_model_is_loaded_twice() -> None:
    assert chosen([one(1, "a"), one(2, "b"), one(3, "b")], warm="b") == [2, 3]


def test_what_is_warm_overtakes_nobody_who_is_more_urgent() -> None:
    assert chosen([one(1, "a", URGENT), one(2, "b")], warm="b") == [1]
    assert chosen([one(1, "a", USUAL), one(2, "b", NIGHTLY)], warm="b") == [1]


def test_a_batch_is_not_filled_up_with_what_is_less_urgent() -> None:
    assert chosen([one(1, "a", URGENT), one(2, "b"), one(3, "a")]) == [1]


def test_who_has_waited_too_long_is_overtaken_no_more() -> None:
    queue = [one(1, "a", waits=STARVE), one(2, "b")]
    assert chosen(queue, warm="b") == [1]
    assert chosen([one(1, "a", waits=STARVE - 0.1), one(2, "b")], warm="b") == [2]


def test_a_shot_that_must_be_alone_is_alone_and_joins_nobody() -> None:
    assert chosen([one(1, "a", solo=True), one(2, "a")]) == [1]
    assert chosen([one(1, "a"), one(2, "a", solo=True), one(3, "a")]) == [1, 3]
