"""How fast the picture in hand goes ahead, from its steps alone."""

from __future__ import annotations


class Pace:
    """Notes heartbeats of one batch. Pictures that are made together, in turn at each step, count as one."""

    def __init__(self) -> None:
        self._step = self._steps = self._first = 0
        self._began = self._heard = 0.0

    def note(self, step: int, steps: int, now: float) -> None:
        """`step` of `steps` is done at `now`, monotonic seconds. A step back is the next picture."""
        if step < self._step or steps != self._steps:
            self._first, self._began = step, now
        self._step, self._steps, self._heard = step, steps, now

    def left(self, now: float) -> float | None:
        """Seconds until the last step, None = no step has been seen from its beginning to its end yet."""
        done = self._step - self._first
        if done <= 0:
            return None
        each = (self._heard - self._began) / done
        return max(0.0, each * (self._steps - self._step) - (now - self._heard))
