"""Tiny models in folders, built once, and providers over them in this process."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.protocols import Device, Fit, Outcome, Shot
from stockgen.gpu.device import Cpu
from stockgen.gpu.host import ModelHost
from stockgen.gpu.settings import GpuSettings
from stockgen.gpu.weights import WeightsIndex
from stockgen.lanes.spec import Tools
from tests.gpu import tiny, tiny_seeing
from tests.gpu.entries import write_catalog


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every tiny model, and `my/` beside them, which names them."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before anything imports huggingface_hub
    import torch

    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("models")
    for kind in tiny.KINDS:
        tiny.build(kind, root / kind)
    for kind in tiny_seeing.KINDS:
        tiny_seeing.build(kind, root / kind)
    write_catalog(root / "my", root)
    return root


class Now:
    """Monotonic seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Studio:
    """Providers over tiny models that share one host on one device."""

    my: Path
    spool: Path
    device: Device
    settings: GpuSettings = field(default_factory=GpuSettings)
    memory: Callable[[], int] = lambda: 1 << 40
    now: Now = field(default_factory=Now)
    references: Path | None = None

    def __post_init__(self) -> None:
        from stockgen.data import Shelf

        self.host = ModelHost("cpu", self.settings, self.now, lambda _name: self.device, self.memory)
        self.tools = Tools(Shelf(self.my), WeightsIndex(None, self.my), self.host, None, self.now, self.references)

    def provider(self, name: str, **options: Any) -> Any:
        """`sdxl`, `flux` or `diffusers` with these options."""
        from importlib import import_module

        plugin = import_module(f"stockgen.providers.{name}")
        return plugin.build(plugin.Options(**options), self.tools)

    def fits(self, provider: Any, count: int, prompt: str = "a red fox", **wish: Any) -> list[Fit]:
        """`count` square pictures of 64 pixels."""
        return [
            provider.fit(
                Shot(id=number, job="k7m2q", idea=1, prompt=prompt, seed=number, width=64, height=64, wish=wish)
            )
            for number in range(1, count + 1)
        ]

    def draw(self, provider: Any, count: int, report: Any = None, **how: Any) -> list[Outcome]:
        """What becomes of `count` pictures."""
        quiet = report or (lambda _shot, _step, _steps: None)
        return list(provider.render(self.fits(provider, count, **how), self.spool, quiet))


@pytest.fixture
def studio(models: Path, tmp_path: Path) -> Callable[..., Studio]:
    """A studio on the CPU, or on the device given."""

    def make(device: Device | None = None, **more: Any) -> Studio:
        spool = tmp_path / "spool"
        spool.mkdir(exist_ok=True)
        return Studio(models / "my", spool, device or Cpu(), **more)

    return make


def pixels(outcome: Outcome) -> bytes:
    """The raw picture's bytes."""
    assert outcome.file is not None, outcome.error
    return outcome.file.read_bytes()


def off(one: bytes, other: bytes) -> int:
    """How many levels of 255 two pictures differ at most."""
    assert len(one) == len(other)
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
