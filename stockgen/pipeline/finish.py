"""Raw bytes in the spool → a finished master in staging, in a small pool of threads (Pillow lets go of the GIL)."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from stockgen.data.sizes import Crop
from stockgen.domain.errors import BadPicture, StorageLost
from stockgen.files import make_folders, translated, write_durably, write_new, write_whole
from stockgen.ledger import Row
from stockgen.metadata.embed import with_metadata
from stockgen.metadata.provenance import Provenance, provenance
from stockgen.metadata.words import Metadata
from stockgen.pipeline.measuring import Measured, measured
from stockgen.pipeline.places import Places

if TYPE_CHECKING:
    from PIL import Image

    from stockgen.checks import Finding
    from stockgen.checks.likeness import Likeness

Result = TypeVar("Result")

POOL = 2  # more would only fight with the lanes for cores
WORDS = 200_000  # bytes of a file that its words may take
THUMB_SIDE = 240  # pixels; six columns make a sheet of at most 1600


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One picture to finish. `drawn`: width and height that the provider promised; `wanted`: those of the order.

    `ending`: of the master's file; `thresholds`: name of a check -> its own. `retouched`: the picture as it was cut out
    or enlarged, relative to the spool like `raw`; None = it is finished as it was drawn. `crop`: what is wanted of
    something that was drawn without a background. `most_bytes`: of the file, 0 = any number. `measured`: None = nothing
    was yet.
    """

    shot: int
    raw: str
    sha256: str
    drawn: tuple[int, int]
    wanted: tuple[int, int]
    quality: int
    thresholds: dict[str, float]
    metadata: Metadata
    ending: str = "jpg"
    retouched: str | None = None
    crop: Crop | None = None
    most_bytes: int = 0
    measured: Measured | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A finished master. `staged`: its name in staging; width and height in pixels; `bytes` of the file. `provenance`:
    what the file carried that it was made from; the master carries none of that, but our own words. `tried`: what its
    sidecar tells of the others that it was chosen from, None = there were none.
    """

    shot: int
    staged: str
    sha256: str
    bytes: int
    width: int
    height: int
    checks: Sequence[Finding]
    likeness: Likeness = field(compare=False)
    provenance: Provenance = field(default_factory=Provenance)
    tried: Mapping[str, Any] | None = None

    @property
    def review(self) -> str | None:
        """The first check that fell short, None = none."""
        return next((one.name for one in self.checks if not one.ok), None)


class PixelPool:
    """Runs work on pixels beside the main loop; `wake` is called when something is done."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._pool = ThreadPoolExecutor(POOL, thread_name_prefix="pixels")
        self._wake = wake
        self._done: deque[Callable[[], None]] = deque()
        self._running = 0

    def run(self, work: Callable[[], Result], then: Callable[[Result | Exception], None]) -> None:
        """Do `work` in the pool; `then` gets its result, or what it raised, when the main loop calls `deliver`."""
        self._running += 1

        def both() -> None:
            result: Result | Exception
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - the wall around a worker's step; `then` classes and logs it
                result = error
            self._done.append(lambda: then(result))
            self._wake()

        self._pool.submit(both)

    def deliver(self) -> None:
        """Hand over what is done, in the caller's thread."""
        while self._done:
            self._running -= 1
            self._done.popleft()()

    @property
    def running(self) -> int:
        """How many pieces of work are not delivered yet."""
        return self._running

    def close(self) -> None:
        """Wait for what is running; what waits in line is dropped and found again at the next start."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def finish(task: Task, places: Places) -> Finished:
    """Check, enlarge, encode and describe one picture; the master lies fsynced in staging when this returns.

    Checks look at what the provider drew: enlarging would blur every picture alike. What was retouched is large enough.

    Raises BadPicture where the raw bytes are no picture, StorageFull, StorageLost.
    """
    from stockgen.checks.sound import decoded
    from stockgen.finishes import FINISHES
    from stockgen.finishes.encode import ENCODERS, thumbnail

    raw = raw_bytes(task.raw, task.sha256, places)
    picture = decoded(raw, *task.drawn)
    found = task.measured or measured(picture, task.thresholds)
    about: list[Finding] = []
    if task.retouched:
        picture = redrawn(task.retouched, places)
    if task.crop:
        picture, about = cut(picture, task.crop, picture.width / task.drawn[0])
    elif not task.retouched:
        picture = FINISHES["lanczos"](picture, *task.wanted)
    room = task.most_bytes and max(1, task.most_bytes - WORDS)
    data = with_metadata(ENCODERS[task.ending](picture, task.quality, room), task.metadata)
    staged = f"shot-{task.shot}.{task.ending}"
    write_new(places.staging / staged, data)
    write_whole(places.thumbs / f"{task.shot}.jpg", thumbnail(picture, THUMB_SIDE))
    return Finished(
        shot=task.shot, staged=staged, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data),
        width=picture.width, height=picture.height, checks=[*about, *found.checks],
        likeness=found.likeness, provenance=provenance(raw),
    )  # fmt: skip


def measure(task: Task, places: Places) -> Measured:
    """Measure a try that has just rendered. Raises BadPicture where the raw bytes are no picture, StorageLost."""
    from stockgen.checks.sound import decoded

    return measured(decoded(raw_bytes(task.raw, task.sha256, places), *task.drawn), task.thresholds)


def laid_by(task: Task, name: str, places: Places) -> tuple[int, int]:
    """Make a spare: the picture as its provider drew it, because an enlarged one takes four times the disk and nearly
    none is ever looked at. It is whole under its name when this returns width and height.

    Raises BadPicture where the raw bytes are no picture, StorageFull, StorageLost.
    """
    from stockgen.checks.sound import decoded
    from stockgen.finishes.encode import ENCODERS

    picture = decoded(raw_bytes(task.raw, task.sha256, places), *task.drawn)
    data = with_metadata(ENCODERS[task.ending](picture, task.quality, 0), task.metadata)
    make_folders(places.spare)
    write_durably(places.spare / f"{name}.{task.ending}", data)
    return picture.size


def raw_bytes(raw: str, sha256: str, places: Places) -> bytes:
    """What a provider left in the spool under `raw`. Raises BadPicture where that is not what it was, StorageLost."""
    path = places.spool / raw
    try:
        with translated(path):
            data = path.read_bytes()
    except StorageLost as error:  # waiting brings no byte of it back: it is made again
        if path.exists():
            raise BadPicture("raw_damaged", path=raw) from error
        raise BadPicture("raw_lost", path=raw) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadPicture("raw_damaged", path=raw)
    return data


def redrawn(file: str, places: Places) -> Image.Image:
    """What was made of a raw picture. Raises BadPicture where that is gone or no picture: then the raw one is, too."""
    from stockgen.checks.sound import opened

    path = places.spool / file
    try:
        with translated(path):
            return opened(path.read_bytes())
    except StorageLost as error:
        raise BadPicture("raw_lost", path=file) from error


def cut(picture: Image.Image, wanted: Crop, scale: float) -> tuple[Image.Image, list[Finding]]:
    """What was drawn without a background, cropped and enlarged as it is wanted, and what is found of it. `scale`: how
    many times as long as it was drawn the picture is already.
    """
    import numpy as np
    from PIL.Image import Resampling

    from stockgen.checks.cutout import of_cutout, whole
    from stockgen.finishes.alpha import lifted

    if picture.mode != "RGBA":
        return picture, [whole()]
    found = lifted(picture, np.asarray(picture.getchannel("A"), np.uint8), wanted.margin)
    if not found.measures["empty"]:
        return picture, [whole()]
    measures = {**found.measures, "small": scale * wanted.factor(*found.picture.size)}
    size, alone = wanted.size(*found.picture.size), found.picture
    return alone if alone.size == size else alone.resize(size, Resampling.LANCZOS), of_cutout(measures)


def ending(cut: bool) -> str:
    """How a master is stored: what has no background is laid on other pictures, so it keeps its transparency."""
    return "png" if cut else "jpg"


def drawn_size(attempt: Row) -> tuple[int, int]:
    """The width and height that an attempt's provider promised, or has told afterwards, where what it was given differs
    from what it ordered.
    """
    told = json.loads(attempt["request"]) | json.loads(attempt["facts"] or "{}")
    return int(told["width"]), int(told["height"])
