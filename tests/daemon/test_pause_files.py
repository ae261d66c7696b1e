"""A file named PAUSE pauses until it is deleted: for people whose only way to the machine is a shared folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pytest

from daemon.ignored import is_pause
from tests.daemon.door import RESCAN, Door
from tests.daemon.mounts import mounted

Build = Callable[..., Door]
PAUSES = [
    "PAUSE", "pause", "Pause.txt", "PAUSE.yaml", "pause.tar.gz", "PAUSE.", "일시정지", "일시정지.txt", "일시정지.HWP",
    normalize("NFD", "일시정지"), normalize("NFD", "일시정지.txt"),
]  # fmt: skip
JOBS = [
    "pauses.yaml", "no pause.txt", "PAUSED", "pause-1.txt", "일시정지 해제.txt", "일시.txt", ".pause", "PAUSE.txt~",
    "PAUSE.txt.part", "PAUSE.sync-conflict-20261123-101500-ABCDEFG.txt",
]  # fmt: skip


@pytest.mark.parametrize("name", PAUSES)
def test_every_way_to_write_it_pauses(name: str) -> None:
    assert is_pause(name)


@pytest.mark.parametrize("name", JOBS)
def test_a_name_that_only_resembles_it_does_not(name: str) -> None:
    assert not is_pause(name)


def held(one: Door) -> list[tuple[str, str]]:
    """The holds that are on, with their reasons."""
    return sorted({(held.hold, held.reason) for _, held, _ in one.house.app.engine.held()})


def test_nothing_is_begun_while_it_lies_there_and_it_is_no_job(door: Build) -> None:
    one = door()
    pause = one.drop("prompt: a sea\n", "PAUSE.yaml")
    one.drop()
    one.settle()
    one.house.work()
    assert one.jobs() == ["job.yaml"]
    assert one.house.states() == {"planned": 1}
    assert held(one) == [("pause", "PAUSE.yaml")]
    assert pause.exists()
    pause.unlink()
    one.turn()  # no waiting for the next look
    assert held(one) == []
    one.house.work()
    assert one.house.states() == {"done": 1}


def test_it_is_told_once_and_its_end_too(door: Build) -> None:
    one = door()
    pause = one.drop("", "일시정지.txt")
    for _ in range(3):
        one.settle()
        one.house.turn()
    pause.unlink()
    one.turn()
    one.house.turn()
    on, off = one.house.events("hold.on"), one.house.events("hold.off")
    assert {(line["hold"], line["reason"]) for line in on} == {("pause", "일시정지.txt")}
    assert len(on) == len(off) == len({line["place"] for line in on})


def test_it_is_heard_at_once(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    one.folder.joinpath("PAUSE").touch()
    one.until(lambda: bool(held(one)))
    one.folder.joinpath("PAUSE").rename(one.folder / "go")
    one.until(lambda: not held(one))


def test_one_that_lies_there_at_the_start_counts_before_anything_is_claimed(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    one.drop("", "PAUSE")
    one.again()
    one.turn()
    one.house.work()
    assert one.house.states() == {"planned": 1}


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("nowhere")],
                         ids=["empty", "folder", "dangling"])  # fmt: skip
def test_phones_that_can_only_make_folders_pause_too(door: Build, make: Callable[[Path], None]) -> None:
    one = door()
    make(one.folder / "PAUSE")
    one.settle()
    assert held(one) == [("pause", "PAUSE")]
    assert one.told() == []


def test_it_pauses_from_a_folder_for_a_preset_as_well(door: Build) -> None:
    one = door({"presets": {"sticker": {}}})
    (one.folder / "sticker").mkdir()
    one.drop("", "sticker/PAUSE.txt")
    one.settle()
    assert held(one) == [("pause", "sticker/PAUSE.txt")]
    assert one.jobs() == []


def test_a_pause_does_not_end_because_the_disk_with_the_file_was_pulled_out(door: Build) -> None:
    one = door()
    with mounted(one.folder):
        one.turn(RESCAN)
        one.drop("", "PAUSE")
        one.settle()
    for _ in range(3):
        one.turn(RESCAN)
    assert held(one) == [("pause", "PAUSE")]
