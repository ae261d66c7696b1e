"""Start of the daemon: read the config, take the lock, serve. Exit codes as in docs/config.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from random import SystemRandom

from daemon.manager import Manager
from daemon.opening import Holds, opened
from daemon.progress import Progress
from daemon.service import Queue, Service
from daemon.signals import listening
from stockgen.app.build import open_app
from stockgen.app.catalogue import PLUGINS, Catalogue
from stockgen.app.lanes import PATIENCE
from stockgen.config import find, load
from stockgen.domain.errors import StockgenError, exit_code
from stockgen.domain.times import SystemClock
from stockgen.logs import configure
from stockgen.messages import Messages, explained
from stockgen.pipeline.disk import WAIT
from stockgen.privacy import last_words, no_core_dumps
from stockgen.threads import one_thread


def main(arguments: Sequence[str] | None = None, plugins: Sequence[str] = PLUGINS,
         patience: Mapping[str, float] = PATIENCE) -> int:  # fmt: skip
    """Serve until stopped. `plugins`: packages in which providers are looked up by name; `patience` as for an app."""
    one_thread(os.environ)
    no_core_dumps()
    last_words()
    asked = _arguments(arguments)
    try:
        path = find(asked.config)
        return _serve(Catalogue(load(path), path.parent / "my", plugins), path, asked.until_idle, patience)
    except StockgenError as error:
        from stockgen.cli.speech import peeked

        told = ["--config", str(asked.config)] if asked.config else []
        sys.stderr.write(explained(error, Messages(peeked(told, os.environ))))
        return exit_code(error)


def _serve(catalogue: Catalogue, path: Path, until_idle: bool, patience: Mapping[str, float]) -> int:
    bar = until_idle and sys.stdout.isatty()
    settings = catalogue.config.log
    hide = catalogue.keyring.hide
    last_words(hide)
    queue = Queue()
    with listening(queue.wake) as signals:
        # A bar and log lines on one terminal would write over each other.
        log = configure("error" if bar else settings.level, settings.format, hide=hide)
        manager, clock = Manager(os.environ, catalogue.say), SystemClock()
        attempt = partial(open_app, catalogue, clock, SystemRandom(), queue.wake, log, patience)
        wait = patience.get("disk", WAIT)
        app = (attempt() if until_idle else
               opened(attempt, queue, signals, wait, Holds(catalogue.say, log, manager), clock))  # fmt: skip
        if app is None:
            return 0
        try:
            service = Service(app, path, queue, signals, Progress(catalogue.say, bar), manager)
            code = service.run(until_idle)
            sys.stderr.writelines(f"{catalogue.say.tell(one)}\n" for one in service.held)
            return code
        finally:
            app.close(app.clock.monotonic())


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stockgen daemon")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--until-idle", action="store_true")
    return parser.parse_args(arguments)
