"""Feeds rendered shots to the pixel pool and hands what comes back to the publisher."""

from __future__ import annotations

import math
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from stockgen.data.catalog import Model
from stockgen.domain.errors import Cancelled, PluginBroke, RenderError, StorageFull, StorageLost
from stockgen.domain.times import iso
from stockgen.ledger import Row
from stockgen.ledger.shots import Attempted, shot_of
from stockgen.pipeline.alike import Alike
from stockgen.pipeline.chain import Chains
from stockgen.pipeline.describe import Described, Rights, attempt_of, described, words
from stockgen.pipeline.disk import Trouble
from stockgen.pipeline.finish import POOL, Finished, PixelPool, Task, drawn_size, ending, finish
from stockgen.pipeline.publish import NameTaken, Publisher
from stockgen.pipeline.retouching import AHEAD as RETOUCHED
from stockgen.pipeline.retouching import Retouching
from stockgen.pipeline.route import route
from stockgen.pipeline.seeing import AHEAD as SHOWN
from stockgen.pipeline.seeing import Seer
from stockgen.pipeline.workshop import Workshop

DRAWN_SO = frozenset({"blurred", "noisy", "artefacts"})
AHEAD = POOL + 1  # one more than the pool, so that it never waits for the loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The config's `finish`, `checks` and `rights`. `thresholds`: name of a check -> its threshold; `distance`: bits of
    64 by which a picture must differ from all others.
    """

    quality: int
    thresholds: Mapping[str, float]
    distance: float
    rights: Rights


@dataclass(frozen=True, slots=True)
class Helpers:
    """Who has a rendered picture in hand before it is finished: who sees it, and who cuts out and enlarges. None =
    nobody.
    """

    seer: Seer | None = None
    retouching: Retouching | None = None


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
        self._seer, self._retouching = (helpers.seer, helpers.retouching) if helpers else (None, None)
        self._alike = Alike(work.ledger, settings.distance)
        self._working: set[int] = set()
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
        waiting = self._ledger.shots.in_state("rendered", AHEAD + len(self._working) + beside)
        if not waiting and not self._halfway:
            self.storage.fine()
        for row in waiting:
            if row["id"] not in self._working and len(self._working) < AHEAD and self._is_ready(row):
                self._begin(row)

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
        return self._retouching is None or self._retouching.ready(row, attempt_of(self._ledger, row["id"]))

    def _looked_at(self, row: Row) -> bool:
        """Whether nobody must see it, or somebody has; else it is shown to a model that sees."""
        if self._seer is None or self._seer.known(row["id"]):
            return True
        self._seer.want(row, attempt_of(self._ledger, row["id"]))
        return False

    def _begin(self, row: Row) -> None:
        self._working.add(row["id"])
        redone = self._retouching.redone(row["id"]) if self._retouching else None
        this = described(self._ledger, row, self.chains.looks(), self._catalog, redone)
        if self._seer:
            this = self._told(this, self._seer)
        task = Task(
            shot=row["id"], raw=row["raw_path"], sha256=row["raw_sha256"], drawn=drawn_size(this.attempt),
            wanted=(row["width"], row["height"]), quality=self._settings.quality,
            thresholds=self._thresholds(this),
            metadata=words(this, self._settings.rights, iso(self._clock.wall())),
            ending=ending(this.order.kind), retouched=redone.file if redone else None,
        )  # fmt: skip
        self._pool.run(partial(finish, task, self._places), partial(self._end, this))

    def _told(self, this: Described, seer: Seer) -> Described:
        """With what was seen as its description, which baskets are made of, too."""
        idea = seer.told(this.shot["id"], this.idea)
        if idea.description != this.idea.description:
            self._ledger.jobs.describe(this.shot["idea_id"], idea.description)
        return replace(this, idea=idea)

    def _thresholds(self, this: Described) -> dict[str, float]:
        """What a program draws is as soft and as grainy as it is meant to be, and was never a JPEG; a background may be
        soft on purpose.
        """
        meant = DRAWN_SO if this.look == "drawn" else {"blurred"} if this.order.kind == "background" else ()
        return {name: each for name, each in self._settings.thresholds.items() if name not in meant}

    def _end(self, this: Described, result: Finished | Exception) -> None:
        shot = this.shot["id"]
        self._working.discard(shot)
        try:
            self._publish(this, result)
        except (StorageFull, StorageLost) as error:
            self._halfway = True
            self.storage.failed(error, shot=shot)
        except RenderError as error:
            self._spoiled(this, error)
        except Exception as error:  # noqa: BLE001 - same wall: a bug in finishing must not stop the other pictures
            self._log.error("bug", shot=shot, traceback="".join(traceback.format_exception(error)))
            self._spoiled(this, PluginBroke("finish_broke", detail=f"{type(error).__name__}: {error}"[:200]))

    def _publish(self, this: Described, result: Finished | Exception) -> None:
        if isinstance(result, Exception):
            raise result
        shot = this.shot["id"]
        similar, to = self._alike.finding(result.likeness, shot)
        marks = self._seer.findings(shot) if self._seer else ()
        first = this.redone.findings if this.redone else ()
        self._publisher.picture(this, replace(result, checks=[*first, *result.checks, *marks, similar]), to)
        self._forget(shot)
        self.storage.fine()

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
        if self._ledger.jobs.get(shot.job)["cancelled"]:
            then = route(shot, (), {}, Cancelled("cancelled"), wall)
        self._ledger.claims.spoiled(shot.id, error, then, stack, wall)
        self._publisher.drop_raw(this.shot["raw_path"])
        event = "shot.requeued" if then.action == "requeue" else "shot.failed"
        self._log.info(event, shot=shot.id, job=shot.job, provider=this.attempt["provider"], reason=str(error))
