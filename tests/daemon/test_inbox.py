"""What lies in the inbox is found, left alone until it is complete, and taken in order, whatever the kernel tells."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.inbox import RETRY
from daemon.settle import EMPTY_FACTOR
from daemon.watch import Doorbell
from stockgen.ledger import Ledger
from tests.daemon.door import BAD, GOOD, QUIET, RESCAN, DeafBell, Door
from tests.house import ROOT

Build = Callable[..., Door]


@contextmanager
def no_more_bytes(ledger: Ledger) -> Iterator[None]:
    """A full disk, for the ledger only."""
    pages = ledger.query("PRAGMA page_count")[0]["page_count"]
    ledger.query(f"PRAGMA max_page_count = {pages}")
    yield
    ledger.query("PRAGMA max_page_count = 1000000")


# -- waiting ----------------------------------------------------------------------------------------------------


def test_a_file_that_is_still_being_copied_is_left_alone_and_then_taken_whole(door: Build) -> None:
    one = door()
    path = one.drop("")
    for line in GOOD.splitlines(keepends=True):
        with path.open("a") as file:
            file.write(line)
        one.turn(QUIET * 0.9)
        assert one.jobs() == []
    one.turn(QUIET)
    one.turn(QUIET)
    assert one.house.app.ledger.jobs.source(one.ids()[0]) == GOOD.encode()


def test_a_writer_who_pauses_for_a_minute_with_the_file_open_is_waited_for(door: Build) -> None:
    one = door()
    with one.drop("prompt: a calm").open("a") as writer:
        for _ in range(30):
            one.turn(QUIET)
        assert one.jobs() == one.lying("rejected") == []
        writer.write(" sea\nsize: 64x64\n")
    one.turn(QUIET)
    one.turn(QUIET)
    assert one.house.app.ledger.jobs.source(one.ids()[0]) == GOOD.encode()


def test_files_that_waited_for_the_start_go_through_the_same_door(door: Build) -> None:
    one = door()
    one.drop()
    writer = one.drop("prompt: ha", "half.yaml").open("a")
    one.again()
    one.turn()
    assert one.jobs() == []
    one.turn(QUIET)
    one.turn(QUIET)
    assert one.jobs() == ["job.yaml"]
    assert one.lying() == ["half.yaml"]
    writer.close()


def test_an_empty_file_waits_longer_and_then_is_refused(door: Build) -> None:
    one = door()
    one.drop("")
    one.turn()
    one.turn(QUIET * (EMPTY_FACTOR - 1))
    assert one.lying() == ["job.yaml"]
    one.turn(QUIET)
    assert one.lying("rejected") == ["job.yaml", "job.yaml.note.txt"]


def test_files_that_come_together_run_in_the_order_in_which_people_count(door: Build) -> None:
    one = door()
    names = ["job 1.yaml", "job 2.yaml", "job 10.yaml", "job 10b.yaml", "봄 3.yaml", "봄 20.yaml"]
    for name in reversed(names):
        one.drop(f"prompt: {name.split('.')[0]}\nsize: 64x64\n", name)
    one.settle()
    assert one.jobs() == names


def test_a_ledger_that_takes_nothing_is_told_once_and_the_file_waits_without_keeping_the_loop_spinning(
    door: Build,
) -> None:
    one = door()
    one.drop(f"# {'long' * 5000}\n{GOOD}")
    with no_more_bytes(one.house.app.ledger):
        for _ in range(4):
            one.turn(RETRY)
            assert one.inbox.next_at(one.clock.now) > one.clock.now
    assert [file for file, _ in one.told()] == ["job.yaml"]
    one.turn(RETRY)
    assert one.jobs() == ["job.yaml"]


# -- what is no job ---------------------------------------------------------------------------------------------


def test_strange_things_are_told_once_and_never_taken(door: Build) -> None:
    one = door()
    os.mkfifo(one.folder / "pipe.yaml")
    (one.folder / "link.yaml").symlink_to("/etc/passwd")
    (one.folder / "wishes" / "deep").mkdir(parents=True)
    (one.folder / "@eaDir").mkdir()
    one.drop(name="wishes/deep/far.yaml")
    one.drop(name="job.sync-conflict-20261123-101500-ABCDEFG.yaml")
    one.drop(name="job.yaml.crdownload")
    for _ in range(3):
        one.settle()
    assert one.jobs() == []
    assert sorted(one.told()) == [
        ("job.sync-conflict-20261123-101500-ABCDEFG.yaml", "conflict_copy"), ("link.yaml", "not_a_file"),
        ("pipe.yaml", "not_a_file"), ("wishes/deep", "folder_too_deep"),
    ]  # fmt: skip


def test_a_file_that_turns_into_a_pipe_while_it_settles_is_forgotten(door: Build) -> None:
    one = door()
    path = one.drop()
    one.turn(RESCAN)
    path.unlink()
    os.mkfifo(path)
    for _ in range(2):
        one.settle()
    assert one.inbox.unsettled == 0
    assert one.told() == [("job.yaml", "not_a_file")]


# -- being told by the kernel -----------------------------------------------------------------------------------


def test_a_file_that_is_renamed_into_place_is_taken_without_waiting(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    one.drop(name="job.yaml.part").rename(one.folder / "job.yaml")
    one.hear_until_taken()
    assert one.jobs() == ["job.yaml"]


def test_a_file_that_is_moved_in_from_elsewhere_is_taken_without_waiting(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    elsewhere = one.house.root / "job.yaml"
    elsewhere.write_text(GOOD)
    elsewhere.rename(one.folder / "job.yaml")
    one.hear_until_taken()
    assert one.jobs() == ["job.yaml"]


def test_a_file_moved_in_while_somebody_still_writes_it_is_waited_for(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    part = one.drop("prompt: ha", "job.yaml.part")
    with part.open("a"):
        part.rename(one.folder / "job.yaml")
        one.hear()
        one.turn(QUIET)
        assert one.jobs() == one.lying("rejected") == []


def test_two_close_events_are_one_job(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    for _ in range(2):
        one.drop()
        one.hear()
        assert one.jobs() == []
        one.turn(QUIET * 0.9)
    for _ in range(3):
        one.turn(QUIET)
    assert one.jobs() == ["job.yaml"]


def test_touching_a_file_puts_it_off_and_makes_no_second_job(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    path = one.drop()
    one.hear()
    one.turn(QUIET * 0.9)
    path.chmod(0o600)
    one.hear()
    one.turn(QUIET * 0.9)
    assert one.jobs() == []
    one.turn(QUIET)
    assert one.jobs() == ["job.yaml"]


def test_taking_a_file_does_not_ring_the_bell_for_ever(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    one.drop()
    one.hear()
    one.turn(QUIET)
    while one.rung.wait(1.0):  # its move is told, then silence
        one.rung.clear()
        one.turn()
    assert one.jobs() == ["job.yaml"]


# -- being told nothing -----------------------------------------------------------------------------------------


def test_a_file_that_nobody_ever_reports_is_found_by_looking(door: Build) -> None:
    one = door(watch="inotify", bell=DeafBell)
    one.turn()
    one.drop()
    one.turn(RESCAN * 0.9)
    assert len(one.jobs()) == one.inbox.unsettled == 0
    one.settle()
    assert one.jobs() == ["job.yaml"]


def test_without_inotify_looking_often_does(door: Build) -> None:
    one = door(watch="polling")
    one.turn()
    one.drop()
    one.turn(QUIET)
    one.turn(QUIET)
    assert one.jobs() == ["job.yaml"]
    assert one.inbox.facts()["watch"] == "polling"
    assert one.inbox.facts()["ok"]


def test_an_inbox_that_was_renamed_away_and_made_anew_is_watched_again(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    one.folder.rename(one.folder.with_name("old"))
    one.folder.mkdir()
    one.drop(name="before.yaml")
    one.settle()
    assert [line["watch"] for line in one.house.events("inbox.watch_restored")] == ["inotify"]
    assert one.jobs() == ["before.yaml"]
    one.drop(name="job.yaml.part").rename(one.folder / "job.yaml")
    one.rung.clear()
    one.hear_until_taken(2)
    assert one.lying() == []


def test_an_inbox_that_is_gone_is_told_once_and_comes_back(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    old = one.folder.rename(one.folder.with_name("old"))
    for _ in range(3):
        one.turn(RESCAN)
    assert len(one.house.events("inbox.watch_lost")) == 1
    assert not one.inbox.facts()["ok"]
    assert not one.folder.exists()  # whoever unmounts an inbox wants no new one under the mount point
    old.rename(one.folder)
    one.drop()
    one.settle()
    assert one.inbox.facts()["ok"]
    assert one.jobs() == ["job.yaml"]


def test_an_inbox_that_was_deleted_and_made_anew_is_watched_again(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    for folder in ("accepted", "rejected", ""):
        (one.folder / folder).rmdir()
    one.until(lambda: not one.bell.alive)
    one.folder.mkdir()
    one.turn(RESCAN)
    one.rung.clear()
    one.drop(name="job.yaml.part").rename(one.folder / "job.yaml")
    one.hear_until_taken()
    assert one.lying() == []


def test_where_the_kernel_refuses_to_watch_files_are_taken_by_looking(tmp_path: Path) -> None:
    """In a process of its own, which may open no more files: the kernel gives it no inotify instance."""
    code = (
        "import resource, os\nfrom pathlib import Path\nfrom daemon.watch import Doorbell\n"
        "bell = Doorbell(print)\n"
        "first = os.open('/', os.O_RDONLY)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (first + 1, first + 1))\n"
        f"assert not bell.arm([Path({str(tmp_path)!r})])\n"
        "print(bell.problem)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "EMFILE" in told.stdout, told.stderr
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 64  # this process's own limit was not touched


def test_a_watch_that_fails_leaves_no_threads_behind(tmp_path: Path) -> None:
    import threading

    before = threading.active_count()
    bell = Doorbell(lambda: None)
    for _ in range(3):
        assert not bell.arm([tmp_path, tmp_path / "missing"])
    assert bell.problem
    assert threading.active_count() == before


def test_a_refused_watch_is_told_and_files_come_all_the_same(door: Build) -> None:
    one = door(watch="inotify")
    one.inbox.arm([one.folder / "missing"])
    one.drop()
    one.settle()
    assert one.jobs() == ["job.yaml"]
    assert one.inbox.facts()["watch"] == "polling"
    assert not one.inbox.facts()["ok"]


@pytest.mark.timeout(60)
def test_five_hundred_files_at_once_are_each_one_job(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    for number in range(500):
        one.drop(f"prompt: sea {number}\nsize: 64x64\n" if number % 50 else BAD, f"{number}.yaml")
    one.hear()
    one.turn(RESCAN)
    assert len(set(one.jobs())) == len(one.jobs()) == 490
    assert one.lying() == []
