"""Taking a job's file out of `accepted/` cancels what has not been begun; tidying up and unmounting cancel nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.settle import facts_of
from tests.daemon.door import BAD, GOOD, QUIET, RESCAN, Door
from tests.daemon.mounts import mounted

Build = Callable[..., Door]


def dropped(one: Door, text: str = GOOD) -> tuple[str, Path]:
    """A job, and its file in `accepted/`."""
    one.drop(text)
    one.settle()
    job = one.ids()[-1]
    return job, one.folder / "accepted" / f"{job}_job.yaml"


def look(one: Door) -> None:
    """Long enough for a missing file to be missed twice."""
    one.turn(RESCAN)
    one.turn(QUIET)


def cancelled(one: Door, job: str) -> bool:
    return bool(one.house.app.ledger.jobs.get(job)["cancelled"])


def test_a_deleted_file_cancels_what_has_not_been_begun_and_says_so(door: Build) -> None:
    one = door()
    job, file = dropped(one)
    file.unlink()
    look(one)
    one.house.work()
    assert one.house.app.ledger.jobs.get(job)["result"] == "cancelled"
    assert one.house.states() == {}
    assert "taken out of the folder" in one.note("accepted", file.name)
    assert one.told("file.deleted") == [("job.yaml", None)]


def test_what_is_finished_already_stays(door: Build) -> None:
    one = door()
    job, file = dropped(one, "- {prompt: a sea, size: 64x64}\n- {prompt: a slow sea, size: 64x64}\n")
    one.house.work(lambda: one.house.states() == {"done": 1, "rendering": 1})
    file.unlink()
    look(one)
    one.house.work()
    assert one.house.app.ledger.jobs.get(job)["result"] == "partial"
    assert len(one.house.pictures(job)) == 1


def test_a_deletion_is_heard_at_once(door: Build) -> None:
    one = door(watch="inotify")
    job, file = dropped(one)
    one.turn(RESCAN)
    one.listen()
    one.clock.now += 1.0
    file.unlink()
    one.until(lambda: bool(one.intake.resting._missing))
    one.turn(QUIET)
    assert cancelled(one, job)


@pytest.mark.parametrize("also_its_note", [False, True])
def test_tidying_up_after_a_job_has_ended_does_nothing(door: Build, also_its_note: bool) -> None:
    one = door()
    job, file = dropped(one)
    one.house.work()
    file.rename(one.house.root / "archive.yaml")
    if also_its_note:
        file.with_name(f"{file.name}.note.txt").unlink()
    look(one)
    assert one.house.app.ledger.jobs.get(job)["result"] == "done"
    assert one.told("file.deleted") == []
    assert one.lying("accepted") == ([] if also_its_note else [f"{file.name}.note.txt"])


def test_deleting_the_note_or_the_mended_copy_is_not_deleting_the_file(door: Build) -> None:
    one = door()
    job, file = dropped(one)
    file.with_name(f"{file.name}.note.txt").unlink()
    one.drop(BAD, "bad.yaml")
    one.settle()
    shutil.rmtree(one.folder / "rejected")
    look(one)
    assert not cancelled(one, job)


def test_a_file_that_an_editor_replaces_is_missing_for_a_moment_only(door: Build) -> None:
    one = door()
    job, file = dropped(one)
    aside = file.rename(one.house.root / "aside")
    one.turn(RESCAN)
    aside.rename(file)
    look(one)
    assert not cancelled(one, job)


def test_a_file_that_is_renamed_within_the_folder_is_still_there(door: Build) -> None:
    one = door()
    job, file = dropped(one)
    file.rename(file.with_name(f"{job}_봄.yaml"))
    look(one)
    assert not cancelled(one, job)


def test_a_file_deleted_while_nobody_ran_counts_at_the_next_start(door: Build) -> None:
    one = door()
    job, file = dropped(one)
    file.unlink()
    one.again()
    look(one)
    assert cancelled(one, job)


def test_a_file_that_never_lay_there_can_not_be_missed(door: Build) -> None:
    """Its owner took it back while it was accepted; the job is in the ledger and runs."""
    one = door()
    path = one.drop()
    with one.intake.batch():
        one.intake.take("job.yaml", path.read_bytes(), facts_of(path).arrival)
        path.unlink()
    one.intake.settle_moves()
    look(one)
    one.again()
    look(one)
    assert not cancelled(one, one.ids()[0])


@pytest.mark.parametrize("anew", ["by nobody", "by its owner", "before the next start"])
def test_a_whole_folder_that_was_tidied_away_cancels_nothing(door: Build, anew: str) -> None:
    one = door()
    job, file = dropped(one)
    shutil.rmtree(file.parent)
    if anew == "by its owner":
        shutil.rmtree(one.folder / "rejected")  # else the kernel gives its number to the new folder
        (one.folder / "other").mkdir()
        file.parent.mkdir()
    elif anew == "before the next start":
        one.again()
    look(one)
    one.drop("prompt: a second\nsize: 64x64\n", "second.yaml")
    one.settle()
    look(one)
    assert not cancelled(one, job)
    if anew != "by its owner":  # the kernel may give a new folder the number of the old one: forgotten, not compared
        assert one.house.app.ledger.query("SELECT resting FROM jobs WHERE id = :job", job=job) == [{"resting": None}]


def test_the_empty_place_under_an_unmounted_inbox_proves_nothing(door: Build) -> None:
    one = door()
    with mounted(one.folder):
        one.turn(RESCAN)
        job, _ = dropped(one)
    look(one)
    assert not cancelled(one, job)
    one.again()
    look(one)
    assert not cancelled(one, job)


def test_another_file_system_with_the_very_same_numbers_proves_nothing(door: Build) -> None:
    one = door()
    with mounted(one.folder):
        one.turn(RESCAN)
        job, file = dropped(one)
        before = file.parent.stat()
    with mounted(one.folder):
        one.turn(RESCAN)
        after = file.parent.stat()
        if (after.st_dev, after.st_ino) != (before.st_dev, before.st_ino):
            pytest.skip("needs a kernel that gives the new file system the numbers of the old one")
        look(one)
        assert not cancelled(one, job)


def test_many_files_deleted_at_once_are_found_in_one_look(door: Build) -> None:
    one = door()
    for number in range(200):
        one.drop(f"prompt: sea {number}\nsize: 64x64\n", f"{number}.yaml")
    one.settle()
    for path in (one.folder / "accepted").iterdir():
        path.unlink()
    look(one)
    assert all(cancelled(one, job) for job in one.ids())
    assert one.lying("accepted") == []
