"""A command that has the lock for a moment at boot must not keep the service down for good: exit 3 is never retried."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from daemon.manager import Manager
from daemon.opening import HELD, LOOK, Holds, opened
from daemon.signals import Signals
from stockgen.app.build import App
from stockgen.domain.errors import StateHeld, exit_code
from stockgen.logs import configure
from stockgen.messages import Messages
from tests.house import ROOT, DaemonProcess, write_config
from tests.lanes.harness import HandClock
from tests.pipeline.test_disk import attempt

HOLDS = """
import sys
from pathlib import Path
from stockgen.lock import StateLock
lock = StateLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(state: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock, until it is told to end."""
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(state)], cwd=ROOT, text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


class Turning:
    """Where a daemon waits: time passes by hand, and something happens at the second wait."""

    def __init__(self, clock: HandClock, happens: Callable[[], object] = lambda: None) -> None:
        self._clock, self._happens, self.waits = clock, happens, 0

    def wait(self, seconds: float) -> None:
        self._clock.now += seconds
        self.waits += 1
        if self.waits == 2:
            self._happens()


class Start:
    """A start of the daemon in `root`, its clock turned by hand."""

    def __init__(self, root: Path, happens: Callable[[Signals], object] = lambda signals: None) -> None:
        self.clock, self.signals, self.out = HandClock(), Signals(), io.StringIO()
        self.began = self.clock.now
        self._path = write_config(root)
        self._queue = Turning(self.clock, lambda: happens(self.signals))

    def opened(self) -> App | None:
        say, log = Messages("en"), configure("info", "json", self.out)
        return opened(partial(attempt, self._path, log), self._queue, self.signals, 30.0,
                      Holds(say, log, Manager({}, say)), self.clock)  # fmt: skip

    @property
    def waited(self) -> float:
        return self.clock.now - self.began


def test_a_lock_that_is_let_go_is_taken_and_the_wait_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with holding(tmp_path / ".stockgen") as other:
        one = Start(tmp_path, lambda _: other.communicate(""))
        app = one.opened()
    assert app is not None
    app.close(0.0)
    assert one.waited == 2 * LOOK
    assert one.out.getvalue().count("hold.on") == one.out.getvalue().count("hold.off") == 1
    told = capsys.readouterr().err
    assert told.count(str(other.pid)) == told.count("up to 10 seconds") == 1


def test_a_lock_that_is_kept_is_3_in_the_end(tmp_path: Path) -> None:
    with holding(tmp_path / ".stockgen") as other, pytest.raises(StateHeld) as held:
        one = Start(tmp_path)
        one.opened()
    assert exit_code(held.value) == 3
    assert held.value.facts["pid"] == other.pid
    assert one.waited == HELD


def test_who_is_stopped_while_waiting_for_the_lock_ends(tmp_path: Path) -> None:
    with holding(tmp_path / ".stockgen"):
        one = Start(tmp_path, lambda signals: setattr(signals, "stops", 1))
        assert one.opened() is None
    assert one.waited == 2 * LOOK


@pytest.mark.process
def test_a_daemon_that_starts_during_a_command_comes_up_when_that_has_ended(tmp_path: Path) -> None:
    with holding(tmp_path / ".stockgen") as other, DaemonProcess(tmp_path) as daemon:
        assert daemon.wait_for("hold.on")["hold"] == "lock"
        other.communicate("")
        daemon.wait_for("daemon.ready")
