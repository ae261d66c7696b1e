"""Whatever happens between staging and the outbox: each picture appears once, under a name of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.house import House, broken_promises, litter
from tests.lanes.harness import HandClock
from tests.pipeline.dying import Died, Doomed, fates, tree
from tests.pipeline.stage import attempts, busy_pool, only_rendered, rendered, restart, states

Build = Callable[..., House]
SEA = "prompt: a sea\nsize: 64x64\n"


def rest(one: House, job: str) -> None:
    """Start again and let the job end."""
    restart(one)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")


def test_a_death_at_any_step_of_publishing_leaves_one_picture_and_no_litter(house: Build) -> None:
    one, deaths = house(thread=True), 0
    for fate in fates():
        job = one.order(SEA)
        only_rendered(one, job)
        try:
            Doomed(one, fate).finish()
        except Died:
            deaths += 1
        assert broken_promises(one.app.ledger) == {}
        rest(one, job)
        assert states(one, job) == [("done", None)]
        assert len(attempts(one, job)) == 1
        assert [path.rpartition("/")[0] for path in tree(one.folder(job))] == ["images", *["info"] * 4, ""]
        assert litter(one.root) == []
    assert deaths > 20


# -- other people's files --------------------------------------------------------------------------------------


def test_a_foreign_file_at_our_name_stays_and_ours_gets_the_next_number(house: Build) -> None:
    one = house(thread=True)
    job = one.order(SEA)
    images = one.folder(job) / "images"
    images.mkdir(parents=True)
    foreign = images / f"a-sea-{job}-001.jpg"
    with busy_pool(one):
        rendered(one, job)
        foreign.symlink_to("nowhere.jpg")  # which `exists` calls absent
    one.work()
    assert str(foreign.readlink()) == "nowhere.jpg"
    assert [path.name for path in one.pictures(job)] == [foreign.name, f"a-sea-{job}-002.jpg"]
    assert sorted(path.name for path in (one.folder(job) / "info").glob("a-sea*")) == [f"a-sea-{job}-002.json"]


def dead_while_publishing(one: House, linked: bool) -> Iterator[tuple[str, Path]]:
    """Jobs whose only picture was being published at a death, with the master's path: linked already, or not yet."""
    job = one.order(SEA)
    only_rendered(one, job)
    for fate in fates():
        with suppress(Died):
            Doomed(one, fate).finish()
        if one.states().get("rendered"):
            continue
        if one.states().get("publishing"):
            asset = one.app.ledger.assets.of_shot(one.shots(job)[0]["id"])
            master = one.outbox / one.app.ledger.assets.files_of(asset["id"])[-1]["path"]
            if master.exists() == linked:
                yield job, master
        rest(one, job)
        assert len(attempts(one, job)) == 1
        assert litter(one.root) == []
        job = one.order(SEA)
        only_rendered(one, job)


def test_a_picture_that_its_owner_moved_at_once_is_not_made_again(house: Build, tmp_path: Path) -> None:
    one = house(thread=True)
    moved = []
    for job, master in dead_while_publishing(one, linked=True):
        master.rename(tmp_path / master.name)
        moved.append(job)
    assert moved
    assert [one.pictures(job) for job in moved] == [[]] * len(moved)
    assert [states(one, job) for job in moved] == [[("done", None)]] * len(moved)


@pytest.mark.parametrize("how", [[], pytest.param(["--disable=move"], marks=pytest.mark.torture)])
def test_a_picture_that_rclone_moved_before_we_noted_it_is_not_made_again(
    house: Build, tmp_path: Path, how: list[str]
) -> None:
    if shutil.which("rclone") is None:
        pytest.skip("needs the program rclone")
    one, cloud = house(thread=True), tmp_path / "cloud"

    def synced() -> list[str]:
        command = ["rclone", f"--config={tmp_path / 'none'}", "move", *how, "--include=/2*/*/images/**"]
        subprocess.run([*command, str(one.outbox), str(cloud)], check=True)
        return sorted(path.name for path in cloud.rglob("*.*"))

    moved = []
    for job, master in dead_while_publishing(one, linked=True):
        assert master.name in synced()
        moved.append(job)
    assert moved
    assert [states(one, job) for job in moved] == [[("done", None)]] * len(moved)
    assert [len(attempts(one, job)) for job in moved] == [1] * len(moved)
    stems = one.app.ledger.query("SELECT stem FROM assets ORDER BY stem")
    assert synced() == [f"{row['stem']}.jpg" for row in stems]  # and each picture has one name


