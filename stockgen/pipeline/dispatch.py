"""Claims shots for lanes that are free, and records what comes back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from stockgen.domain.errors import Cancelled, LaneDied, StorageFull, StorageLost
from stockgen.domain.protocols import Fit, Held, Hold, Lane, Next, Outcome, Shot
from stockgen.domain.words import Place as Where
from stockgen.files import make_folders
from stockgen.ledger import Row
from stockgen.ledger.claims import Candidate
from stockgen.ledger.reworded import unmarked
from stockgen.ledger.shots import Attempted, raw_path, shot_of
from stockgen.pipeline.chain import Chains
from stockgen.pipeline.choose import choose
from stockgen.pipeline.closures import Closures
from stockgen.pipeline.disk import Trouble
from stockgen.pipeline.doors import Doors
from stockgen.pipeline.money import Purse
from stockgen.pipeline.passing import Passing
from stockgen.pipeline.redeem import answers, purchases
from stockgen.pipeline.rephrase import Rephraser
from stockgen.pipeline.route import route
from stockgen.pipeline.slot import Place, Slot
from stockgen.pipeline.spool import sweep_spool
from stockgen.pipeline.tending import Tending, weigh
from stockgen.pipeline.workshop import Workshop

AHEAD = 500  # shots of the queue in which those of one stack are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The config's limits, as dispatching needs them; `starve_after` in seconds, `recycle_after` in pictures."""

    starts: int
    lookahead: int
    starve_after: float
    recycle_after: int = 2000


