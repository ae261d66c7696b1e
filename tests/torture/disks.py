"""Disks that lose their power: file systems in image files, of which a copy holds what had reached the disk.

What a program wrote and did not sync is in the kernel's memory and not in the image; a copy of the image, made without
any sync and mounted, is therefore what a computer finds after its power was cut. What this can't show are sectors that
were torn, and disks that keep in a cache what they said they had written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MB = 1 << 20
PATIENCE = 20  # tries, a tenth of a second apart
# How to make one, how large it must be, and options with which nothing is written before its time.
_MAKERS: dict[str, tuple[list[str], int, str]] = {
    "ext4": (["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", "-J", "size=4"], 48 * MB,
             "commit=300"),
    "xfs": (["mkfs.xfs", "-q", "-f"], 320 * MB, "nouuid"),
    "btrfs": (["mkfs.btrfs", "-q", "-f"], 256 * MB, "commit=300"),
}  # fmt: skip
SYSTEMS = tuple(_MAKERS)


class NotMounted(Exception):
    """What mount(8) says."""


@dataclass(frozen=True, slots=True)
class Image:
    """A disk in a file. `system`: of which kind."""

    file: Path
    system: str

    @classmethod
    def made(cls, file: Path, system: str) -> Image:
        """A new, empty one. Skips the test, saying why, where there can be none."""
        command, size, _ = _MAKERS[system]
        if shutil.which(command[0]) is None:
            pytest.skip(f"power cuts need {command[0]}")
        with file.open("wb") as out:
            out.truncate(size)
        subprocess.run([*command, str(file)], check=True, capture_output=True)
        return cls(file, system)

    def copied(self, file: Path) -> Image:
        """What is on it now, whatever the kernel still holds back."""
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(self.file), str(file)], check=True)
        return Image(file, self.system)

    @contextmanager
    def mounted(self, folder: Path) -> Iterator[None]:
        """Within the block it lies over `folder`. Raises NotMounted."""
        folder.mkdir(exist_ok=True)
        options = f"loop,{_MAKERS[self.system][2]}"
        command = ["mount", "-t", self.system, "-o", options, str(self.file), str(folder)]
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        if tried.returncode:
            raise NotMounted(tried.stderr.strip())
        try:
            yield
        finally:
            _unmounted(folder)


@contextmanager
def first_loop_taken(file: Path) -> Iterator[None]:
    """Within the block the first free loop device is in use, so that whatever is mounted gets others than before: after
    a real power cut disks may have other numbers, too.
    """
    command = ["losetup", "--find", "--show", str(file)]
    device = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    try:
        yield
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)


def _unmounted(folder: Path) -> None:
    """Take it away, also where a test that failed has left somebody in it."""
    for _ in range(PATIENCE):
        if subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)  # somebody looks into it, of whose end nobody is told
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two disks: one with everything that people see, one with the state. On one alone every commit of the ledger would
    also make durable what the outbox forgot to sync, and hide it.
    """

    files: Image
    state: Image

    @classmethod
    def made(cls, folder: Path, system: str) -> Pair:
        """New ones, mounted once so that the state's place is there. Skips the test, saying why, where nobody may."""
        folder.mkdir(parents=True)
        pair = cls(Image.made(folder / "files.img", system), Image.made(folder / "state.img", system))
        place = folder / "place"
        try:
            with pair.files.mounted(place):
                (place / ".stockgen").mkdir()
        except NotMounted as error:
            pytest.skip(f"power cuts need the right to mount {system} from a loop device: {error}")
        return pair

    def copied(self, folder: Path) -> Pair:
        """Copies of both, in a new folder."""
        folder.mkdir(parents=True)
        return Pair(self.files.copied(folder / "files.img"), self.state.copied(folder / "state.img"))

    @contextmanager
    def mounted(self, root: Path) -> Iterator[None]:
        """Within the block `root` is a folder with everything, its state on the other disk."""
        with self.files.mounted(root), self.state.mounted(root / ".stockgen"):
            yield

    def remove(self) -> None:
        """Remove both; they must not be mounted."""
        shutil.rmtree(self.files.file.parent)


def why_not() -> str:
    """What is missing here for cutting power; "" = nothing."""
    if os.geteuid() != 0:
        return "power cuts need root, to mount disks"
    if not Path("/dev/loop-control").exists():
        return "power cuts need loop devices"
    missing = [one for one in ("strace", "mount", "umount", "losetup", "cp") if shutil.which(one) is None]
    return f"power cuts need {', '.join(missing)}" if missing else ""
