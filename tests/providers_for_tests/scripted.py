"""Draws small real pictures by seed, and does what the words of a prompt say.

In `fit`: `unfit`, `retired`, `unconfigured` raise. In `render`, by the first of these words in the prompt:

    poison, segfault    the process dies (process lanes only)
    hang                blocks for ever without a heartbeat       deaf    so too, holding the GIL (process)
    quit                SystemExit(70)                            slow    600 steps of 0.05 s
    raise               a ValueError, which ends the batch        oom     OutOfMemory, which ends the batch
    busy, crowded       Outcomes with Busy: for 0.05 s, and for nobody knows how long
    late                Busy for nobody knows how long, perhaps billed
    refuse, quota, full Outcomes with Refused, QuotaSpent, StorageFull
    denied, spent, gone NotConfigured for an hour, QuotaSpent for six, Retired for ten years: they close the provider,
                        the last only its model
    kept                what was bought is on disk, and then it blocks for ever
    undecodable, truncated, nan, wrongsize, flat, clipped, framed, blurred, noisy, banded, blocky
                        a file that is no good picture
    missing             names a file that isn't there             nothing no Outcome at all
    twice               the same Outcome twice                    stranger an Outcome of an unknown shot
    odd                 a foreign error and facts that no process could send, in an Outcome

A word with a number behind a slash (`flat/3`) is meant for the picture of that seed alone.
"""

from __future__ import annotations

import ctypes
import io
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from stockgen.domain.errors import (
    Busy,
    Cancelled,
    NotConfigured,
    OutOfMemory,
    QuotaSpent,
    Refused,
    Retired,
    StorageFull,
    Unfit,
)
from stockgen.domain.protocols import Fit, Outcome, Reporter, Shot, Terms
from stockgen.domain.words import Look, Place
from stockgen.files import fsync_dir, write_durably, write_new
from stockgen.gpu.host import ModelHost
from stockgen.lanes.spec import Tools

LARGEST = 4096  # pixels a side
CLIPPED = 100  # level above which a clipped picture is white
SPOILED = ("clipped", "framed", "blurred", "noisy", "banded", "blocky")
BUSY_FOR = 0.05  # seconds
HOUR, YEAR = 3600.0, 31_536_000.0  # seconds
SOLD = ".sold"  # what was bought, byte for byte as it came; a refusal is one, too
REFUSED = b"refused"
YIELDED: dict[str, Callable[[], Exception]] = {
    "busy": lambda: Busy("busy", retry_after=BUSY_FOR),
    "crowded": lambda: Busy("busy"),
    "late": lambda: Busy("busy"),
    "refuse": lambda: Refused("refused"),
    "quota": lambda: QuotaSpent("quota_spent"),
    "denied": lambda: NotConfigured("not_configured", closed_for=HOUR),
    "spent": lambda: QuotaSpent("quota_spent", closed_for=6 * HOUR),
    "gone": lambda: Retired("retired", model="scripted", closed_for=10 * YEAR),
    "full": lambda: StorageFull("storage_full", path="spool"),
}


