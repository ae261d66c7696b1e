"""`python -m tests.pipeline.launch_writing CONFIG`: a real daemon until it is idle, whose text model takes its time."""

from __future__ import annotations

import sys
from pathlib import Path
from random import SystemRandom

from daemon.progress import Progress
from daemon.service import Queue, Service
from daemon.signals import listening
from stockgen.app.build import open_app
from stockgen.config import load
from stockgen.domain.times import SystemClock
from stockgen.logs import configure
from tests.house import TEST_PLUGINS
from tests.pipeline.scribes import ScriptedWriter, installation


def main(path: Path) -> int:
    """Serve; the exit code is the daemon's."""
    writer = ScriptedWriter()
    writer.seconds = 0.2
    catalogue = installation(writer)(load(path), path.parent / "my", TEST_PLUGINS)
    queue = Queue()
    with listening(queue.wake) as signals:
        app = open_app(catalogue, SystemClock(), SystemRandom(), queue.wake, configure("debug", "json"))
        try:
            return Service(app, path, queue, signals, Progress(catalogue.say, False)).run(until_idle=True)
        finally:
            app.close(app.clock.monotonic())


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
