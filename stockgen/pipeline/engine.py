"""Everything that turns accepted jobs into published pictures, as one `step(now)`. Knows no inbox and no service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stockgen.domain.protocols import Held
from stockgen.domain.words import Place
from stockgen.ledger import PAUSED
from stockgen.pipeline.close import Closer
from stockgen.pipeline.dispatch import Dispatcher, sweep_spool
from stockgen.pipeline.finish import PixelPool
from stockgen.pipeline.finisher import Finisher
from stockgen.pipeline.plan import JobPlanned, Planner
from stockgen.pipeline.publish import Publisher
from stockgen.pipeline.workshop import Workshop

BACKLOG = 32  # rendered pictures waiting to be finished, above which nothing more is claimed: the spool is no archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The stages that an engine turns."""

    planner: Planner
    dispatcher: Dispatcher
    finisher: Finisher
    closer: Closer
    publisher: Publisher
    pool: PixelPool


class Engine:
    """Turns the stages; the daemon and `stockgen run` drive the same one."""

    def __init__(self, work: Workshop, parts: Parts, starts: int) -> None:
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._parts = parts
        self._starts = starts
        self.planned: list[JobPlanned] = []  # for whoever writes notes; they empty it
        self.stopping = False

    @property
    def parts(self) -> Parts:
        """The stages."""
        return self._parts

    def recover(self) -> None:
        """After a start: orphans are planned again, half-published pictures completed, litter swept."""
        lost = self._ledger.shots.recover(self._starts, self._clock.wall())
        if lost:
            self._log.warning("shot.requeued", reason="daemon_died", shots=lost)
        self._parts.dispatcher.rehome()
        self._parts.finisher.recover()
        self._parts.publisher.sweep()
        needed = self._ledger.shots.raw_paths()
        for folder in self._places.spool.iterdir():
            sweep_spool(folder, needed)
        wanted = {f"{shot}.jpg" for shot in self._ledger.shots.of_open_jobs()}
        for small in self._places.thumbs.iterdir():
            if small.name not in wanted:
                small.unlink(missing_ok=True)

    def step(self, now: float) -> bool:
        """One turn; True = there is more to do at once. `now` monotonic seconds."""
        parts = self._parts
        parts.dispatcher.step(now, (self.paused, parts.finisher.storage), self._claiming())
        parts.pool.deliver()
        if not self.stopping:
            self.planned += parts.planner.step(now)
        parts.finisher.step(now)
        if not self.stopping:
            parts.closer.step(now)
        return parts.planner.busy and not self.stopping

    def paused(self, place: Place, now: float) -> Sequence[Held]:
        """The hold of `stockgen pause`."""
        return (Held(hold="pause", reason="command"),) if self._ledger.noted(PAUSED) else ()

    def holds(self, place: Place) -> list[Held]:
        """All that may not be claimed at a place now, and why."""
        wall, parts = self._clock.wall(), self._parts
        sources = (self.paused, parts.finisher.storage, parts.dispatcher.storage)
        return [held for hold in sources for held in hold(place, wall)]

    @property
    def working(self) -> bool:
        """Whether something is in somebody's hands: rendering, being finished, being closed."""
        parts = self._parts
        return bool(parts.dispatcher.rendering or parts.finisher.working or parts.closer.busy or parts.pool.running)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do, or only what a hold without a known end forbids."""
        if self.working or self._parts.planner.busy or self._parts.closer.ready():
            return False
        shots = self._ledger.shots
        if shots.in_state("rendered", 1) or shots.in_state("publishing", 1):
            return False
        return not shots.in_state("planned", 1) or any(held.until is None for held in self.holds("cpu"))

    def cancel(self, job: str) -> None:
        """End a job: what is planned at once, what is rendering at its next step, what has rendered is kept."""
        self._parts.planner.forget(job)
        self._parts.dispatcher.cancel(self._ledger.jobs.cancel(job, self._clock.wall()))

    def close(self, deadline: float) -> None:
        """End the lanes by `deadline` (monotonic seconds), take claims back, publish what is being finished."""
        self.stopping = True
        self._parts.dispatcher.close(deadline)
        self._parts.pool.close()
        self._parts.pool.deliver()

    def _claiming(self) -> bool:
        return not self.stopping and self._ledger.shots.backlog() < BACKLOG
