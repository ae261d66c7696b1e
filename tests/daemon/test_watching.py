"""The watcher dies without a sound, the folder is swapped under it, the kernel says no: noticed, told, mended."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from watchdog.events import FileModifiedEvent

from daemon.ground import ground_of, is_mount
from daemon.watch import MOST, Doorbell
from daemon.watching import FIRST_PAUSE, LONGEST_PAUSE
from stockgen.filesystems import shared
from tests.daemon.door import QUIET, RESCAN, DeafBell, Door
from tests.daemon.mounts import mounted
from tests.daemon.powerless import powerless
from tests.fuse import mounted_by_fuse
from tests.house import ROOT, SOON

Build = Callable[..., Door]


class ClumsyBell(Doorbell):
    """Its handler raises when it is told of a file called `.bug`: a fault of ours, in watchdog's thread."""

    def on_any_event(self, event: object) -> None:
        if getattr(event, "src_path", "").endswith(".bug"):
            raise RuntimeError("a fault of ours")
        super().on_any_event(event)  # type: ignore[arg-type]


def renamed_in(one: Door, name: str = "job.yaml") -> None:
    """A file that only an event can bring in at once."""
    one.listen()
    one.drop(name=f"{name}.part").rename(one.folder / name)


def problem(one: Door) -> str | None:
    told = one.inbox.facts()["problem"]
    assert told is None or isinstance(told, str)
    assert one.inbox.facts()["ok"] == (told is None)
    return told


# -- the watcher --------------------------------------------------------------------------------------------------


def break_it(one: Door) -> None:
    (one.folder / ".bug").touch()
    one.until(lambda: not one.bell.alive)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_handler_that_raises_is_replaced_within_one_look(door: Build) -> None:
    one = door(watch="inotify", bell=ClumsyBell)
    one.turn()
    break_it(one)
    one.turn(RESCAN)
    assert problem(one) is None
    renamed_in(one)
    one.hear_until_taken()
    assert len(one.house.events("inbox.watch_lost")) == len(one.house.events("inbox.watch_restored")) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_one_that_raises_again_and_again_is_left_in_peace_for_longer_each_time(door: Build) -> None:
    one = door(watch="inotify", bell=ClumsyBell)
    one.turn()
    break_it(one)
    one.turn(RESCAN)
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE):
        (one.folder / ".bug").unlink()
        break_it(one)
        one.turn(RESCAN)
        told = problem(one)
        assert told
        assert "looking every few seconds" in told
        assert one.inbox.watch == "polling"
        one.drop(f"prompt: {pause}\nsize: 64x64\n")
        one.turn(QUIET)
        one.turn(QUIET)
        assert one.lying() == [".bug"]  # files come in all the same
        one.turn(pause - RESCAN - 2 * QUIET)
        one.turn(RESCAN)
        assert one.inbox.watch == "inotify"
        assert problem(one) is None
    assert len(one.house.events("inbox.watch_lost")) == 3


@pytest.mark.parametrize("part", ["emitter", "reader", "dispatcher"])
def test_a_thread_of_the_watcher_that_ended_is_noticed_and_the_watcher_replaced(door: Build, part: str) -> None:
    one = door(watch="inotify")
    one.turn()
    observer = one.bell._observer
    assert observer
    {"emitter": one.bell._needed[0], "reader": observer._inotify_fd, "dispatcher": observer}[part].stop()
    one.until(lambda: not one.bell.alive)
    one.turn(RESCAN)
    renamed_in(one)
    one.rung.clear()
    one.hear_until_taken()
    assert len(one.house.events("inbox.watch_lost")) == 1


def test_lost_events_are_made_good_at_once(door: Build) -> None:
    """watchdog tells of an overflow in its log and nowhere else."""
    one = door(watch="inotify", bell=DeafBell)
    one.turn()
    one.drop(name="job.yaml")
    one.turn()
    assert one.inbox.unsettled == 0
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    assert one.rung.is_set()
    one.turn()
    assert one.inbox.unsettled == 1


def test_more_news_than_anybody_wants_to_hear_is_one_look_at_everything(door: Build) -> None:
    one = door(watch="inotify", bell=ManyRings)
    one.turn()
    one.drop(name="job.yaml")
    one.until(lambda: one.inbox.unsettled == 1)
    assert len(one.bell._rings) <= MOST


class ManyRings(Doorbell):
    """Tells of twenty thousand other files for each one that there is."""

    def on_any_event(self, event: object) -> None:
        for number in range(20_000):
            super().on_any_event(FileModifiedEvent(f"/elsewhere/{number}"))


def test_an_inbox_that_is_a_link_is_heard_all_the_same(door: Build) -> None:
    one = door(watch="inotify")
    real = one.folder.rename(one.house.root / "real")
    one.folder.symlink_to(real)
    one.again()
    one.turn(RESCAN)
    renamed_in(one)
    one.rung.clear()
    one.hear_until_taken()
    assert one.jobs() == ["job.yaml"]


# -- the kernel's limits, in namespaces of their own ----------------------------------------------------------------

_LIMITED = """
import os, sys
from pathlib import Path
from daemon.watch import Doorbell
from stockgen.messages import Messages
Path("/proc/sys/user/max_inotify_{what}").write_text("{limit}")
bell = Doorbell(lambda: None)
assert not bell.arm([Path(sys.argv[1])])
print(Messages("en").tell(bell.problem), Messages("ko").tell(bell.problem))
"""