class Dispatcher:
    """Keeps lanes busy. All of its state but the running batches is in the ledger."""

    def __init__(
        self, work: Workshop, places: Sequence[Place], chains: Chains, rules: Rules, tokens: Callable[[], str],
        doors: Doors, purse: Purse,
    ) -> None:  # fmt: skip
        self._ledger, self._spool, self._clock, self._log = work.ledger, work.places.spool, work.clock, work.log
        self._hide = work.hide
        self._slots = [Slot(place) for place in places]
        self.chains = chains
        self.rules = rules
        self._tokens = tokens
        self._doors, self._purse = doors, purse
        self._wake_at = math.inf
        self._passing = Passing(work.ledger, doors.closures)
        self.storage = Trouble(work.clock, work.log, work.wait)
        self.rephraser: Rephraser | None = None  # None = nobody puts words differently
        self._tending = Tending(work.log, self._collect)

    # -- one turn ----------------------------------------------------------------------------------------------

    def step(self, now: float, holds: Sequence[Hold], claiming: bool) -> None:
        """Record outcomes, look after the lanes, claim what is free. `now` monotonic seconds."""
        wall, held = self._clock.wall(), dict[Where, list[Held]]()
        for shot in self.rephraser.step(now, self.chains) if self.rephraser else ():
            self._fit(shot, wall)  # there are no other words: its provider is passed over
        dry = set[frozenset[str]]()  # whose siblings need not ask for work again
        self._wake_at = math.inf
        self._doors.closures.step()
        self._passing.step(self.chains, wall)
        self._purse.step(self.chains, wall)
        for slot in self._slots:
            where = slot.place.where
            if where not in held:
                sources = (*holds, self._doors, *(() if self.storage.due else (self.storage,)))
                held[where] = [one for hold in sources for one in hold(where, wall)]
            self._collect(slot)
            self._tending.look_after(slot, now)
            self._tending.make_room(slot, now, held[where])
            ready = claiming and not slot.batch and now >= slot.not_before and slot.place.hosts not in dry
            if ready and not self._fill(slot, held[where], now):
                dry.add(slot.place.hosts)
        if self.storage.due and not self.rendering:
            self.storage.fine()  # nobody tries any more

    @property
    def rendering(self) -> int:
        """How many shots are claimed and not yet answered."""
        return sum(len(slot.batch or ()) for slot in self._slots)

    @property
    def buying(self) -> bool:
        """Whether somebody is being asked who charges for the answer."""
        return any(fit.quote for slot in self._slots for fit in (slot.batch or {}).values())

    def providers_at(self) -> dict[Where, frozenset[str]]:
        """Which providers are hosted where."""
        at: dict[Where, frozenset[str]] = {}
        for place in (slot.place for slot in self._slots):
            at[place.where] = at.get(place.where, frozenset()) | place.hosts
        return at

    @property
    def closed(self) -> Closures:
        """Whom nobody asks for a while."""
        return self._doors.closures

    @property
    def doors(self) -> Doors:
        """What providers have said; a hold of what waits for those who are closed, or want to be left alone."""
        return self._doors

    @property
    def eager(self) -> bool:
        """Whether there is more to do at once: shots that may have to go to another provider."""
        return self._passing.eager or self._purse.eager

    def next_at(self) -> float:
        """When somebody who was resting may be asked again: monotonic seconds."""
        return self._wake_at

    def on_card(self) -> list[Slot]:
        """The places at graphics cards."""
        return [slot for slot in self._slots if slot.place.where == "gpu"]

    def lanes(self) -> list[Lane]:
        """The lanes that are up."""
        return [slot.lane for slot in self._slots if slot.lane]

    def retry(self, job: str) -> int:
        """Plan an open job's pictures anew that failed: from the start of their chain, with as many starts as any.
        Return how many there are that somebody can do.
        """
        wall, retries = self._clock.wall(), self._ledger.retries
        return sum(self._all_anew(retries.failed(one), wall) for one in retries.lacking(job))

    def _all_anew(self, tries: Sequence[Row], wall: float) -> bool:
        """Whether somebody can do any of a picture's tries."""
        again = [self._anew(row, wall) for row in tries]
        return any(again)

    def _anew(self, row: Row, wall: float) -> bool:
        placed = self.chains.place(replace(unmarked(shot_of(row)), chain_pos=0, solo=False))
        if placed.fit is not None:
            self._ledger.retries.again(row["id"], placed.shot.chain_pos, placed.fit.stack, placed.degraded, wall,
                                       placed.passed)  # fmt: skip
        return placed.fit is not None

    def redeem(self) -> None:
        """After a start: what was paid for and had come, whole, is recorded as if it came now. Raises StorageFull,
        StorageLost.
        """
        for bought in purchases(self._ledger):
            place = next((slot.place for slot in self._slots if bought.provider in slot.place.hosts), None)
            if place is not None:
                slot = Slot(place, token=bought.token, batch=bought.fits, began=self._clock.monotonic())
                slot.outcomes.extend(self._answers(place, bought.provider, slot.token))
                self._collect(slot)

    def rehome(self) -> None:
        """Shots of providers that are no longer configured go on along their chain, or fail at its end."""
        for row in self._ledger.shots.homeless(self.chains.providers):
            self._fit(shot_of(row), self._clock.wall())

    # -- stopping and cancelling -------------------------------------------------------------------------------

    def cancel(self, shots: Sequence[int]) -> None:
        """Ask the lanes to stop these shots at their next step."""
        for lane in self.lanes():
            lane.cancel(frozenset(shots))

    def interrupt(self) -> None:
        """Ask the lanes to stop everything at the next step; what stops is planned again, not cancelled."""
        self.cancel([shot for slot in self._slots for shot in slot.batch or ()])

    def renew(self, places: Sequence[Place]) -> None:
        """The same places with other settings: lanes that are up are replaced as soon as they have nothing in hand."""
        by_name = {place.name: place for place in places}
        for slot in self._slots:
            slot.place = by_name.get(slot.place.name, slot.place)  # a card may have gone meanwhile
            slot.worn = "settings" if slot.lane else ""

    def close(self, deadline: float) -> None:
        """End every lane by `deadline` (monotonic seconds) and take back the claims that are left."""
        for lane in self.lanes():  # all of them, before anything is written that may fail
            lane.close(deadline)
        for slot in self._slots:
            if slot.lane:
                self._collect(slot, closing=True)
                slot.fresh()

    # -- outcomes ----------------------------------------------------------------------------------------------

    def _collect(self, slot: Slot, closing: bool = False) -> None:
        for event, stack in slot.lane.news() if slot.lane else ():
            self._log.info(event, lane=slot.place.name, stack=stack)
        slot.outcomes.extend(slot.lane.take() if slot.lane else ())
        while slot.outcomes:  # one that the ledger can't take now stays first in line
            fit = (slot.batch or {}).get(slot.outcomes[0].shot)
            if fit is not None:
                outcome = self._rescued(slot, fit, slot.outcomes[0])
                self._doors.heard(fit, outcome, slot.began)
                self._record(slot, fit, outcome, closing)
                (slot.batch or {}).pop(fit.shot.id)
            slot.outcomes.popleft()
        if closing and slot.batch:
            for shot in slot.batch:
                self._ledger.claims.give_back(shot, slot.token, self._clock.wall())
            slot.batch = {}
        if slot.batch is not None and not slot.batch:
            self._sweep(slot.token)
            slot.batch = None
            weigh(slot, self.rules.recycle_after)

    def _answers(self, place: Place, provider: str, token: str) -> Sequence[Outcome]:
        return answers(place.providers[provider], self._spool / token, self._log, self._hide)

    def _rescued(self, slot: Slot, fit: Fit, outcome: Outcome) -> Outcome:
        """Where a lane died: the answer that was paid for and that it did not live to hand over, if it is there."""
        if not fit.quote or not isinstance(outcome.error, LaneDied):
            return outcome
        found = self._answers(slot.place, fit.provider, slot.token)
        return next((one for one in found if one.shot == outcome.shot), outcome)

    def _record(self, slot: Slot, fit: Fit, outcome: Outcome, closing: bool) -> None:
        wall, shot, provider, token = self._clock.wall(), outcome.shot, fit.provider, slot.token
        where = {"shot": shot, "job": fit.shot.job, "provider": provider, "seconds": round(outcome.seconds, 3)}
        if outcome.error is None and outcome.file is not None:
            if self._ledger.claims.rendered(outcome, token, raw_path(token, outcome.file), wall):
                self._log.info("shot.rendered", **where)
                slot.deaths, slot.made = 0, slot.made + 1
                self.storage.fine()
                self._purse.settled(fit, outcome)
            return
        error = outcome.error or LaneDied("no_picture")
        if "traceback" in outcome.facts:
            self._log.error("bug", traceback=outcome.facts["traceback"], **where)
        if self._stopped(fit.shot, error, closing):
            self._ledger.claims.give_back(shot, token, wall, outcome)
            return
        then = self._after(fit.shot, error, provider, wall, outcome.cost is None)
        asked = self.rephraser.instead(fit.shot, error, then, wall) if self.rephraser else None
        then, stack = (asked, fit.stack) if asked else self.chains.follow(fit.shot, then)
        with self._ledger.atomic():
            mine = self._ledger.claims.missed(replace(outcome, error=error), token, then, stack, wall)
            if mine and asked and self.rephraser:
                self.rephraser.want(fit.shot, str(error))
        if mine:
            self._tell(then, error, where)
            self._purse.settled(fit, outcome)

    def _stopped(self, shot: Shot, error: Exception, closing: bool) -> bool:
        """Whether it ended because we are stopping, not because of itself or its author."""
        if closing and isinstance(error, LaneDied):
            return True
        return isinstance(error, Cancelled) and not self._ledger.jobs.get(shot.job)["cancelled"]

    def _after(self, shot: Shot, error: Exception, provider: str, wall: float, maybe: bool) -> Next:
        row = self._ledger.shots.get(shot.id)
        if isinstance(error, StorageFull | StorageLost):
            self.storage.failed(error, shot=shot.id)
        if isinstance(error, LaneDied) and row["starts"] >= self.rules.starts:
            return Next("fail", shot.chain_pos, 0.0, False, True, "quarantined")
        if row["state"] == "rendering" and self._ledger.jobs.get(shot.job)["cancelled"]:
            return Next("cancel", shot.chain_pos, 0.0, False, False, "cancelled")
        # The attempt that just failed is not in the ledger as failed yet, so it is added here.
        past = [*self._ledger.shots.errors(shot.id), Attempted(provider, type(error).__name__, maybe)]
        return route(shot_of(row), past, self.chains.looks(), error, wall)

    def _tell(self, then: Next, error: Exception, where: Mapping[str, object]) -> None:
        event = {"requeue": "shot.requeued", "fail": "shot.failed", "cancel": "shot.failed"}[then.action]
        event = "shot.quarantined" if then.reason == "quarantined" else event
        self._log.info(event, reason=str(error), error=type(error).__name__, **where)

    def _sweep(self, token: str) -> None:
        """A batch has ended: whatever of its files nobody needs is litter."""
        needed = self._ledger.shots.raw_paths()
        sweep_spool(self._spool / token, needed)

    # -- claiming ----------------------------------------------------------------------------------------------

    def _fill(self, slot: Slot, held: Sequence[Held], now: float) -> bool:
        """Give a place something to do; False = there is nothing that it or a sibling could begin now."""
        wall, hosted = self._clock.wall(), self._open(slot, now)
        others = [one for one in self._slots if one is not slot and one.place.hosts == slot.place.hosts]
        found = self._ledger.claims.candidates(hosted, wall, self.rules.lookahead, held) if hosted else []
        found = [one for one in found if not self._awaited(one, others)]
        chosen = choose(found, slot.stack, hosted.__getitem__, wall, self.rules.starve_after, _stacks(slot, others))
        if not chosen:
            return False
        if slot.lane is None:
            if len(found) <= sum(one.free for one in others):
                return True  # those that are up already, or about to be, can take them all
            slot.lane = slot.place.start()
            self._log.info("lane.started", lane=slot.place.name)
        if slot.lane.progress().state == "idle":
            self._start(slot, chosen, wall)
            if slot.batch:
                slot.began = now
                self._doors.rates.begun(chosen[0].provider, len(slot.batch), now)
        return True

    def _open(self, slot: Slot, now: float) -> dict[str, int]:
        """Whom of those it hosts we may ask now, and for how many pictures at once."""
        rooms = {name: self._doors.rates.room(name, now) for name in slot.place.providers}
        resting = (self._doors.rates.free_at(name) for name, room in rooms.items() if not room)
        self._wake_at = min(self._wake_at, *resting, math.inf)
        return {name: min(room, slot.place.providers[name].batch) for name, room in rooms.items() if room}

    def _awaited(self, one: Candidate, others: Sequence[Slot]) -> bool:
        """Whether the same words are with a service already that nobody knows to take them: a refusal is for all."""
        prompt = one.shot.prompt
        return any(
            fit.shot.prompt == prompt and fit.provider == one.provider
            for other in others if other.place.where == "net" for fit in (other.batch or {}).values()
        ) and not self._doors.wordings.judged(one.provider, prompt)  # fmt: skip

    def _start(self, slot: Slot, chosen: Sequence[Candidate], wall: float) -> None:
        fits = [fit for one in chosen if (fit := self._fit(one.shot, wall)) is not None]
        token = self._tokens()
        folder = self._spool / token
        try:
            make_folders(folder)
        except (StorageFull, StorageLost) as error:
            self.storage.failed(error)
            return
        try:
            batch = self._ledger.claims.claim(fits, token, wall)
            self._purse.turned_away(fit for fit in fits if fit not in batch)
        except (StorageFull, StorageLost):
            sweep_spool(folder, set())
            raise
        slot.token, slot.batch = token, {fit.shot.id: fit for fit in batch}
        if batch and slot.lane and slot.lane.offer(batch, folder, self._ahead(slot, batch[0])):
            slot.released = False
            for fit in batch:
                self._log.info("shot.claimed", shot=fit.shot.id, job=fit.shot.job, provider=fit.provider)
            return
        not_begun = Cancelled("cancelled")  # by nobody: each claim is given back
        slot.outcomes.extend(Outcome(shot=fit.shot.id, seconds=0.0, error=not_begun) for fit in batch)
        self._collect(slot)

    def _ahead(self, slot: Slot, fit: Fit) -> int:
        """How many more of its stack wait; only a card's models do anything with it."""
        return self._ledger.queue.ahead(fit.provider, fit.stack, AHEAD) if slot.place.where == "gpu" else 0

    def _fit(self, shot: Shot, wall: float) -> Fit | None:
        """What its provider would do now; None where it can't any more: then the shot has moved on, or waits."""
        placed = self.chains.place(shot)
        if placed.fit is not None and placed.shot.chain_pos == shot.chain_pos and not placed.not_before:
            if placed.refused and self.rephraser:
                self.rephraser.want(shot, placed.refused)
            return None if placed.waits or placed.refused else placed.fit
        then = Next(
            "requeue" if placed.fit else "fail", placed.shot.chain_pos, placed.not_before, placed.degraded, False,
            placed.reason or "", placed.passed,
        )  # fmt: skip
        self._ledger.claims.moved(shot.id, then, placed.fit.stack if placed.fit else "", wall)
        return None


def _stacks(slot: Slot, others: Sequence[Slot]) -> list[str | None]:
    """What the lanes beside it have warm or in hand; at the network nothing is loaded, so nobody makes way there."""
    return [] if slot.place.where == "net" else [one.stack for one in others]
