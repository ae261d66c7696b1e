"""A bare loop: pictures are finished by the same pool and the same `finish` as the daemon's, and by nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from stockgen.pipeline.finish import PixelPool, Task, finish
from stockgen.pipeline.places import Places

LOOK = 0.02  # seconds between looks at the last pictures


def places_in(root: Path) -> Places:
    """Folders to render into and to finish in."""
    places = Places(root / "state", root / "staging", root / "outbox")
    places.make()
    return places


def ends(tasks: Iterable[Task], places: Places) -> list[float]:
    """Give each to the pool as it comes; return when each was finished, monotonic seconds."""
    pool, ended = PixelPool(lambda: None), []

    def finished(task: Task) -> None:
        finish(task, places)
        ended.append(time.monotonic())

    for task in tasks:
        pool.run(partial(finished, task), _raised)
        pool.deliver()
    while pool.running:
        pool.deliver()
        time.sleep(LOOK)
    pool.close()
    return ended


def _raised(result: Exception | None) -> None:
    """What a piece of work raised ends the measure."""
    if isinstance(result, Exception):
        raise result
