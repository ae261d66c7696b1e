"""Two daemons on one ledger would pay for every picture twice."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stockgen.domain.errors import StateHeld
from stockgen.lock import FILE_NAME, StateLock, holder
from tests.house import ROOT


def test_a_second_one_is_refused_and_told_whom_to_stop(tmp_path: Path) -> None:
    first = StateLock(tmp_path)
    with pytest.raises(StateHeld) as held:
        StateLock(tmp_path, lambda _: None)
    assert held.value.facts["pid"] == holder(tmp_path) == os.getpid()
    first.release()
    assert holder(tmp_path) is None
    StateLock(tmp_path).release()


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from stockgen.lock import StateLock\n" \
        "lock = StateLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout and child.stdout.readline() == b"held\n"
        assert holder(tmp_path) == child.pid
        child.kill()
        child.wait()
        StateLock(tmp_path, pytest.fail).release()


@pytest.fixture
def asking(tmp_path: Path) -> int:
    """Somebody is in the middle of asking who holds the state."""
    StateLock(tmp_path).release()
    fd = os.open(tmp_path / FILE_NAME, os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_SH)
    return fd


def test_whoever_asks_for_the_status_keeps_no_daemon_from_starting(tmp_path: Path, asking: int) -> None:
    StateLock(tmp_path, lambda _: os.close(asking)).release()


def test_whoever_asks_for_the_status_is_not_taken_for_a_daemon(tmp_path: Path, asking: int) -> None:
    assert holder(tmp_path) is None
    os.close(asking)


def test_nobody_holds_a_state_that_is_not_there(tmp_path: Path) -> None:
    assert holder(tmp_path / "missing") is None
