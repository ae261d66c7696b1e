"""Nights that nobody planned: job files of all sorts, commands and hands in the outbox while daemons are killed,
stopped, stopped twice and told to reload, again and again. In the end every promise holds: each file is one job, each
picture is there once or was taken away, nothing is torn, left lying about, or paid for twice.

Mixes are made by hypothesis; STOCKGEN_SEED chooses them (default 0), and what fails is printed so that it can be pasted
into `carried_out`. By default a few are tried; `make torture` goes on until daemons were ended 300 times, and looks for
the smallest mix that fails.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from math import inf
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.torture.mixes import Mix, mixes
from tests.torture.storms import carried_out

pytestmark = [pytest.mark.slow, pytest.mark.process]

SEED = int(os.environ.get("STOCKGEN_SEED", "0"))
SHARE = 10.0  # seconds after which no other mix is begun by default
ENDS = 300
MEANT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.nested_given]


def weathered(root: Path, examples: int, lives: tuple[int, int], *phases: Phase, share: float = inf) -> int:
    """Try so many mixes, and begin none after `share` seconds; how often daemons were ended. Raises AssertionError with
    the mix.
    """
    ended, end = 0, time.monotonic() + share

    @seed(SEED)
    @settings(max_examples=examples, deadline=None, database=None, phases=phases, suppress_health_check=MEANT,
              print_blob=True)  # fmt: skip
    @given(mixes(*lives))
    def one(mix: Mix) -> None:
        nonlocal ended
        if time.monotonic() > end:
            return
        folder = Path(mkdtemp(dir=root))
        times, bad = carried_out(folder, mix)
        assert bad == [], f"seed {SEED}, {mix}"
        ended += times
        shutil.rmtree(folder)

    one()
    return ended


def test_a_night_of_kills_commands_and_hands_in_the_outbox_breaks_no_promise(tmp_path: Path) -> None:
    assert weathered(tmp_path, 3, (3, 4), Phase.generate, share=SHARE) >= 3


@pytest.mark.torture
@pytest.mark.timeout(3 * 3600)
def test_three_hundred_ends_of_mixed_nights_break_no_promise(tmp_path: Path) -> None:
    ended = weathered(tmp_path, ENDS // 4, (4, 7), Phase.generate, Phase.shrink)
    sys.stdout.write(f"{ended} ends of {ENDS // 4} nights\n")
    assert ended >= ENDS
