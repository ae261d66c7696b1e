"""A provider like a GPU: each picture takes a fixed time in which the CPU mostly waits, and is 1024 pixels wide.

The picture is drawn once and written anew each time; writing it is part of its time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bench.pictures import KINDS, SIDE, painted
from stockgen.domain.errors import NotConfigured
from stockgen.domain.protocols import OURS, Fit, Outcome, Reporter, Shot
from stockgen.domain.words import Look, Place
from stockgen.files import fsync_dir, write_new
from stockgen.lanes.spec import Tools

STEPS = 4  # heartbeats a picture, as a distilled model has steps


class Options(BaseModel):
    """`seconds` a picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = 0.25
    side: int = SIDE


class Paced:
    """The provider, in a process lane."""

    look: Look = "diffusion"
    place: Place = "cpu"
    batch = 1
    terms = OURS

    def __init__(self, options: Options) -> None:
        self._options = options

    def missing(self, model: str = "") -> NotConfigured | None:
        """Nothing."""
        return None

    def fit(self, shot: Shot) -> Fit:
        """Any shot, always drawn on a square."""
        side = self._options.side
        return Fit(shot=shot, provider="paced", model="paced", stack="paced", request={"width": side, "height": side})

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """One after another."""
        for fit in batch:
            began, shot = time.monotonic(), fit.shot.id
            file = spool / f"{shot}.png"
            write_new(file, painted(self._options.side, fit.shot.seed % KINDS))
            fsync_dir(spool)
            for step in range(STEPS):
                report(shot, step, STEPS)
                _wait(began + self._options.seconds * (step + 1) / STEPS)
            report(shot, STEPS, STEPS)
            yield Outcome(shot=shot, seconds=time.monotonic() - began, file=file)

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """Nothing."""
        return ()


def build(options: Options, tools: Tools) -> Paced:
    """As every plugin."""
    return Paced(options)


def _wait(until: float) -> None:
    threading.Event().wait(max(0.0, until - time.monotonic()))
