"""Planning with a text model: what it costs beside the model's own time, so that ideas are limited by the model alone.

The text model is a stand-in that answers with ideas of made-up things, at once or after as long as it is told; all that
comes before and after, from its answer's text to the committed picture, is real. Nothing is rendered meanwhile.
"""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import yaml

from bench.figures import Aim, Effort, Figure
from bench.site import PROVIDERS
from stockgen.app.build import App, open_app
from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.domain.errors import WriterLacks
from stockgen.domain.protocols import Brief, Writer
from stockgen.domain.times import SystemClock
from stockgen.ledger.jobs import Source
from stockgen.logs import configure
from stockgen.pipeline.places import job_folder
from stockgen.writers._words import WordsOnly

BUSY = 0.95  # of the time of planning that the text model works at least
_WANTED = re.compile(r"(\d+) pictures")


@dataclass(frozen=True, slots=True)
class Size:
    """How many ideas are asked for, and seconds of one answer of eight: a real model takes twenty times as long."""

    ideas: int
    slow: int
    seconds: float


SIZES: Mapping[Effort, Size] = MappingProxyType({
    "tiny": Size(10, 10, 0.1), "quick": Size(100, 24, 3.0), "full": Size(400, 80, 3.0),
})  # fmt: skip


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    size = SIZES[effort]
    wall, _ = _planned(folder / "at-once", size.ideas, 0.0)
    slow, worked = _planned(folder / "slow", size.slow, size.seconds)
    return [
        Figure(
            measure="planning of an idea beside the text model's time", value=1000 * wall / size.ideas, unit="ms",
            how=f"{size.ideas} ideas of a text model that answers at once",
        ),
        Figure(
            measure="text model's time ÷ time of planning", value=worked / slow, unit="", aim=Aim(BUSY, at_least=True),
            how=f"{size.slow} ideas, {size.seconds:g} s for each answer of 8",
        ),
    ]  # fmt: skip


class Inventing(WordsOnly):
    """A `Writer`: ideas of things that there are not, each answer after `seconds`."""

    name = "inventing"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._rng = Random(0)

    def missing(self) -> WriterLacks | None:
        """Nothing."""
        return None

    def write(self, brief: Brief) -> str:
        """As many ideas as are asked for."""
        time.sleep(self._seconds)
        found = _WANTED.search(brief.text)
        return json.dumps({"ideas": [self._idea() for _ in range(int(found[1]) if found else 8)]})

    def _idea(self) -> dict[str, Any]:
        one, other, place = (self._word() for _ in range(3))
        korean = ["".join(chr(0xAC00 + self._rng.randrange(11172)) for _ in range(3)) for _ in range(3)]
        return {
            "prompt": f"a {one} and a {other} on {place}, soft light from the left, free space on the right",
            "title_en": f"{one} {other} {place}".capitalize(), "title_ko": " ".join(korean),
            "description_en": f"A {one} for a cover.", "description_ko": "표지에 어울립니다.", "category": "nature",
            "tags_en": [f"{word} {letter}" for word in (one, other, place) for letter in "abcdefgh"], "tags_ko": korean,
        }  # fmt: skip

    def _word(self) -> str:
        return "".join(self._rng.choice("bdfgklmnprstvz") + self._rng.choice("aeiou") for _ in range(4))


def _planned(root: Path, ideas: int, seconds: float) -> tuple[float, float]:
    """Seconds until a job of so many ideas is planned, and how many of them the text model worked."""

    class Writing(Catalogue):
        writers: Mapping[str, Writer] = MappingProxyType({"inventing": Inventing(seconds)})

    root.mkdir()
    (root / "config.yaml").write_text(yaml.safe_dump({
        "language": "en", "chains": {"auto": ["paced"]}, "providers": {"paced": {"seconds": 0.0}},
    }))  # fmt: skip
    woken, log = threading.Semaphore(0), configure("info", "json", io.StringIO())
    catalogue = Writing(load(root / "config.yaml"), root / "my", PROVIDERS)
    app = open_app(catalogue, SystemClock(), Random(0), woken.release, log)
    try:
        catalogue.lint  # noqa: B018 - as the daemon does before the first file
        job, begun = _order(app, ideas), time.perf_counter()
        while app.ledger.jobs.get(job)["state"] == "planning":
            app.engine.parts.planner.step(app.clock.monotonic())
            woken.acquire(timeout=0.05)
        wall, pen = time.perf_counter() - begun, catalogue.pen
        made = app.ledger.query("SELECT count(*) AS n FROM ideas WHERE writer IS NOT NULL")[0]["n"]
        if made != ideas or pen is None:
            raise RuntimeError(f"{made} of {ideas} ideas were written")
        return wall, pen.writer.seconds()
    finally:
        app.close(app.clock.monotonic())


def _order(app: App, ideas: int) -> str:
    data = f"theme: things on a table\ncount: {ideas}\nsize: square\nmodel: paced\n".encode()
    job, now = app.ledger.jobs.new_id(app.rng), app.clock.wall()
    request = app.catalogue.read(data, "job.yaml")
    source = Source(kind="file", name="job.yaml", sha256="0" * 64, data=data)
    app.ledger.jobs.add(job, request, source, job_folder("job", job, now, "UTC"), now)
    return job
