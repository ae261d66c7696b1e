"""The care of lanes: those that died or hang are ended, worn ones replaced, devices given back where a hold asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stockgen.domain.protocols import Held
from stockgen.logs import Logger
from stockgen.pipeline.slot import LEAVE, Slot, care

RESTART_PAUSES = (0.0, 0.0, 1.0, 5.0, 30.0)  # seconds before a lane that died again and again is started anew


class Collect(Protocol):
    """Records what has come of a slot's batch; `closing`: what has not ended is given back."""

    def __call__(self, slot: Slot, closing: bool = False) -> None: ...


class Tending:
    """Looks after the lane of one slot at a time. Nothing of a lane that ends is lost: it is collected first."""

    def __init__(self, log: Logger, collect: Collect) -> None:
        self._log = log
        self._collect = collect

    def look_after(self, slot: Slot, now: float) -> None:
        """End a lane that is no longer up; the more often in a row, the longer until the next. `now` monotonic."""
        if slot.lane is None:
            return
        health, why = slot.lane.health(now)
        if health == "up":
            return
        self._log.warning("lane.stuck" if health == "stuck" else "lane.died", lane=slot.place.name, reason=why)
        slot.lane.kill()
        self._collect(slot)
        slot.lane.close(now)
        slot.fresh()
        slot.not_before = now + RESTART_PAUSES[min(slot.deaths, len(RESTART_PAUSES) - 1)]
        slot.deaths += 1

    def make_room(self, slot: Slot, now: float, held: Sequence[Held]) -> None:
        """Give devices back where a hold asks for it, and replace what is worn."""
        if slot.lane is None:
            return
        wanted = care(slot, held)
        if wanted == "interrupt":
            slot.lane.cancel(frozenset(slot.batch or ()))
            slot.leave_by = slot.leave_by or now + LEAVE
            if now < slot.leave_by:
                return
        if wanted in ("interrupt", "end"):
            if slot.worn:
                self._log.debug("lane.recycled", lane=slot.place.name, reason=slot.worn)
            slot.lane.close(now)
            self._collect(slot, closing=True)
            slot.fresh()
        elif wanted == "release":
            slot.lane.release()
            slot.released = True


def weigh(slot: Slot, recycle_after: int) -> None:
    """A batch has ended: is its process worn? Only one that holds a card costs enough to be asked."""
    made, slot.made = slot.made, 0
    if slot.lane and slot.place.where == "gpu":
        doing = slot.lane.progress()
        slot.worn = slot.worn or slot.wear.note(made, slot.lane.warm, doing.pid, recycle_after)
