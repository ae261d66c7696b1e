"""A folder with a config, and a real daemon process in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PROVIDERS = ("stockgen.providers", "bench.providers")
PATIENCE = 600.0  # seconds that a whole measure may take in one daemon


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the daemon's log. `at` wall seconds."""

    event: str
    at: float
    facts: Mapping[str, Any]


class Daemon:
    """A daemon process on the folder `root`, ended with the `with` block. `over`: keys of config.yaml; `environment`:
    variables beside our own; `patience`: seconds that the whole measure may take.

    `spawned` wall seconds, just before the process was started.
    """

    def __init__(
        self,
        root: Path,
        over: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.root = root
        self.inbox = root / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.config = root / "config.yaml"
        self.config.write_text(yaml.safe_dump({"language": "en", "log": {"format": "json"}} | dict(over or {})))
        self.spawned = 0.0
        self._patience = patience
        self._environment = os.environ | dict(environment or {})

    def __enter__(self) -> Daemon:
        code = f"from daemon.main import main; main(plugins={PROVIDERS!r})"
        self.spawned = time.time()
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, "--config", str(self.config)],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._end = time.monotonic() + self._patience
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()  # its lanes die with it, and nobody needs what lies in `root`
        self._process.communicate()

    def lines(self) -> Iterator[Line]:
        """What it logs from now on. Raises RuntimeError where it ends, TimeoutError where it takes too long."""
        assert self._process.stdout
        for text in self._process.stdout:
            if time.monotonic() > self._end:
                raise TimeoutError("the daemon takes too long")
            if text.startswith("{"):
                facts = json.loads(text)
                yield Line(facts["event"], datetime.fromisoformat(facts["ts"]).timestamp(), facts)
        raise RuntimeError("the daemon ended by itself")

    def until(self, wanted: Mapping[str, int]) -> list[Line]:
        """Read the log until each event of `wanted` was told that often; return those lines in order."""
        missing, found = Counter(wanted), []
        for line in self.lines():
            if line.event in missing:
                found.append(line)
                missing[line.event] -= 1
            if not any(count > 0 for count in missing.values()):
                break
        return found

    def memory(self) -> float:
        """Resident memory of the main process, MB of 10^6 bytes."""
        return _megabytes(self._proc, "VmRSS")

    def descriptors(self) -> int:
        """How many descriptors the main process has open."""
        return len(os.listdir(self._proc / "fd"))  # noqa: PTH208 - they are counted, not looked at

    def lane_memory(self, field: str) -> float:
        """A field of /proc/PID/status of the largest process that draws, MB. Raises ValueError where there is none."""
        children = " ".join(one.read_text() for one in (self._proc / "task").glob("*/children")).split()
        lanes = [Path(f"/proc/{pid}") for pid in children]
        return max(_megabytes(one, field) for one in lanes if b"stockgen.lanes.child" in (one / "cmdline").read_bytes())

    def processor(self) -> float:
        """Seconds on a core since its start, of all threads of the main process that still live."""
        tasks = (self._proc / "task").glob("*/schedstat")
        return sum(int(one.read_text().split()[0]) for one in tasks) / 1e9

    @property
    def _proc(self) -> Path:
        return Path(f"/proc/{self._process.pid}")


def _megabytes(process: Path, field: str) -> float:
    text = (process / "status").read_text()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in text.splitlines() if line.startswith(f"{field}:"))
