"""A real daemon whose clock on the wall is set while it runs, by a library that hides the kernel's."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGCONT, SIGSTOP, SIGTERM
from typing import Any

import libfaketime
import pytest

from daemon.schedule_clock import BEAT
from stockgen.domain.times import wall
from tests.house import DaemonProcess

pytestmark = pytest.mark.process

JOB = "prompt: a calm sea\nsize: 64x64\n"
OVER: dict[str, Any] = {
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


def due(one: DaemonProcess) -> list[tuple[str, str]]:
    """What became of each due time."""
    rows = one.ledger().query("SELECT due_at, result FROM schedule_runs ORDER BY due_at")
    return [(row["due_at"][5:16], row["result"]) for row in rows]


def made(one: DaemonProcess, name: str) -> None:
    """A job comes through, so that the daemon has looked at its clock as well."""
    one.drop(JOB, name)
    while one.wait_for("file.accepted")["file"] != name:
        pass
    one.wait_for("job.closed")


def catching_up(policy: str) -> dict[str, Any]:
    schedule = OVER["schedules"]["nightly"] | {"catch_up": policy}
    return OVER | {"schedules": {"nightly": schedule}}


@pytest.mark.slow
def test_f1_f2_f3_a_computer_that_sleeps_is_set_back_and_is_off_for_nights_makes_each_nights_job_once(
    tmp_path: Path, set_clock: Callable[[str], None]
) -> None:
    set_clock("2026-11-26T22:50:00Z")
    with DaemonProcess(tmp_path, over=catching_up("last")) as one:
        one.wait_for("daemon.ready")
        made(one, "before.yaml")
        one.send(SIGSTOP)  # asleep: its own time stands still, the world's does not
        set_clock("2026-11-27T07:00:00Z")
        one.send(SIGCONT)
        one.wait_for("schedule.fired")
        one.wait_for("job.closed")
        set_clock("2026-11-26T22:50:00Z")
        made(one, "back.yaml")
        set_clock("2026-11-26T23:50:00Z")
        made(one, "again.yaml")
        one.send(SIGTERM)
        assert one.finish() == 0
    assert due(one) == [("11-26T23:30", "done")]
    set_clock("2026-11-30T10:00:00Z")
    with DaemonProcess(tmp_path) as late:
        late.wait_for("job.closed")
        made(late, "after.yaml")
        late.send(SIGTERM)
        assert late.finish() == 0
    assert due(late) == [("11-26T23:30", "done"), ("11-27T23:30", "missed"), ("11-28T23:30", "missed"),
                         ("11-29T23:30", "done")]  # fmt: skip


@pytest.mark.torture
def test_f6_a_computer_whose_first_start_is_in_1970_makes_up_for_no_half_century(
    tmp_path: Path, set_clock: Callable[[str], None]
) -> None:
    set_clock("1970-01-01T00:01:00Z")
    with DaemonProcess(tmp_path, over=catching_up("all")) as one:
        one.wait_for("daemon.ready")
        made(one, "early.yaml")
        set_clock("2026-11-26T20:00:00Z")
        made(one, "late.yaml")
        made(one, "later.yaml")
        one.send(SIGTERM)
        assert one.finish() == 0
    assert due(one) == []
    assert len(one.ledger().query("SELECT 1 FROM jobs")) == 3
