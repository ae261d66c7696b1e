"""Keeps models warm: loads each once, holds it by a plan, and gives the device back when told or when nobody asks."""

from __future__ import annotations

from collections.abc import Callable

from stockgen.gpu.settings import GpuSettings


class ModelHost:
    """One for each process that renders; everything in it happens on the thread that renders.

    `device`: `cuda:0`, `mps`, `cpu`; "" = there is none. `ahead`: how many more pictures of the stack in hand wait,
    as far as the queue knows.
    """

    def __init__(self, device: str, settings: GpuSettings, monotonic: Callable[[], float]) -> None:
        self.device = device
        self.settings = settings
        self.ahead = 0
        self._monotonic = monotonic

    def step(self, now: float) -> float | None:
        """Let go of what has been idle too long. `now` monotonic seconds; return when to step again, None = no need."""
        return None

    def release(self) -> None:
        """Drop every model and give the device's memory back."""
