"""The device that a process renders on, as the host of models sees it; the only file that speaks to its memory."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from stockgen.domain.errors import NotConfigured
from stockgen.domain.protocols import Device

KEEP_FREE = 400 << 20  # bytes of a card that are left to its driver and the desktop (ComfyUI's reserve on Linux)


def device_of(name: str) -> Device:
    """`cuda:0`, `mps` or `cpu` → the device. Raises NotConfigured `no_gpu` where this process can't use it."""
    if not name:
        raise NotConfigured("no_gpu")
    kinds: dict[str, Callable[[str], Device]] = {"cuda": Cuda, "mps": Mps, "cpu": Cpu}
    return kinds[name.partition(":")[0]](name)


class Cpu:
    """The processor and the computer's memory: slow, for tests and for who insists (`gpu.allow_cpu`)."""

    def __init__(self, name: str = "cpu") -> None:
        self.name = name

    def free(self) -> int:
        """Bytes of memory that are available without swapping."""
        return available_memory()

    def dtype(self, wanted: str) -> Any:
        """Always float32: halves are slower here."""
        import torch

        return torch.float32

    def put(self, module: Any) -> None:
        """It is where it works."""

    def park(self, module: Any) -> None:
        """It can't be anywhere else."""

    def empty(self) -> None:
        """Give freed memory back to the system; glibc keeps it otherwise."""
        collect()


class Cuda:
    """One card, as this process counts it (`cuda:0`: CUDA_VISIBLE_DEVICES chose it)."""

    def __init__(self, name: str) -> None:
        import torch

        if not torch.cuda.is_available():
            raise NotConfigured("no_cuda")
        self.name = name

    def free(self) -> int:
        """Bytes that can be allocated, blocks that torch holds for reuse among them."""
        import torch

        free, _ = torch.cuda.mem_get_info(self.name)
        cached = torch.cuda.memory_reserved(self.name) - torch.cuda.memory_allocated(self.name)
        return int(max(0, free + cached - KEEP_FREE))

    def dtype(self, wanted: str) -> Any:
        """`bfloat16` where the card computes in it (since Ampere), else `float16`."""
        import torch

        if wanted == "bfloat16" and not torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.float16
        return getattr(torch, wanted)

    def put(self, module: Any) -> None:
        """Move a part onto the card. Raises torch.OutOfMemoryError."""
        module.to(self.name)

    def park(self, module: Any) -> None:
        """Move a part into the computer's memory."""
        module.to("cpu")

    def empty(self) -> None:
        """Give all that is not used back to the card, for others."""
        import torch

        collect()
        torch.cuda.empty_cache()


class Mps:
    """Apple's own; processor and GPU share one memory."""

    def __init__(self, name: str = "mps") -> None:
        import torch

        if not torch.backends.mps.is_available():
            raise NotConfigured("no_gpu")
        self.name = name

    def free(self) -> int:
        """Bytes that the driver recommends to use and that are not used."""
        import torch

        return int(max(0, torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()))

    def dtype(self, wanted: str) -> Any:
        """As asked; both halves work since macOS 14."""
        import torch

        return getattr(torch, wanted)

    def put(self, module: Any) -> None:
        """Move a part to the GPU."""
        module.to(self.name)

    def park(self, module: Any) -> None:
        """Move a part back."""
        module.to("cpu")

    def empty(self) -> None:
        """Give back what is not used."""
        import torch

        collect()
        torch.mps.empty_cache()


def available_memory() -> int:
    """Bytes of the computer's memory that can be used without swapping; a large number where nobody tells."""
    return _memory("MemAvailable")


def all_memory() -> int:
    """Bytes of memory that the computer has; a large number where nobody tells."""
    return _memory("MemTotal")


def _memory(which: str) -> int:
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{which}:"):
                return int(line.split()[1]) * 1024
    return sys.maxsize


def collect() -> None:
    """Free what nobody refers to, and hand glibc's arenas back (else the night ends in swap: diffusers #2284)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
