"""Our providers in this process, without a daemon: what they do can be timed alone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from bench.models.kits import PROMPT, Ground, Kit
from stockgen.domain.protocols import Device, Shot
from stockgen.gpu.settings import GpuSettings


@dataclass(frozen=True, slots=True)
class Drawn:
    """One batch. `seconds` of all its pictures; `facts`: what the first one's sidecar would say."""

    seconds: float
    facts: Mapping[str, Any]


class Studio:
    """Draws into `spool` with the models of a ground; they stay warm in one host. `device` instead of the ground's."""

    def __init__(
        self, ground: Ground, spool: Path, settings: GpuSettings | None = None, device: Device | None = None
    ) -> None:
        from stockgen.data import Shelf
        from stockgen.gpu.host import ModelHost
        from stockgen.gpu.weights import WeightsIndex
        from stockgen.lanes.spec import Tools

        settings = settings or GpuSettings(compile="never")
        opened = None if device is None else lambda _name: device
        self.host = ModelHost(ground.device, settings, time.monotonic, opened)
        self._tools = Tools(Shelf(ground.my), WeightsIndex(None, ground.my), self.host, None, time.monotonic)
        self._spool = spool
        self._made = 0
        spool.mkdir(parents=True, exist_ok=True)

    def draw(self, kit: Kit, count: int = 1, refiner: str = "", loras: Sequence[str] = ()) -> Drawn:
        """Draw a batch, with LoRAs of `my/loras`. Raises what went wrong with a picture."""
        from importlib import import_module

        plugin = import_module(f"stockgen.providers.{kit.provider}")
        options = {"model": kit.name} | ({"refiner": refiner} if refiner else {})
        provider = plugin.build(plugin.Options(**options), self._tools)
        fits = [provider.fit(self._shot(kit, loras)) for _ in range(count)]
        began = time.perf_counter()
        made = list(provider.render(fits, self._spool, lambda _shot, _step, _steps: None))
        taken = time.perf_counter() - began
        for outcome in made:
            if outcome.error is not None:
                raise outcome.error
            outcome.file.unlink()
        return Drawn(taken, made[0].facts)

    def _shot(self, kit: Kit, loras: Sequence[str]) -> Shot:
        self._made += 1
        number = self._made
        wish = {"lora": [[name, None] for name in loras]} if loras else {}
        return Shot(id=number, job="bench", idea=0, prompt=PROMPT, seed=number, width=kit.side, height=kit.side,
                    wish=wish)  # fmt: skip


def never() -> NoReturn:
    """In place of loading, for what is warm."""
    raise AssertionError("it was warm")
