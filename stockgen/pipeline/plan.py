"""Orders → ideas → shots, committed one idea at a time: a planning that is killed goes on where it was.

What a text model is to write waits apart (`written`), and other jobs are planned meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from stockgen.data.market import Market
from stockgen.domain.errors import Faulty, JobFileError
from stockgen.domain.protocols import Mode, Need, Shot
from stockgen.domain.words import Idea, Look, Order, Remark
from stockgen.ledger.jobs import AWAITED, remarks_of
from stockgen.ledger.shots import Planned
from stockgen.pipeline import disk
from stockgen.pipeline.chain import Chains, Placed, Resolved
from stockgen.pipeline.errand import Errand, Reworded
from stockgen.pipeline.likes.planned import SPARE, keep_picture, new_first
from stockgen.pipeline.motifs import place, takes
from stockgen.pipeline.planning import RANKS, RETRY, JobPlanned, Planning
from stockgen.pipeline.sizing import crop, final_size
from stockgen.pipeline.workshop import Workshop
from stockgen.pipeline.written import Arrival, Scribe

SLICE = 0.02  # seconds of planning per turn of the loop, so that nothing else waits for a large job
SEEDS = 2**32


class Planner:
    """Plans accepted jobs, one after the other. `scribe`: None = no text model is asked."""

    def __init__(self, work: Workshop, modes: Mapping[str, Mode], chains: Chains, markets: Mapping[str, Market],
                 reserve: int = 0, scribe: Scribe | None = None) -> None:  # fmt: skip
        self._ledger, self._clock, self._log = work.ledger, work.clock, work.log
        self.modes = modes
        self.chains = chains
        self._markets = markets
        self._places = work.places
        self.reserve = reserve  # bytes of the disk that stay free
        self.scribe = scribe
        self._now: Planning | None = None
        self._back: list[Planning] = []  # those whose errand has ended

    def step(self, now: float) -> list[JobPlanned]:
        """Plan for a slice of time; return the jobs that were completed, and those whose words are in English since.
        `now` monotonic seconds.
        """
        done: list[JobPlanned] = []
        if self.scribe:
            done += self._receive(self.scribe.take(now))
        until = self._clock.monotonic() + SLICE  # not from `now`: intake may have had its own slice before
        while self._clock.monotonic() < until:
            self._now = self._now or self._next()
            if self._now is None:
                break
            current = self._now
            if not self._advance(current):
                self._now = None
                if current.errand and self.scribe:
                    self.scribe.add(current.errand)
                else:
                    done.append(self._finish(current))
        if self.scribe:
            self.scribe.step(now, self.eager)
        return done

    @property
    def eager(self) -> bool:
        """Whether there is a job to plan that waits for nobody."""
        return bool(self._now or self._back or self._ledger.jobs.unplanned(self._apart))

    @property
    def busy(self) -> bool:
        """Whether there is a job to plan that is not held."""
        return self.eager or (self.scribe is not None and self.scribe.busy)

    def start_over(self) -> None:
        """The ledger failed: what is planned now is looked up in it again."""
        self._now, self._back = None, []
        if self.scribe:
            self.scribe.start_over()

    def forget(self, job: str) -> None:
        """A job was cancelled: stop planning it."""
        if self._now and self._now.job["id"] == job:
            self._now = None
        self._back = [one for one in self._back if one.job["id"] != job]
        if self.scribe:
            self.scribe.forget(job)

    @property
    def _apart(self) -> list[str]:
        """Jobs in hand."""
        return [*(str(one.job["id"]) for one in self._back), *(self.scribe.jobs if self.scribe else ())]

    def _next(self) -> Planning | None:
        """The planning that goes on, or is begun, now."""
        return self._back.pop(0) if self._back else self._begin()

    def _begin(self) -> Planning | None:
        waiting = self._ledger.jobs.unplanned(self._apart)
        if not waiting:
            return None
        job = self._ledger.jobs.get(waiting[0])
        orders = [] if job["cancelled"] else self._ledger.jobs.orders(job["id"])
        known = self._ledger.jobs.ideas_planned(job["id"])
        retry = job["kind"] == RETRY
        planning = Planning(job, orders, iter(()), known)
        planning.ideas = self._lacking(job["parent_id"], orders) if retry else self._ideas(planning)
        if not retry:  # its orders are those of the whole job
            for index, order in enumerate(orders):
                keep_picture(self._ledger, self._places, planning, index, self.chains.first_look(order.model))
            self._estimate(planning)
        return planning

    def _lacking(self, parent: str, orders: list[Order]) -> Iterator[tuple[int, int, Idea]]:
        """As `_ideas`: those that a closed job has no picture of. A seed that somebody chose stays with its idea."""
        for number, shot in enumerate(self._ledger.retries.lacking(parent) if orders else ()):
            idea, index = self._ledger.jobs.idea(shot["idea_id"])
            chosen, tries = orders[index].seed, orders[index].best_of
            yield index, number if chosen is None else (shot["seed"] - chosen) % SEEDS // tries, idea

    def _estimate(self, planning: Planning) -> None:
        """Tell where the pictures will not fit on the disk; they are begun all the same, while the reserve is left."""
        sizes = [(order.count, *final_size(order, self._markets)) for order in planning.orders]
        pixels = sum(count * width * height for count, width, height in sizes)
        wanted = disk.needed(pixels, sum(count for count, _, _ in sizes), self._ledger.assets.bytes_per_pixel())
        remark = disk.told(wanted, self._places.outbox, self.reserve)
        if remark is not None:
            planning.told[remark.code] = remark

    def _ideas(self, planning: Planning) -> Iterator[tuple[int, int, Idea] | Errand]:
        """(order, number within it, idea) for the whole job; its own randomness makes a second run the same.

        What a text model writes of an order is asked of it by an errand, and not again after a restart: the rest is.
        """
        for index in range(len(planning.orders)):
            start = self._recalled(planning, index)
            errand = self._errand(planning, index, start)
            if errand is None:
                yield from self._made(planning, index, start)
                continue
            yield errand
            yield from self._rest(planning, errand)

    def _recalled(self, planning: Planning, index: int) -> int:
        """How many ideas of an order the ledger has; what could not be honoured for them is told again."""
        prompts = self._ledger.jobs.prompts(planning.job["id"], index) if planning.known else []
        for within, prompt in enumerate(prompts):
            self._place(planning, index, within, prompt)
        planning.position += len(prompts)
        return len(prompts)

    def _errand(self, planning: Planning, index: int, start: int) -> Errand | None:
        if self.scribe is None or start >= planning.orders[index].count:
            return None
        return self.scribe.errand(planning, index, self.chains.first_look(planning.orders[index].model), start)

    def _rest(self, planning: Planning, errand: Errand) -> Iterator[tuple[int, int, Idea]]:
        """What a text model has not written of its order, made without it as far as that can be; it is told."""
        order, missing, made, error = errand.order, errand.missing, 0, errand.error
        if isinstance(error, Faulty):
            for remark in error.remarks:
                planning.tell(remark.code, order.line, **remark.facts)
            return
        if missing <= 0:
            return
        for made, one in enumerate(self._made(planning, errand.index, errand.done), 1):  # noqa: B007
            yield one
        why = error.remark if error else Remark("plan.no_more_ideas")
        if made and error:
            planning.tell("plan.writer_away", order.line, ideas=made, count=order.count, why=why)
        elif made and errand.thought:
            planning.tell("plan.filled_up", order.line, ideas=made, count=order.count)
        if made < missing:
            planning.tell("plan.written_few", order.line, made=errand.done + made, count=order.count, why=why)

    def _made(self, planning: Planning, index: int, start: int) -> Iterator[tuple[int, int, Idea]]:
        """The ideas of an order that need no text model, from the `start`-th on.

        An order that was accepted may make nothing now: a list that it names is gone, or a word of `my/`. That is told.
        """
        order, within = planning.orders[index], -1
        if order.mode not in self.modes or start >= order.count:
            return
        look = self.chains.first_look(order.model)
        try:
            ideas = self._thought(planning.job["id"], order, look, Random(f"{planning.job['id']}/{index}"))
            for within, idea in enumerate(ideas):
                if within >= start:
                    yield index, within, idea
        except JobFileError as error:
            for remark in error.remarks:
                planning.tell(remark.code, order.line, **remark.facts)
        else:
            if within < 0 < order.count:
                about = order.prompt or order.subject or order.theme or order.season
                if order.avoid:
                    planning.tell("plan.all_avoided", order.line, about=about, avoid=list(order.avoid))
                else:  # whoever has a text model is not told to set one up
                    code = "plan.untranslated" if self.scribe else "job_file.untranslated"
                    planning.tell(code, order.line, found=about)

    def _thought(self, job: str, order: Order, look: Look, rng: Random) -> Iterator[Idea]:
        """An order's ideas as its mode makes them; more of a picture are not what there is of it already."""
        if not order.akin:
            return self.modes[order.mode](order, look, order.count, rng)
        ideas = self.modes[order.mode](order, look, order.count + SPARE, rng)
        return new_first(self._ledger, job, ideas, order.count)

    def _receive(self, arrivals: Sequence[Arrival]) -> list[JobPlanned]:
        """Commit what a text model has written; return the jobs of which it is known now how they are understood."""
        known: list[JobPlanned] = []
        for errand, one in arrivals:
            planning, job = errand.planning, errand.job
            if one is None:
                planning.errand = None
                self._back.append(planning)
            elif isinstance(one, Remark):
                self._tell(job, replace(one, line=one.line or errand.order.line))
            elif isinstance(one, Reworded):
                with self._ledger.atomic():
                    self._ledger.jobs.reword(job, errand.index, one.order)
                    self._ledger.jobs.untell(job, AWAITED, one.order.line)
                    for remark in one.told:
                        self._tell(job, remark)
                known.append(JobPlanned(job, one.told))
            elif errand.missing > 0:
                placed = self._place(planning, errand.index, errand.done, one.prompt)
                self._commit(planning, errand.index, one, placed, self.scribe.alike(one) if self.scribe else ())
                self._log.debug("writing.idea", job=job, position=planning.position)
                planning.position += 1
                errand.done += 1
        return known

    def _tell(self, job: str, remark: Remark) -> None:
        """Tell at once, and once: what was written is not written again after a restart, so it would not be told."""
        if remark not in remarks_of(self._ledger.jobs.get(job)["remarks"]):
            self._ledger.jobs.tell(job, remark)

    def _advance(self, planning: Planning) -> bool:
        """Commit the next idea unless the ledger has it already; False = there is none, or it must be written first."""
        for one in planning.ideas:
            if not isinstance(one, tuple):
                planning.errand = one
                return False
            index, within, idea = one
            placed = self._place(planning, index, within, idea.prompt)
            if planning.position >= planning.known:
                self._commit(planning, index, idea, placed)
            planning.position += 1
            return True
        return False

    def _place(self, planning: Planning, index: int, within: int, prompt: str) -> Placed:
        """The shot with its provider; what can't be honoured is told, also where a killed planning had got this far."""
        shot = self._shot(planning, planning.orders[index], index, within)
        placed = self.chains.place(replace(shot, prompt=prompt))
        if placed.fit is None:
            for provider, reason in placed.why_not.items():
                planning.tell("plan.not_by", provider=provider, why=reason)
            if not placed.why_not:
                planning.tell("plan.unfit", kind=planning.orders[index].kind)
        if placed.fit and shot.wish.get("exact") and (words := placed.fit.request.get("trigger")):
            planning.tell("plan.lora_trigger", words=words)
        for key, why in (placed.fit.dropped if placed.fit else {}).items():
            planning.tell(_TOLD.get(key, "plan.dropped"), key=key, why=Remark(why))
        return placed

    def _commit(self, planning: Planning, index: int, idea: Idea, placed: Placed, alike: Sequence[str] = ()) -> None:
        job, position, wall = planning.job, planning.position, self._clock.wall()
        with self._ledger.atomic():
            number = self._ledger.jobs.add_idea(job["id"], position, index, planning.orders[index].mode, idea, wall)
            place(self._ledger, number, idea.prompt, idea.root, idea.title["en"], wall, alike)
            first, tries = self._ledger.shots.next_position(job["id"]), planning.orders[index].best_of
            for nth in range(tries):
                seed = (placed.shot.seed + nth) % SEEDS
                planned = Planned(
                    shot=replace(placed.shot, idea=number, seed=seed), position=first + nth,
                    stack=placed.fit.stack if placed.fit else "", priority=job["priority"],
                    rank=RANKS.get(job["kind"], 0), degraded=placed.degraded, reason=placed.reason,
                    not_before=job["not_before"], passed=placed.passed, turn=position, nth=nth, tries=tries,
                )  # fmt: skip
                self._ledger.shots.add(planned, wall)

    def _shot(self, planning: Planning, order: Order, index: int, within: int) -> Shot:
        """The first try of the `within`-th picture of an order, still without its idea."""
        job = planning.job["id"]
        resolved = self.chains.resolve(order.model)
        for why, names in resolved.reasons():
            planning.tell("plan.left_out", provider=names, why=why)
        width, height = final_size(order, self._markets)
        if order.size.width and (order.size.width, order.size.height) != (width, height):
            asked = f"{order.size.width}x{order.size.height}"
            planning.tell("plan.enlarged", order.line, asked=asked, made=f"{width}x{height}")
        seed = order.seed if order.seed is not None else Random(f"{job}/{index}/seed").randrange(SEEDS)
        shot = wanted(order, resolved, (width, height), job, (seed + within * order.best_of) % SEEDS)
        return replace(shot, wish={**shot.wish, **_cropped(order, self._markets)})

    def _finish(self, planning: Planning) -> JobPlanned:
        job = planning.job["id"]
        self._tell_motifs(planning)
        told = tuple(planning.told.values())
        self._ledger.jobs.planned(job, told)
        self._log.info("job.planned", job=job, pictures=self._ledger.jobs.ideas_planned(job))
        return JobPlanned(job, told)

    def _tell_motifs(self, planning: Planning) -> None:
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


