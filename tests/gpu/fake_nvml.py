"""A driver's library of two cards, with the functions and the class of errors of `pynvml` that we use."""

from __future__ import annotations

from types import SimpleNamespace

MIB = 1 << 20


class NVMLError(Exception):
    """As the library's."""


def nvmlInit() -> None:  # noqa: N802
    """Nothing."""


def nvmlShutdown() -> None:  # noqa: N802
    """Nothing."""


def nvmlSystemGetDriverVersion() -> bytes:  # noqa: N802 - older versions of the library answer in bytes
    return b"580.95"


def nvmlSystemGetCudaDriverVersion() -> int:  # noqa: N802
    return 13000


def nvmlDeviceGetCudaComputeCapability(handle: int) -> tuple[int, int]:  # noqa: N802
    return ((8, 9), (8, 6))[handle]


def nvmlDeviceGetCount() -> int:  # noqa: N802
    return 2


def nvmlDeviceGetHandleByIndex(index: int) -> int:  # noqa: N802
    if index not in (0, 1):
        raise NVMLError("Invalid Argument")
    return index


def nvmlDeviceGetName(handle: int) -> str:  # noqa: N802
    return ("RTX 4090", "RTX 3060")[handle]


def nvmlDeviceGetMemoryInfo(handle: int) -> SimpleNamespace:  # noqa: N802
    return SimpleNamespace(total=(24_000 * MIB, 12_000 * MIB)[handle], free=9_000 * MIB)


def nvmlDeviceGetComputeRunningProcesses(handle: int) -> list[SimpleNamespace]:  # noqa: N802
    return [SimpleNamespace(pid=4_000_001, usedGpuMemory=700 * MIB)] if handle == 0 else []


def nvmlDeviceGetGraphicsRunningProcesses(handle: int) -> list[SimpleNamespace]:  # noqa: N802
    both = SimpleNamespace(pid=4_000_001, usedGpuMemory=800 * MIB)
    return [both, SimpleNamespace(pid=4_000_002, usedGpuMemory=None)] if handle == 0 else []
