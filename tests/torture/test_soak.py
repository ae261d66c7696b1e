"""What only shows after many jobs: a daemon that grows, or that takes the thousandth file later than the first; and one
that starts slowly because much waits.

By default small shares; `make torture` has ten thousand jobs in half an hour, and a hundred thousand planned pictures.
The same measures stand in bench/RESULTS.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import restart, soak
from bench.run import Measure

pytestmark = [pytest.mark.slow, pytest.mark.process]
SHARE = soak.Size(240, 12.0, 60)
# A share's medians are of few files, and other tests run beside it: what it can show is a growth with every job.
BUSY = 3.0
SLOW = 5.0  # seconds, many times what a start takes, for a machine on which other tests run


def test_a_daemon_that_has_taken_many_jobs_is_no_larger_and_no_slower(tmp_path: Path) -> None:
    seen = soak.soaked(tmp_path, SHARE)
    first, last = seen.slower(SHARE.edge)
    main, lane, descriptors = seen.grown
    cheap, dear = seen.dearer
    assert last <= first * BUSY, seen.waits
    assert dear <= cheap * BUSY, seen.busy
    assert max(main, lane) <= soak.FLAT, (seen.main, seen.lane)
    assert descriptors <= soak.FEW, seen.descriptors


def test_a_killed_daemon_with_much_to_do_is_ready_soon(tmp_path: Path) -> None:
    restart.planned(tmp_path, 10_000)
    for _ in range(2):  # the second start is after a kill
        ready, _ = restart.killed(tmp_path)
    assert ready <= SLOW


# -- the long ones ---------------------------------------------------------------------------------------------


@pytest.mark.torture
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("measure", [soak.measure, restart.measure])
def test_the_whole_measure_keeps_its_aims(measure: Measure, tmp_path: Path) -> None:
    figures = measure("full", tmp_path)
    sys.stderr.write("".join(f"{' | '.join(one.cells)}\n" for one in figures))
    assert [one.measure for one in figures if one.met is False] == []
