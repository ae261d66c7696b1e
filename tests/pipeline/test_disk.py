"""Disks that fill up, break or go away: everything waits, nothing is lost, and it goes on by itself."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from daemon.manager import Manager
from daemon.opening import Holds, opened
from daemon.signals import Signals
from stockgen.app.build import App, open_app
from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.domain.errors import ConfigError, StorageFull, exit_code
from stockgen.domain.times import SystemClock
from stockgen.logs import Logger, configure
from stockgen.messages import Messages, explained
from stockgen.pipeline.disk import BYTES_PER_PIXEL, INODES, WAIT, Reserve, Trouble, needed, room, told
from tests.daemon.readonly import unwritable
from tests.house import TEST_PLUGINS, House, litter, write_config
from tests.lanes.harness import HandClock
from tests.pipeline.stage import attempts, states

Build = Callable[..., House]
SEA = "prompt: a sea\nsize: 64x64\n"
MIB = 1 << 20


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a file system of a given size (and number of files)."""
    places: list[Path] = []

    def mount(size: str, files: int = 0) -> Path:
        place = tmp_path / f"small{len(places)}"
        place.mkdir()
        options = f"size={size}" + (f",nr_inodes={files}" if files else "")
        try:
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("only root may mount a small file system")
        places.append(place)
        return place

    yield mount
    for place in places:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take all the space."""
    ballast = place / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    return ballast


def litter_of_files(place: Path) -> Path:
    """Take all the names."""
    folder = place / "many"
    folder.mkdir()
    with suppress(OSError):
        for number in range(100_000):
            (folder / str(number)).touch()
    return folder


def placed(place: Path) -> dict[str, Any]:
    """A config whose outbox lies there."""
    return {"outbox": {"path": str(place / "outbox"), "staging": str(place / "staging")}}


def closed(one: House, job: str) -> bool:
    return bool(one.app.ledger.jobs.get(job)["state"] == "closed")


def held(one: House) -> list[tuple[str, str]]:
    return [(each.hold, each.reason) for each in one.app.engine.holds("cpu")]


# -- the reserve -----------------------------------------------------------------------------------------------


def test_nothing_is_begun_below_the_reserve_and_it_goes_on_once_there_is_room(
    house: Build, small: Callable[..., Path]
) -> None:
    place = small("8m")
    one = house({**placed(place), "limits": {"free_disk": "4MiB"}}, thread=True)
    ballast = place / "ballast"
    ballast.write_bytes(b"x" * 5 * MIB)
    job = one.order(SEA)
    one.work()
    assert states(one, job) == [("planned", None)]
    assert held(one) == [("disk", str(place / "outbox"))]
    assert one.app.engine.idle  # nobody knows when: whoever waits for the end is told instead
    ballast.unlink()
    one.work(lambda: closed(one, job))
    assert held(one) == []
    told = [(line["event"], line["place"]) for line in one.events() if line["event"].startswith("hold")]
    assert sorted(told) == sorted({*told})  # once for each place


def test_a_disk_without_names_for_new_files_is_as_good_as_full(small: Callable[..., Path]) -> None:
    place = small("8m", 1000)
    reserve = Reserve([place], 1)
    assert reserve("cpu", 0.0) == []
    for number in range(1000 - INODES):
        (place / str(number)).touch()
    assert [each.reason for each in reserve("cpu", 0.0)] == [str(place)]


def test_at_the_edge_of_the_reserve_it_does_not_go_off_and_on_with_each_picture(small: Callable[..., Path]) -> None:
    place = small("16m")
    space = room(place)
    assert space
    reserve = Reserve([place], int(space[0]) - MIB)
    (place / "a").write_bytes(b"x" * MIB)
    (place / "b").write_bytes(b"x" * 4096)
    assert len(reserve("cpu", 0.0)) == 1
    (place / "b").unlink()
    assert len(reserve("cpu", 0.0)) == 1  # as much as was asked for, and not yet a little more
    (place / "a").unlink()
    assert reserve("cpu", 0.0) == []


def test_a_reserve_of_nothing_and_a_folder_that_is_gone_hold_nobody(tmp_path: Path) -> None:
    assert Reserve([tmp_path], 0)("cpu", 0.0) == []
    assert Reserve([tmp_path / "gone"], 1 << 50)("cpu", 0.0) == []


def test_a_new_reserve_holds_without_a_restart(house: Build) -> None:
    one = house(thread=True)
    assert held(one) == []
    config = one.app.catalogue.config
    one.app.reload(config.model_copy(update={"limits": config.limits.model_copy(update={"free_disk": 1 << 50})}))
    assert [hold for hold, _ in held(one)] == ["disk", "disk"]  # where the state lies, and the outbox


# -- places ----------------------------------------------------------------------------------------------------


def test_a_staging_folder_on_another_disk_is_refused_at_the_start_in_words(
    tmp_path: Path, small: Callable[..., Path]
) -> None:
    outbox = {"path": str(tmp_path / "outbox"), "staging": str(small("1m") / "staging")}
    with pytest.raises(ConfigError) as caught:
        House(tmp_path / "house", {"outbox": outbox}, thread=True)
    assert exit_code(caught.value) == 2
    said = explained(caught.value, Messages("en"))
    assert "can't be linked" in said
    assert "`outbox.staging`" in said
    assert [path.name for path in (tmp_path / "outbox").iterdir()] == []


def test_an_outbox_that_is_mounted_over_while_we_run_waits_until_it_is_back(
    house: Build, small: Callable[..., Path]
) -> None:
    clock = HandClock()
    one = house(thread=True, clock=clock)
    one.make(SEA)
    subprocess.run(["mount", "--bind", str(small("1m")), str(one.outbox)], check=True)
    try:
        job = one.order(SEA)
        one.work(lambda: bool(one.events("hold.on")))
        clock.now += WAIT
        one.turn(3)
        assert one.states().get("failed", 0) == 0
    finally:
        subprocess.run(["umount", "-l", str(one.outbox)], check=True)
    clock.now += WAIT
    one.work(lambda: closed(one, job))
    assert len(one.pictures(job)) == 1
    assert len(attempts(one, job)) == 1


def test_an_outbox_that_was_moved_to_another_disk_goes_on_there(house: Build, small: Callable[..., Path]) -> None:
    one = house(thread=True)
    first, half = one.make(SEA), one.order(f"{SEA}count: 3\n")
    one.work(lambda: one.app.ledger.jobs.counts(half).get("done", 0) >= 1)
    one.app.close(one.app.clock.monotonic() + 5.0)
    place = small("8m")
    shutil.copytree(one.root / "outbox", place / "outbox")
    shutil.copytree(one.root / ".outbox.staging", place / "staging")
    shutil.rmtree(one.root / "outbox")
    providers = {"scripted": {"place": "net"}, "second": {"place": "net"}}
    write_config(one.root, {"providers": providers, **placed(place)})
    one.app = one.open()
    one.work(lambda: closed(one, half))
    assert one.outbox == place / "outbox"
    assert len(one.pictures(half)) == 3
    assert len(attempts(one, half)) == 3
    assert len(one.pictures(first)) == 1
    assert not (one.root / "outbox").exists()


# -- the estimate ----------------------------------------------------------------------------------------------


def test_whoever_asks_for_more_than_fits_is_told_how_much(house: Build, small: Callable[..., Path]) -> None:
    place = small("8m")
    one = house(placed(place), thread=True)
    job = one.order("prompt: a sea\nsize: 2500x2500\ncount: 9\n")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "open")
    assert [plan.told[0].code for plan in one.app.engine.planned] == ["disk.wont_fit"]
    one.app.engine.cancel(job)
    small_job = one.order(SEA)
    one.app.engine.planned.clear()
    one.work(lambda: closed(one, small_job))
    assert [plan.told for plan in one.app.engine.planned] == [()]


def test_the_estimate_learns_from_what_was_made(house: Build) -> None:
    one = house(thread=True)
    assert one.app.ledger.assets.bytes_per_pixel() is None
    (picture,) = one.pictures(one.make(SEA))
    assert one.app.ledger.assets.bytes_per_pixel() == picture.stat().st_size / 64 / 64


def test_the_estimate_counts_pixels_and_papers_and_leaves_the_reserve(tmp_path: Path) -> None:
    assert needed(1_000_000, 1, None) > 1_000_000 * BYTES_PER_PIXEL
    assert needed(1_000_000, 1, 2.0) - needed(1_000_000, 1, 1.0) == 1_000_000
    space = room(tmp_path)
    assert space
    assert told(int(space[0]) // 2, tmp_path, 0) is None
    assert told(int(space[0]) // 2, tmp_path, int(space[0])) is not None
    assert told(1, tmp_path / "gone", 0) is None


# -- trouble ---------------------------------------------------------------------------------------------------


class Lines:
    """A log that keeps its events."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def info(self, event: str, /, **_: Any) -> None:
        self.events.append(event)

    debug = warning = error = info


