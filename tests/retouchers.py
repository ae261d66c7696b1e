"""A whole retoucher without models: what differs from the colour of the picture's rim is the thing."""

from __future__ import annotations

import io
import math
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stockgen.app.catalogue import Catalogue
from stockgen.domain.errors import BadPicture, NotConfigured
from stockgen.domain.protocols import Clock, Retoucher
from stockgen.domain.retouch import Retouch, Retouched
from stockgen.files import write_durably
from stockgen.finishes.alpha import lifted
from stockgen.inference.enlarging import crop, enlarged, needed

LIKE, UNLIKE = 12.0, 60.0  # levels: of the ground, and of the thing


class ByColour:
    """Works when it is stepped, in the caller's thread; `wake` as for every retoucher."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._waiting: deque[Retouch] = deque()
        self._done: list[Retouched] = []

    def missing(self, model: str) -> NotConfigured | None:
        return None

    def want(self, task: Retouch) -> None:
        if task.shot not in {one.shot for one in self._waiting}:
            self._waiting.append(task)
            self._wake()

    def take(self) -> Sequence[Retouched]:
        done, self._done = self._done, []
        return done

    def step(self, now: float) -> None:
        if self._waiting:
            self._done.append(self._retouched(self._waiting.popleft()))
            self._wake()

    def next_at(self) -> float:
        return math.inf

    def close(self, deadline: float) -> None:
        self._waiting.clear()

    def _retouched(self, task: Retouch) -> Retouched:
        picture = Image.open(io.BytesIO(task.raw.read_bytes())).convert("RGB")
        found = lifted(picture, matte(picture), task.margin)
        if not found.measures["empty"]:
            return Retouched(shot=task.shot, seconds=0.0, error=BadPicture("cutout_nothing", model=task.cutout))
        measures = {**found.measures, "small": crop(task).factor(*found.picture.size)}
        large = enlarged(found.picture, needed(task, *found.picture.size), None)
        out = io.BytesIO()
        large.save(out, "PNG", compress_level=1)
        write_durably(task.into, out.getvalue())
        facts = {"cutout": task.cutout, "measures": measures, "width": large.width, "height": large.height}
        return Retouched(shot=task.shot, seconds=0.01, facts=facts)


def matte(picture: Image.Image) -> NDArray[np.uint8]:
    """How opaque each pixel is, by how far its colour is from the rim's."""
    seen = np.asarray(picture, np.float32)
    ground = np.concatenate([seen[0], seen[-1], seen[:, 0], seen[:, -1]]).mean(axis=0)
    off = np.abs(seen - ground).max(axis=-1)
    return np.rint(np.clip((off - LIKE) / (UNLIKE - LIKE), 0, 1) * 255).astype(np.uint8)


class CutsByColour(Catalogue):
    """A catalogue whose retoucher is this one."""

    def cuts_out(self) -> NotConfigured | None:
        return None

    def retoucher(self, clock: Clock, wake: Callable[[], None], lock: Path) -> Retoucher:
        return ByColour(wake)
