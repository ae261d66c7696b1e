"""What a text model is asked for at a time, with what it is asked, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from stockgen.domain.errors import StockgenError
from stockgen.domain.protocols import Held, WrittenMode
from stockgen.domain.words import Look, Order, Remark
from stockgen.pipeline.lawful import Clear
from stockgen.pipeline.planning import Planning
from stockgen.pipeline.writing import Stopwatch

Needs = Literal["no", "helps", "must"]


@dataclass(frozen=True, slots=True)
class Pen:
    """What is written with. `needs`: whether an order is one for a text model; `translate`: the order with its words
    in English, and what is told of them. `steps`: how often what has happened in all. `modes`, `translate`, `writer`
    are called in the lane's thread only.
    """

    writer: Stopwatch
    modes: Mapping[str, WrittenMode]
    needs: Callable[[Order, Look], Needs]
    translate: Callable[[Order], tuple[Order, Sequence[Remark]]]
    clear: Clear
    steps: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Reworded:
    """An order after its words were translated."""

    order: Order
    told: tuple[Remark, ...]


@dataclass(eq=False)
class Errand:
    """The part of an order that the ledger has not yet, to be written.

    `done`: how many of its ideas are in the ledger. `written`, `seconds`, `steps`: what was done for it, and how long a
    text model worked; `thought`: whether it was asked for ideas, not only for words. `held`: why it waits.
    `not_before`: monotonic seconds. `error`: why there is no more of it; None while it goes on, and where the model had
    no more to say.
    """

    planning: Planning
    index: int
    look: Look
    done: int
    number: int  # of all errands, in order of their coming
    written: int = 0
    thought: bool = False
    seconds: float = 0.0
    steps: Counter[str] = field(default_factory=Counter)
    held: Held | None = None
    not_before: float = 0.0
    error: StockgenError | None = None

    @property
    def job(self) -> str:
        """The job's id."""
        return str(self.planning.job["id"])

    @property
    def order(self) -> Order:
        """The order as it is understood now."""
        return self.planning.orders[self.index]

    @property
    def missing(self) -> int:
        """How many ideas are still to be written."""
        return self.order.count - self.done

    @property
    def turn(self) -> tuple[int, int, int]:
        """Smallest first."""
        return *self.planning.rank, self.number