def test_trouble_is_logged_once_however_often_it_is_tried_again() -> None:
    clock, log = HandClock(), Lines()
    trouble = Trouble(clock, log)
    for _ in range(5):
        trouble.failed(StorageFull("storage_full", path="/outbox"))
        clock.now += WAIT
        assert trouble.due
    trouble.fine()
    trouble.fine()
    assert log.events == ["hold.on", "hold.off"]


def test_a_clock_that_is_set_neither_lengthens_nor_ends_a_wait() -> None:
    clock = HandClock()
    trouble = Trouble(clock, Lines())
    trouble.failed(StorageFull("storage_full", path="/outbox"))
    for wall in (0.0, clock.wall() - 3600, clock.wall() + 366 * 86400):
        (hold,) = trouble("cpu", wall)
        assert hold.until == wall + WAIT
        assert not trouble.due
    clock.now += WAIT
    assert trouble.due


FULL = {"blocks": (fill, "1m", 0), "names": (litter_of_files, "4m", 200)}


@pytest.mark.parametrize("kind", FULL)
def test_a_full_outbox_waits_and_goes_on_by_itself(house: Build, small: Callable[..., Path], kind: str) -> None:
    take, size, files = FULL[kind]
    clock, place = HandClock(), small(size, files)
    one = house(placed(place), thread=True, clock=clock)
    taken = take(place)
    job = one.order(SEA)
    one.work(lambda: bool(one.events("hold.on")))
    one.turn(3)
    assert one.states() == {"rendered": 1}
    subprocess.run(["rm", "-r", str(taken)], check=True)
    clock.now += WAIT
    one.work(lambda: closed(one, job))
    assert attempts(one, job) == [("scripted", "rendered", None)]
    assert len(one.pictures(job)) == 1
    assert held(one) == []


