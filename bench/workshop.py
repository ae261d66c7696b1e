"""A real app whose shots are rendered by hand, so that what comes after can be timed alone."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import yaml

from bench.pictures import KINDS, SIDE, painted
from bench.site import PROVIDERS
from stockgen.app.build import App, open_app
from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.domain.protocols import Outcome
from stockgen.domain.times import SystemClock
from stockgen.files import make_folders, write_new
from stockgen.jobfile import read
from stockgen.ledger.jobs import Source
from stockgen.logs import configure
from stockgen.pipeline.places import job_folder

ALIKE = {"duplicate": {"distance": 0}}  # the same few pictures again and again must not go to review


@contextmanager
def workshop(root: Path, pictures: int, wanted: int) -> Iterator[Workshop]:
    """An app with one planned job of `pictures` pictures of `wanted` pixels a side."""
    root.mkdir()
    tree = {"chains": {"auto": ["paced"]}, "providers": {"paced": {"seconds": 0.0}}, "checks": ALIKE}
    (root / "config.yaml").write_text(yaml.safe_dump(tree))
    woken = threading.Semaphore(0)
    catalogue = Catalogue(load(root / "config.yaml"), root / "my", PROVIDERS)
    app = open_app(catalogue, SystemClock(), Random(0), woken.release, configure("info", "json", io.StringIO()))
    try:
        _order(app, f"prompt: misty hills at dawn\ncount: {pictures}\nsize: {wanted}x{wanted}\n".encode())
        yield Workshop(app, woken)
    finally:
        app.close(app.clock.monotonic())


def _order(app: App, data: bytes) -> None:
    job, now = app.ledger.jobs.new_id(app.rng), app.clock.wall()
    source = Source(kind="file", name="job.yaml", sha256=hashlib.sha256(data).hexdigest(), data=data)
    app.ledger.jobs.add(
        job, read(data, "job.yaml", app.catalogue.known), source, job_folder("job", job, now, "UTC"), now
    )
    while app.engine.parts.planner.busy:
        app.engine.parts.planner.step(app.clock.monotonic())


class Workshop:
    """Renders by hand, finishes for real. `woken` is released by the app when there is news."""

    def __init__(self, app: App, woken: threading.Semaphore) -> None:
        self.app = app
        self._woken = woken
        self._made = 0

    def render(self) -> None:
        """Claim the next shot and put its raw picture into the spool, as a lane would."""
        claims, wall, token = self.app.ledger.claims, self.app.clock.wall(), f"token-{self._made}"
        [found] = claims.candidates(["paced"], wall, 1, ())
        fit = self.app.catalogue.chains.place(found.shot).fit
        assert fit
        claims.claim([fit], token, wall)
        data, folder = painted(SIDE, self._made % KINDS), self.app.places.spool / token
        make_folders(folder)
        write_new(folder / "raw.png", data)
        outcome = Outcome(shot=found.shot.id, seconds=0.0, sha256=hashlib.sha256(data).hexdigest())
        claims.rendered(outcome, token, f"{token}/raw.png", wall)
        self._made += 1

    def finish(self) -> float:
        """Seconds that the whole way of one picture from the spool to the outbox takes."""
        parts = self.app.engine.parts
        began = time.perf_counter()
        parts.finisher.step(self.app.clock.monotonic())
        while parts.pool.running:
            self._woken.acquire()
            parts.pool.deliver()
        return time.perf_counter() - began

    @property
    def done(self) -> int:
        """How many pictures are in the outbox."""
        return self.app.ledger.shots.counts().get("done", 0)
