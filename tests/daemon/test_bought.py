"""A real daemon that is killed while answers that cost money are in its hands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.house import DaemonProcess
from tests.lanes.harness import until
from tests.pipeline.test_redeem import shop

pytestmark = pytest.mark.process


def test_what_had_come_before_a_kill_is_finished_by_the_next_daemon(tmp_path: Path) -> None:
    spool = tmp_path / ".stockgen" / "spool"
    with DaemonProcess(tmp_path, over=shop(parallel=3)) as one:
        one.wait_for("daemon.ready")
        one.drop("".join(f"- {{prompt: a kept sea {word}, size: 64x64}}\n" for word in "abc"))
        assert until(lambda: len(list(spool.glob("*/keeping"))) == 3, 60.0)
        live = json.loads((tmp_path / ".stockgen" / "live.json").read_bytes())
        assert {each["name"]: each["state"] for each in live["providers"]}["scripted"] == "open"
        assert one.process
        one.process.kill()
    with DaemonProcess(tmp_path, "--until-idle") as again:
        assert again.finish() == 0
    rows = again.ledger().query("SELECT outcome, cost_micros FROM attempts")
    assert rows == [{"outcome": "rendered", "cost_micros": 40_000}] * 3
    assert len(list(tmp_path.glob("outbox/*/*/images/*"))) == 3
