"""A real daemon whose clock on the wall is set while it runs, by a library that hides the kernel's."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGTERM

import libfaketime
import pytest

from daemon.schedule_clock import BEAT
from stockgen.domain.times import wall
from tests.house import DaemonProcess

pytestmark = pytest.mark.process

JOB = "prompt: a calm sea\nsize: 64x64\n"
OVER = {
    "providers": {"scripted": {"place": "net"}, "second": {}},
    "timezone": "UTC",
    "schedules": {"nightly": {"cron": "30 23 * * *", "job": {"prompt": "a forest", "size": "64x64"}}},
}


@pytest.fixture
def set_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the wall clock of every program that is started after it, at once and for all of them."""
    file = tmp_path / "offset"
    library = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
    steady = dict.fromkeys(("FAKETIME_DONT_FAKE_MONOTONIC", "DONT_FAKE_MONOTONIC", "NO_FAKE_STAT"), 1)
    wanted = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_CACHE_DURATION": 1} | steady
    for name, value in wanted.items():
        monkeypatch.setenv(name, str(value))

    def set_to(moment: str) -> None:
        ahead = wall(moment) - time.time()
        fresh = tmp_path / "offset.new"
        fresh.write_text(f"{ahead:+f}")
        fresh.replace(file)

    return set_to


def test_f6_a_daemon_that_wakes_up_in_1970_and_is_told_the_time_makes_the_one_job_that_is_due(
    tmp_path: Path, set_clock: Callable[[str], None]
) -> None:
    set_clock("2026-11-26T20:00:00Z")
    with DaemonProcess(tmp_path, over=OVER) as one:
        one.drop(JOB, "first.yaml")
        one.wait_for("job.closed")
        set_clock("1970-01-01T00:01:00Z")
        one.drop(JOB, "second.yaml")
        one.wait_for("job.closed")
        set_clock("2026-11-26T23:30:01Z")
        began = time.monotonic()
        assert one.wait_for("schedule.fired")["schedule"] == "nightly"
        assert time.monotonic() - began < BEAT
        one.wait_for("job.closed")
        one.send(SIGTERM)
        assert one.finish() == 0
    rows = one.ledger().query("SELECT due_at, result FROM schedule_runs")
    assert rows == [{"due_at": "2026-11-26T23:30:00.000Z", "result": "done"}]
