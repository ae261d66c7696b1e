"""What the NVIDIA driver says of its cards: the only file that knows `pynvml`. Makes no CUDA context."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeVar

from stockgen.gpu.cards import Card, Usage

T = TypeVar("T")
Why = Literal["", "no_library", "no_driver", "failed"]


class Nvml:
    """Asks the driver. Where there is none, or it fails, there are no cards, and `why` says so.

    `module`: the library's name.
    """

    def __init__(self, module: str = "pynvml") -> None:
        self._module = module
        self.why: Why = ""
        self.detail = ""

    def cards(self) -> tuple[Card, ...]:
        """All cards that answer, in the order of the bus."""
        return self._asked(_cards)

    def usages(self, cards: Collection[int]) -> tuple[Usage, ...]:
        """Who holds memory of these cards."""
        return self._asked(lambda nvml: [usage for index in sorted(cards) for usage in _usages(nvml, index)])

    def _asked(self, question: Callable[[Any], Iterable[T]]) -> tuple[T, ...]:
        """The driver's answer; nothing where there is no driver or where it fails.

        It is let go after each question: a laptop's card could not sleep while somebody holds it.
        """
        self.why, self.detail = "", ""
        try:
            nvml: Any = import_module(self._module)
        except ImportError:
            self.why = "no_library"
            return ()
        try:
            nvml.nvmlInit()
        except nvml.NVMLError as error:
            self.why, self.detail = "no_driver", str(error)
            return ()
        try:
            return tuple(question(nvml))
        except nvml.NVMLError as error:
            self.why, self.detail = "failed", str(error)
            return ()
        finally:
            nvml.nvmlShutdown()


def _cards(nvml: Any) -> Iterator[Card]:
    driver = _text(nvml.nvmlSystemGetDriverVersion())
    cuda = int(nvml.nvmlSystemGetCudaDriverVersion())
    return (_card(nvml, index, driver, cuda) for index in range(nvml.nvmlDeviceGetCount()))


def _card(nvml: Any, index: int, driver: str, cuda: int) -> Card:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)
    name = _text(nvml.nvmlDeviceGetName(handle))
    return Card(index, name, int(memory.total), int(memory.free), driver, (int(major), int(minor)), cuda)


def _usages(nvml: Any, index: int) -> Iterator[Usage]:
    """A process that draws and computes stands in both lists, with the same memory."""
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    found: dict[int, int] = {}
    for listed in (nvml.nvmlDeviceGetComputeRunningProcesses, nvml.nvmlDeviceGetGraphicsRunningProcesses):
        for one in listed(handle):
            held = int(one.usedGpuMemory or 0)  # None where the driver does not tell
            found[int(one.pid)] = max(held, found.get(int(one.pid), 0))
    for pid, held in found.items():
        yield Usage(index, pid, program(pid), held)


def program(pid: int) -> str:
    """The name of a process's program; "" where it has ended or is not to be seen from here."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode(errors="replace")