@pytest.mark.parametrize("what", ["watches", "instances"])
def test_a_limit_of_the_kernel_is_told_with_the_setting_that_raises_it(tmp_path: Path, what: str) -> None:
    """The limits of a user namespace are its own: nobody else on this machine notices."""
    code = _LIMITED.format(what=what, limit=0)
    command = ["unshare", "--user", "--map-root-user", sys.executable, "-c", code, str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "unshare" in told.stderr or "Permission denied" in told.stderr or "Read-only" in told.stderr:
        pytest.skip(f"needs a user namespace with limits of its own: {told.stderr.strip()[-200:]}")
    assert told.stdout.count(f"sudo sysctl fs.inotify.max_user_{what}=") == 2, told.stderr


def test_where_the_watch_was_refused_it_is_tried_again_and_again_and_told_once(door: Build) -> None:
    one = door(watch="inotify")
    wanted = one.folder.parent / "control"
    one.inbox.arm([wanted])  # is not there: the kernel refuses
    for _ in range(10):
        one.turn(FIRST_PAUSE)
    assert len(one.house.events("inbox.watch_lost")) == 1
    assert problem(one)
    wanted.mkdir()
    one.turn(LONGEST_PAUSE)
    assert problem(one) is None
    assert one.inbox.watch == "inotify"


# -- network file systems -------------------------------------------------------------------------------------------


def test_what_others_write_over_a_network_is_found_by_looking(door: Build, tmp_path: Path) -> None:
    """FUSE stands for all of them: sshfs and rclone are nothing else, and the kernel tells as little of the others."""
    one = door(watch="auto")
    assert one.inbox.watch == "inotify"
    (tmp_path / "far").mkdir()
    for each in one.folder.iterdir():
        each.rmdir()  # nothing is mounted over what is in use
    with mounted_by_fuse(tmp_path / "far", one.folder):
        one.again()
        assert one.inbox.watch == "polling"
        assert problem(one) is None  # nothing is wrong, it is only slower
        (tmp_path / "far" / "job.yaml").write_text("keywords: sea\nsize: 64x64\n")  # behind the kernel's back
        one.turn(QUIET)
        one.turn(QUIET)
        assert one.jobs() == ["job.yaml"]
        assert one.house.events("inbox.watch_lost") == []


def test_memory_is_no_network(tmp_path: Path) -> None:
    with mounted(tmp_path):
        assert shared(tmp_path) == ""


def test_a_folder_that_is_not_there_is_an_error_and_no_guess(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ground_of(tmp_path / "missing")


# -- the root -------------------------------------------------------------------------------------------------------


def test_a_mount_is_known_as_one_also_with_blanks_in_its_name_and_as_a_bind_mount(tmp_path: Path) -> None:
    other, folder = tmp_path / "other", tmp_path / "a 봄\\ folder"
    for each in (other, folder):
        each.mkdir()
    assert not is_mount(folder)
    with mounted(folder, "--bind", str(other)):
        assert is_mount(folder)
        assert not is_mount(folder.parent)


@contextmanager
def pulled_out(one: Door) -> Iterator[None]:
    """Within the block the inbox lies on a disk that is pulled out at its end."""
    with mounted(one.folder):
        one.turn(RESCAN)
        yield


def test_an_unmounted_inbox_is_told_in_plain_words_and_nothing_is_taken_or_made_in_its_empty_place(door: Build) -> None:
    one = door(watch="inotify")
    for folder in ("accepted", "rejected"):
        (one.folder / folder).rmdir()
    with pulled_out(one):
        assert problem(one) is None
    for _ in range(4):
        one.turn(RESCAN)
    told = problem(one)
    assert told
    assert "Mount it again" in told
    one.drop()
    one.settle()
    assert one.lying() == ["job.yaml"]
    assert not (one.folder / "accepted").exists()
    assert len(one.house.events("inbox.watch_lost")) == 2  # another folder came, then none
    (one.folder / "job.yaml").unlink()
    with pulled_out(one):
        assert problem(one) is None
        one.drop()
        one.settle()
        assert one.jobs() == ["job.yaml"]


def test_a_disk_mounted_over_the_inbox_is_watched_from_then_on(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    with pulled_out(one):
        assert [line["watch"] for line in one.house.events("inbox.watch_restored")] == ["inotify"]
        renamed_in(one)
        one.hear_until_taken()
        assert one.lying() == []


def test_a_file_system_with_the_very_same_numbers_is_noticed_by_the_dead_watch(door: Build) -> None:
    one = door(watch="inotify")
    with pulled_out(one):
        assert problem(one) is None
    with mounted(one.folder):
        one.turn(RESCAN)
        renamed_in(one)
        one.rung.clear()
        one.hear_until_taken()


def test_an_inbox_that_may_not_be_listed_is_told_once(door: Build) -> None:
    one = door()
    one.folder.chmod(0o100)
    with powerless():
        for _ in range(5):
            one.turn(RESCAN)
    one.folder.chmod(0o755)
    assert len(one.house.events("inbox.watch_lost")) == 1
    assert one.inbox.unsettled == 0  # nobody waits for it who waits until all is done
    one.turn(RESCAN)
    assert problem(one) is None


def test_an_inbox_that_becomes_a_file_is_told_and_comes_back(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    aside = one.folder.rename(one.house.root / "aside")
    one.folder.write_text("no folder")
    one.turn(RESCAN)
    assert problem(one)
    one.folder.unlink()
    aside.rename(one.folder)
    one.drop()
    one.settle()
    assert problem(one) is None
    assert one.jobs() == ["job.yaml"]


def test_a_watch_that_went_with_its_disk_is_no_watch(tmp_path: Path) -> None:
    bell, end = Doorbell(lambda: None), time.monotonic() + SOON
    with mounted(tmp_path):
        assert bell.arm([tmp_path])
        assert bell.alive
    while bell.alive:
        assert time.monotonic() < end
    bell.disarm()
