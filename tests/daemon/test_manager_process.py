"""What a real daemon tells its service manager, and that it says nothing once its main loop hangs."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import ROOT, SOON, write_config

pytestmark = pytest.mark.process

PATIENCE = 1.0  # seconds of the watchdog
# On SIGUSR1 the main thread hangs, as in a system call that never returns, while all other threads go on.
HANGS = """
import signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: time.sleep(3600))
from daemon.main import main
raise SystemExit(main(sys.argv[1:], plugins=("stockgen.providers", "tests.providers_for_tests")))
"""


class Watched:
    """A daemon under a manager, which is a socket and this object."""

    def __init__(self, root: Path) -> None:
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.bind(str(root / "notify"))
        environment = {**os.environ, "NOTIFY_SOCKET": str(root / "notify"), "OMP_NUM_THREADS": "1",
                       "WATCHDOG_USEC": str(round(PATIENCE * 1e6))}  # fmt: skip
        command = [sys.executable, "-c", HANGS, "--config", str(write_config(root, {"language": "ko"}))]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)

    def hear(self, seconds: float) -> str:
        """The next that it tells; "" = nothing for so long."""
        ready = select.select([self._ear], [], [], seconds)[0]
        return self._ear.recv(1 << 16).decode() if ready else ""

    def wait_for(self, beginning: str) -> list[str]:
        """All that it tells, up to what begins like this."""
        told, end = [""], time.monotonic() + SOON
        while not told[-1].startswith(beginning):
            assert time.monotonic() < end, told
            told.append(self.hear(1.0))
        return [one for one in told if one]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._ear.close()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    one = Watched(tmp_path)
    yield one
    one.close()


def test_it_is_ready_fed_reloaded_and_stopped_in_that_order(watched: Watched) -> None:
    assert watched.wait_for("READY") == ["READY=1"]
    assert any(one.startswith("STATUS=일하는 중") for one in watched.wait_for("STATUS"))
    fed = [watched.wait_for("WATCHDOG") for _ in range(3)]
    assert len(fed) == 3
    watched.process.send_signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in watched.wait_for("RELOADING=1")[-1]
    watched.wait_for("READY=1")
    watched.process.send_signal(signal.SIGTERM)
    assert "EXTEND_TIMEOUT_USEC=" in watched.wait_for("STOPPING=1")[-1]
    assert watched.process.wait(SOON) == 0


def test_a_main_loop_that_hangs_is_fed_by_nobody_though_all_else_lives(watched: Watched) -> None:
    watched.wait_for("WATCHDOG")
    watched.process.send_signal(signal.SIGUSR1)
    while watched.hear(PATIENCE):  # what it had still told before it heard the signal
        pass
    assert watched.hear(2 * PATIENCE) == ""
    assert watched.process.poll() is None