class Options(BaseModel):
    """`seconds` a picture, in `steps` steps; `quote` in micro-dollars; without `misbehave` words do nothing.
    `parallel`, `per_minute` and `spacing` as `Terms` has them.

    `careless`: Cancelled of one shot ends the whole batch, as providers may do.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "scripted"
    seconds: float = 0.0
    steps: int = 4
    batch: int = 1
    look: Look = "diffusion"
    place: Place = "cpu"
    quote: int = 0
    misbehave: bool = True
    careless: bool = False
    parallel: int = 1
    per_minute: int = 0
    spacing: tuple[float, float] = (0.0, 0.0)


class Scripted:
    """The provider; `fit.stack` is its name and the picture's size."""

    def __init__(self, options: Options, host: ModelHost) -> None:
        self._host = host
        self.look: Look = options.look
        self.place: Place = options.place
        self.batch = options.batch
        self.terms = Terms(
            paid=options.quote > 0, parallel=options.parallel, per_minute=options.per_minute, spacing=options.spacing
        )
        self._options = options
        self._made = 0  # since it was built: shows whether a lane kept it

    def missing(self, model: str = "") -> NotConfigured | None:
        """Nothing."""
        return None

    def fit(self, shot: Shot) -> Fit:
        """Any size up to 4096 pixels a side."""
        words = self._words(shot)
        if "retired" in words:
            raise Retired("retired")
        if "unconfigured" in words:
            raise NotConfigured("not_configured")
        if "unfit" in words or not (0 < shot.width <= LARGEST and 0 < shot.height <= LARGEST):
            raise Unfit("unfit")
        name = self._options.name
        request = {"width": shot.width, "height": shot.height}
        stack = f"{name} {shot.width}x{shot.height}"
        return Fit(shot=shot, provider=name, model=name, stack=stack, request=request, quote=self._options.quote)

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """One after another."""
        for fit in batch:
            began = time.monotonic()
            try:
                answers = list(self._answers(fit, spool, report))
            except Cancelled as error:
                if self._options.careless:
                    raise
                answers = [Outcome(shot=fit.shot.id, seconds=0.0, error=error)]
            for answer in answers:
                yield replace(answer, seconds=time.monotonic() - began)

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """What was sold and lies there."""
        sold = sorted(spool.glob(f"*{SOLD}"))
        return [self._redeemed(int(file.stem), file.read_bytes(), spool) for file in sold]

    def _redeemed(self, shot: int, came: bytes, spool: Path) -> Outcome:
        if came == REFUSED:
            return Outcome(shot=shot, seconds=0.0, error=Refused("refused"))
        file = spool / f"{shot}.png"
        write_durably(file, came)
        return Outcome(shot=shot, seconds=0.0, file=file, cost=self._options.quote)

    def _answers(self, fit: Fit, spool: Path, report: Reporter) -> Iterator[Outcome]:
        shot, words = fit.shot, self._words(fit.shot)
        if "hang" in words:
            (spool / "hanging").touch()  # whoever watches sees that nothing can stop it any more
        for word in (word for word in words if word in FATAL):
            FATAL[word]()
        self._step_by_step(shot.id, report, slow="slow" in words)
        wrong = next((YIELDED[word]() for word in words if word in YIELDED), None)
        if wrong is not None:
            self._keep(fit, spool, words, REFUSED)
            yield Outcome(shot=shot.id, seconds=0.0, error=wrong, cost=None if "late" in words else 0)
            return
        if "odd" in words:
            yield Outcome(shot=shot.id, seconds=0.0, error=KeyError("odd"), facts={"lock": threading.Lock()})
            return
        good = self._drawn(fit, spool, words)
        if "dear" in words:
            good = replace(good, cost=2 * fit.quote)
        if "missing" in words:
            yield replace(good, file=spool / "never-written.png")
        elif "stranger" in words:
            yield replace(good, shot=-1)
        elif "nothing" not in words:
            yield from [good] * (2 if "twice" in words else 1)

    def _step_by_step(self, shot: int, report: Reporter, slow: bool) -> None:
        steps = 600 if slow else self._options.steps
        pause = 0.05 if slow else self._options.seconds / steps
        for step in range(steps):
            report(shot, step, steps)
            if pause:
                threading.Event().wait(pause)
        report(shot, steps, steps)

    def _drawn(self, fit: Fit, spool: Path, words: Sequence[str]) -> Outcome:
        self._made += 1
        kind = next((word for word in words if word in PAINTERS), "picture")
        file = spool / f"{fit.shot.id}.{'tif' if kind == 'nan' else 'png'}"
        came = PAINTERS[kind](fit.request["width"], fit.request["height"], fit.shot.seed)
        self._keep(fit, spool, words, came)
        write_new(file, came)
        fsync_dir(spool)
        facts = {"pid": os.getpid(), "made": self._made, "host": self._told()}
        return Outcome(shot=fit.shot.id, seconds=0.0, file=file, facts=facts, cost=fit.quote)

    def _keep(self, fit: Fit, spool: Path, words: Sequence[str], came: bytes) -> None:
        """An answer that costs something is on disk before anybody reads it."""
        if fit.quote:
            write_durably(spool / f"{fit.shot.id}{SOLD}", came)
        if "kept" in words:
            (spool / "keeping").touch()
            threading.Event().wait()

    def _told(self) -> dict[str, Any]:
        """What a lane tells providers of its device and of the queue."""
        settings = self._host.settings
        return {
            "device": self._host.device, "ahead": self._host.ahead, "plan": settings.plan,
            "pinned": sorted(settings.pinned), "unload_after": settings.unload_after, "compile": settings.compile,
            "cards": os.environ.get("CUDA_VISIBLE_DEVICES"),
        }  # fmt: skip

    def _words(self, shot: Shot) -> list[str]:
        words = [word.partition("/") for word in shot.prompt.lower().split() if self._options.misbehave]
        return [word for word, _, seed in words if seed in ("", str(shot.seed))]


