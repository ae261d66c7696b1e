"""A file is there whole or not at all, whatever the disk does, and nothing of the user's is ever written over."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.files import (
    link_new,
    make_folders,
    sha256_file,
    storage_error,
    why,
    write_durably,
    write_new,
    write_softly,
    write_whole,
)

WRITERS = [write_new, write_durably, write_whole, write_softly]
LIMITED = """
import resource, signal, sys
from pathlib import Path
from stockgen import files
from stockgen.domain.errors import StorageFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    getattr(files, sys.argv[1])(Path(sys.argv[2]), b"x" * 10_000)
except StorageFull:
    raise SystemExit(7)
"""


@pytest.mark.parametrize("write", WRITERS, ids=lambda one: one.__name__)
def test_a_disk_that_fills_up_leaves_no_half_file(write, tmp_path):
    path = tmp_path / "picture.jpg"
    # RLIMIT_FSIZE cuts the write short like a full disk: first a short write, then EFBIG.
    done = subprocess.run([sys.executable, "-c", LIMITED, write.__name__, str(path)], check=False)
    assert done.returncode == 7
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [write_durably, write_whole, write_softly], ids=lambda one: one.__name__)
def test_a_disk_that_fills_up_keeps_what_was_there(write, tmp_path):
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"before")
    subprocess.run([sys.executable, "-c", LIMITED, write.__name__, str(path)], check=False)
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize("write", WRITERS, ids=lambda one: one.__name__)
def test_what_is_linked_into_the_outbox_is_not_written_into(write, tmp_path):
    staged, published = tmp_path / "staged", tmp_path / "published"
    staged.write_bytes(b"first")
    link_new(staged, published)
    write(staged, b"second")
    assert (staged.read_bytes(), published.read_bytes()) == (b"second", b"first")


@pytest.mark.parametrize("write", WRITERS, ids=lambda one: one.__name__)
def test_a_folder_that_is_gone_is_told_as_storage_that_is_lost(write, tmp_path):
    with pytest.raises(StorageLost) as caught:
        write(tmp_path / "gone" / "file", b"")
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_publishing_never_replaces_a_file(tmp_path):
    source, target = tmp_path / "ours", tmp_path / "theirs"
    source.write_bytes(b"ours")
    target.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        link_new(source, target)
    assert target.read_bytes() == b"theirs"


def test_a_dangling_link_of_the_user_is_not_replaced_either(tmp_path):
    source, target = tmp_path / "ours", tmp_path / "theirs"
    source.write_bytes(b"ours")
    target.symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        link_new(source, target)


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_file_where_a_folder_should_be_is_told(below, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageLost):
        make_folders(tmp_path / "file" / below)


def test_a_folder_of_that_name_is_told_and_leaves_no_litter(tmp_path):
    (tmp_path / "name").mkdir()
    with pytest.raises((StorageLost, IsADirectoryError)):
        write_durably(tmp_path / "name", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["name"]


def test_folders_that_are_there_already_are_left_alone(tmp_path):
    make_folders(tmp_path / "a" / "b")
    make_folders(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_digest_is_that_of_the_whole_file(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(b"x" * ((1 << 20) + 1))
    assert sha256_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("number", "kind"), [
    (errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EFBIG, StorageFull), (errno.EROFS, StorageLost),
    (errno.EIO, StorageLost), (errno.ESTALE, StorageLost), (errno.EINVAL, type(None)), (None, type(None)),
])  # fmt: skip
def test_errors_of_the_system_are_classed_by_what_happens_next(number, kind):
    assert type(storage_error(OSError(number, "x"), Path("y"))) is kind


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_error_of_the_system_can_be_told(number):
    assert why(OSError(number, os.strerror(number))).code.startswith("system.")


def calls(script: str, path: Path, *injected: str) -> list[str]:
    """The system calls of a Python script that touch names and disks, in order, each with the path's last name.
    `injected`: faults as strace spells them.
    """
    trace = path / "trace"
    names = "openat,mkdir,rmdir,unlink,fsync,fdatasync,rename,renameat,renameat2,link,linkat,write"
    faults = [word for one in injected for word in ("-e", f"inject={one}")]
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", f"trace={names}", *faults, sys.executable, "-c", script]
    done = subprocess.run([*command, str(path / "place")], check=False, capture_output=True)
    if done.returncode != 0:
        pytest.skip("strace may not trace here")
    lines = [line for line in trace.read_text().splitlines() if str(path / "place") in line and "O_RDONLY" not in line]
    return [re.sub(r"^\d+ +(\w+)\(.*?/place(/?[^\">]*).*", r"\1 \2", line).strip() for line in lines]


@pytest.mark.strace
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_names_become_durable_in_the_order_in_which_they_are_needed(tmp_path):
    script = """
import sys
from pathlib import Path
from stockgen.files import make_folders, write_durably
place = Path(sys.argv[1]); place.mkdir()
make_folders(place / "a" / "b")
write_durably(place / "a" / "b" / "f", b"data")
"""
    assert calls(script, tmp_path)[1:] == [
        "mkdir /a", "fsync", "mkdir /a/b", "fsync /a",
        "unlink /a/b/.f.tmp", "openat /a/b/.f.tmp", "write /a/b/.f.tmp", "fsync /a/b/.f.tmp", "rename /a/b/.f.tmp",
        "fsync /a/b",
    ]  # fmt: skip


EIO_AT = """
import sys
from pathlib import Path
from stockgen.domain.errors import StorageLost
from stockgen.files import make_folders, write_new
place = Path(sys.argv[1]); place.mkdir()
for _ in range(2):
    try:
        {call}
    except StorageLost:
        pass
"""


@pytest.mark.strace
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_an_fsync_that_failed_is_not_asked_again_but_the_file_is_made_anew(tmp_path):
    script = EIO_AT.format(call='write_new(place / "f", b"data")')
    assert calls(script, tmp_path, "fsync:error=EIO:when=1")[1:] == [
        "unlink /f", "openat /f", "write /f", "fsync /f", "unlink /f",
        "unlink /f", "openat /f", "write /f", "fsync /f",
    ]  # fmt: skip


@pytest.mark.strace
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_a_folder_whose_name_did_not_become_durable_is_made_anew(tmp_path):
    script = EIO_AT.format(call='make_folders(place / "a")')
    assert calls(script, tmp_path, "fsync:error=EIO:when=1")[1:] == [
        "mkdir /a", "fsync", "rmdir /a", "mkdir /a", "fsync",
    ]  # fmt: skip
