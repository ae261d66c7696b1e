"""A lane's book: the batch in hand, what has come of it, and when it was last heard of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal

from stockgen.domain.errors import LaneDied
from stockgen.domain.names import base_of
from stockgen.domain.protocols import Clock, Fit, Outcome, Progress
from stockgen.domain.words import Place
from stockgen.lanes.pace import Pace
from stockgen.lanes.spec import LaneSpec
from stockgen.lanes.wire import Beat, Cancel, Changed, Close, Command, Event, Release, Released, Render, Up


class BatchLane(ABC):
    """A `Lane` that renders one batch at a time; what it lacks is a way to reach its worker.

    `wake` is called, from a thread of the lane and without its lock, whenever `take` has something or a batch
    may be offered (again).
    """

    _thread: Thread  # ends by itself after Close, when nothing of the lane is left

    def __init__(self, spec: LaneSpec, clock: Clock, wake: Callable[[], None]) -> None:
        self.name = spec.name
        self.place: Place = spec.place
        self.providers = frozenset(one.name for one in spec.providers)
        self._clock = clock
        self._wake = wake
        self._patience = spec.patience
        self._lock = Lock()
        self._phase: Literal["starting", "up", "dead"] = "starting"
        self._open: dict[int, Fit] = {}
        self._asked: frozenset[int] = frozenset()  # to end early
        self._outcomes: deque[Outcome] = deque()
        self._news: deque[tuple[str, str]] = deque()
        self._began = self._heard = clock.monotonic()
        self._at = Beat(0, 0, 0)
        self._pace = Pace()
        self._warm: str | None = None
        self._epitaph = ""
        self._pid = 0

    @abstractmethod
    def _send(self, command: Command) -> bool:
        """Pass a command to the worker without blocking; False = it is gone. Called with the lock held."""

    @abstractmethod
    def kill(self) -> None:
        """End it at once; unfinished shots come out of `take` as LaneDied."""

    @property
    def warm(self) -> str | None:
        """The stack that gave the last picture, until the device is given back; None at the network: it is not ours."""
        return self._warm

    def offer(self, batch: Sequence[Fit], spool: Path, ahead: int = 0) -> bool:
        """Hand over a batch of one stack. False while starting, busy or dead."""
        with self._lock:
            if self._phase != "up" or self._open or not self._send(Render(tuple(batch), spool, ahead)):
                return False
            self._open = {fit.shot.id: fit for fit in batch}
            self._asked = frozenset()
            self._at = Beat(0, 0, 0)
            self._began = self._heard = self._clock.monotonic()
            self._pace = Pace()
            return True

    def take(self) -> Sequence[Outcome]:
        """What has come since the last call, also after death."""
        with self._lock:
            come, self._outcomes = self._outcomes, deque()
            return tuple(come)

    def news(self) -> Sequence[tuple[str, str]]:
        """(`model.loaded` or `model.unloaded`, stack) since the last call."""
        with self._lock:
            come, self._news = self._news, deque()
            return tuple(come)

    def cancel(self, shots: frozenset[int]) -> None:
        """Ask for these to end at the next step; those that it doesn't have in hand are passed over."""
        with self._lock:
            news = (shots & self._open.keys()) - self._asked
            if news and self._phase == "up":
                self._asked |= news
                self._send(Cancel(news))

    def release(self) -> None:
        """Give the device back after the batch in hand; for a quick end, cancel that first."""
        with self._lock:
            if self._phase == "up":
                self._send(Release())

    def close(self, deadline: float) -> None:
        """Cancel everything and end; kill what has not ended at `deadline` (monotonic seconds)."""
        with self._lock:
            self._send(Close())
        self._thread.join(max(0.0, deadline - self._clock.monotonic()))
        self.kill()

    def health(self, now: float) -> tuple[Literal["up", "stuck", "dead"], str]:
        """`now` monotonic seconds; the second value is a reason for the log, "" when all is well."""
        with self._lock:
            quiet = now - self._heard
            if self._phase == "dead":
                return "dead", self._epitaph
            if (self._open or self._phase == "starting") and quiet > self._patience:
                return "stuck", f"silent: seconds={quiet:.0f}"
            return "up", ""

    def progress(self) -> Progress:
        """What it is doing; `loading` until the first step of a stack that is not warm."""
        now = self._clock.monotonic()
        health, _ = self.health(now)
        with self._lock:
            if health != "up" or not self._open:
                state = health if health != "up" else "idle" if self._phase == "up" else "starting"
                return Progress(state, self._pid)
            loaded = self._warm is not None and base_of(self._warm) == base_of(next(iter(self._open.values())).stack)
            warm = self.place == "net" or self._at.step or loaded
            at, doing = self._at, Progress("rendering" if warm else "loading", self._pid)
            if not at.steps:
                return doing
            return replace(doing, shot=at.shot, step=at.step, steps=at.steps, left=self._pace.left(now))

    def _hear(self, event: Event) -> None:
        """What the worker tells; a dead lane is deaf, so a batch never ends twice."""
        with self._lock:
            if self._phase == "dead":
                return
            self._heard = self._clock.monotonic()
            match event:
                case Beat():
                    self._at = event
                    self._pace.note(event.step, event.steps, self._heard)
                    return
                case Up():
                    self._phase = "up"
                case Released():
                    self._warm = None
                case Changed():
                    self._news += [("model.unloaded", stack) for stack in event.unloaded]
                    self._news += [("model.loaded", stack) for stack in event.loaded]
                    gone = self._warm is not None and base_of(self._warm) in event.unloaded
                    self._warm = None if gone else self._warm
                case Outcome():
                    self._note(event)
        self._wake()

    def _note(self, outcome: Outcome) -> None:
        fit = self._open.pop(outcome.shot)
        if outcome.error is None and self.place != "net":
            self._warm = fit.stack
        self._outcomes.append(outcome)

    def _bury(self, poisoned: bool = False, **facts: Any) -> None:
        """Note once that the worker is gone; what was open died with it, and may have been paid for."""
        with self._lock:
            if self._phase == "dead":
                return
            self._phase, self._warm = "dead", None
            died = LaneDied("card_broke" if poisoned else "lane_died", lane=self.name, **facts)
            self._epitaph = str(died)
            seconds = self._clock.monotonic() - self._began
            for shot, fit in self._open.items():
                cost = None if fit.quote else 0
                self._outcomes.append(Outcome(shot=shot, seconds=seconds, error=died, cost=cost))
            self._open = {}
        self._wake()
