"""The one process that cuts out and enlarges, as the loop sees it: begun with the first task, ended when it is idle."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread

from stockgen.domain.errors import LaneDied, NotConfigured
from stockgen.domain.protocols import Clock
from stockgen.domain.retouch import Retouch, Retouched
from stockgen.inference.kit import LANCZOS, Kit
from stockgen.inference.words import Event, Work
from stockgen.lanes.spawning import GRACE, Child, signal_name

CHILD = "stockgen.inference.child"
NAME = "retoucher"
PAUSES = (0.0, 0.0, 1.0, 5.0, 30.0)  # seconds before a process that died again and again is started anew


@dataclass(frozen=True, slots=True)
class Patience:
    """`silent`: seconds without a sign of work after which the process is killed: BiRefNet may take a minute on a slow
    processor, and so may a tile. `idle`: seconds without work after which it ends, and gives its memory back.
    """

    silent: float = 600.0
    idle: float = 300.0


class OnnxRetoucher:
    """A `Retoucher` in a process of its own. `wake` is called, from any thread, whenever `take` or `step` has something
    to do. `children_lock` as `spawning.Child` has it: `step` is called on the program's main thread.
    """

    def __init__(
        self, kit: Kit, clock: Clock, wake: Callable[[], None], children_lock: Path, patience: Patience | None = None
    ) -> None:
        self._kit, self._clock, self._wake = kit, clock, wake
        self._children_lock = children_lock
        self._patience = patience or Patience()
        self._waiting: deque[Work] = deque()
        self._asked: set[int] = set()
        self._done: deque[Retouched] = deque()
        self._hand: _Hand | None = None
        self._deaths = 0
        self._not_before = -math.inf

    def missing(self, model: str) -> NotConfigured | None:
        """What a person must add before `model` can be used, with the command; None = it is ready."""
        return self._kit.missing(model)

    def want(self, task: Retouch) -> None:
        """Queue a task. Never blocks; a second one of the same shot is none."""
        if task.shot in self._asked:
            return
        self._asked.add(task.shot)
        try:
            self._waiting.append(self._work(task))
        except NotConfigured as error:
            self._done.append(Retouched(shot=task.shot, seconds=0.0, error=error))
        self._wake()

    def take(self) -> Sequence[Retouched]:
        """What has come since the last call."""
        if self._hand:
            self._done.extend(self._hand.take())
        come, self._done = tuple(self._done), deque()
        self._asked -= {one.shot for one in come}
        return come

    def step(self, now: float) -> None:
        """Look after the process and give it the next task. `now` monotonic seconds."""
        hand = self._hand
        if hand and hand.silent(now) > self._patience.silent:
            hand.end(why="silent")
        if hand and hand.over:
            self._bury(hand, now)
        hand = self._hand
        if self._waiting and now >= self._not_before:
            self._give(now)
        elif hand and hand.idle(now) >= self._patience.idle:
            hand.end()
            self._hand = None

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        if self._waiting and self._hand is None:
            return max(self._not_before, self._clock.monotonic())
        return self._hand.next_at(self._patience) if self._hand else math.inf

    @property
    def pid(self) -> int:
        """Of the process, 0 = there is none."""
        return self._hand.pid if self._hand else 0

    def close(self, deadline: float) -> None:
        """End it at once, whatever it has in hand: what it writes is there whole or not at all."""
        del deadline
        if self._hand:
            self._hand.end(why="closed")
            self._done.extend(self._hand.take())
            self._hand = None

    def _work(self, task: Retouch) -> Work:
        """With its models. One that is only to be enlarged by is not worth more than what is cut out."""
        matting = self._kit.tool(task.cutout) if task.cutout else None
        if task.upscale in ("", LANCZOS):
            return Work(task, matting)
        try:
            return Work(task, matting, self._kit.tool(task.upscale))
        except NotConfigured as error:
            if not task.cutout:
                raise
            return Work(task, matting, lacking=str(error))

    def _give(self, now: float) -> None:
        try:
            self._hand = self._hand or _Hand(self._kit.home, self._clock, self._wake, self._children_lock)
        except OSError as error:  # no memory, no processes left
            died = LaneDied("lane_died", lane=NAME, why=str(error))
            self._done.append(Retouched(shot=self._waiting.popleft().task.shot, seconds=0.0, error=died))
            self._pause(now)
            self._wake()
            return
        if self._hand.free:
            self._hand.give(self._waiting.popleft())

    def _bury(self, hand: _Hand, now: float) -> None:
        self._done.extend(hand.take())
        self._deaths = 0 if hand.made else self._deaths
        self._hand = None
        self._pause(now)

    def _pause(self, now: float) -> None:
        self._not_before = now + PAUSES[min(self._deaths, len(PAUSES) - 1)]
        self._deaths += 1


class _Hand:
    """One process, and the task that it has in hand."""

    def __init__(self, home: Path, clock: Clock, wake: Callable[[], None], children_lock: Path) -> None:
        self._clock, self._wake = clock, wake
        self._lock = Lock()
        self._doing: Work | None = None
        self._come: deque[Retouched] = deque()
        self._began = self._heard = clock.monotonic()
        self._why = ""
        self.made = 0
        self.over = False
        self._child = Child(CHILD, children_lock, {})
        self.pid = self._child.pid
        self._child.send(home)
        self._thread = Thread(target=self._listen, name=NAME, daemon=True)
        self._thread.start()

    @property
    def free(self) -> bool:
        """Whether it can be given something."""
        return self._doing is None and not self.over

    def give(self, work: Work) -> None:
        """Where it has just died, that is told when it is buried."""
        with self._lock:
            self._began = self._heard = self._clock.monotonic()
            if self.over:
                self._come.append(self._lost(work, why="gone"))
                return
            self._doing = work
            self._child.send(work)

    def take(self) -> Sequence[Retouched]:
        """What has come since the last call."""
        with self._lock:
            come, self._come = tuple(self._come), deque()
            return come

    def silent(self, now: float) -> float:
        """Seconds since it was last heard of, while it has something in hand."""
        with self._lock:
            return now - self._heard if self._doing else 0.0

    def idle(self, now: float) -> float:
        """Seconds without work."""
        with self._lock:
            return now - self._heard if not self._doing else 0.0

    def next_at(self, patience: Patience) -> float:
        """When it will have been silent, or idle, for too long."""
        with self._lock:
            return self._heard + (patience.silent if self._doing else patience.idle)

    def end(self, why: str = "") -> None:
        """Kill it; what it had in hand comes as LaneDied."""
        self._why = why
        self._child.kill()
        self._thread.join(GRACE)
        self._ended(why=why or "does not die")

    def _listen(self) -> None:
        code = self._child.listen(self._hear)
        with self._lock:
            self._child.hang_up()
        self._ended(exitcode=code, signal=signal_name(code), **({"why": self._why} if self._why else {}))
        self._wake()

    def _hear(self, event: Event) -> None:
        with self._lock:
            self._heard = self._clock.monotonic()
            if not isinstance(event, Retouched) or self.over:
                return
            self._doing = None
            self.made += 1
            self._come.append(event)
        self._wake()

    def _ended(self, **facts: object) -> None:
        with self._lock:
            if self._doing and not self.over:
                self._come.append(self._lost(self._doing, **facts))
            self._doing, self.over = None, True

    def _lost(self, work: Work, **facts: object) -> Retouched:
        died = LaneDied("lane_died", lane=NAME, pid=self.pid, **facts)
        return Retouched(shot=work.task.shot, seconds=self._clock.monotonic() - self._began, error=died)
