"""Which of the claimable shots a lane gets next; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stockgen.ledger.shots import Candidate


def choose(
    candidates: Sequence[Candidate], warm: str | None, batch_of: Callable[[str], int], now: float, starve_after: float
) -> list[Candidate]:
    """Given candidates in claim order, return those of one stack that make up the next batch.

    Among equals of rank the stack that is warm comes first, unless the head of the queue has waited `starve_after`
    seconds: nothing is overtaken for longer. A shot that is `solo` is a batch of its own. `now` wall seconds.
    """
    if not candidates:
        return []
    head = candidates[0]
    equals = [one for one in candidates if one.rank == head.rank]
    starving = now - head.waiting_since >= starve_after
    first = head if starving else next((one for one in equals if one.stack == warm), head)
    if first.shot.solo:
        return [first]
    alike = [one for one in equals if (one.stack, one.provider) == (first.stack, first.provider) and not one.shot.solo]
    return alike[: batch_of(first.provider)]
