"""Feeds rendered shots to the pixel pool and hands what comes back to the publisher.

Of several tries of a picture each is measured as soon as it has rendered; when all have ended the best is finished, and
then the others become spares.
"""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from stockgen.data.catalog import Model
from stockgen.data.market import Market
from stockgen.data.sizes import Crop
from stockgen.domain.errors import Cancelled, PluginBroke, RenderError, StorageFull, StorageLost
from stockgen.domain.protocols import Next
from stockgen.domain.times import iso
from stockgen.ledger import Row
from stockgen.ledger.shots import Attempted, shot_of
from stockgen.pipeline.alike import Alike
from stockgen.pipeline.chain import Chains
from stockgen.pipeline.describe import Described, Rights, attempt_of, described, words
from stockgen.pipeline.disk import Trouble
from stockgen.pipeline.finish import (
    POOL,
    Finished,
    PixelPool,
    Task,
    drawn_size,
    ending,
    finish,
    laid_by,
    measure,
)  # fmt: skip
from stockgen.pipeline.measuring import Measured
from stockgen.pipeline.publish import NameTaken, Publisher
from stockgen.pipeline.retouching import AHEAD as RETOUCHED
from stockgen.pipeline.retouching import Retouching
from stockgen.pipeline.route import route
from stockgen.pipeline.seeing import AHEAD as SHOWN
from stockgen.pipeline.seeing import Seer
from stockgen.pipeline.sizing import asked
from stockgen.pipeline.tries.judging import Choice, Judge
from stockgen.pipeline.tries.spares import Spares, name_of, spare_of
from stockgen.pipeline.workshop import Workshop

