"""One job while it is planned, and what is told once that is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stockgen.domain.words import Idea, Order, Remark

if TYPE_CHECKING:
    from stockgen.pipeline.errand import Errand

RETRY = "retry"  # the kind of a job that makes what another one lacks
RANKS = {"schedule": 1}  # everything else was asked for by a person now


@dataclass
class Planning:
    """One job that is being planned.

    `ideas`: (order, number within it, idea); or an Errand, for whose end it waits. `errand`: that one.
    """

    job: Mapping[str, Any]
    orders: list[Order]
    ideas: Iterator[tuple[int, int, Idea] | Errand]
    known: int  # ideas that an earlier, killed planning left in the ledger
    position: int = 0  # of the next idea
    told: dict[str, Remark] = field(default_factory=dict)
    errand: Errand | None = None

    def tell(self, code: str, line: int | None = None, **facts: Any) -> None:
        """Say something once, however many pictures it is true of."""
        self.told.setdefault(f"{code} {facts}", Remark(code, line, facts))

    @property
    def rank(self) -> tuple[int, int]:
        """Whose turn it is, smallest first: by priority, then what a person asked for now."""
        return -int(self.job["priority"]), RANKS.get(self.job["kind"], 0)


@dataclass(frozen=True, slots=True)
class JobPlanned:
    """A job whose planning is complete, or whose words were put into English on the way: its note is written anew.
    `told`: what its author is told beyond the acceptance.
    """

    job: str
    told: tuple[Remark, ...]
