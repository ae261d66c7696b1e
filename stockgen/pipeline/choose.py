"""Which of the claimable shots a lane gets next; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from stockgen.domain.names import base_of
from stockgen.ledger.claims import Candidate


def choose(
    candidates: Sequence[Candidate], warm: str | None, batch_of: Callable[[str], int], now: float, starve_after: float,
    others: Sequence[str | None] = (),
) -> list[Candidate]:  # fmt: skip
    """Given candidates in claim order, return those of one stack that make up the next batch.

    Among equals of rank the stack that is warm comes first, unless the head of the queue has waited `starve_after`
    seconds: nothing is overtaken for longer; after it comes what only differs in what is laid over the same model,
    which is nearly free. A shot that is `solo` is a batch of its own. `now` wall seconds. `others`:
    the stack that each other lane of the place has warm or in hand. A lane that must load prefers what none of them
    has, so that two lanes and two models don't swap against each other; and it leaves those that could take the
    same their share.
    """
    if not candidates:
        return []
    head = candidates[0]
    equals = [one for one in candidates if one.rank == head.rank]
    starving = now - head.waiting_since >= starve_after
    first = head if starving else _first(equals, warm, others)
    if first.shot.solo:
        return [first]
    alike = [one for one in equals if (one.stack, one.provider) == (first.stack, first.provider) and not one.shot.solo]
    sharers = 1 + sum(other is None or base_of(other) == base_of(first.stack) for other in others)
    share = math.ceil(len(alike) / sharers)
    return alike[: min(batch_of(first.provider), share)]


def _first(equals: Sequence[Candidate], warm: str | None, others: Sequence[str | None]) -> Candidate:
    exact = (one for one in equals if one.stack == warm)
    near = (one for one in equals if warm is not None and base_of(one.stack) == base_of(warm))
    elsewhere = {base_of(other) for other in others if other is not None}
    cold = (one for one in equals if base_of(one.stack) not in elsewhere)
    return next(exact, None) or next(near, None) or next(cold, equals[0])
