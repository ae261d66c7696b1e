"""A daemon that is killed, or gets an error, at each system call that changes a file, between a dropped file and its
finished pictures: nothing is lost, nothing doubled, nothing torn, nothing left lying about.

Faults are injected by strace(1). By default a share is tried that STOCKGEN_SEED chooses (default 0); `make torture`
tries every point until no fault fires any more.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

import pytest

from tests.torture.calls import CALLS, PHASES, Nest, NotTraced, Point, counted, points, prepared, strike

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.strace]

SEED = int(os.environ.get("STOCKGEN_SEED", "0"))
SHARE = 6.0  # seconds for the share of one test
KILL = "signal=KILL"
LINKS = ("link", "linkat")
WRITING = ("openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate")
# What a disk answers, and the calls that may hear it. A short write is no fault that could be injected: strace lets
# the call return a number without writing anything. Real ones: tests/ground/test_files.py, tests/pipeline/test_disk.py.
ERRORS: Mapping[str, tuple[str, ...]] = {
    "EIO": CALLS,
    "ENOSPC": (*WRITING, "mkdir", "link", "linkat", "rename"),
    "EROFS": tuple(call for call in CALLS if call not in ("write", "pwrite64", "fsync", "fdatasync")),
    "EINTR": WRITING,
}
LATER = 8  # calls of a thread that are tried from each later phase: those that other threads make first


@pytest.fixture(scope="module")
def nest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nest]:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    with Nest() as one:
        try:
            one.life(prepared(tmp_path_factory.mktemp("first")), Point("start", "", 0, ""))
        except NotTraced:
            pytest.skip("strace may not look into processes here")
        yield one


def share(nest: Nest, root: Path, fault: str, calls: tuple[str, ...]) -> list[Point]:
    """First the links by which something is published, then points of all phases in an order that the seed chooses; the
    many writes of SQLite's pages don't crowd out the rest.
    """
    rng = Random(f"{SEED} {fault}")
    by_call: dict[str, list[Point]] = {}
    for phase in ("start", "shot.claimed"):
        for point in points(counted(nest, root / phase, phase), phase, fault):
            by_call.setdefault(point.call, []).append(point)
    for each in by_call.values():
        rng.shuffle(each)
    first = [one for call in LINKS for one in by_call.pop(call, ()) if one.phase == "start"] if fault == KILL else []
    found = [each for call, each in by_call.items() if call in calls]
    return first + [each[turn] for turn in range(100) for each in found if turn < len(each)]


@pytest.mark.parametrize("fault", [KILL, *(f"error={name}" for name in ERRORS)])
def test_a_share_of_all_points(nest: Nest, tmp_path: Path, fault: str) -> None:
    calls = ERRORS.get(fault.removeprefix("error="), CALLS)
    wanted = share(nest, tmp_path, fault, calls)
    end, hits = time.monotonic() + SHARE / (1 if fault == KILL else 2), 0
    for number, point in enumerate(wanted):
        if point.call not in LINKS and time.monotonic() > end:
            break
        hit, found = strike(nest, tmp_path / str(number), point)
        assert found == [], f"{point}, seed {SEED}"
        hits += hit
    assert hits > 0


# -- the long one ----------------------------------------------------------------------------------------------


def until_it_fires_no_more(nest: Nest, root: Path, point: Point, most: int) -> Iterator[tuple[Point, list[str]]]:
    """A call of a thread, then its next one, and so on."""
    for when in range(point.when, most + 1):
        one = Point(point.phase, point.call, when, point.fault)
        hit, found = strike(nest, root / f"{point.call}-{when}", one)
        shutil.rmtree(root / f"{point.call}-{when}")
        if not hit:
            return
        yield one, found


@pytest.mark.torture
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("fault", [KILL, *(f"error={name}" for name in ERRORS)])
def test_every_point(nest: Nest, tmp_path: Path, fault: str, phase: str) -> None:
    calls = counted(nest, tmp_path / "calls", phase)
    tried, bad = 0, []
    for call in ERRORS.get(fault.removeprefix("error="), CALLS):
        if call not in calls:
            continue
        if call == "openat":  # most of these only read
            chosen = [one for one in points({call: calls[call]}, phase, fault) if phase == "start" or one.when <= LATER]
            results = [(one, strike(nest, tmp_path / f"openat-{one.when}", one)[1]) for one in chosen]
        else:
            first, most = Point(phase, call, 1, fault), 100_000 if phase == "start" else LATER
            results = list(until_it_fires_no_more(nest, tmp_path, first, most))
        tried += len(results)
        bad += [(one, found) for one, found in results if found]
    assert bad == []
    assert tried > 0
