"""A folder of the inbox is a preset; what lies deeper, or in a folder that is none, is told and never guessed at."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import normalize

import pytest

from tests.daemon.door import BAD, GOOD, QUIET, RESCAN, Door

Build = Callable[..., Door]
PRESETS = {"presets": {"sticker": {"size": "64x64", "tags": ["cute"]}, "스티커": {"size": "96x64"}}}
PLAIN = "prompt: a calm sea\n"


def orders(one: Door, number: int = 0) -> tuple[int, int]:
    """The size that a job's first order wants."""
    size = one.house.app.ledger.jobs.orders(one.ids()[number])[0].size
    return size.width, size.height


def test_a_file_in_a_folder_gets_the_preset_of_its_name(door: Build) -> None:
    one = door(PRESETS)
    (one.folder / "sticker").mkdir()
    one.drop(PLAIN, "sticker/job.yaml")
    one.settle()
    assert one.jobs() == ["sticker/job.yaml"]
    assert orders(one) == (64, 64)
    assert one.house.app.ledger.jobs.get(one.ids()[0])["preset"] == "sticker"
    (job,) = one.ids()
    assert one.lying("accepted") == [f"{job}_job.yaml", f"{job}_job.yaml.note.txt"]
    assert "Preset: sticker" in one.note("accepted", f"{job}_job.yaml")
    assert one.lying("sticker") == []
    one.house.work()
    assert "_job_" in one.house.app.ledger.jobs.get(job)["folder"]


@pytest.mark.parametrize("name", ["STICKER", normalize("NFD", "스티커"), " sticker"])
def test_capitals_and_spelling_of_the_folder_make_no_difference(door: Build, name: str) -> None:
    one = door(PRESETS)
    (one.folder / name).mkdir()
    one.drop(PLAIN, f"{name}/job.yaml")
    one.settle()
    assert len(one.jobs()) == 1


def test_an_unknown_folder_is_refused_with_the_nearest_preset(door: Build) -> None:
    one = door(PRESETS)
    (one.folder / "stikcer").mkdir()
    one.drop(PLAIN, "stikcer/job.yaml")
    one.settle()
    assert one.jobs() == one.lying("stikcer") == []
    assert "Did you mean 'sticker'?" in one.note("rejected", "job.yaml")


def test_what_lies_deeper_is_told_once_and_left_alone(door: Build) -> None:
    one = door(PRESETS, watch="inotify")
    (one.folder / "sticker" / "more").mkdir(parents=True)
    one.drop(PLAIN, "sticker/more/job.yaml")
    for _ in range(3):
        one.settle()
    assert one.jobs() == []
    assert one.told() == [("sticker/more", "folder_too_deep")]


@pytest.mark.parametrize("name", ["accepted", "Rejected", "results", "결과", normalize("NFD", "결과")])
def test_our_own_folders_are_never_read(door: Build, name: str) -> None:
    one = door(PRESETS)
    (one.folder / name).mkdir(exist_ok=True)
    path = one.drop(PLAIN, f"{name}/job.yaml")
    for _ in range(2):
        one.settle()
    assert one.jobs() == one.told() == []
    assert path.exists()


def test_one_name_in_two_folders_is_two_wishes(door: Build) -> None:
    one = door(PRESETS)
    (one.folder / "sticker").mkdir()
    for where in ("job.yaml", "sticker/job.yaml"):
        one.drop(GOOD, where)
    one.settle()
    one.house.work()
    assert one.jobs() == ["job.yaml", "sticker/job.yaml"]
    assert [one.house.app.ledger.jobs.get(job)["result"] for job in one.ids()] == ["done", "done"]


def test_a_folder_that_is_made_and_written_into_at_once_loses_no_file(door: Build) -> None:
    one = door(PRESETS, watch="inotify")
    one.turn()
    (one.folder / "sticker").mkdir()
    one.drop(PLAIN, "sticker/first.yaml")
    one.until(lambda: one.inbox.unsettled == 1)
    one.drop(PLAIN, "sticker/second.yaml.part").rename(one.folder / "sticker" / "second.yaml")
    one.hear_until_taken()  # heard in the new folder too: without a rescan, and at once
    one.listen()
    one.turn(QUIET)
    assert sorted(one.jobs()) == ["sticker/first.yaml", "sticker/second.yaml"]


def test_a_whole_folder_that_is_moved_in_is_taken(door: Build) -> None:
    one = door(PRESETS, watch="inotify")
    one.turn()
    elsewhere = one.house.root / "elsewhere"
    elsewhere.mkdir()
    for number in (10, 2):
        (elsewhere / f"{number}.yaml").write_text(PLAIN)
    elsewhere.rename(one.folder / "sticker")
    one.until(lambda: one.inbox.unsettled == 2)
    one.turn(QUIET)
    assert one.jobs() == ["sticker/2.yaml", "sticker/10.yaml"]


def test_a_folder_that_was_renamed_and_made_anew_is_heard_again(door: Build) -> None:
    one = door(PRESETS, watch="inotify")
    folder = one.folder / "sticker"
    folder.mkdir()
    one.turn(RESCAN)
    folder.rename(one.house.root / "old")
    folder.mkdir()
    one.turn(RESCAN)
    one.listen()
    one.drop(PLAIN, "sticker/job.yaml.part").rename(folder / "job.yaml")
    one.hear_until_taken()
    assert one.lying("sticker") == []


def test_a_folder_that_may_not_be_read_stops_nobody_else(door: Build) -> None:
    one = door(PRESETS)
    loop = one.folder / "sticker"
    loop.symlink_to(loop)
    one.drop()
    one.settle()
    assert one.jobs() == ["job.yaml"]
    assert one.told() == [("sticker", "not_a_file")]


def test_a_refused_file_in_a_folder_lies_in_rejected_under_its_own_name(door: Build) -> None:
    one = door(PRESETS)
    (one.folder / "sticker").mkdir()
    one.drop(BAD, "sticker/job.yaml")
    one.drop(BAD)
    one.settle()
    laid = ["job.yaml", "job.yaml.note.txt", "job~2.yaml", "job~2.yaml.note.txt"]
    assert [name for name in one.lying("rejected") if ".fixed." not in name] == laid
