"""A retoucher with a clock that is turned by hand, models made by tests, and pictures of one red thing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from stockgen.data.catalog import Model
from stockgen.domain.retouch import Retouch, Retouched
from stockgen.gpu.weights import Pulled, WeightsIndex
from stockgen.inference.kit import Kit
from stockgen.inference.retoucher import OnnxRetoucher, Patience
from tests.house import SOON
from tests.lanes.harness import HandClock

PATIENCE = Patience(silent=60.0, idle=30.0)  # seconds of the hand-turned clock
DISC = (60, 50, 130, 140)  # of a picture of 200 × 200: left, top, right, bottom


def model(name: str, path: Path | str, **special: Any) -> Model:
    """An entry of the catalogue: `matting` or `upscaling` says of what kind."""
    role = "matting" if "matting" in special else "upscaler"
    weights = {"source": str(path), **special.pop("weights", {})}
    return Model(
        name=name, title={"en": name, "ko": name}, provider="onnx", licence="MIT", sellable=True, look="diffusion",
        source="tests", role=role, weights=weights, **special,
    )  # fmt: skip


def thing(path: Path, size: int = 200, colour: str = "red", ground: str = "white") -> Path:
    """A disc on a plain ground, as PNG."""
    picture = Image.new("RGB", (size, size), ground)
    ImageDraw.Draw(picture).ellipse([side * size / 200 for side in DISC], fill=colour)
    picture.save(path)
    return path


class Bench:
    """One retoucher under test. `models`: of the catalogue; a pulled one is written down with `pulled`."""

    def __init__(self, root: Path, *models: Model, patience: Patience = PATIENCE) -> None:
        self.root = root
        self.clock = HandClock()
        self.woken = threading.Semaphore(0)
        self.index = WeightsIndex(root / "models", root / "my")
        self.kit = Kit({one.name: one for one in models}, self.index, root / "rembg")
        self.retoucher = OnnxRetoucher(self.kit, self.clock, self.woken.release, root / "children", patience)
        self.come: dict[int, Retouched] = {}

    def pulled(self, name: str, path: Path) -> None:
        """As if `stockgen models pull` had brought a file."""
        self.index.record(name, Pulled(str(path), "md5:0", path.stat().st_size))

    def task(self, shot: int, raw: Path, **wanted: Any) -> Retouch:
        return Retouch(shot=shot, raw=raw, into=raw.with_name(f"{raw.name}-{shot}.retouched"), **wanted)

    def turn(self) -> None:
        self.retoucher.step(self.clock.now)
        self.come |= {one.shot: one for one in self.retoucher.take()}

    def work(self, done: Callable[[], object]) -> None:
        """Turn it, each time that it wakes us, until `done`."""
        end = time.monotonic() + SOON
        while not done():
            assert time.monotonic() < end, self.come
            self.turn()
            self.woken.acquire(timeout=0.05)

    def do(self, task: Retouch) -> Retouched:
        """One task to its end."""
        self.retoucher.want(task)
        self.work(lambda: task.shot in self.come)
        return self.come.pop(task.shot)

    def close(self) -> None:
        self.retoucher.close(self.clock.now)
