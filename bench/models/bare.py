"""The bare loop that the daemon is held against: plain diffusers, then the same pool and the same `finish`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.finishing import QUALITY
from bench.loop import ends, places_in
from bench.models.kits import Kit
from bench.models.plain import drawn, loaded
from bench.pictures import described
from stockgen.files import sha256_file
from stockgen.pipeline.finish import Task
from stockgen.pipeline.places import Places

WARM = 2  # batches at the start that are not counted


@dataclass(frozen=True, slots=True)
class Course:
    """When each batch began, how many pictures it had, and when each picture was finished; seconds of one clock."""

    begins: Sequence[float]
    pictures: Sequence[int]
    ends: Sequence[float]

    def rate(self, warm: int = WARM) -> float:
        """Pictures a second, without so many batches at the start."""
        return sum(self.pictures[warm:]) / (max(self.ends) - self.begins[warm])


def looped(device: str, kit: Kit, batches: int, wanted: int, root: Path) -> Course:
    """Draw so many batches after the warm ones, and finish every picture `wanted` pixels wide."""
    places, pipe = places_in(root), loaded(kit, device)
    begins: list[float] = []

    def tasks() -> Iterator[Task]:
        for first in range(0, (WARM + batches) * kit.batch, kit.batch):
            begins.append(time.monotonic())
            images = drawn(pipe, kit, range(first, first + kit.batch))
            yield from (_saved(image, first + place, wanted, places) for place, image in enumerate(images))

    ended = ends(tasks(), places)
    return Course(begins, [kit.batch] * len(begins), ended)


def _saved(image: Image.Image, number: int, wanted: int, places: Places) -> Task:
    """Write one picture into the spool as PPM, and say how it is to be finished."""
    folder = places.spool / "bare"
    folder.mkdir(exist_ok=True)
    file = folder / f"{number}.ppm"
    image.save(file)
    return Task(
        shot=number, raw=f"bare/{file.name}", sha256=sha256_file(file), drawn=image.size, wanted=(wanted, wanted),
        quality=QUALITY, thresholds={"flat": 0.0}, metadata=described(),
    )  # fmt: skip
