"""Two daemons on one state folder would sell every picture twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from stockgen.domain.errors import StateHeld
from stockgen.lock import StateLock, holder

HOLDING = """
import sys
from pathlib import Path
from stockgen.lock import StateLock
lock = StateLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_one_is_refused_and_hears_who_it_is(other, tmp_path):
    with pytest.raises(StateHeld) as caught:
        StateLock(tmp_path, lambda seconds: None)
    assert caught.value.facts["pid"] == other.pid == holder(tmp_path)


def test_the_lock_ends_with_its_process_however_that_ends(other, tmp_path):
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert holder(tmp_path) is None
    StateLock(tmp_path).release()


def test_looking_for_the_holder_takes_nothing(tmp_path):
    assert holder(tmp_path) is None
    lock = StateLock(tmp_path)
    assert [holder(tmp_path), holder(tmp_path)] == [os.getpid()] * 2
    lock.release()
    assert holder(tmp_path) is None


def test_a_lock_file_left_by_a_crash_stops_nobody(tmp_path):
    (tmp_path / "lock").write_text("12345")
    assert holder(tmp_path) is None
    lock = StateLock(tmp_path)
    assert (tmp_path / "lock").read_text() == str(os.getpid())
    lock.release()
