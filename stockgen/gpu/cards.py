"""Graphics cards and what becomes of them: which devices images are made on, one lane for each."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Card:
    """An NVIDIA card. `index` as the driver counts, in the order of the bus; `total`, `free` in bytes. `capability`:
    the generation that programs are compiled for, (8, 9) for an RTX 40; `cuda`: the newest CUDA that the driver runs,
    13000 for 13.0. None and 0 = it did not say.
    """

    index: int
    name: str
    total: int
    free: int
    driver: str
    capability: tuple[int, int] | None = None
    cuda: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process holds of one card: `card` its index, `name` the program's, `bytes` of the card's memory."""

    card: int
    pid: int
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class LaneDevice:
    """Where one lane renders. `lane`: its name; `device` as the lane's own process counts: `cuda:0`, `mps`, `cpu`, ""
    for none. `card`: the index of its card, None = it has none. `environment`: variables of its process.
    """

    lane: str
    device: str
    environment: Mapping[str, str]
    card: int | None = None


def apple() -> bool:
    """Whether this machine has Apple's own graphics."""
    import platform

    return sys.platform == "darwin" and platform.machine() == "arm64"


def on_bus(devices: Path = Path("/sys/bus/pci/devices")) -> bool:
    """Whether the machine has an NVIDIA card, with or without a driver: vendor 10de, PCI class 03 (display)."""
    return any(
        _said(device / "vendor") == "0x10de" and _said(device / "class").startswith("0x03")
        for device in (devices.iterdir() if devices.is_dir() else ())
    )


def lane_devices(
    wanted: Sequence[str], cards: Sequence[Card], *, allow_cpu: bool, mps: bool, compiled: Path
) -> tuple[LaneDevice, ...]:
    """Given the config's `gpu.devices` and the cards that are there, return a device for each lane.

    `auto` is every card, else `mps` where the machine has it, else the processor where `allow_cpu` says so, else
    nothing. Cards that are named and not there are left out. `compiled`: the folder that keeps compiled kernels.
    """
    there = {str(card.index) for card in cards}
    if tuple(wanted) == ("auto",):
        names = sorted(there, key=int) or (["mps"] if mps else ["cpu"] if allow_cpu else [])
    else:
        names = [name for name in wanted if name in there or not name.isdecimal()]
    return tuple(_device(f"gpu{number}", name, compiled) for number, name in enumerate(names))


def absent(wanted: Sequence[str], cards: Sequence[Card]) -> list[str]:
    """The cards that the config names and that are not there."""
    there = {str(card.index) for card in cards}
    return [name for name in wanted if name.isdecimal() and name not in there]


def _said(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def nowhere(compiled: Path) -> LaneDevice:
    """Where there is no device: what is planned for a card still gets its answer, and goes on along its chain."""
    return _device("gpu0", "", compiled)


def _device(lane: str, name: str, compiled: Path) -> LaneDevice:
    environment = {
        "MALLOC_ARENA_MAX": "2",  # glibc's arenas keep what a model gave back
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TORCHINDUCTOR_CACHE_DIR": str(compiled),
    }
    if not name.isdecimal():
        # A process that is to work without a card must not find one.
        return LaneDevice(lane, name, environment | ({} if name == "mps" else {"CUDA_VISIBLE_DEVICES": ""}))
    seen = {
        "CUDA_VISIBLE_DEVICES": name,
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "PYTORCH_ALLOC_CONF": "expandable_segments:True",
    }
    return LaneDevice(lane, "cuda:0", environment | seen, int(name))
