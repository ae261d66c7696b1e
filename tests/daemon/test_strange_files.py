"""Links, pipes, devices, other people's files: nothing is read that nobody dropped, nothing hangs, and no log fills."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.inbox import RETRY
from daemon.settle import StillWritten, facts_of, read_whole
from tests.daemon.door import GOOD, QUIET, RESCAN, Door
from tests.daemon.powerless import powerless

Build = Callable[..., Door]
SOMEBODY = 54321  # a user who is not us


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(path.parent)  # such a name may have 107 bytes only
        one.bind(path.name)
        os.chdir(here)


def _device(path: Path) -> None:
    try:
        os.mknod(path, 0o644 | stat.S_IFCHR, os.makedev(1, 5))  # another /dev/zero, which never ends
    except PermissionError:
        pytest.skip("needs the right to make devices")


def _job(path: Path) -> Path:
    target = path.parent.parent / "elsewhere.yaml"
    target.write_text(GOOD)
    return target


STRANGE: dict[str, Callable[[Path], object]] = {
    "link to a job": lambda path: path.symlink_to(_job(path)),
    "link to a secret": lambda path: path.symlink_to("/etc/shadow"),
    "link to nothing": lambda path: path.symlink_to("nowhere"),
    "link to a folder": lambda path: path.symlink_to("/etc"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "pipe": os.mkfifo,
    "socket": _socket,
    "device": _device,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_file_of_its_own_is_told_once_and_left_where_it_is(door: Build, kind: str) -> None:
    one = door(watch="inotify")
    STRANGE[kind](one.folder / "job.yaml")
    for _ in range(4):
        one.settle()
    assert one.jobs() == one.lying("accepted") == one.lying("rejected") == []
    assert one.told() == [("job.yaml", "not_a_file")]
    assert os.path.lexists(one.folder / "job.yaml")
    assert one.inbox.unsettled == 0


def test_a_strange_thing_that_was_taken_away_and_comes_again_is_news(door: Build) -> None:
    one = door()
    for _ in range(2):
        os.mkfifo(one.folder / "job.yaml")
        one.turn(RESCAN)
        (one.folder / "job.yaml").unlink()
        one.turn(RESCAN)
    assert len(one.told()) == 2


@pytest.mark.parametrize("owner", [None, SOMEBODY])
def test_a_file_that_may_not_be_read_is_told_once_and_taken_as_soon_as_it_may(door: Build, owner: int | None) -> None:
    one = door(watch="inotify")
    path = one.drop()
    path.chmod(0o600 if owner else 0)
    if owner:
        _give(path, owner)
    with powerless():
        for _ in range(6):
            one.listen()
            one.turn(RETRY)
            assert one.inbox.next_at(one.clock.now) > one.clock.now
        assert one.told() == [("job.yaml", "Permission denied")]
        assert one.inbox.unsettled == 0  # nobody waits for it who waits until all is done
    one.rung.clear()
    path.chmod(0o644)
    with powerless():
        one.hear()
        one.turn(QUIET)
    assert one.jobs() == ["job.yaml"]


def test_somebody_elses_slow_file_is_taken_once_it_is_quiet_and_whole(door: Build) -> None:
    """Its lease can't be had: quiet time alone decides."""
    one = door()
    path = one.drop("")
    _give(path, SOMEBODY)
    with path.open("a") as file, powerless():
        for line in GOOD.splitlines(keepends=True):
            subprocess.run(["printf", "%s", line], stdout=file, user=SOMEBODY, check=True)
            one.turn(QUIET * 0.9)
            assert one.jobs() == one.lying("rejected") == []
        one.turn(QUIET)
        one.turn(QUIET)
    assert one.house.app.ledger.jobs.source(one.ids()[0]) == GOOD.encode()
    one.settle()
    assert one.jobs() == ["job.yaml"]


def test_somebody_elses_file_that_is_moved_in_is_not_taken_on_trust(door: Build) -> None:
    """A rename proves nothing while nobody can say whether it is still being written."""
    one = door(watch="inotify")
    one.turn()
    part = one.drop(name="job.yaml.part")
    _give(part, SOMEBODY)
    with powerless():
        one.listen()
        part.rename(one.folder / "job.yaml")
        one.until(lambda: one.inbox.unsettled == 1)
        one.listen()
        assert one.jobs() == []
        one.turn(QUIET)
    assert one.jobs() == ["job.yaml"]


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0, 366 * 86400.0, -1_790_000_000.0])
def test_a_clock_that_is_set_while_a_file_settles_changes_nothing(door: Build, seconds: float) -> None:
    one = door()
    one.drop()
    one.turn(RESCAN)
    one.clock.jump = seconds
    one.turn(QUIET * 0.9)
    assert one.jobs() == []
    one.turn(QUIET * 0.2)
    assert one.jobs() == ["job.yaml"]


def test_an_old_date_on_a_file_says_nothing_about_when_it_was_written(door: Build) -> None:
    one = door()
    path = one.drop("")
    for line in GOOD.splitlines(keepends=True):
        with path.open("a") as file:
            file.write(line)
        os.utime(path, (1, 1))
        one.turn(QUIET * 0.9)
        assert one.jobs() == []
    one.turn(QUIET)
    one.turn(QUIET)
    assert one.house.app.ledger.jobs.source(one.ids()[0]) == GOOD.encode()


def _give(path: Path, owner: int) -> None:
    try:
        os.chown(path, owner, -1)
    except PermissionError:
        pytest.skip("needs the right to give files away")


@pytest.mark.timeout(60)
def test_what_grows_while_it_is_read_is_never_taken_for_whole(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.touch()
    os.truncate(path, 16 << 20)
    _give(path, SOMEBODY)
    long = ["head", "--bytes=200M", "/dev/zero"]  # ends by itself all the same, whatever becomes of this test
    grown = 0
    with path.open("ab") as file, powerless(), subprocess.Popen(long, stdout=file) as writer:
        while writer.poll() is None:
            facts = facts_of(path)
            try:
                assert len(read_whole(path, facts, 1 << 30)) == facts.size
            except StillWritten:
                grown += 1
    assert grown
