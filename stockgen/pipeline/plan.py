"""Orders → ideas → shots, committed one idea at a time: a planning that is killed goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from stockgen.data.market import Market
from stockgen.data.sizes import smallest, target
from stockgen.domain.errors import JobFileError
from stockgen.domain.protocols import Mode, Shot
from stockgen.domain.words import Idea, Order, Remark
from stockgen.ledger.shots import Planned
from stockgen.pipeline import disk
from stockgen.pipeline.chain import Chains, Placed
from stockgen.pipeline.motifs import place, takes
from stockgen.pipeline.workshop import Workshop

SLICE = 0.02  # seconds of planning per turn of the loop, so that nothing else waits for a large job
SEEDS = 2**32
RETRY = "retry"  # the kind of a job that makes what another one lacks
RANKS = {"schedule": 1}  # everything else was asked for by a person now


@dataclass
class _Planning:
    """One job that is being planned."""

    job: Mapping[str, Any]
    orders: list[Order]
    ideas: Iterator[tuple[int, int, Idea]]
    known: int  # ideas that an earlier, killed planning left in the ledger
    position: int = 0  # of the next idea
    told: dict[str, Remark] = field(default_factory=dict)

    def tell(self, code: str, line: int | None = None, **facts: Any) -> None:
        """Say something once, however many pictures it is true of."""
        self.told.setdefault(f"{code} {facts}", Remark(code, line, facts))


@dataclass(frozen=True, slots=True)
class JobPlanned:
    """A job whose planning is complete, and what its author is told beyond the acceptance."""

    job: str
    told: tuple[Remark, ...]


class Planner:
    """Plans accepted jobs, one after the other."""

    def __init__(
        self, work: Workshop, modes: Mapping[str, Mode], chains: Chains, markets: Mapping[str, Market], reserve: int = 0
    ) -> None:
        self._ledger, self._clock, self._log = work.ledger, work.clock, work.log
        self.modes = modes
        self.chains = chains
        self._markets = markets
        self._outbox = work.places.outbox
        self.reserve = reserve  # bytes of the disk that stay free
        self._now: _Planning | None = None

    def step(self, now: float) -> list[JobPlanned]:
        """Plan for a slice of time; return the jobs that were completed. `now` monotonic seconds."""
        done: list[JobPlanned] = []
        until = self._clock.monotonic() + SLICE  # not from `now`: intake may have had its own slice before
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

    def start_over(self) -> None:
        """The ledger failed: what is planned now is looked up in it again."""
        self._now = None

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
        retry = job["kind"] == RETRY
        planning = _Planning(job, orders, iter(()), known)
        planning.ideas = self._lacking(job["parent_id"], orders) if retry else self._ideas(planning)
        if not retry:  # its orders are those of the whole job
            self._estimate(planning)
        return planning

    def _lacking(self, parent: str, orders: list[Order]) -> Iterator[tuple[int, int, Idea]]:
        """As `_ideas`: those that a closed job has no picture of. A seed that somebody chose stays with its idea."""
        for number, shot in enumerate(self._ledger.retries.lacking(parent) if orders else ()):
            idea, index = self._ledger.jobs.idea(shot["idea_id"])
            chosen = orders[index].seed
            yield index, number if chosen is None else (shot["seed"] - chosen) % SEEDS, idea

    def _estimate(self, planning: _Planning) -> None:
        """Tell where the pictures will not fit on the disk; they are begun all the same, while the reserve is left."""
        sizes = [(order.count, *final_size(order, self._markets)) for order in planning.orders]
        pixels = sum(count * width * height for count, width, height in sizes)
        wanted = disk.needed(pixels, sum(count for count, _, _ in sizes), self._ledger.assets.bytes_per_pixel())
        remark = disk.told(wanted, self._outbox, self.reserve)
        if remark is not None:
            planning.told[remark.code] = remark

    def _ideas(self, planning: _Planning) -> Iterator[tuple[int, int, Idea]]:
        """(order, number within it, idea) for the whole job; its own randomness makes a second run the same.

        An order that was accepted may make nothing now: a list that it names is gone, or a word of `my/`. That is told.
        """
        for index, order in enumerate(planning.orders):
            look = self.chains.first_look(order.model)
            within = -1
            try:
                ideas = self.modes[order.mode](order, look, order.count, Random(f"{planning.job['id']}/{index}"))
                for within, idea in enumerate(ideas):
                    yield index, within, idea
            except JobFileError as error:
                for remark in error.remarks:
                    planning.tell(remark.code, order.line, **remark.facts)
            else:
                if within < 0 < order.count:
                    planning.tell("job_file.untranslated", order.line, found=order.prompt or order.subject)

    def _advance(self, planning: _Planning) -> bool:
        """Commit the next idea unless the ledger has it already; False = there is none."""
        for index, within, idea in planning.ideas:
            placed = self._placed(planning, index, within, idea)
            if planning.position >= planning.known:
                self._commit(planning, index, idea, placed)
            planning.position += 1
            return True
        return False

    def _placed(self, planning: _Planning, index: int, within: int, idea: Idea) -> Placed:
        """The shot with its provider; what can't be honoured is told, also where a killed planning had got this far."""
        shot = self._shot(planning, planning.orders[index], index, within)
        placed = self.chains.place(replace(shot, prompt=idea.prompt))
        if placed.fit is None:
            planning.tell("plan.unfit", kind=planning.orders[index].kind)
        for key, why in (placed.fit.dropped if placed.fit else {}).items():
            planning.tell("plan.in_part" if key == "prompt" else "plan.dropped", key=key, why=Remark(why))
        return placed

    def _commit(self, planning: _Planning, index: int, idea: Idea, placed: Placed) -> None:
        job, position, wall = planning.job, planning.position, self._clock.wall()
        with self._ledger.atomic():
            number = self._ledger.jobs.add_idea(job["id"], position, index, planning.orders[index].mode, idea, wall)
            place(self._ledger, number, idea.prompt, idea.root, idea.title["en"], wall)
            planned = Planned(
                shot=replace(placed.shot, idea=number), position=position,
                stack=placed.fit.stack if placed.fit else "", priority=job["priority"],
                rank=RANKS.get(job["kind"], 0), degraded=placed.degraded, reason=placed.reason,
                not_before=job["not_before"],
            )  # fmt: skip
            self._ledger.shots.add(planned, wall)

    def _shot(self, planning: _Planning, order: Order, index: int, within: int) -> Shot:
        """The `within`-th picture of an order, still without its idea."""
        job = planning.job["id"]
        resolved = self.chains.resolve(order.model)
        for why, names in resolved.reasons():
            planning.tell("plan.left_out", provider=names, why=why)
        width, height = final_size(order, self._markets)
        if order.size.width and (order.size.width, order.size.height) != (width, height):
            asked = f"{order.size.width}x{order.size.height}"
            planning.tell("plan.enlarged", order.line, asked=asked, made=f"{width}x{height}")
        seed = order.seed if order.seed is not None else Random(f"{job}/{index}/seed").randrange(SEEDS)
        wish = {key: value for key in _WISHES if (value := getattr(order, key)) not in ("", None)}
        if order.mode == "exact":
            wish["exact"] = True  # sent word for word
        if resolved.models:
            wish["models"] = dict(resolved.models)
        return Shot(
            id=0, job=job, idea=0, prompt="", seed=(seed + within) % SEEDS, width=width, height=height, wish=wish,
            chain=resolved.chain or order.model,
        )  # fmt: skip

    def _finish(self, planning: _Planning) -> JobPlanned:
        job = planning.job["id"]
        self._tell_motifs(planning)
        told = tuple(planning.told.values())
        self._ledger.jobs.planned(job, told)
        self._log.info("job.planned", job=job, pictures=self._ledger.jobs.ideas_planned(job))
        return JobPlanned(job, told)

    def _tell_motifs(self, planning: _Planning) -> None:
        """Where a market takes fewer than there will be, because they are too few motifs."""
        job, taken = planning.job["id"], dict[str, int]()
        rows = self._ledger.motifs.of_job(job)
        for name in dict.fromkeys(name for order in planning.orders for name in order.markets):
            meant = [row for row in rows if name in planning.orders[row["order_index"]].markets]
            room = takes(meant, self._ledger.baskets.given(name), self._markets[name].per_motif)
            if room < sum(row["n"] for row in meant):
                taken[name] = room
        if taken:
            pictures, motifs = sum(row["n"] for row in rows), len({row["motif_id"] for row in rows})
            planning.tell("plan.motifs", pictures=pictures, motifs=motifs,
                          takes=[f"{name} {room}" for name, room in taken.items()])  # fmt: skip


def final_size(order: Order, markets: Mapping[str, Market]) -> tuple[int, int]:
    """Width and height in pixels of an order's finished pictures: what was asked for, enlarged where a market of the
    order would refuse it as too small. Raises JobFileError where its markets exclude each other.
    """
    wanted = [markets[name] for name in order.markets if name in markets and order.kind in markets[name].formats]
    width, height = target(order.size, order.kind, wanted)
    if all(market.limits(order.kind).take(width, height) for market in wanted):
        return width, height
    return smallest(wanted, width / height, order.kind)


_WISHES = ("kind", "negative_prompt", "steps", "guidance", "style")
