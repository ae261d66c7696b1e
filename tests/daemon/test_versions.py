"""The same name again: the same job, a newer version, or a new wish. Never a mix, and never in silence."""

from __future__ import annotations

import os
from collections.abc import Callable
from unicodedata import normalize

from daemon.settle import facts_of
from tests.daemon.door import GOOD, QUIET, RESCAN, Door
from tests.daemon.readonly import unwritable

Build = Callable[..., Door]
NEWER = "prompt: a wild sea\nsize: 64x64\ncount: 2\n"


def begin(one: Door) -> str:
    """Plan all that is there, and let a lane have a picture of the first job."""
    job = one.ids()[0]
    one.house.work(lambda: one.house.app.ledger.jobs.begun(job))
    return job


def note_of(one: Door, job: str, name: str = "job.yaml") -> str:
    return one.note("accepted", f"{job}_{name}")


def test_a_file_that_is_mended_before_its_pictures_are_begun_replaces_its_earlier_version(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    one.drop(NEWER)
    one.settle()
    first, second = one.ids()
    one.house.work()
    assert one.house.app.ledger.jobs.get(first)["result"] == "cancelled"
    assert one.house.pictures(first) == []
    assert len(one.house.pictures(second)) == 2
    assert f"It is job {second}" in note_of(one, first)
    assert f"newer version of job {first}" in note_of(one, second)
    assert [line.get("replaces") for line in one.house.events("file.accepted")] == [None, first]


def test_a_file_that_is_mended_after_planning_replaces_it_all_the_same(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    (one.folder / "PAUSE").touch()
    one.settle()
    one.house.work()  # planned, and held
    assert one.house.states() == {"planned": 1}
    one.drop(NEWER)
    one.settle()
    (one.folder / "PAUSE").unlink()
    one.settle()
    one.house.work()
    assert one.house.states() == {"cancelled": 1, "done": 2}


def test_a_file_that_is_mended_while_its_pictures_are_made_is_a_job_of_its_own(door: Build) -> None:
    one = door()
    one.drop("prompt: a slow sea\nsize: 64x64\n")
    one.settle()
    first = begin(one)
    one.drop(NEWER)
    one.settle()
    assert [one.house.app.ledger.jobs.get(job)["cancelled"] for job in one.ids()] == [0, 0]
    assert one.house.states()["rendering"] == 1
    assert f"job {first}, has been begun already" in note_of(one, one.ids()[1])


def test_three_versions_in_a_row_leave_only_the_last(door: Build) -> None:
    one = door()
    for words in ("one", "two", "three"):
        one.drop(f"prompt: {words}\nsize: 64x64\n")
        one.settle()
    one.house.work()
    results = [one.house.app.ledger.jobs.get(job)["result"] for job in one.ids()]
    assert results == ["cancelled", "cancelled", "done"]


def test_a_cancelled_file_that_is_dropped_again_is_a_new_wish_at_once(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    one.house.app.engine.cancel(one.ids()[0])
    one.drop()
    one.settle()
    one.house.work()
    assert [one.house.app.ledger.jobs.get(job)["result"] for job in one.ids()] == ["cancelled", "done"]


def test_the_same_wish_after_its_job_has_ended_gets_new_ideas(door: Build) -> None:
    one = door()
    text = "keywords: sea\ncount: 3\nsize: 64x64\n"
    for _ in range(2):
        one.drop(text)
        one.settle()
        one.house.work()
    ideas = [row["prompt"] for row in one.house.app.ledger.query("SELECT prompt FROM ideas ORDER BY id")]
    assert ideas[:3] != ideas[3:]


def test_one_name_spelled_by_a_mac_and_by_windows_is_two_files_and_two_jobs(door: Build) -> None:
    one = door()
    for form in ("NFC", "NFD"):
        one.drop(GOOD, normalize(form, "봄꽃.yaml"))
    one.settle()
    one.house.work()
    assert len({str(one.house.folder(job)) for job in one.ids()}) == 2
    assert [len(one.house.pictures(job)) for job in one.ids()] == [1, 1]
    assert len(one.lying("accepted")) == 4


def test_two_hard_links_to_one_file_are_one_job_and_both_are_put_away(door: Build) -> None:
    one = door()
    (one.folder / "b.yaml").hardlink_to(one.drop(name="a.yaml"))
    one.settle()
    assert one.lying() == []
    assert one.jobs() == ["a.yaml"]
    assert len([name for name in one.lying("accepted") if not name.endswith(".note.txt")]) == 2


def test_a_hard_link_to_a_file_that_somebody_still_writes_waits_for_him(door: Build) -> None:
    one = door()
    elsewhere = one.house.root / "elsewhere.yaml"
    with elsewhere.open("w") as writer:
        writer.write(GOOD)
        writer.flush()
        (one.folder / "job.yaml").hardlink_to(elsewhere)
        for _ in range(5):
            one.settle()
        assert one.jobs() == []
    one.settle()
    one.turn(QUIET)
    assert one.jobs() == ["job.yaml"]


def test_a_file_that_cannot_be_moved_and_only_gets_another_time_is_no_new_wish(door: Build) -> None:
    """rclone and Syncthing put times back long after the bytes."""
    one = door()
    path = one.drop()
    with path.open() as file, unwritable(one.folder):
        one.settle()
        one.house.work()
        assert one.house.app.ledger.jobs.get(one.ids()[0])["state"] == "closed"
        before = facts_of(path).arrival
        os.utime(file.fileno(), (1, 1))  # opened before, so that no mount forbids it
        assert facts_of(path).arrival != before
        for _ in range(3):
            one.settle()
        assert one.jobs() == ["job.yaml"]
    one.turn(RESCAN)
    assert one.lying() == []  # the folder can be written again: it is put away without another start
    assert one.jobs() == ["job.yaml"]


def test_a_file_that_was_stuck_and_is_taken_away_and_dropped_anew_is_a_new_wish(door: Build) -> None:
    one = door()
    path = one.drop()
    with unwritable(one.folder):
        one.settle()
        one.house.work()
    keep = path.with_name(".keep")  # so that the kernel can't give its number away again
    path.rename(keep)
    one.turn(RESCAN)
    one.drop()
    one.settle()
    assert one.jobs() == ["job.yaml", "job.yaml"]