def test_a_disk_that_is_full_for_the_sidecar_only_publishes_nothing_half(
    house: Build, small: Callable[..., Path]
) -> None:
    clock, place = HandClock(), small("4m")
    one = house(placed(place), thread=True, clock=clock)
    job = one.order(SEA)
    beside = place / "staging" / "shot-1.json"
    beside.mkdir()  # nothing can be written under this name
    one.work(lambda: bool(one.events("hold.on")))
    assert one.pictures(job) == []
    beside.rmdir()
    clock.now += WAIT
    one.work(lambda: closed(one, job))
    assert len(one.pictures(job)) == len(list((one.folder(job) / "info").glob("a-sea*.json"))) == 1


@pytest.mark.parametrize("kind", FULL)
def test_a_full_disk_under_the_ledger_holds_everything_and_loses_no_picture(
    house: Build, small: Callable[..., Path], kind: str
) -> None:
    take, _, _ = FULL[kind]
    clock, place = HandClock(), small("3m", 200)
    one = house({"state": str(place / "state")}, thread=True, clock=clock)
    job = one.order(f"{SEA}count: 3\n")
    taken = take(place)
    one.work(lambda: bool(one.events("hold.on")))
    for _ in range(3):
        clock.now += WAIT
        one.turn(3)
    subprocess.run(["rm", "-r", str(taken)], check=True)
    clock.now += WAIT
    one.work(lambda: closed(one, job))
    assert states(one, job) == [("done", None)] * 3
    assert len(one.pictures(job)) == 3
    assert held(one) == []
    assert litter(one.root) == []


