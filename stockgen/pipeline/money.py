"""What can't be afforded now: it waits under a hold, goes on to somebody free, or ends with its reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from stockgen.domain.protocols import Fit, Held, Micros, Next, Outcome, Shot
from stockgen.domain.times import local, moment_of
from stockgen.domain.words import Place, Remark
from stockgen.ledger.spend import MICROS, Limit
from stockgen.pipeline.chain import Chains, Placed
from stockgen.pipeline.costs import amount
from stockgen.pipeline.workshop import Workshop

SWEEP = 5.0  # seconds between two looks for pictures that need not wait for money
AHEAD = 500  # pictures of a provider that one look reads
FAR = 400 * 86_400.0  # seconds; no job waits for longer than that to begin
WARNED = "money.warned"  # facts that survive a restart: of which period, and which cap, people were told


class Purse:
    """A `Hold` at the network. What it knows of refusals is computed anew after a restart; sums are the ledger's.

    `say`: a remark as a sentence. A reload replaces `warn_at` and `krw_per_usd`, and the ledger's caps.
    """

    def __init__(self, work: Workshop, say: Callable[[Remark], str], warn_at: float, krw_per_usd: float) -> None:
        self.warn_at, self.krw_per_usd = warn_at, krw_per_usd
        self._ledger, self._spend, self._clock, self._log = work.ledger, work.ledger.spend, work.clock, work.log
        self._say = say
        self._refused: dict[str, Micros] = {}  # provider → the smallest quote that a day or month could not take
        self._jobs: dict[tuple[str, str], Micros] = {}  # (job, provider) → the same of a job, while that may change
        self._turned: dict[int, Fit] = {}  # what a claim has left, by shot
        self._due = -math.inf  # monotonic seconds of the next sweep
        self._seen: tuple[object, ...] = ()  # at what nothing had changed since the last look

    # -- one turn ----------------------------------------------------------------------------------------------

    def step(self, chains: Chains, now: float) -> None:
        """Forget what can be afforded again, send on who need not wait, warn. `now` wall seconds."""
        for shot, fit in list(self._turned.items()):
            self._judge(fit, chains, now)
            del self._turned[shot]
        self._look(now)
        if self._refused and self._clock.monotonic() >= self._due:
            self._due = self._clock.monotonic() + SWEEP
            moved = [self._sent_on(one.shot, chains, now) for name in self._refused
                     for one in self._ledger.claims.candidates([name], now, AHEAD, ())]  # fmt: skip
            if any(moved):
                self._due = -math.inf  # there may be more

    def turned_away(self, fits: Iterable[Fit]) -> None:
        """These were not claimed. What becomes of those that nobody could pay for is written at the next step: a claim
        that has been made must reach its lane first, whatever the disk does.
        """
        self._turned |= {fit.shot.id: fit for fit in fits if fit.quote}

    @property
    def eager(self) -> bool:
        """Whether a step has something to do at once."""
        return bool(self._turned)

    def _judge(self, fit: Fit, chains: Chains, now: float) -> None:
        """Whoever can't be paid for waits, or moves on."""
        lacks = self._spend.room(now, fit.shot.job).lacks(fit.quote)
        if not lacks or self._ledger.shots.get(fit.shot.id)["state"] != "planned":
            return
        if self._spend.caps.nothing or ("job" not in lacks and not self._never(fit.quote)):
            self._refused[fit.provider] = min(fit.quote, self._refused.get(fit.provider, fit.quote))
            self._due = -math.inf
        elif "job" in lacks and self._spend.pending(fit.shot.job):
            key = fit.shot.job, fit.provider
            self._jobs[key] = min(fit.quote, self._jobs.get(key, fit.quote))
        else:
            self._past(fit, chains, now)

    def settled(self, fit: Fit, outcome: Outcome) -> None:
        """An attempt has ended: whoever charges more than was promised is named."""
        if (outcome.cost or 0) > fit.quote:
            self._log.warning(
                "money.above_quote", shot=fit.shot.id, job=fit.shot.job, provider=fit.provider, model=fit.model,
                cost_usd=(outcome.cost or 0) / MICROS, quote_usd=fit.quote / MICROS,
            )  # fmt: skip

    # -- holding -----------------------------------------------------------------------------------------------

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """Providers that can't be paid until a day or a month ends, and jobs whose last money is in hand."""
        if place != "net":
            return ()
        self._look(now)
        return [*self._until(now), *(
            Held(hold="money", reason=self._say(Remark("money.job")), jobs=frozenset({job}),
                 providers=frozenset({provider}))
            for job, provider in self._jobs
        )]  # fmt: skip

    def _until(self, now: float) -> list[Held]:
        room, held = self._spend.room(now), dict[str, set[str]]()
        for provider, quote in self._refused.items():
            held.setdefault(self._limit(room.lacks(quote)), set()).add(provider)
        caps = {"month": self._spend.caps.month, "day": self._spend.caps.day, "none": 0}
        return [
            Held(
                hold="money", providers=frozenset(providers), until=self._end(limit, now),
                reason=self._say(Remark(f"money.{limit}", facts={"cap": amount(caps[limit] or 0, self.krw_per_usd)})),
            )
            for limit, providers in held.items()
        ]  # fmt: skip

    def _limit(self, lacks: frozenset[Limit]) -> str:
        return "none" if self._spend.caps.nothing else "month" if "month" in lacks else "day"

    def _end(self, limit: str, now: float) -> float | None:
        """When the day or the month ends; None = only a new cap ends it."""
        if limit == "none":
            return None
        here = local(now, self._spend.timezone)
        nxt = here.date() + timedelta(days=1) if limit == "day" else _next_month(here)
        return moment_of(nxt, time(), self._spend.timezone)

    def _look(self, now: float) -> None:
        """Take note of what has changed: what was spent or released, the day, the caps."""
        seen = self._ledger.changes, self._spend.day_of(now), self._spend.caps, self.warn_at
        if seen == self._seen:
            return
        self._seen = seen
        if self._refused:
            room = self._spend.room(now)
            self._refused = {
                name: quote for name, quote in self._refused.items()
                if room.lacks(quote) and self._ledger.queue.free([name], (), now + FAR)
            }  # fmt: skip
        self._jobs = {
            (job, provider): quote for (job, provider), quote in self._jobs.items()
            if self._spend.pending(job) and "job" in self._spend.room(now, job).lacks(quote)
        }  # fmt: skip
        self._warn(now)

    # -- going on ----------------------------------------------------------------------------------------------

    def _never(self, quote: Micros) -> bool:
        """Whether no day and no month could ever take it."""
        caps = self._spend.caps
        return any(cap is not None and quote > cap for cap in (caps.month, caps.day))

    def _sent_on(self, shot: Shot, chains: Chains, now: float) -> bool:
        """A picture that somebody free of the same look can make need not wait for money."""
        placed = _beyond(shot, chains, lambda fit: not fit.quote and not _degraded(shot, fit.provider, chains))
        if placed is None or placed.waits:
            return False
        self._move(shot, placed, "no_money" if self._spend.caps.nothing else "money_cap", chains, now)
        return True

    def _past(self, fit: Fit, chains: Chains, now: float) -> None:
        """Nobody will ever pay for it: whoever costs nothing, or little enough, is next; else it ends here."""
        why = "picture_cap" if self._never(fit.quote) else self._spend.bound_of(fit.shot.job)
        room = self._spend.room(now, fit.shot.job)
        placed = _beyond(
            fit.shot, chains, lambda one: "job" not in room.lacks(one.quote) and not self._never(one.quote)
        )
        if placed is not None:
            self._move(fit.shot, placed, why, chains, now)
            return
        end = Next("fail", fit.shot.chain_pos, 0.0, False, False, why)
        self._ledger.claims.moved(fit.shot.id, end, "", now)
        self._log.info("shot.failed", shot=fit.shot.id, job=fit.shot.job, provider=fit.provider, reason=why)

    def _move(self, shot: Shot, placed: Placed, why: str, chains: Chains, now: float) -> None:
        if placed.fit is None:
            return
        to, before = placed.fit.provider, shot.chain[shot.chain_pos]
        passed = {before: why, **placed.passed}
        then = Next(
            "requeue", placed.shot.chain_pos, placed.not_before, _degraded(shot, to, chains), False, why, passed
        )
        with self._ledger.atomic():
            self._ledger.claims.moved(shot.id, then, placed.fit.stack, now)
            facts = {"provider": before, "to": to, "why": Remark(f"reason.{why}")}
            self._ledger.jobs.tell_once(shot.job, Remark("money.moved", facts=facts))
        self._log.info("shot.requeued", shot=shot.id, job=shot.job, provider=before, to=to, reason=why)

    # -- warning -----------------------------------------------------------------------------------------------

    def _warn(self, now: float) -> None:
        """Tell once of each month and day that most of its cap is gone; of a cap that was raised since, once more."""
        day, caps = self._spend.day_of(now), self._spend.caps
        for limit, period, cap in (("month", day[:7], caps.month), ("day", day, caps.day)):
            if not cap:
                continue
            spent = self._spend.month(day) if limit == "month" else self._spend.day(day)
            key, mark = f"{WARNED}.{limit}", f"{period} {cap}"
            if spent >= self.warn_at * cap and self._ledger.noted(key) != mark:
                self._ledger.note(key, mark)
                self._log.warning("money.warned", period=period, spent_usd=spent / MICROS, cap_usd=cap / MICROS)


def _beyond(shot: Shot, chains: Chains, good: Callable[[Fit], bool]) -> Placed | None:
    """The first provider behind the one whose turn it is that can do a shot, and is good enough; None = nobody."""
    while shot.chain_pos + 1 < len(shot.chain):
        placed = chains.place(replace(shot, chain_pos=shot.chain_pos + 1))
        if placed.fit is None:
            return None
        if good(placed.fit):
            return placed
        shot = placed.shot
    return None


def _degraded(shot: Shot, provider: str, chains: Chains) -> bool:
    """Whether a provider draws in another look than the first of the chain was to."""
    looks = chains.looks()
    first = looks.get(shot.chain[0])
    return first is not None and looks.get(provider) != first


def _next_month(here: datetime) -> date:
    return (here.date().replace(day=1) + timedelta(days=32)).replace(day=1)
