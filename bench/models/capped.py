"""A device of which only a part may be used: a large card shows how a small one would hold a model."""

from __future__ import annotations

from typing import Any

from stockgen.domain.protocols import Device
from stockgen.gpu.plan import Need
from stockgen.gpu.settings import PlanName
from stockgen.gpu.stack import bytes_of


class Capped:
    """`inner` says it has no more than `limit` bytes free, less what was put there. `peak`: most bytes of whole parts
    that were there at once.
    """

    def __init__(self, inner: Device) -> None:
        self.name = inner.name
        self.limit: int | None = None
        self.peak = 0
        self._inner = inner
        self._there: dict[int, int] = {}

    def free(self) -> int:
        """Bytes."""
        left = self._inner.free()
        return left if self.limit is None else min(left, self.limit - sum(self._there.values()))

    def dtype(self, wanted: str) -> Any:
        """As the device has it."""
        return self._inner.dtype(wanted)

    def put(self, module: Any) -> None:
        """Move a part there."""
        self._inner.put(module)
        self._there[id(module)] = bytes_of(module)
        self.peak = max(self.peak, sum(self._there.values()))

    def park(self, module: Any) -> None:
        """Move it back."""
        self._inner.park(module)
        self._there.pop(id(module), None)

    def empty(self) -> None:
        """Give back what is not used."""
        self._inner.empty()

    def restart(self) -> None:
        """Count peaks from now on."""
        self.peak = sum(self._there.values())
        if self.name.startswith("cuda"):
            import torch

            torch.cuda.reset_peak_memory_stats()

    @property
    def most(self) -> int:
        """Bytes at the peak: all that torch allocated on a card; elsewhere whole parts only."""
        if self.name.startswith("cuda"):
            import torch

            return torch.cuda.max_memory_allocated()
        return self.peak


def room(need: Need, plan: PlanName) -> int | None:
    """Bytes in which a plan is just possible; None = all there are."""
    if plan == "resident":
        return None
    streamed = frozenset(need.parts) - need.rigid if plan == "offload" else frozenset[str]()
    return max(need.held(phase, streamed) + phase.active(1) for phase in need.phases)
