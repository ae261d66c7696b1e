"""Keeps models warm: loads each once, holds it by a plan, and gives the device back when told or when nobody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stockgen.domain.errors import OutOfMemory
from stockgen.domain.protocols import Device
from stockgen.gpu.compiling import compile_blocks, pays
from stockgen.gpu.embeddings import Embeddings
from stockgen.gpu.plan import Need, Plan, choose, frugaler
from stockgen.gpu.settings import GpuSettings
from stockgen.gpu.stack import Stack

RAM_SHARE = 0.75  # of the memory that is available, which models that wait in it may take


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a provider has loaded, still in the computer's memory. `need` tells the real sizes of `parts`."""

    parts: Mapping[str, Any]
    pipes: Any
    need: Need


class ModelHost:
    """One for each process that renders; everything in it happens on the thread that renders, because loading on two
    threads at once corrupts torch for good (diffusers #4296; 22 of 24 loads in 4 threads failed).

    `device`: `cuda:0`, `mps`, `cpu`; "" = there is none. `ahead`: how many more pictures of the stack in hand wait,
    as far as the queue knows. `open_device` and `memory` (bytes of the computer's that are available) are handed in.
    """

    def __init__(
        self,
        device: str,
        settings: GpuSettings,
        monotonic: Callable[[], float],
        open_device: Callable[[str], Device] | None = None,
        memory: Callable[[], int] | None = None,
    ) -> None:
        self.device = device
        self.settings = settings
        self.ahead = 0
        self.embeddings = Embeddings()
        self._monotonic = monotonic
        self._open_device = open_device
        self._memory = memory
        self._opened: Device | None = None
        self._stacks: dict[str, Stack] = {}

    @property
    def place(self) -> Device:
        """The device, opened at its first use. Raises NotConfigured where there is none."""
        if self._opened is None:
            from stockgen.gpu.device import device_of

            self._opened = (self._open_device or device_of)(self.device)
        return self._opened

    @property
    def warm(self) -> list[str]:
        """Keys of what is loaded, the one that was used last at the end."""
        return sorted(self._stacks, key=lambda key: self._stacks[key].used)

    def now(self) -> float:
        """Monotonic seconds."""
        return self._monotonic()

    # -- lending -----------------------------------------------------------------------------------------------

    @contextmanager
    def lend(self, key: str, weights: int, load: Callable[[], Loaded]) -> Iterator[Stack]:
        """A stack to work with, loaded where it is not warm; it stays until it is given back, whatever else happens.

        `weights`: what its files are expected to take, in bytes. Raises OutOfMemory where it fits nowhere, and what
        `load` raises.
        """
        stack = self._stacks.get(key) or self._load(key, weights, load)
        stack.lent = True
        try:
            if len(stack.there) < len(stack.parts):  # others may have come to the device since it was used
                self._plan_anew(stack)
            yield stack
        finally:
            stack.lent = False
            stack.used = self._monotonic()

    def relax(self, stack: Stack) -> bool:
        """After a plan had too little memory: a more frugal one. False = there is none. To be called outside of the
        `except` that saw it, because the error's traceback keeps the tensors of its frames alive.
        """
        stack.leave()
        self.place.empty()
        plan = frugaler(stack.plan, stack.need, min(stack.budget, self.place.free()))
        if plan is None:
            return False
        stack.plan, stack.budget, stack.ran_out = plan, 0, True
        return True

    def consider_compiling(self, stack: Stack, denoiser: str, seconds: float) -> None:
        """After a batch with `seconds` a picture: compile a stack's denoiser if what waits pays for it. Once a load."""
        settled = stack.compiled or stack.streaming or denoiser in stack.need.rigid
        if settled or self.settings.compile == "never" or not self.device.startswith("cuda"):
            return
        if pays(seconds, self.ahead):
            stack.compiled = compile_blocks(stack.parts[denoiser])

    def drop(self, key: str) -> None:
        """Forget a stack; what it held is free afterwards."""
        stack = self._stacks.pop(key)
        stack.leave()
        stack.parts, stack.pipes = {}, None
        del stack
        self.place.empty()

    # -- looking after -----------------------------------------------------------------------------------------

    def step(self, now: float) -> float | None:
        """Let go of what has been idle too long. `now` monotonic seconds; return when to step again, None = no need."""
        idle = [stack for stack in self._stacks.values() if not stack.lent and not self._pinned(stack)]
        for stack in [one for one in idle if now - one.used >= self.settings.unload_after]:
            idle.remove(stack)
            self.drop(stack.key)
        return min((stack.used + self.settings.unload_after for stack in idle), default=None)

    def release(self) -> None:
        """Drop every model and give the device's memory back."""
        for key in [*self._stacks]:
            self.drop(key)

    # -- room --------------------------------------------------------------------------------------------------

    def _load(self, key: str, weights: int, load: Callable[[], Loaded]) -> Stack:
        self._make_memory(weights)
        loaded = load()
        plan, budget = self._room(loaded.need, 0, None)
        stack = Stack(key, loaded.parts, loaded.pipes, loaded.need, self.place, plan, self._monotonic(), budget)
        self._stacks[key] = stack
        return stack

    def _make_memory(self, weights: int) -> None:
        """Room in the computer's memory for `weights` bytes: what waits there leaves, the longest unused first."""
        for stack in self._others(None):
            if weights <= self._available() * RAM_SHARE:
                return
            self.drop(stack.key)
        if weights > self._available():
            raise OutOfMemory("memory_too_small", needed=weights, free=self._available(), exhausted=True)

    def _available(self) -> int:
        from stockgen.gpu.device import available_memory

        return (self._memory or available_memory)()

    def _plan_anew(self, stack: Stack) -> None:
        plan, budget = self._room(stack.need, stack.bytes_there, stack)
        if stack.ran_out:  # the figures promised too much once; what works is not left again
            return
        stack.budget = budget
        if not stack.streaming:  # layers that are streamed can't be moved any more
            stack.plan = plan

    def _room(self, need: Need, held: int, stack: Stack | None) -> tuple[Plan, int]:
        """The plan for a model that holds `held` bytes on the device already, and the free bytes it was chosen for.

        Others leave as far as that makes the plan a quicker one.
        """
        free = self.place.free() + held
        others = [one for one in self._others(stack) if one.there]
        best = self._way(need, free + sum(other.bytes_there for other in others))
        while others and self._way(need, free) != best:
            self._send_away(others.pop(0))
            free = self.place.free() + held
        return choose(need, free, self.settings.plan), free

    def _way(self, need: Need, free: int) -> object:
        """What makes a plan quick or slow; more pictures at a time are not worth sending a warm model away."""
        try:
            plan = choose(need, free, self.settings.plan)
        except OutOfMemory:
            return None
        return plan.name, plan.streamed

    def _send_away(self, stack: Stack) -> None:
        """Off the device: into the computer's memory where there is room, because the disk is ten times slower."""
        if stack.bytes_there > self._available() * RAM_SHARE:
            self.drop(stack.key)
            return
        stack.leave()
        self.place.empty()

    def _others(self, stack: Stack | None) -> list[Stack]:
        """What could leave, in the order in which it should: the pinned last, the longest unused first."""
        free = [one for one in self._stacks.values() if one is not stack and not one.lent]
        return sorted(free, key=lambda one: (self._pinned(one), one.used))

    def _pinned(self, stack: Stack) -> bool:
        return not self.settings.pinned.isdisjoint(stack.key.split("+"))