def wanted(order: Order, resolved: Resolved, size: tuple[int, int], job: str = "", seed: int = 0) -> Shot:
    """One picture of an order, still without its idea; `size`: width and height in pixels of the finished one."""
    wish = {key: value for key in _WISHES if (value := getattr(order, key)) not in ("", None)}
    if order.mode == "exact":
        wish["exact"] = True  # sent word for word
    if resolved.models:
        wish["models"] = dict(resolved.models)
    wish |= pictured(order)
    needs = frozenset[Need](one for one in NEEDS if one in wish)
    return Shot(
        id=0, job=job, idea=0, prompt="", seed=seed, width=size[0], height=size[1], wish=wish, needs=needs,
        chain=resolved.chain or order.model,
    )  # fmt: skip


def _cropped(order: Order, markets: Mapping[str, Market]) -> dict[str, Any]:
    """What is wanted of the crop of something without a background, as `Shot.wish` has it."""
    return {"crop": crop(order, markets).to_json()} if order.cut else {}


def pictured(order: Order) -> dict[str, Any]:
    """What an order wants of its shots beside its words, as `Shot.wish` has it."""
    wish: dict[str, Any] = {"transparent": True} if order.cut else {}
    if order.lora:
        wish["lora"] = [[one.name, one.weight] for one in order.lora]
    if order.control:
        wish["control"] = {"image": order.control.image, "type": order.control.type,
                           "strength": order.control.strength}  # fmt: skip
    if order.like and order.like.image:
        wish["like"] = {"image": order.like.image}
    return wish


NEEDS: tuple[Need, ...] = ("control", "lora")
_TOLD = {"prompt": "plan.in_part", "control": "plan.doubtful"}  # keys of which only something is not honoured
_WISHES = ("kind", "negative_prompt", "steps", "guidance", "style")
