"""A daemon that is killed again and again at moments that a seed chooses, and what must be true in the end."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from signal import SIGKILL

from tests.house import SOON, DaemonProcess
from tests.processes import children, gone, noted

# What is waited for, and for how many seconds at most it is let go on then: until the next step has been made.
EVENTS = {"daemon.ready": 0.15, "file.accepted": 0.01, "job.planned": 0.02, "shot.claimed": 0.15, "shot.rendered": 0.1,
          "shot.published": 0.02, "job.closed": 0.02}  # fmt: skip
OFTEN = (2, 1, 1, 2, 8, 1, 1)  # most steps that a kill can fall between lie between rendered and published
AFTER_START = 1.2  # seconds: until the first picture is being made
ENOUGH = 2  # pictures published in one life: what was waited for will not come, and the job must outlast the kills
PATIENCE = 10.0  # seconds; only a very busy machine needs them
AFTERLIFE = 2.0  # seconds in which whatever the daemon had started must be gone


class Killing:
    """One state folder, many daemons. Everything random comes from `seed`."""

    def __init__(self, root: Path, seed: int, over: dict[str, object]) -> None:
        self.root = root
        self.rng = Random(seed)
        self.daemon = DaemonProcess(root, over=over)
        self.moments: list[str] = []
        self._dropped = 0

    def kill_once(self) -> None:
        """Start a daemon, let it work until some moment, kill it, and see that it takes its children along."""
        daemon = self.daemon
        daemon.start()
        assert daemon.process
        self._wait()
        with noted(children(daemon.process.pid)) as lanes:
            os.kill(daemon.process.pid, SIGKILL)
            daemon.process.wait()
            assert gone(lanes, AFTERLIFE), f"a child outlived its daemon: {self.moments[-1]}"
        assert daemon.process.stdout
        daemon.process.stdout.close()

    def drop(self, text: str, name: str) -> None:
        """Put a job file into the inbox."""
        self.daemon.drop(text, name)
        self._dropped += 1

    def _wait(self) -> None:
        """Until a moment after the start, or a moment after something was told: both kinds are needed, because one
        rarely reaches the end of a job and the other never falls between two log lines.
        """
        if self._all_done or self.rng.random() < 0.2:
            seconds = self.rng.uniform(0.0, AFTER_START)
            self.moments.append(f"{seconds:.3f} s after the start")
            self._read("", seconds)
            return
        (event,) = self.rng.choices(list(EVENTS), OFTEN)
        seconds = self.rng.uniform(0.0, EVENTS[event])
        self.moments.append(f"{seconds:.3f} s after {event}")
        self._read(event, PATIENCE)
        self._read("", seconds)

    @property
    def _all_done(self) -> bool:
        closed = len(list((self.root / "outbox").rglob("job.json")))
        refused = len(list((self.root / "inbox" / "rejected").glob("*.yaml")))
        return closed + refused >= self._dropped

    def _read(self, event: str, seconds: float) -> None:
        """Read the log until `event`, for so many seconds at most; "" = until then."""
        assert self.daemon.process and self.daemon.process.stdout
        pipe, end, text = self.daemon.process.stdout.fileno(), time.monotonic() + seconds, b""
        while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
            text += (news := os.read(pipe, 65536))
            enough = text.count(told("shot.published")) >= ENOUGH
            if not news or (event and (enough or told(event) in text)):
                return

    def finish(self) -> int:
        """A last daemon, which may work until nothing is left to do."""
        with DaemonProcess(self.root, "--until-idle") as last:
            return last.finish(SOON)

    def end(self) -> None:
        """Leave no process behind, also where a test failed."""
        process = self.daemon.process
        if process and process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, SIGKILL)
            process.wait()


def told(event: str) -> bytes:
    """What the log says of it."""
    return f'"event": "{event}"'.encode()
