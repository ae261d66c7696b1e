"""A whole stockgen in a temporary folder, with providers that draw small pictures and misbehave when told."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

import yaml

from stockgen.app.build import App, open_app
from stockgen.app.catalogue import PLUGINS, Catalogue
from stockgen.config import load
from stockgen.domain.protocols import Clock
from stockgen.domain.times import SystemClock
from stockgen.ledger import Ledger, Row
from stockgen.ledger.jobs import Source
from stockgen.logs import configure
from stockgen.pipeline.places import job_folder

TEST_PLUGINS = (*PLUGINS, "tests.providers_for_tests")
SOON = 180.0  # real seconds that a test waits at most: only a test that fails ever waits so long
ROOT = Path(__file__).parents[1]

# Small pictures for no market, quick settling, two providers of which the second never misbehaves.
BASE: dict[str, Any] = {
    "language": "en",
    "inbox": {"settle": "100ms", "rescan": "1s"},
    "defaults": {"count": 1, "markets": []},
    "chains": {"auto": ["scripted"], "both": ["scripted", "second"]},
    "providers": {"scripted": {}, "second": {}},
    "limits": {"free_disk": "0B"},
    # Small pictures of a few strokes are alike, and have an edge of one colour, by chance.
    "checks": {"duplicate": {"distance": 0}, "border": {"width": 0.5}},
    "log": {"level": "debug", "format": "json"},
}


def write_config(root: Path, over: Mapping[str, Any] | None = None) -> Path:
    """A config.yaml in `root`; each top-level key of `over` replaces that of BASE."""
    root.mkdir(parents=True, exist_ok=True)
    path = root / "config.yaml"
    path.write_text(yaml.safe_dump(BASE | dict(over or {}), allow_unicode=True), encoding="utf-8")
    return path


class House:
    """An app that holds its lock, turned by hand. `thread=True`: scripted renders in a thread, which starts faster
    (then prompts must not kill their process).
    """

    def __init__(self, root: Path, over: Mapping[str, Any] | None = None, *, thread: bool = False,
                 clock: Clock | None = None, seed: int = 0,
                 catalogue: type[Catalogue] = Catalogue) -> None:  # fmt: skip
        place = {"place": "net"} if thread else {}
        providers = {"scripted": place, "second": dict(place)}
        self.root = root
        self.config_path = write_config(root, {"providers": providers} | dict(over or {}))
        self.woken = threading.Semaphore(0)
        self.out = io.StringIO()
        self._clock = clock or SystemClock()
        self._catalogue = catalogue
        self._seed = seed
        self.app = self.open()

    def open(self) -> App:
        """Take the lock, as a start of the program does."""
        catalogue = self._catalogue(load(self.config_path), self.root / "my", TEST_PLUGINS, self._clock)
        log = configure("debug", "json", self.out)
        return open_app(catalogue, self._clock, Random(self._seed), self.woken.release, log)

    def again(self) -> None:
        """End cleanly and start again."""
        self.app.close(self.app.clock.monotonic() + 5.0)
        self._seed += 1
        self.app = self.open()

    def order(self, text: str, name: str = "job.yaml", kind: str = "file") -> str:
        """Accept a job as if its file had been dropped; return its id."""
        data, jobs, now = text.encode(), self.app.ledger.jobs, self.app.clock.wall()
        request = self.app.catalogue.read(data, name, ledger=self.app.ledger)
        job = jobs.new_id(self.app.rng)
        source = Source(kind=kind, name=name, sha256="0" * 64, data=data)
        jobs.add(job, request, source, job_folder(name, job, now, "UTC"), now)
        return job

    def turn(self, turns: int = 1) -> None:
        """Turn the engine without waiting."""
        for _ in range(turns):
            self.app.engine.step(self.app.clock.monotonic())

    def work(self, until: Callable[[], bool] | None = None) -> None:
        """Turn the engine until `until` holds, or until nothing is left to do."""
        end = time.monotonic() + SOON
        while not (until() if until else self.app.engine.idle):
            assert time.monotonic() < end, f"not done in time: {self.states()}\n{self.out.getvalue()[-3000:]}"
            if not self.app.engine.step(self.app.clock.monotonic()):
                self.woken.acquire(timeout=0.02)

    def make(self, text: str, name: str = "job.yaml") -> str:
        """Accept a job and work until it is closed; return its id."""
        job = self.order(text, name)
        self.work(lambda: self.app.ledger.jobs.get(job)["state"] == "closed")
        return job

    # -- looking -----------------------------------------------------------------------------------------------

    @property
    def outbox(self) -> Path:
        return self.app.places.outbox

    def states(self) -> dict[str, int]:
        """How many shots are in each state."""
        return self.app.ledger.shots.counts()

    def shots(self, job: str) -> list[Row]:
        return self.app.ledger.shots.of_job(job)

    def folder(self, job: str) -> Path:
        return self.outbox / self.app.ledger.jobs.get(job)["folder"]

    def pictures(self, job: str) -> list[Path]:
        return sorted(self.folder(job).glob("images/*"))

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """What was logged, as data."""
        lines = [json.loads(line) for line in self.out.getvalue().splitlines() if line.startswith("{")]
        return [line for line in lines if name is None or line["event"] == name]

    def close(self) -> None:
        self.app.close(self.app.clock.monotonic() + 5.0)


def broken_promises(ledger: Ledger) -> dict[str, list[Row]]:
    """The ledger's invariants that don't hold, by name; {} = all hold."""
    text = (files("stockgen.ledger") / "invariants.sql").read_text(encoding="utf-8")
    broken = {}
    for part in text.split("-- name: ")[1:]:
        name, _, sql = part.partition("\n")
        rows = ledger.query(sql)
        if rows:
            broken[name] = rows
    return broken


def litter(root: Path) -> list[str]:
    """Files in spool, thumbs, control and staging that nobody needs once all is done. A copy of the ledger is no such
    file: it may be being written.
    """
    folders = [root / ".stockgen" / name for name in ("spool", "thumbs", "control")] + [root / ".outbox.staging"]
    found = [path for folder in folders if folder.exists() for path in folder.rglob("*")]
    return [str(path.relative_to(root)) for path in found if not path.name.startswith(".ledger.db")]


class DaemonProcess:
    """A real daemon in a process of its own, with the providers for tests. Ends with the `with` block."""

    def __init__(self, root: Path, *arguments: str, over: Mapping[str, Any] | None = None,
                 environment: Mapping[str, str] = os.environ) -> None:  # fmt: skip
        self.root = root
        self._environment = {**environment, "OMP_NUM_THREADS": "1"}
        self.config = root / "config.yaml"
        if over is not None or not self.config.exists():
            write_config(root, over)
        self._arguments = arguments
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []

    def start(self) -> None:
        """Start it; returns at once."""
        command = [sys.executable, "-m", "tests.launch_daemon", "--config", str(self.config), *self._arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, text=True)

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        """Read the log until `event` was told `count` times; return its last line. Fails where the daemon ends."""
        assert self.process and self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("{") and json.loads(line)["event"] == event:
                count -= 1
                if count == 0:
                    told: dict[str, Any] = json.loads(line)
                    return told
        raise AssertionError(f"no {event} in:\n" + "".join(self.lines[-40:]))

    def finish(self, timeout: float = SOON) -> int:
        """Wait for its end and return its exit code."""
        assert self.process
        rest, _ = self.process.communicate(timeout=timeout)
        self.lines += rest.splitlines(keepends=True)
        return self.process.returncode

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process
        self.process.send_signal(number)

    def drop(self, text: str, name: str = "job.yaml") -> Path:
        """Put a file into the inbox, as an editor does."""
        path = self.root / "inbox" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def ledger(self) -> Ledger:
        """Its ledger, read-only."""
        return Ledger.reading(self.root / ".stockgen")

    def __enter__(self) -> DaemonProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.communicate()
