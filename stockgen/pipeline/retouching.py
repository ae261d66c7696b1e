"""Rendered pictures that are to be cut out or enlarged by a model are, before they are finished; others overtake them.

One that can't be cut out is not lost: it is finished as it was drawn, for a person to look at, and never sold so. One
that can't be enlarged by a model is enlarged without.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stockgen.checks.cutout import of_cutout, whole
from stockgen.checks.findings import Finding
from stockgen.domain.errors import LaneDied, OutOfMemory, StorageFull, StorageLost
from stockgen.domain.protocols import Retoucher
from stockgen.domain.retouch import Retouch, Retouched
from stockgen.finishes import covering
from stockgen.ledger import Row
from stockgen.pipeline.finish import drawn_size
from stockgen.pipeline.spool import retouched_name
from stockgen.pipeline.workshop import Workshop

AHEAD = 32  # pictures that wait for it; as many as may wait to be finished
LANCZOS = "lanczos"
MEMORY_TRIES = 2


@dataclass(frozen=True, slots=True)
class Means:
    """The config's `finish.cutout` and `finish.upscale`, and `limits.starts`."""

    cutout: str = ""
    upscale: str = LANCZOS
    starts: int = 3


@dataclass(frozen=True, slots=True)
class Redone:
    """How a picture's retouch ended. `file`: its result, relative to the spool; None = it is finished as it was drawn.

    `cutout`: it was to be cut out; `facts`: as `Retouched`; `seconds` of work; `failed`: why there is no result.
    """

    cutout: bool
    file: str | None = None
    seconds: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    failed: str = ""

    @property
    def opaque(self) -> bool:
        """Whether it has a ground though it must have none."""
        return self.cutout and self.file is None

    @property
    def findings(self) -> Sequence[Finding]:
        """What a person must look at."""
        return [whole()] if self.opaque else of_cutout(self.facts.get("measures", {}))

    @property
    def models(self) -> Sequence[str]:
        """By whom it was worked on."""
        return [name for key in ("cutout", "upscale") if (name := str(self.facts.get(key, "")))]


def retouch(shot: Row, attempt: Row, means: Means) -> Retouch | None:
    """What models have to do to a rendered picture before it is finished; None = nothing. Pure but for its paths, which
    are relative to the spool.

    `attempt`: the one that it came from. Whoever draws without a ground has cut it out already.
    """
    width, height = drawn_size(attempt)
    wanted, wish = (shot["width"], shot["height"]), json.loads(shot["wish"])
    cut = bool(wish.get("transparent")) and not json.loads(attempt["request"]).get("alpha")
    upscale = "" if means.upscale == LANCZOS else means.upscale
    if not cut and (not upscale or covering(width, height, *wanted) == (width, height)):
        return None
    raw = Path(shot["raw_path"])
    task = Retouch(
        shot=shot["id"], raw=raw, into=raw.with_name(retouched_name(raw.name)), cutout=means.cutout if cut else "",
        upscale=upscale, size=(0, 0) if cut else wanted,
    )  # fmt: skip
    return replace(task, **wish["crop"]) if cut else task


def again(task: Retouch, error: Exception, tries: int, starts: int) -> Retouch | None:
    """What is tried next after a task failed for the `tries`-th time; None = it is given up.

    A process that died, or had too little memory, may have had bad luck; at the last try a cut-out is asked for alone.
    """
    most = starts if isinstance(error, LaneDied) else MEMORY_TRIES if isinstance(error, OutOfMemory) else 0
    if tries >= most:
        return None
    return replace(task, upscale="") if task.cutout and tries + 1 == most else task


class Retouching:
    """Asked by the finisher: is a picture `ready`, and what was `redone` of it?"""

    def __init__(self, work: Workshop, retoucher: Retoucher, means: Means) -> None:
        self._spool, self._log = work.places.spool, work.log
        self._retoucher = retoucher
        self._means = means
        self._tasks: dict[int, Retouch] = {}  # in hand
        self._redone: dict[int, Redone | None] = {}
        self._tries: Counter[int] = Counter()

    def ready(self, shot: Row, attempt: Row) -> bool:
        """Whether nothing is to be done to a picture any more; else somebody is asked to."""
        number = shot["id"]
        if number in self._redone:
            return True
        if number in self._tasks:
            return False
        task = retouch(shot, attempt, self._means)
        if task is None:
            self._redone[number] = None
            return True
        self._ask(replace(task, raw=self._spool / task.raw, into=self._spool / task.into))
        return False

    def redone(self, shot: int) -> Redone | None:
        """How the retouch of a picture ended; None = there was none."""
        return self._redone.get(shot)

    def step(self, now: float) -> Sequence[StorageFull | StorageLost]:
        """Take what has come; errors of storage, after which the same is asked for again. `now` monotonic seconds."""
        self._retoucher.step(now)
        troubles = [trouble for one in self._retoucher.take() if (trouble := self._ended(one))]
        self._retoucher.step(now)  # whoever has ended is free for the next
        return troubles

    @property
    def working(self) -> int:
        """How many pictures are being worked on, or wait for it."""
        return len(self._tasks)

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        return self._retoucher.next_at()

    def forget(self, shot: int) -> None:
        """The picture was published, or is made again."""
        self._redone.pop(shot, None)
        del self._tries[shot]

    def close(self, deadline: float) -> None:
        """End; what is in hand is begun anew after the next start."""
        self._retoucher.close(deadline)

    def _ask(self, task: Retouch) -> None:
        self._tasks[task.shot] = task
        self._retoucher.want(task)

    def _ended(self, one: Retouched) -> StorageFull | StorageLost | None:
        task = self._tasks.pop(one.shot, None)
        if task is None:
            return None
        if isinstance(one.error, StorageFull | StorageLost):
            return one.error
        if one.error is None:
            file = str(task.into.relative_to(self._spool))
            self._redone[one.shot] = Redone(bool(task.cutout), file, one.seconds, one.facts)
            self._log.debug("retouch.done", shot=one.shot, seconds=round(one.seconds, 3), **_models(one))
            return None
        self._tries[one.shot] += 1
        then = again(task, one.error, self._tries[one.shot], self._means.starts)
        if then is not None:
            self._ask(then)
            return None
        if "traceback" in one.facts:
            self._log.error("bug", shot=one.shot, traceback=one.facts["traceback"])
        self._log.warning("retouch.failed", shot=one.shot, seconds=round(one.seconds, 3), reason=str(one.error))
        self._redone[one.shot] = Redone(bool(task.cutout), None, one.seconds, {}, str(one.error))
        return None


def _models(one: Retouched) -> dict[str, Any]:
    return {key: one.facts[key] for key in ("cutout", "upscale") if key in one.facts}
