"""One loaded model with all of its parts, and where each of them is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stockgen.domain.protocols import Device
from stockgen.gpu.plan import Need, Phase, Plan, staying


@dataclass
class Stack:
    """`key` names it among the warm ones. `parts`: name → torch module; `pipes`: whatever its provider draws with.

    `used`: monotonic seconds of the last use. `budget`: bytes that its plan was chosen for. `there`: parts that are on
    the device; `streaming`: parts whose layers pass through it. `ran_out`: its figures promised too much once, so no
    part is there beside those that a phase works with.
    """

    key: str
    parts: Mapping[str, Any]
    pipes: Any
    need: Need
    device: Device
    plan: Plan
    used: float = 0.0
    budget: int = 0
    lent: bool = False
    there: set[str] = field(default_factory=set)
    streaming: set[str] = field(default_factory=set)
    ran_out: bool = False
    proven: bool = False  # its encoders tell words apart
    compiled: bool = False
    overlay: Any = None  # what its provider has laid over it

    @property
    def bytes_there(self) -> int:
        """Bytes of weights that it holds on the device."""
        return sum(self.need.parts[part] for part in self.there)

    def enter(self, phase: Phase) -> None:
        """Have a phase's parts on the device; others leave where the plan has no room for them.

        Raises torch.OutOfMemoryError.
        """
        stay = staying(self.need, self.plan, self.budget, phase)
        for part in self.there - stay:
            self.device.park(self.parts[part])
            self.there.discard(part)
        wanted = frozenset(self.parts) if self.plan.name == "resident" else phase.parts
        for part in sorted(wanted - self.there):
            self._bring(part)

    def leave(self) -> None:
        """Have nothing on the device; what is streamed is not there anyway."""
        for part in sorted(self.there):
            self.device.park(self.parts[part])
        self.there.clear()

    def _bring(self, part: str) -> None:
        if part not in self.plan.streamed:
            self.device.put(self.parts[part])
            self.there.add(part)
        elif part not in self.streaming:
            stream(self.parts[part], self.device.name)
            self.streaming.add(part)


def stream(module: Any, device: str) -> None:
    """From now on the layers of `module` pass through the device one by one; it can't be moved any more."""
    import torch
    from diffusers.hooks.group_offloading import apply_group_offloading

    apply_group_offloading(
        module,
        onload_device=torch.device(device),
        offload_device=torch.device("cpu"),
        offload_type="leaf_level",
        use_stream=device.startswith("cuda"),
    )


def bytes_of(module: Any) -> int:
    """Bytes of a module's weights and buffers, as they are loaded."""
    tensors = [*module.parameters(), *module.buffers()]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def dtype_of(module: Any) -> Any:
    """The precision that a module computes in: that of its first weight that is not packed into whole numbers."""
    return next((one.dtype for one in module.parameters() if one.is_floating_point()), None)