DRAWN_SO = frozenset({"blurred", "noisy", "artefacts"})
AHEAD = POOL + 1  # one more than the pool, so that it never waits for the loop
DECIDED = frozenset({"choose", "spare"})  # steps of tries that have siblings, all of which have ended
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The config's `finish`, `checks` and `rights`. `thresholds`: name of a check -> its threshold; `distance`: bits of
    64 by which a picture must differ from all others. `markets`: which say how large a file may be.
    """

    quality: int
    thresholds: Mapping[str, float]
    distance: float
    rights: Rights
    markets: Mapping[str, Market] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Helpers:
    """Who has a rendered picture in hand before it is finished: who sees it, and who cuts out and enlarges. None =
    nobody. `spares`: who keeps tries that were not the best; None = they are not kept.
    """

    seer: Seer | None = None
    retouching: Retouching | None = None
    spares: Spares | None = None


def _crop(shot: Row) -> Crop | None:
    """What is wanted of something that whoever drew it left without a background; None = it may have one."""
    wanted = json.loads(shot["wish"]).get("crop")
    return Crop(**wanted) if wanted else None


class Finisher:
    """rendered → publishing → done."""

    def __init__(
        self,
        work: Workshop,
        publisher: Publisher,
        pool: PixelPool,
        chains: Chains,
        catalog: Mapping[str, Model],
        settings: Settings,
        helpers: Helpers | None = None,
    ) -> None:
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._publisher = publisher
        self._pool = pool
        self.chains = chains
        self._catalog = catalog
        self._settings = settings
        helpers = helpers or Helpers()
        self._seer, self._retouching, self._spares = helpers.seer, helpers.retouching, helpers.spares
        self._alike = Alike(work.ledger, settings.distance)
        self._judge = Judge(work.ledger, self._alike, self._seer)
        self._chosen: dict[int, Choice] = {}  # by idea, until it is finished
        self._working: dict[int, Row] = {}
        self._halfway = False  # some picture has its name in the ledger and not in the outbox yet
        self.storage = Trouble(work.clock, work.log, work.wait)

    def step(self, now: float) -> None:
        """Give the pool what has rendered. `now` monotonic seconds."""
        if self._seer:
            self._seer.step(now)
        for trouble in self._retouching.step(now) if self._retouching else ():
            self.storage.failed(trouble)
        if not self.storage.due or len(self._working) >= AHEAD:
            return
        if self._halfway:
            self.recover()
        beside = (SHOWN if self._seer else 0) + (RETOUCHED if self._retouching else 0)  # the others overtake them
        waiting = self._ledger.tries.due(AHEAD + len(self._working) + beside)
        if not waiting and not self._halfway:
            self.storage.fine()
        for row in waiting:
            if len(self._working) < AHEAD and not self._in_hand(row):
                self._take(row)

    @property
    def working(self) -> int:
        """How many pictures are being finished, or cut out or enlarged before that."""
        return len(self._working) + (self._retouching.working if self._retouching else 0)

    @property
    def seer(self) -> Seer | None:
        """Who shows pictures to a model that sees; None = nobody does."""
        return self._seer

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        return self._retouching.next_at() if self._retouching else math.inf

    def close(self, deadline: float) -> None:
        """Nobody waits for an answer any more; by `deadline` (monotonic seconds) nobody works on a picture."""
        if self._seer:
            self._seer.close()
        if self._retouching:
            self._retouching.close(deadline)

    def look_again(self) -> None:
        """Something went wrong with the ledger: whatever was being published is completed at the next step."""
        self._halfway = True

    def recover(self) -> None:
        """Complete what was being published when the program ended, or when storage failed."""
        self._halfway = True
        for row in self._ledger.shots.in_state("publishing", -1):
            asset = self._ledger.assets.of_shot(row["id"])["id"]
            try:
                self._publisher.complete(asset, row)
            except NameTaken:
                self._ledger.assets.unpublish(asset, self._clock.wall())
            except (StorageFull, StorageLost) as error:
                self.storage.failed(error, shot=row["id"])
                return
        self._halfway = False

    def _is_ready(self, row: Row) -> bool:
        """Whether it can be finished; else somebody has it in hand."""
        if not self._looked_at(row):
            return False
        return self._retouched(row)

    def _retouched(self, row: Row) -> bool:
        """Whether no model has to cut it out or enlarge it any more."""
        return self._retouching is None or self._retouching.ready(row, attempt_of(self._ledger, row["id"]))

    def _looked_at(self, row: Row) -> bool:
        """Whether nobody must see it, or somebody has; else it is shown to a model that sees."""
        if self._seer is None or self._seer.known(row["id"]):
            return True
        self._seer.want(row, attempt_of(self._ledger, row["id"]))
        return False

    def _in_hand(self, row: Row) -> bool:
        """Whether it, or another try that was chosen in its stead, is being worked on."""
        return row["id"] in self._working or (
            row["step"] == "choose" and any(one["idea_id"] == row["idea_id"] for one in self._working.values())
        )

    def _take(self, row: Row) -> None:
        match row["step"]:
            case "measure":
                this = self._described(row)
                self._run(this, partial(measure, self._task(this), self._places), self._measured)
            case "choose":
                choice = self._choice(row["idea_id"])
                if choice and self._retouched(choice.shot):
                    self._begin(self._chosen.pop(row["idea_id"]).shot | {"step": "choose"}, choice)
            case "spare":
                self._lay_by(row)
            case _:
                if self._is_ready(row):
                    self._begin(row)

    def _choice(self, idea: int) -> Choice | None:
        """The best try of a picture; None = first a model must see some. One that has turned out useless since, or been
        made again, is chosen no more.
        """
        known = self._chosen.pop(idea, None)
        stays = known and self._ledger.shots.get(known.shot["id"])["state"] == "rendered"
        found = known if stays else self._judge.choice(idea)
        if found:
            self._chosen[idea] = found
        return found

    def _run(self, this: Described, work: Callable[[], Result], then: Callable[[Described, Result], None]) -> None:
        self._working[this.shot["id"]] = this.shot
        self._pool.run(work, partial(self._end, this, then))

    def _begin(self, row: Row, choice: Choice | None = None) -> None:
        this = self._described(row)
        if self._seer:
            this = self._told(this, self._seer)
        task = replace(self._task(this), measured=choice.measured if choice else None)
        tried = choice.tried if choice else None
        self._run(this, partial(finish, task, self._places),
                  lambda this, result: self._publish(this, replace(result, tried=tried)))  # fmt: skip

    def _described(self, row: Row) -> Described:
        redone = self._retouching.redone(row["id"]) if self._retouching else None
        return described(self._ledger, row, self.chains.looks(), self._catalog, redone)

    def _task(self, this: Described) -> Task:
        row = this.shot
        return Task(
            shot=row["id"], raw=row["raw_path"], sha256=row["raw_sha256"], drawn=drawn_size(this.attempt),
            wanted=(row["width"], row["height"]), quality=self._settings.quality,
            thresholds=self._thresholds(this),
            metadata=words(this, self._settings.rights, iso(self._clock.wall())),
            ending=ending(this.order.cut), retouched=this.redone.file if this.redone else None,
            crop=None if this.redone and this.redone.cutout else _crop(row), most_bytes=self._most_bytes(this),
        )  # fmt: skip

    def _measured(self, this: Described, result: Measured) -> None:
        self._ledger.tries.measured(this.shot["id"], result.to_json(), result.likeness.kept)

    def _lay_by(self, row: Row) -> None:
        """What was not the best becomes a spare, if anybody wants any."""
        this = self._described(row)
        if self._spares and self._spares.wanted:
            work = partial(laid_by, self._task(this), name_of(self._ledger, row), self._places)
            self._run(this, work, partial(self._laid_by, kept=True))
        else:
            self._laid_by(this, drawn_size(this.attempt), kept=False)

    def _laid_by(self, this: Described, size: tuple[int, int], kept: bool) -> None:
        shot = this.shot["id"]
        marks = self._seer.findings(shot) if self._seer else ()
        self._ledger.tries.spare(spare_of(self._ledger, this, marks, size), kept, self._clock.wall())
        self._publisher.drop_raw(this.shot["raw_path"])
        self._forget(shot)

    def _told(self, this: Described, seer: Seer) -> Described:
        """With what was seen as its description, which baskets are made of, too."""
        idea = seer.told(this.shot["id"], this.idea)
        if idea.description != this.idea.description:
            self._ledger.jobs.describe(this.shot["idea_id"], idea.description)
        return replace(this, idea=idea)

    def _thresholds(self, this: Described) -> dict[str, float]:
        """What a program draws is as soft and as grainy as it is meant to be, and was never a JPEG; a background may be
        soft on purpose; a white ground that is cut away was no burnt light.
        """
        soft = {"blurred"} if this.order.kind == "background" else frozenset[str]()
        meant = {"clipped"} if this.order.cut else DRAWN_SO if this.look == "drawn" else soft
        return {name: each for name, each in self._settings.thresholds.items() if name not in meant}

    def _most_bytes(self, this: Described) -> int:
        """How large the master's file may be so that all markets of its order take it; 0 = any size."""
        return min((market.max_bytes for market in asked(this.order, self._settings.markets)), default=0)

    def _end(
        self, this: Described, then: Callable[[Described, Result], None], result: Result | Exception
    ) -> None:  # fmt: skip
        shot = this.shot["id"]
        self._working.pop(shot, None)
        try:
            then(this, _sound(result))
            self.storage.fine()
        except (StorageFull, StorageLost) as error:
            self._halfway = True
            self.storage.failed(error, shot=shot)
        except RenderError as error:
            self._spoiled(this, error)
        except Exception as error:  # noqa: BLE001 - same wall: a bug in finishing must not stop the other pictures
            self._log.error("bug", shot=shot, traceback="".join(traceback.format_exception(error)))
            self._spoiled(this, PluginBroke("finish_broke", detail=f"{type(error).__name__}: {error}"[:200]))

    def _publish(self, this: Described, result: Finished) -> None:
        shot = this.shot["id"]
        similar, to = self._alike.finding(result.likeness, shot)
        marks = self._seer.findings(shot) if self._seer else ()
        first = this.redone.findings if this.redone else ()
        self._publisher.picture(this, replace(result, checks=[*first, *result.checks, *marks, similar]), to)
        self._forget(shot)

    def _forget(self, shot: int) -> None:
        if self._seer:
            self._seer.forget(shot)
        if self._retouching:
            self._retouching.forget(shot)

    def _spoiled(self, this: Described, error: RenderError) -> None:
        """The spool holds no usable picture: as if the attempt had failed."""
        wall, shot = self._clock.wall(), shot_of(this.shot)
        self._forget(shot.id)
        past = [*self._ledger.shots.errors(shot.id), Attempted(this.attempt["provider"], type(error).__name__)]
        then, stack = self.chains.follow(shot, route(shot, past, self.chains.looks(), error, wall))
        if this.shot["step"] in DECIDED and not self._ledger.tries.last(this.shot):
            then, stack = Next("fail", shot.chain_pos, 0.0, False, False, str(error)), ""  # the next best goes on
        elif self._ledger.jobs.get(shot.job)["cancelled"]:
            then = route(shot, (), {}, Cancelled("cancelled"), wall)
        self._ledger.claims.spoiled(shot.id, error, then, stack, wall)
        self._publisher.drop_raw(this.shot["raw_path"])
        event = "shot.requeued" if then.action == "requeue" else "shot.failed"
        self._log.info(event, shot=shot.id, job=shot.job, provider=this.attempt["provider"], reason=str(error))


def _sound(result: Result | Exception) -> Result:
    if isinstance(result, Exception):
        raise result
    return result