def test_a_picture_that_its_owner_retouched_at_once_stays_retouched(house: Build) -> None:
    one = house(thread=True)
    retouched = []
    for job, master in dead_while_publishing(one, linked=True):
        master.write_bytes(b"retouched")
        retouched.append(job)
    assert retouched
    assert all([path.read_bytes() for path in one.pictures(job)] == [b"retouched"] for job in retouched)


def test_a_foreign_file_that_came_while_we_were_dead_stays_and_leaves_no_orphan(house: Build) -> None:
    one = house(thread=True)
    seen = []
    for job, master in dead_while_publishing(one, linked=False):
        master.parent.mkdir(parents=True, exist_ok=True)
        master.write_bytes(b"somebody else's")
        seen.append((job, master))
    assert seen
    for job, master in seen:
        assert master.read_bytes() == b"somebody else's"
        assert [path.stem[-3:] for path in one.pictures(job)] == ["001", "002"]
        assert [path.stem[-3:] for path in (one.folder(job) / "info").glob("a-sea*")] == ["002"]


# -- storage ---------------------------------------------------------------------------------------------------


def closed(one: House, job: str) -> bool:
    return bool(one.app.ledger.jobs.get(job)["state"] == "closed")


def test_an_outbox_that_is_lost_half_way_is_a_hold_and_goes_on_by_itself(house: Build) -> None:
    clock = HandClock()
    one = house(thread=True, clock=clock)
    job = one.order(SEA)
    month = one.folder(job).parent
    month.write_bytes(b"no folder")  # the name is reserved before the folder is needed
    one.work(lambda: one.states() == {"publishing": 1})
    assert [(held.hold, held.reason) for held in one.app.engine.holds("cpu")] == [("disk", f"{one.folder(job)}/info")]
    assert not one.app.engine.idle
    month.unlink()
    one.turn(3)
    assert one.states() == {"publishing": 1}
    clock.now += 31.0
    one.work(lambda: closed(one, job))
    assert len(one.pictures(job)) == 1
    assert litter(one.root) == []


def test_an_outbox_that_is_away_at_the_start_is_a_hold_too(house: Build) -> None:
    clock = HandClock()
    one = house(thread=True, clock=clock)
    job = one.order(SEA)
    month = one.folder(job).parent
    month.write_bytes(b"no folder")
    one.work(lambda: one.states() == {"publishing": 1})
    one.again()
    assert one.states() == {"publishing": 1}
    month.unlink()
    clock.now += 31.0
    one.work(lambda: closed(one, job))
    assert len(one.pictures(job)) == 1


def test_papers_that_can_not_be_written_are_written_later(house: Build) -> None:
    clock = HandClock()
    one = house(thread=True, clock=clock)
    job = one.order("prompt: an unfit thing\nsize: 64x64\n")
    month = one.folder(job).parent
    month.write_bytes(b"no folder")
    one.work(lambda: bool(one.events("hold.on")))
    month.unlink()
    clock.now += 31.0
    one.work(lambda: closed(one, job))
    assert (one.folder(job) / "info" / "job.json").exists()
    assert litter(one.root) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_a_hold_and_goes_on_by_itself(house: Build, small_disk: Path) -> None:
    clock = HandClock()
    outbox: dict[str, Any] = {"path": str(small_disk / "outbox"), "staging": str(small_disk / "staging")}
    one = house({"outbox": outbox}, thread=True, clock=clock)
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    job = one.order(SEA)
    one.work(lambda: bool(one.events("hold.on")))
    assert one.states() == {"rendered": 1}
    assert [held.hold for held in one.app.engine.holds("cpu")] == ["disk"]
    ballast.unlink()
    clock.now += 31.0
    one.work(lambda: closed(one, job))
    assert len(one.pictures(job)) == 1
    assert len(attempts(one, job)) == 1
    assert tree(small_disk / "staging") == []