def test_a_picture_that_came_while_the_ledger_was_full_is_not_made_again(
    house: Build, small: Callable[..., Path]
) -> None:
    clock, place = HandClock(), small("3m")
    spool = place / "state" / "spool"
    spool.mkdir(parents=True)
    elsewhere = small("3m")
    subprocess.run(["mount", "--bind", str(elsewhere), str(spool)], check=True)
    try:
        providers = {"scripted": {"place": "net", "seconds": 0.5}, "second": {"place": "net"}}
        one = house({"state": str(place / "state"), "providers": providers}, clock=clock)
        job = one.order(SEA)
        one.work(lambda: one.states().get("rendering", 0) == 1)
        ballast = fill(place)
        one.work(lambda: bool(one.events("hold.on")))
        assert one.states() == {"rendering": 1}
        ballast.unlink()
        clock.now += WAIT
        one.work(lambda: closed(one, job))
        assert attempts(one, job) == [("scripted", "rendered", None)]
    finally:
        subprocess.run(["umount", "-l", str(spool)], check=True)


def test_an_outbox_that_became_read_only_waits_and_goes_on_by_itself(house: Build) -> None:
    clock = HandClock()
    one = house(thread=True, clock=clock)
    first = one.make(SEA)
    with unwritable(one.outbox):
        job = one.order(SEA)
        one.work(lambda: bool(one.events("hold.on")))
        for _ in range(3):
            clock.now += WAIT
            one.turn(3)
        assert len(one.events("hold.on")) == 1  # told once, not at each try
    clock.now += WAIT
    one.work(lambda: closed(one, job))
    assert len(one.pictures(first)) == len(one.pictures(job)) == 1
    assert len(attempts(one, job)) == 1


# -- a start -------------------------------------------------------------------------------------------------------


class Freeing:
    """Where a daemon waits; somebody frees the space, or stops it, meanwhile."""

    def __init__(self, free: Callable[[], object]) -> None:
        self.waited: list[float] = []
        self._free = free

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        if len(self.waited) == 2:
            self._free()


def waits(log: Logger) -> Holds:
    return Holds(Messages("en"), log, Manager({}, Messages("en")))


def attempt(path: Path, log: Logger) -> App:
    catalogue = Catalogue(load(path), path.parent / "my", TEST_PLUGINS)
    return open_app(catalogue, SystemClock(), Random(0), lambda: None, log)


def test_a_start_on_a_full_disk_waits_and_goes_on_by_itself(
    tmp_path: Path, small: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    disk, out = small("1m"), io.StringIO()
    path = write_config(tmp_path, {"state": str(disk / "state")})
    ballast = fill(disk)
    queue, log = Freeing(ballast.unlink), configure("info", "json", out)
    app = opened(lambda: attempt(path, log), queue, Signals(), 7.0, waits(log), SystemClock())
    assert app is not None
    assert app.ledger.jobs.listed() == []
    app.close(0.0)
    assert queue.waited == [7.0, 7.0]
    assert out.getvalue().count("hold.on") == out.getvalue().count("hold.off") == 1  # not at each try
    assert capsys.readouterr().err.count("Ctrl-C") == 1


def test_who_is_stopped_while_waiting_for_space_ends(tmp_path: Path, small: Callable[..., Path]) -> None:
    disk, signals = small("1m"), Signals()
    path = write_config(tmp_path, {"state": str(disk / "state")})
    fill(disk)
    queue = Freeing(lambda: setattr(signals, "stops", 1))
    log = configure("info", "json", io.StringIO())
    assert opened(lambda: attempt(path, log), queue, signals, 7.0, waits(log), SystemClock()) is None
    assert queue.waited == [7.0, 7.0]
