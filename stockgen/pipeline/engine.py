"""Everything that turns accepted jobs into published pictures, as one `step(now)`. Knows no inbox and no service."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.protocols import Held, Hold
from stockgen.domain.times import iso
from stockgen.domain.words import Place
from stockgen.files import discard
from stockgen.pipeline.clocks import Clocks
from stockgen.pipeline.close import Closer
from stockgen.pipeline.disk import Trouble
from stockgen.pipeline.dispatch import Dispatcher
from stockgen.pipeline.finish import PixelPool
from stockgen.pipeline.finisher import Finisher
from stockgen.pipeline.others import Others
from stockgen.pipeline.pausing import Paused
from stockgen.pipeline.plan import Planner
from stockgen.pipeline.planning import JobPlanned
from stockgen.pipeline.publish import Publisher
from stockgen.pipeline.rephrase import Rephraser
from stockgen.pipeline.reports.morning import Morning
from stockgen.pipeline.rest import Rests
from stockgen.pipeline.seeing import Seer
from stockgen.pipeline.snapshots import Snapshots
from stockgen.pipeline.spool import sweep_spool
from stockgen.pipeline.tries.spares import Spares
from stockgen.pipeline.workshop import Workshop
from stockgen.pipeline.written import Scribe

BACKLOG = 32  # rendered pictures waiting to be finished, above which nothing more is claimed: the spool is no archive

PLANNING = "planning"  # where ideas wait that a text model is to write
SOON = 60.0  # seconds; whoever waits until nothing is left to do does not wait for a hold that lasts longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The stages that an engine turns. `holds`: further reasons for claiming nothing; `others`: one that must be
    stepped, None = the card is shared with nobody.
    """

    planner: Planner
    dispatcher: Dispatcher
    finisher: Finisher
    closer: Closer
    publisher: Publisher
    pool: PixelPool
    snapshots: Snapshots
    morning: Morning
    rests: Rests
    spares: Spares
    holds: Sequence[Hold] = ()
    others: Others | None = None


@dataclass(frozen=True, slots=True)
class Retried:
    """Where pictures are made once more, and how many: 0 = the job lacks none."""

    job: str
    pictures: int


