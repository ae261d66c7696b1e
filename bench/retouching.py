"""Cutting out and enlarging in their process: milliseconds and megabytes of a picture, seams, and how exact a cut is.

    python -m bench.retouching --matting FILE.onnx [--session dis_custom] [--things 30]

cuts out drawn things of known shape with a real model, and tells the overlap (intersection ÷ union) of each.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.compact import SCALE, compact
from bench.figures import Aim, Effort, Figure, median
from bench.things import Thing, any_thing, ground_for
from stockgen.data.catalog import Model
from stockgen.domain.retouch import Retouch, Retouched
from stockgen.domain.times import SystemClock
from stockgen.gpu.weights import WeightsIndex
from stockgen.inference.kit import Kit
from stockgen.inference.retoucher import OnnxRetoucher
from stockgen.inference.upscaling import Upscaler
from stockgen.inference.words import Tool

OVERLAP = 0.97
SEAM = 1.0  # levels of 255
SIDE = 1024


@dataclass(frozen=True, slots=True)
class Size:
    """Rounds after one that is not counted; pixels of a side; layers of the model that enlarges."""

    rounds: int
    side: int
    depth: int


SIZES: dict[Effort, Size] = {"tiny": Size(1, 128, 2), "quick": Size(1, 512, 32), "full": Size(3, 1024, 32)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """What enlarging takes, with a model of the usual size."""
    size = SIZES[effort]
    file = compact(folder / "compact.onnx", size.depth)
    return [_seam(file, min(size.side, 320)), *_enlarging(file, size, folder)]


def cutting(file: Path, session: str, count: int, folder: Path) -> list[Figure]:
    """What cutting out takes, and how near it comes to the truth, with a real model; things alone, and after all that
    is done to a cut-out.
    """
    things = [any_thing(seed, SIDE) for seed in range(count)]
    with running(folder, file, {"matting": {"session": session}}) as doing:
        done = [doing.cut(one, number) for number, one in enumerate(things)]
        peak = doing.peak
    plain = _mattes(file, session, things, folder)
    cleaned = [_overlap(np.asarray(Image.open(folder / f"{number}.out").getchannel("A")), one)
               for number, one in enumerate(things)]  # fmt: skip
    spent = [one.facts["spent"] for one in done[1:] or done]
    return [
        Figure(measure="overlap of mattes with the truth, least", value=min(plain), unit="",
               aim=Aim(OVERLAP, at_least=True), how=_told(plain)),
        Figure(measure="overlap of finished cut-outs, least", value=min(cleaned), unit="",
               aim=Aim(OVERLAP, at_least=True), how=_told(cleaned)),
        Figure(measure="finding what a picture is of", value=median([one["matte"] for one in spent]) * 1e3, unit="ms",
               how=f"{SIDE}², {file.name}"),
        Figure(measure="cleaning and cropping it", value=median([one["lift"] for one in spent]) * 1e3, unit="ms",
               how=f"{SIDE}²"),
        Figure(measure="memory of the process, most", value=peak, unit="MB", how="weights, libraries and one picture"),
    ]  # fmt: skip


class Doing:
    """The real process, with one model."""

    def __init__(self, folder: Path, file: Path, special: dict[str, Any]) -> None:
        role = "matting" if "matting" in special else "upscaler"
        model = Model(
            name="it", title={"en": "it", "ko": "it"}, provider="onnx", licence="?", sellable=False, look="diffusion",
            source="bench", role=role, weights={"source": str(file.absolute())}, **special,
        )  # fmt: skip
        self._folder, self._woken = folder, threading.Semaphore(0)
        kit = Kit({"it": model}, WeightsIndex(None, None), folder / "rembg")
        self._retoucher = OnnxRetoucher(kit, SystemClock(), self._woken.release, folder / "children")
        self.peak = 0.0

    def cut(self, one: Thing, number: int) -> Retouched:
        """A thing on a ground as generated pictures have it, cut out."""
        raw = self._folder / f"{number}.png"
        one.on(ground_for(one, number), seed=number, shadow=0.1 * (number % 2)).save(raw, compress_level=1)
        return self.do(Retouch(shot=number, raw=raw, into=self._folder / f"{number}.out", cutout="it", margin=0.0))

    def do(self, task: Retouch) -> Retouched:
        """One task to its end. Raises what it ended with."""
        self._retoucher.want(task)
        while True:
            self._retoucher.step(time.monotonic())
            for one in self._retoucher.take():
                if one.error is not None:
                    raise one.error
                self.peak = max(self.peak, _peak(self._retoucher.pid))
                return one
            self._woken.acquire(timeout=1.0)

    def close(self) -> None:
        """End it."""
        self._retoucher.close(time.monotonic())


@contextmanager
def running(folder: Path, file: Path, special: dict[str, Any]) -> Iterator[Doing]:
    """A process until the block ends."""
    doing = Doing(folder, file, special)
    try:
        yield doing
    finally:
        doing.close()


def _enlarging(file: Path, size: Size, folder: Path) -> list[Figure]:
    raw, side = folder / "raw.png", size.side
    noise(side).save(raw, compress_level=1)
    with running(folder, file, {"upscaling": {"scale": SCALE}}) as doing:
        wanted = (side * 5 // 2, side * 5 // 2)
        taken = [doing.do(Retouch(shot=number, raw=raw, into=folder / "large.out", upscale="it", size=wanted))
                 for number in range(size.rounds + 1)][1:]  # fmt: skip
        peak = doing.peak
    seconds = median([one.facts["spent"]["enlarge"] for one in taken])
    how = f"{side}² → {wanted[0]}² by a ×4 model of 1.2 million weights, in tiles of 256"
    return [
        Figure(measure="enlarging by a model", value=seconds * 1e3, unit="ms", how=how),
        Figure(measure="memory of the process that enlarges, most", value=peak, unit="MB", how=how),
    ]


def _seam(file: Path, side: int) -> Figure:
    """The largest difference between a picture that is enlarged in tiles and one that is enlarged whole."""
    tool, picture = Tool("it", file, scale=SCALE), noise(side)
    whole = np.asarray(Upscaler(tool, tile=4096).enlarged(picture)).astype(int)
    apart = int(np.abs(whole - np.asarray(Upscaler(tool, tile=160).enlarged(picture)).astype(int)).max())
    return Figure(measure="tiles − whole, most", value=apart, unit="levels", aim=Aim(SEAM), how=f"{side}², of 255")


def _mattes(file: Path, session: str, things: list[Thing], folder: Path) -> list[float]:
    """Overlaps of what the model alone says."""
    from stockgen.inference.matting import Matting, at_home

    at_home(os.environ, folder / "rembg")
    matting = Matting(Tool("it", file.absolute(), session=session), folder / "rembg")
    found = []
    for number, one in enumerate(things):
        picture = Image.open(folder / f"{number}.png").convert("RGB")
        found.append(_shared(matting.matte(picture) >= 128, one.shape >= 0.5))
    return found


def _overlap(alpha: NDArray[np.uint8], one: Thing) -> float:
    """Of a cut-out that was cropped to what it shows, with the truth; the best within four pixels, because an edge may
    be a little tighter.
    """
    truth = one.shape >= 0.5
    rows, columns = np.nonzero(truth.any(1))[0], np.nonzero(truth.any(0))[0]
    height, width = alpha.shape
    best = 0.0
    for down in range(-4, 5):
        for across in range(-4, 5):
            top, left = int(rows[0]) + down, int(columns[0]) + across
            placed = np.zeros_like(truth)
            part = placed[max(0, top) : top + height, max(0, left) : left + width]
            part[:] = (alpha >= 128)[max(0, -top) :, max(0, -left) :][: part.shape[0], : part.shape[1]]
            best = max(best, _shared(placed, truth))
    return best


def _shared(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


def _told(found: list[float]) -> str:
    few = sum(one < OVERLAP for one in found)
    return f"of {len(found)} drawn things; median {median(found):.4f}, below {OVERLAP}: {few}"


def noise(side: int) -> Image.Image:
    """A picture of nothing, in all detail."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8))


def _peak(pid: int) -> float:
    """Megabytes that a process has ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(one.split()[1] for one in lines if one.startswith("VmHWM"))) / 1024


def main() -> None:
    """Measure with a model that was brought."""
    asked = argparse.ArgumentParser(prog="python -m bench.retouching")
    asked.add_argument("--matting", type=Path, required=True)
    asked.add_argument("--session", default="dis_custom")
    asked.add_argument("--things", type=int, default=30)
    given = asked.parse_args()
    with TemporaryDirectory(prefix="stockgen-bench-") as folder:
        for one in cutting(given.matting, given.session, given.things, Path(folder)):
            print(f"{one.measure}: {one.value:.4g} {one.unit} ({one.how})")


if __name__ == "__main__":
    main()
