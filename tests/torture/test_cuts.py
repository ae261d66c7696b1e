"""The power is cut while a daemon works: what it had told the world is there, nothing is torn, nothing is made twice,
and the next start finishes the rest. And bugs that are planted turn these tests red.

Ledger and pictures lie on two disks, images that are mounted from loop devices. By default a share of the points on
ext4 is tried that STOCKGEN_SEED chooses (default 0); `make torture` tries every point on ext4, xfs and btrfs.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.torture import order
from tests.torture.calls import PHASES, Nest, NotTraced, Point, prepared
from tests.torture.cuts import KILL, SCENES, Cutting, Tally
from tests.torture.disks import SYSTEMS, why_not
from tests.torture.spoilt import SPOILT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.strace,
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]

SEED = int(os.environ.get("STOCKGEN_SEED", "0"))
SHARE = {"pictures": 4.0, "tries": 2.0, "basket": 1.0}  # seconds
# Where planted bugs show soonest: before the first of a picture's files gets its name, and after a picture was told.
TELLING = (Point("start", "link", 2, KILL), Point("shot.published", "unlink", 1, KILL))
NAMING = ("link", "rename")
MANY = 60  # points at which a planted bug is tried in `make torture`
LATER = 8  # calls of a thread that are tried from each later phase: those that other threads make first


@pytest.fixture(scope="module")
def nest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nest]:
    with Nest() as one:
        try:
            one.life(prepared(tmp_path_factory.mktemp("first")), Point("start", "", 0, ""))
        except NotTraced:
            pytest.skip("power cuts need strace, and it may not look into processes here")
        yield one


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[str, Tally, float], None]:
    """Tells how many points were tried and bad, also where the test succeeds."""

    def tell(what: str, tally: Tally, began: float) -> None:
        seconds = time.monotonic() - began
        with capsys.disabled():
            sys.stderr.write(f"{what}: {tally.tried} points, {len(tally.bad)} bad, {seconds:.0f} s\n")

    return tell


@pytest.mark.parametrize("scene", SHARE)
def test_power_cuts_lose_nothing_that_was_told_double_nothing_and_tear_nothing(
    nest: Nest, tmp_path: Path, scene: str
) -> None:
    cutting = Cutting(nest, tmp_path / scene, "ext4", SCENES[scene])
    points = list(cutting.shuffled(f"{SEED} {scene}"))
    end = time.monotonic() + SHARE[scene]
    tally = cutting.tried(points, lambda: time.monotonic() > end)
    assert tally.bad == [], f"seed {SEED}"
    assert tally.tried > 0


@pytest.mark.parametrize("bug", SPOILT)
def test_a_planted_bug_is_found_by_a_power_cut_and_by_the_order_of_calls(nest: Nest, tmp_path: Path, bug: str) -> None:
    cutting = Cutting(nest, tmp_path / "cuts", "ext4", SCENES["pictures"])
    assert any(cutting.cut(point, bug) for point in TELLING)
    trace, _ = cutting.traced(bug)
    assert order.faults(trace.read_text(errors="replace"), cutting.root) != []


def test_without_any_sync_a_power_cut_loses_what_was_told(tmp_path: Path) -> None:
    with sleeping() as nest:
        cutting = Cutting(nest, tmp_path / "cuts", "ext4", SCENES["pictures"])
        assert any(cutting.cut(point) for point in TELLING)


def sleeping() -> Nest:
    """Lives in which nothing is ever synced."""
    if shutil.which("eatmydata") is None:
        pytest.skip("power cuts need eatmydata, to see that syncs are what they rest on")
    return Nest({"LD_PRELOAD": "libeatmydata.so"})


# -- the order of calls, without any cut -----------------------------------------------------------------------


@pytest.mark.parametrize("scene", SHARE)
def test_nothing_is_told_or_done_before_what_it_rests_on_is_safe(nest: Nest, tmp_path: Path, scene: str) -> None:
    cutting = Cutting(nest, tmp_path / scene, "ext4", SCENES[scene])
    trace, _ = cutting.traced()
    text = trace.read_text(errors="replace")
    assert order.faults(text, cutting.root) == []
    names = [call for moment, call in order.calls(text, cutting.root) if moment == "ended" and call.name in NAMING]
    assert len(names) > SCENES[scene].pictures - SCENES[scene].baskets, text[-3000:]  # it was judged, not passed over


# -- the long ones ---------------------------------------------------------------------------------------------


@pytest.mark.torture
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_power_cut(
    nest: Nest, tmp_path: Path, system: str, scene: str, told: Callable[[str, Tally, float], None]
) -> None:
    cutting, tried, bad = Cutting(nest, tmp_path / scene, system, SCENES[scene]), 0, []
    for phase in PHASES:
        began = time.monotonic()
        tally = cutting.tried(cutting.every(phase, 100_000 if phase == "start" else LATER))
        told(f"{system}, {scene}, from {phase}", tally, began)
        tried, bad = tried + tally.tried, bad + tally.bad
    assert bad == []
    assert tried > 0


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("bug", [*SPOILT, "no sync at all"])
def test_how_often_a_planted_bug_is_found(
    nest: Nest, tmp_path: Path, bug: str, told: Callable[[str, Tally, float], None]
) -> None:
    began = time.monotonic()
    cutting = Cutting(nest, tmp_path / "cuts", "ext4", SCENES["pictures"])
    points = list(cutting.shuffled(f"{SEED} bugs"))[:MANY]
    if bug in SPOILT:
        tally = cutting.tried(points, spoil=bug)
    else:
        with sleeping() as lives:
            tally = Cutting(lives, tmp_path / "sleeping", "ext4", SCENES["pictures"]).tried(points)
    told(bug, tally, began)
    assert tally.bad != []
