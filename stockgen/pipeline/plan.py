"""Orders → ideas → shots, committed one idea at a time: a planning that is killed goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from stockgen.data.market import Market
from stockgen.data.sizes import smallest, target
from stockgen.domain.protocols import Clock, Mode, Shot
from stockgen.domain.words import Idea, Order, Remark
from stockgen.ledger import Ledger
from stockgen.ledger.shots import Planned
from stockgen.logs import Logger
from stockgen.pipeline.chain import Chains

SLICE = 0.02  # seconds of planning per turn of the loop, so that nothing else waits for a large job
SEEDS = 2**32
RANKS = {"schedule": 1}  # everything else was asked for by a person now


@dataclass
class _Planning:
    """One job that is being planned."""

    job: Mapping[str, Any]
    orders: list[Order]
    ideas: Iterator[tuple[int, int, Idea]]
    known: int  # ideas that an earlier, killed planning left in the ledger
    told: dict[str, Remark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobPlanned:
    """A job whose planning is complete, and what its author is told beyond the acceptance."""

    job: str
    told: tuple[Remark, ...]


class Planner:
    """Plans accepted jobs, one after the other."""

    def __init__(self, ledger: Ledger, modes: Mapping[str, Mode], chains: Chains, markets: Mapping[str, Market],
                 clock: Clock, log: Logger) -> None:  # fmt: skip
        self._ledger = ledger
        self.modes = modes
        self.chains = chains
        self._markets = markets
        self._clock = clock
        self._log = log
        self._now: _Planning | None = None

    def step(self, now: float) -> list[JobPlanned]:
        """Plan for a slice of time; return the jobs that were completed. `now` monotonic seconds."""
        done: list[JobPlanned] = []
        until = now + SLICE
        while self._clock.monotonic() < until:
            current = self._now or self._begin()
            if current is None:
                break
            self._now = current
            if not self._advance(current):
                done.append(self._finish(current))
                self._now = None
        return done

    @property
    def busy(self) -> bool:
        """Whether there is a job to plan."""
        return self._now is not None or bool(self._ledger.jobs.unplanned())

    def forget(self, job: str) -> None:
        """A job was cancelled: stop planning it."""
        if self._now and self._now.job["id"] == job:
            self._now = None

    def _begin(self) -> _Planning | None:
        waiting = self._ledger.jobs.unplanned()
        if not waiting:
            return None
        job = self._ledger.jobs.get(waiting[0])
        orders = [] if job["cancelled"] else self._ledger.jobs.orders(job["id"])
        known = self._ledger.jobs.ideas_planned(job["id"])
        return _Planning(job, orders, self._ideas(job["id"], orders), known)

    def _ideas(self, job: str, orders: list[Order]) -> Iterator[tuple[int, int, Idea]]:
        """(position, order, idea) for the whole job. The randomness is the job's own, so a second run is the same."""
        position = 0
        for index, order in enumerate(orders):
            look = self.chains.first_look(order.model)
            for idea in self.modes[order.mode](order, look, order.count, Random(f"{job}/{index}")):
                yield position, index, idea
                position += 1

    def _advance(self, planning: _Planning) -> bool:
        """Commit the next idea that is not in the ledger yet; False = there is none."""
        for position, index, idea in planning.ideas:
            if position >= planning.known:
                self._commit(planning, position, index, idea)
                return True
        return False

    def _commit(self, planning: _Planning, position: int, index: int, idea: Idea) -> None:
        job, order, wall = planning.job, planning.orders[index], self._clock.wall()
        within = position - sum(one.count for one in planning.orders[:index])
        with self._ledger.atomic():
            number = self._ledger.jobs.add_idea(job["id"], position, index, order.mode, idea, wall)
            shot = self._shot(planning, order, index, within)
            placed = self.chains.place(replace(shot, idea=number, prompt=idea.prompt))
            planned = Planned(
                shot=placed.shot, position=position, stack=placed.fit.stack if placed.fit else "",
                priority=job["priority"], rank=RANKS.get(job["kind"], 0), degraded=placed.degraded,
                reason=placed.reason,
            )  # fmt: skip
            self._ledger.shots.add(planned, wall)
        for key, why in (placed.fit.dropped if placed.fit else {}).items():
            planning.told[key] = Remark("plan.dropped", facts={"key": key, "why": Remark(why)})

    def _shot(self, planning: _Planning, order: Order, index: int, within: int) -> Shot:
        """The `within`-th picture of an order, still without its idea."""
        job = planning.job["id"]
        chain, left_out = self.chains.resolve(order.model)
        for name in left_out:
            planning.told[name] = Remark("plan.left_out", facts={"provider": name})
        width, height = final_size(order, self._markets)
        if order.size.width and (order.size.width, order.size.height) != (width, height):
            told = {"asked": f"{order.size.width}x{order.size.height}", "made": f"{width}x{height}"}
            planning.told["size"] = Remark("plan.enlarged", order.line, told)
        seed = order.seed if order.seed is not None else Random(f"{job}/{index}/seed").randrange(SEEDS)
        wish = {key: value for key in _WISHES if (value := getattr(order, key)) not in ("", None)}
        return Shot(
            id=0, job=job, idea=0, prompt="", seed=(seed + within) % SEEDS, width=width, height=height, wish=wish,
            chain=chain or order.model,
        )  # fmt: skip

    def _finish(self, planning: _Planning) -> JobPlanned:
        job = planning.job["id"]
        told = tuple(planning.told.values())
        self._ledger.jobs.planned(job, told)
        self._log.info("job.planned", job=job, pictures=self._ledger.jobs.ideas_planned(job))
        return JobPlanned(job, told)


def final_size(order: Order, markets: Mapping[str, Market]) -> tuple[int, int]:
    """Width and height in pixels of an order's finished pictures: what was asked for, enlarged where a market of the
    order would refuse it as too small. Raises JobFileError where its markets exclude each other.
    """
    wanted = [markets[name] for name in order.markets]
    width, height = target(order.size, order.kind, wanted)
    if all(market.pixels.take(width, height) for market in wanted):
        return width, height
    return smallest(wanted, width / height)


_WISHES = ("negative_prompt", "steps", "guidance", "style")
