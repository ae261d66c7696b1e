"""What is warm goes first among equals; nothing starves; a poisoned shot is alone."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.domain.protocols import Shot
from stockgen.ledger.claims import Candidate
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


def test_what_is_laid_over_the_warm_model_comes_before_another_model_and_after_its_like() -> None:
    queue = [one(1, "b"), one(2, "a"), one(3, "a|ink@1"), one(4, "b|ink@1")]
    assert chosen(queue, warm="a|ink@1") == [3]
    assert chosen(queue, warm="a|mist@0.5") == [2]  # its model, as it comes
    assert chosen(queue, warm="b|mist@0.5") == [1]
    assert chosen(queue, warm="ab|ink@1") == [1]  # a model whose name begins alike is another


# -- several lanes at one place --------------------------------------------------------------------------------


def shared(candidates: Sequence[Candidate], warm: str | None, *others: str | None, batch: int = 8) -> list[int]:
    return [each.shot.id for each in choose(candidates, warm, lambda _: batch, NOW, STARVE, others)]


MIXED = [one(1, "a"), one(2, "b"), one(3, "a"), one(4, "b")]


def test_a_lane_that_must_load_takes_what_no_other_lane_has_so_that_models_are_not_swapped_to_and_fro() -> None:
    assert shared(MIXED, None, "a") == [2, 4]
    assert shared(MIXED, "c", "a") == [2, 4]  # it must load, too: what it has warm is not wanted
    assert shared(MIXED, "a", "b") == [1, 3]
    assert shared(MIXED, "b", "a") == [2, 4]


def test_where_all_others_have_everything_the_head_of_the_queue_is_taken_and_nobody_stands_idle() -> None:
    assert shared(MIXED, None, "a", "b") == [1]  # its share: the lane that has it warm takes the rest


def test_a_starving_head_is_taken_though_another_lane_has_it_warm() -> None:
    assert shared([one(1, "a", waits=STARVE), one(2, "b")], None, "a") == [1]


def test_what_another_lane_has_is_no_reason_to_overtake_somebody_more_urgent() -> None:
    assert shared([one(1, "a", URGENT), one(2, "b")], None, "a") == [1]


def test_a_short_queue_is_shared_so_that_all_lanes_work() -> None:
    queue = [one(n, "a") for n in range(6)]
    assert shared(queue, None, None) == [0, 1, 2]
    assert shared(queue, "a", "a", None) == [0, 1]
    assert shared(queue, "a", "b") == [0, 1, 2, 3, 4, 5]  # the other one has another model: it would have to load
    assert shared(queue, "a", "a", batch=2) == [0, 1]


def test_a_lane_that_only_has_to_lay_something_over_its_model_is_no_reason_to_load_it_elsewhere() -> None:
    queue = [one(1, "a|ink@1"), one(2, "b"), one(3, "a|ink@1")]
    assert shared(queue, None, "a|mist@1") == [2]
    assert shared(queue, "a", "a|mist@1") == [1]  # and takes its share of it