def build(options: Options, tools: Tools) -> Scripted:
    """As every plugin."""
    return Scripted(options, tools.host)


def picture(width: int, height: int, seed: int) -> bytes:
    """A PNG of coloured tiles with a gradient and some noise: sharp, colourful, different for each seed."""
    import numpy as np

    rng = np.random.default_rng(seed)
    tiles = rng.integers(0, 200, (8, 8, 3), dtype=np.uint8)
    rows, columns = np.arange(height) * 8 // height, np.arange(width) * 8 // width
    slope = np.linspace(0, 40, width, dtype=np.uint8)[None, :, None]
    grain = rng.integers(0, 8, (height, width, 1), dtype=np.uint8)
    return _png(tiles[rows][:, columns] + slope + grain)


def _flat(width: int, height: int, seed: int) -> bytes:
    import numpy as np

    return _png(np.full((height, width, 3), seed % 256, dtype=np.uint8))


def _spoiled(width: int, height: int, seed: int, kind: str) -> bytes:
    """The good picture with one fault that can be seen."""
    import numpy as np
    from PIL import Image, ImageFilter

    good = np.asarray(Image.open(io.BytesIO(picture(width, height, seed))).convert("RGB"))
    if kind == "clipped":
        good = np.where(good > CLIPPED, 255, good)
        good[:2] = good[-2:] = 90
    elif kind == "framed":
        good = np.pad(good[8:-8, 8:-8], ((8, 8), (8, 8), (0, 0)), constant_values=250)
    elif kind == "blurred":
        good = np.asarray(Image.fromarray(good).filter(ImageFilter.GaussianBlur(4)))
    elif kind == "noisy":
        good = np.clip(good + np.random.default_rng(seed).normal(0, 25, good.shape), 0, 255)
    elif kind == "banded":
        good = np.repeat(np.linspace(40, 200, width)[None, :, None] // 8 * 8, height, axis=0) + np.zeros(3)
    elif kind == "blocky":
        slope = np.linspace(90, 120, width)[None, :, None] + np.linspace(0, 20, height)[:, None, None]
        grainy = slope + np.random.default_rng(seed).normal(0, 3, good.shape)
        small = _encoded(Image.fromarray(grainy.astype(np.uint8)), "JPEG", quality=12)
        return _encoded(Image.open(io.BytesIO(small)), "PNG")
    return _png(good.astype(np.uint8))


def _nan(width: int, height: int, seed: int) -> bytes:
    import numpy as np
    from PIL import Image

    values = np.random.default_rng(seed).random((height, width), dtype=np.float32)
    values[0, 0] = np.nan
    return _encoded(Image.fromarray(values), "TIFF")


def _png(pixels: Any) -> bytes:
    from PIL import Image

    return _encoded(Image.fromarray(pixels), "PNG", compress_level=1)


def _encoded(image: Any, form: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **how)
    return file.getvalue()


PAINTERS: dict[str, Callable[[int, int, int], bytes]] = {
    "picture": picture,
    "undecodable": lambda _w, _h, seed: b"no picture at all" * (1 + seed % 9),
    "truncated": lambda w, h, seed: picture(w, h, seed)[: len(picture(w, h, seed)) // 2],
    "nan": _nan,
    "wrongsize": lambda w, h, seed: picture(w + 8, h, seed),
    "flat": _flat,
    **{kind: partial(_spoiled, kind=kind) for kind in SPOILED},
}


def _foreign() -> None:
    raise ValueError("a foreign error")


def _out_of_memory() -> None:
    raise OutOfMemory("out_of_memory")


def _quit() -> None:
    raise SystemExit(70)


FATAL: dict[str, Callable[[], Any]] = {
    "poison": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: ctypes.string_at(0),
    "hang": lambda: threading.Event().wait(),
    "deaf": lambda: sum(range(10**18)),
    "quit": _quit,
    "raise": _foreign,
    "oom": _out_of_memory,
}