class Engine:
    """Turns the stages; the daemon and `stockgen run` drive the same one."""

    def __init__(self, work: Workshop, parts: Parts, starts: int) -> None:
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._parts = parts
        self._starts = starts
        self.pausing = Paused(work.ledger)
        self._clocks = Clocks(work.clock)
        self._storage = Trouble(work.clock, work.log, work.wait)  # of the ledger
        self.planned: list[JobPlanned] = []  # for whoever writes notes; they empty it
        self.stopping = False
        self._heeded: list[Hold] = []
        self._told: dict[tuple[str, str], str] = {}  # (hold, place) → reason, of the holds that are on
        for writing in (parts.planner.scribe, parts.dispatcher.rephraser):
            if writing:
                writing.card_holds = lambda: [one for hold in self._wanting for one in hold("gpu", work.clock.wall())]
        for model in self._models:
            if model and model.sharing:
                model.sharing.slots = parts.dispatcher.on_card

    @property
    def parts(self) -> Parts:
        """The stages."""
        return self._parts

    def heed(self, hold: Hold) -> None:
        """One more of the holds that people cause: whoever watches folders has one."""
        self._heeded.append(hold)

    def recover(self) -> None:
        """After a start: what was paid for is redeemed, orphans are planned again, half-published pictures completed,
        litter swept.
        """
        self._ledger.claims.forgive(self._clock.wall())
        self._parts.dispatcher.redeem()
        lost = self._ledger.claims.recover(self._starts, self._clock.wall())
        if lost:
            self._log.warning("shot.requeued", reason="daemon_died", shots=lost)
        self._ledger.tries.decided(self._clock.wall())
        self._parts.dispatcher.rehome()
        self._parts.finisher.recover()
        self._parts.publisher.sweep()
        self._parts.spares.sweep()
        needed = self._ledger.shots.raw_paths()
        for folder in self._places.spool.iterdir():
            sweep_spool(folder, needed)
        wanted = {f"{shot}.jpg" for shot in self._ledger.shots.of_open_jobs()}
        for small in self._places.thumbs.iterdir():
            if small.name not in wanted:
                discard(small)

    def step(self, now: float) -> bool:
        """One turn; True = there is more to do at once. `now` monotonic seconds.

        Where the ledger can't be written nothing moves on, and nothing is lost: whatever has come meanwhile is
        recorded once it can.
        """
        if not self._storage.due:
            return False
        try:
            if self._storage.on:
                self._ledger.note("mended", iso(self._clock.wall()))  # or it is not
            more = self._turn(now)
        except (StorageFull, StorageLost) as error:
            self._storage.failed(error)
            self._parts.planner.start_over()
            self._parts.finisher.look_again()
            return False
        self._storage.fine()
        return more

    def _turn(self, now: float) -> bool:
        parts = self._parts
        self.pausing.step(self._clock.wall())
        if self._clocks.set_back():
            self._ledger.claims.forgive(self._clock.wall())
        if parts.others:
            parts.others.step(now, self._clock.wall(), parts.dispatcher.lanes())
        self._tell_holds()
        parts.dispatcher.step(now, (*self._people, *self._writing), self._claiming())
        parts.pool.deliver()
        if not self.stopping:
            self.planned += parts.planner.step(now)
        parts.finisher.step(now)
        if not self.stopping:
            parts.rests.step(now, self.paused, self._may_begin)
            parts.closer.step(now)
            parts.morning.step()
            parts.spares.step(now)
            parts.snapshots.step(lambda: self.idle)
        return (parts.planner.eager or parts.dispatcher.eager) and not self.stopping

    @property
    def paused(self) -> bool:
        """Whether people want nothing begun."""
        wall = self._clock.wall()
        return any(one.hold == "pause" for hold in self._people for one in hold("cpu", wall))

    def holds(self, place: Place) -> list[Held]:
        """All that may not be claimed at a place now, and why."""
        wall, parts = self._clock.wall(), self._parts
        sources = (*self._people, *self._writing, parts.dispatcher.storage, parts.dispatcher.doors, self._storage)
        return [held for hold in sources for held in hold(place, wall)]

    def held(self) -> list[tuple[str, Held, int]]:
        """Every hold that is on, with its place and how many shots there, or ideas at `planning`, wait for its end."""
        queue, at = self._ledger.queue, self._parts.dispatcher.providers_at()
        on = [(place, one, queue.held(hosted, one)) for place, hosted in at.items() for one in self.holds(place)]
        on = [each for each in on if each[1].hold != "closed" or each[2]]  # the others have gone on, or nobody wants it
        return on + [(PLANNING, one, ideas) for one, ideas in self._unwritten()]

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        parts = self._parts
        return min(
            [one.next_at() for one in (parts.dispatcher, parts.finisher, parts.others, *self._models) if one],
            default=math.inf,
        )

    @property
    def working(self) -> bool:
        """Whether something is in somebody's hands: rendering, being finished, being closed. For a copy of the ledger
        that is being written only the end of the program waits.
        """
        parts = self._parts
        in_pool = parts.pool.running - parts.snapshots.writing
        return bool(parts.dispatcher.rendering or parts.finisher.working or parts.closer.busy or in_pool)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do, or only what a hold forbids whose end is not known, or is not soon."""
        rephraser = self._parts.dispatcher.rephraser
        if self.working or self._parts.planner.busy or self._parts.closer.ready() or (rephraser and rephraser.busy):
            return False
        if self._ledger.tries.due(1) or self._ledger.shots.in_state("publishing", 1):
            return False
        return not self._soon()

    def cancel(self, job: str) -> None:
        """End a job: what is planned at once, what is rendering at its next step, what has rendered is kept."""
        self._parts.planner.forget(job)
        self._parts.dispatcher.cancel(self._ledger.jobs.cancel(job, self._clock.wall()))

    def retry(self, job: str, number: str, folder: str) -> Retried:
        """Make what a job lacks: in the job itself while it is open, else as the new job `number`, a follow-up with a
        folder of its own.
        """
        if self._ledger.jobs.get(job)["state"] != "closed":
            return Retried(job, self._parts.dispatcher.retry(job))
        lacking = len(self._ledger.retries.lacking(job))
        if lacking:
            self._ledger.retries.follow(job, number, folder, self._clock.wall())
        return Retried(number, lacking)

    def close(self, deadline: float) -> None:
        """End the lanes by `deadline` (monotonic seconds), take claims back, publish what is being finished."""
        self.stopping = True
        self._parts.finisher.close(deadline)
        try:
            self._parts.dispatcher.close(deadline)
            for writing in (self._parts.planner.scribe, self._parts.dispatcher.rephraser):
                if writing:
                    writing.close()
            self._parts.pool.close()
            self._parts.pool.deliver()
        except (StorageFull, StorageLost) as error:
            self._storage.failed(error)  # what could not be taken back is an orphan of the next start
        finally:
            self._parts.pool.close()

    @property
    def _writing(self) -> tuple[Hold, ...]:
        """Holds while what is finished can't be written: more would only fill the spool."""
        return (self._parts.finisher.storage, self._parts.closer.storage)

    @property
    def _people(self) -> tuple[Hold, ...]:
        """Holds that people and their programs cause."""
        stepping_aside = [one.sharing for one in self._models if one and one.sharing]
        return (*self._wanting, *stepping_aside)

    @property
    def _models(self) -> tuple[Scribe | None, Seer | None, Rephraser | None]:
        """Those whose text models may want the card."""
        return self._parts.planner.scribe, self._parts.finisher.seer, self._parts.dispatcher.rephraser

    @property
    def _wanting(self) -> tuple[Hold, ...]:
        """Those of them that are not our own text model's."""
        others = (self._parts.others,) if self._parts.others else ()
        return (self.pausing, *self._parts.holds, *self._heeded, *others)

    def _unwritten(self) -> list[tuple[Held, int]]:
        """Why ideas wait for a text model, and how many."""
        return self._parts.planner.scribe.waiting() if self._parts.planner.scribe else []

    def _soon(self) -> bool:
        """Whether something waits that may be begun within a minute."""
        late = self._clock.wall() + SOON
        for place, hosted in self._parts.dispatcher.providers_at().items():
            lasting = [one for one in self.holds(place) if one.until is None or one.until > late]
            if self._ledger.queue.free(hosted, lasting, late):
                return True
        return False

    def _may_begin(self, job: str) -> bool:
        """Whether a picture of a job may be begun within a minute, should its turn come."""
        late = self._clock.wall() + SOON
        return any(
            self._ledger.queue.begins(job, hosted, self._lasting(place, late), late)
            for place, hosted in self._parts.dispatcher.providers_at().items()
        )

    def _lasting(self, place: Place, late: float) -> list[Held]:
        """Holds at a place whose end is unknown or comes after `late` (wall seconds); our own text model's is soon."""
        return [one for one in self.holds(place) if one.hold != "writer" and (one.until or math.inf) > late]

    def _tell_holds(self) -> None:
        """Log what has come on and gone off since the last turn."""
        wall, now = self._clock.wall(), dict[tuple[str, str], str]()
        for place in self._parts.dispatcher.providers_at():
            for one in (one for hold in self._people for one in hold(place, wall)):
                now[one.hold, place] = one.reason
        now |= {(one.hold, PLANNING): one.reason for one, _ in self._unwritten()}
        for what, where in now.keys() - self._told.keys():
            self._log.info("hold.on", hold=what, place=where, reason=now[what, where])
        for what, where in self._told.keys() - now.keys():
            self._log.info("hold.off", hold=what, place=where)
        self._told = now

    def _claiming(self) -> bool:
        return not self.stopping and self._ledger.tries.backlog() < BACKLOG
