"""Money: no crash, retry or storm pays twice, or more than was allowed.

STOCKGEN_SEED chooses the moments of kills and the faults of the storm (default 0).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.clouds import Clouds
from tests.house import SOON, DaemonProcess
from tests.torture.buying import CAP_USD, Killed, bought_again, config, job, key
from tests.torture.whole import faults

pytestmark = [pytest.mark.slow, pytest.mark.process]

SEED = int(os.environ.get("STOCKGEN_SEED", "0"))
LONG = [pytest.mark.torture, pytest.mark.timeout(600)]
# What costs nothing, or is delivered whatever it looks like.
STORM = ("rate_limit", "rate_limit_after_ms:200", "rate_limit_after:1", "internal", "overloaded", "html_502", "reset",
         "webp", "wrong_size")  # fmt: skip


def paid(daemon: DaemonProcess) -> int:
    """Micro-USD that were billed for sure."""
    row = daemon.ledger().query("SELECT coalesce(sum(cost_micros), 0) AS n FROM attempts WHERE billed = 'yes'")
    return int(row[0]["n"])


def settled(daemon: DaemonProcess) -> int:
    """Micro-USD that the ledger counts, reserved or settled."""
    row = daemon.ledger().query("SELECT coalesce(sum(coalesce(settled_micros, reserved_micros)), 0) AS n FROM spend")
    return int(row[0]["n"])


@pytest.mark.parametrize(("pictures", "kills"), [(24, 5), pytest.param(100, 20, marks=LONG)])
def test_what_was_delivered_is_never_bought_again_however_often_the_daemon_is_killed(
    tmp_path: Path, pictures: int, kills: int
) -> None:
    with Clouds(latency=1.0, jitter=0.7) as clouds:
        one = Killed(tmp_path, clouds, SEED, config(clouds, parallel=8))
        one.daemon.drop(job(pictures))
        for _ in range(kills):
            one.kill_once()
        with DaemonProcess(tmp_path, "--until-idle", environment=key(clouds)) as last:
            code = last.finish(SOON)
        assert clouds.wait(quiet=True)
        facts, told = clouds.arrivals, f"seed {SEED}, killed at {one.kills}"
        assert bought_again(facts, one.kills) == [], told
        assert faults(tmp_path) == [], told
        assert code == 0, told
        assert one.daemon.ledger().shots.counts() == {"done": pictures}, told
        assert settled(one.daemon) >= clouds.micros, told  # what may have been billed counts as spent
        assert settled(one.daemon) <= CAP_USD * 1_000_000, told


@pytest.mark.parametrize("pictures", [40, pytest.param(200, marks=LONG)])
def test_in_a_storm_all_arrive_and_each_is_paid_once(tmp_path: Path, pictures: int) -> None:
    with Clouds(latency=0.2, jitter=0.1) as clouds:
        clouds.storm(share=0.3, seed=SEED, kinds=STORM, services=("openai",))
        with DaemonProcess(
            tmp_path, "--until-idle", over=config(clouds, parallel=8), environment=key(clouds)
        ) as daemon:
            daemon.drop(job(pictures))
            code = daemon.finish(SOON)
        assert code == 0
        assert daemon.ledger().shots.counts() == {"done": pictures}
        assert (clouds.images, clouds.delivered) == (pictures, pictures)
        assert paid(daemon) == clouds.micros  # to the last micro-dollar
        assert clouds.micros <= settled(daemon) <= CAP_USD * 1_000_000
        assert faults(tmp_path) == []
