"""Programs that people really use to put files there: their temporary files are never taken, their results once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.daemon.door import GOOD, QUIET, Door

Build = Callable[..., Door]
WILD = GOOD.replace("calm", "wild")


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"needs the program {program}")


def while_it_works(one: Door, *command: object) -> None:
    """Run a program, and look and listen all the time as fast as we can."""
    with subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL) as process:
        while process.poll() is None:
            one.rung.wait(0.01)
            one.rung.clear()
            one.turn(0.001)
        assert process.returncode == 0


def taken_once(one: Door, text: str = GOOD, name: str = "job.yaml") -> None:
    """In the end there is one job of these bytes, and nothing else happened."""
    one.listen()
    one.settle()
    one.settle()
    assert one.jobs() == [name]
    assert one.house.app.ledger.jobs.source(one.ids()[0]) == text.encode()
    assert one.lying("rejected") == []
    assert one.told() == []


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A finished job file outside the inbox."""
    path = tmp_path / "elsewhere" / "job.yaml"
    path.parent.mkdir()
    path.write_text(GOOD)
    return path


@pytest.mark.parametrize("options", [["-a"], ["-a", "--inplace"], ["-a", "--delay-updates"], ["--partial", "-t"]])
def test_rsync(door: Build, elsewhere: Path, options: list[str]) -> None:
    needs("rsync")
    one = door(watch="inotify")
    one.turn()
    while_it_works(one, "rsync", *options, elsewhere, f"{one.folder}/")
    taken_once(one)


@pytest.mark.parametrize(
    "options", [["copyto"], ["moveto"], ["copyto", "--inplace"], ["copyto", "--multi-thread-cutoff=1"]], ids=" ".join
)
def test_rclone(door: Build, elsewhere: Path, tmp_path: Path, options: list[str]) -> None:
    """1.60 writes in place and puts the old time back after it has closed; from 1.63 on it renames `.partial` files."""
    needs("rclone")
    os.utime(elsewhere, (1, 1))
    one = door(watch="inotify")
    one.turn()
    if "--inplace" in options and b"--inplace" not in subprocess.check_output(["rclone", "help", "flags"]):
        options = options[:1]
    while_it_works(one, "rclone", f"--config={tmp_path / 'none'}", *options, elsewhere, one.folder / "job.yaml")
    taken_once(one)


@pytest.mark.parametrize("command", [["cp"], ["cp", "-p"], ["mv"], ["ln"], ["install", "-m", "600"]], ids=" ".join)
def test_coreutils(door: Build, elsewhere: Path, command: list[str]) -> None:
    one = door(watch="inotify")
    one.turn()
    while_it_works(one, *command, elsewhere, one.folder / "job.yaml")
    taken_once(one)


def test_sed_in_place(door: Build) -> None:
    needs("sed")
    one = door(watch="inotify")
    one.drop()
    one.turn()
    while_it_works(one, "sed", "-i", "s/calm/wild/", one.folder / "job.yaml")
    taken_once(one, WILD)


@pytest.mark.parametrize("backup", ["yes", "no", "auto"])
def test_vim(door: Build, backup: str) -> None:
    needs("vim.tiny")
    one = door(watch="inotify")
    one.drop()
    one.turn()
    commands = [f"set backup writebackup backupcopy={backup}", "%s/calm/wild/", "wq"]
    words = [word for each in commands for word in ("-c", each)]
    while_it_works(one, "vim.tiny", "-u", "NONE", "-es", *words, one.folder / "job.yaml")
    taken_once(one, WILD)
    assert one.lying() in ([], ["job.yaml~"])


@pytest.mark.parametrize("ending", ["crdownload", "part", "opdownload", "download", "filepart", "partial"])
def test_a_download_that_gets_its_name_at_the_end(door: Build, ending: str) -> None:
    one = door(watch="inotify")
    one.turn()
    part = one.folder / f"job.yaml.{ending}"
    with part.open("w") as file:
        for line in GOOD.splitlines(keepends=True):
            file.write(line)
            file.flush()
            one.listen()
            one.turn(QUIET * 2)
    part.rename(one.folder / "job.yaml")
    one.hear_until_taken()
    taken_once(one)


def test_a_place_that_is_held_by_an_empty_file_while_the_rest_is_fetched(door: Build) -> None:
    """As Firefox does: `job.yaml` with no bytes beside `job.yaml.part`."""
    one = door(watch="inotify")
    one.turn()
    (one.folder / "job.yaml").touch()
    part = one.drop(name="job.yaml.part")
    one.listen()
    one.turn(QUIET * 3)
    part.replace(one.folder / "job.yaml")
    one.hear_until_taken()
    taken_once(one)


def test_a_sync_program_that_puts_the_old_time_back_after_it_has_finished(door: Build) -> None:
    one = door(watch="inotify")
    one.turn()
    path = one.drop()
    one.listen()
    one.turn(QUIET * 0.9)
    os.utime(path, (1, 1))
    one.listen()
    one.turn(QUIET * 0.9)
    assert one.jobs() == []
    taken_once(one)
