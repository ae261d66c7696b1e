"""Who else has an account on the server reads nothing of what is made there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.house import DaemonProcess

pytestmark = pytest.mark.process


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def told(daemon: DaemonProcess) -> list[str]:
    return [json.loads(line)["event"] for line in daemon.lines if line.startswith("{")]


def test_the_state_is_closed_to_others_also_where_an_older_version_left_it_open(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, "--until-idle") as daemon:
        assert daemon.finish() == 0
        assert (mode(tmp_path / ".stockgen"), "state.closed" in told(daemon)) == (0o700, False)
    (tmp_path / ".stockgen").chmod(0o755)
    with DaemonProcess(tmp_path, "--until-idle") as daemon:
        assert daemon.finish() == 0
        assert (mode(tmp_path / ".stockgen"), told(daemon).count("state.closed")) == (0o700, 1)


def test_a_state_that_holds_the_inbox_is_left_open_for_those_who_fill_that(tmp_path: Path) -> None:
    state = tmp_path / "all"
    state.mkdir(mode=0o755)
    over = {"state": "all", "inbox": {"path": "all/inbox"}}
    with DaemonProcess(tmp_path, "--until-idle", over=over) as daemon:
        assert daemon.finish() == 0
        assert mode(state) == 0o755
