"""A place where a lane can be, and what holds mean for the lane that is there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from stockgen.domain.names import base_of
from stockgen.domain.protocols import Fit, Held, Lane, Outcome, Provider
from stockgen.domain.words import Place as Where
from stockgen.pipeline.wear import Wear

EMPTYING = frozenset({"pause", "gpu_busy"})  # holds under which a device is given back
INTERRUPTING = frozenset({"gpu_busy"})  # and those under which it can't wait for the batch in hand
ASIDE = frozenset({"writer"})  # and those under which the models leave it, but not the process
LEAVE = 6.0  # seconds that an interrupted batch gets to reach its next step

Care = Literal["none", "interrupt", "release", "end"]


@dataclass(frozen=True, slots=True)
class Place:
    """A lane that can be started: what it may host, and how to make it. All its providers are of one kind of place."""

    name: str
    providers: Mapping[str, Provider]
    start: Callable[[], Lane]

    @property
    def where(self) -> Where:
        """`gpu`, `net` or `cpu`."""
        return next(iter(self.providers.values())).place

    @property
    def hosts(self) -> frozenset[str]:
        """Whom it may host; places of equal hosts are siblings, and what one finds to do the others could, too."""
        return frozenset(self.providers)


@dataclass
class Slot:
    """A place with the lane that is up there, if any, and the batch that it is rendering.

    `outcomes`: what has come of it and is not in the ledger yet. `worn`: why the lane is to be replaced by a fresh one,
    "" = it is good. `leave_by`: monotonic seconds by which an interrupted batch must have ended. `released`: the lane
    has been asked to give its device back, and got no work since. `began`: monotonic seconds at which it got its batch.
    """

    place: Place
    lane: Lane | None = None
    token: str = ""
    batch: dict[int, Fit] | None = None
    outcomes: deque[Outcome] = field(default_factory=deque)
    made: int = 0
    deaths: int = 0
    not_before: float = 0.0
    worn: str = ""
    leave_by: float | None = None
    released: bool = False
    wear: Wear = field(default_factory=Wear)
    began: float = 0.0

    @property
    def stack(self) -> str | None:
        """What it loads or has loaded."""
        if self.batch:
            return next(iter(self.batch.values())).stack
        return self.lane.warm if self.lane else None

    @property
    def model(self) -> str | None:
        """What of its stack is loaded, whatever is laid over it."""
        stack = self.stack
        return None if stack is None else base_of(stack)

    @property
    def free(self) -> bool:
        """Whether there is a lane that waits for work, or soon will."""
        return self.lane is not None and not self.batch

    def fresh(self) -> None:
        """The lane is gone; whatever was known of it is too."""
        self.lane, self.worn, self.leave_by, self.released = None, "", None, False
        self.wear = Wear()


def care(slot: Slot, held: Sequence[Held]) -> Care:
    """What a lane needs under these holds of its place; pure.

    A process on a card is ended, because its context alone holds memory of the card; any other lane is only asked to
    let go, and so is a process where a text model of our own needs the card. A batch in hand is finished first, except
    where somebody else needs the card now.
    """
    whole = {one.hold for one in held if one.everything}
    emptying = whole & EMPTYING
    on_card = slot.place.where == "gpu"
    if slot.batch:
        return "interrupt" if on_card and emptying & INTERRUPTING else "none"
    if slot.worn or (emptying and on_card):
        return "end"
    return "release" if whole & (EMPTYING | ASIDE) and not slot.released else "none"
