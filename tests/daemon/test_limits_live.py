"""A real daemon where the kernel grants no more watches: files are taken by looking, the setting that helps is named,
and once it was raised the daemon listens again by itself. The limits are a user namespace's: nobody else notices.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import pytest

from tests.daemon.syncing import until
from tests.daemon.test_disks_live import status
from tests.house import ROOT, DaemonProcess

pytestmark = pytest.mark.process

JOB = "prompt: a calm sea\nsize: 64x64\n"
# The namespace's own; root in a namespace may write /proc/sys/fs/inotify as well, and that is everybody's.
SETTING = "/proc/sys/user/max_inotify_{what}"
EVERYBODYS = Path("/proc/sys/fs/inotify")
OVER = {"providers": {"scripted": {"place": "net"}, "second": {}}, "inbox": {"settle": "50ms", "rescan": "1s"}}


@pytest.fixture(autouse=True)
def nobody_else_notices() -> Iterator[None]:
    """What holds for this whole computer is as it was."""
    before = {path.name: path.read_text() for path in EVERYBODYS.iterdir()}
    yield
    assert {path.name: path.read_text() for path in EVERYBODYS.iterdir()} == before


class Limited(DaemonProcess):
    """A daemon that may have no watches, or no instances, of inotify(7)."""

    def __init__(self, root: Path, what: str) -> None:
        super().__init__(root, over=OVER)
        self._setting = SETTING.format(what=what)

    def start(self) -> None:
        """In a namespace of its own, which ends with it."""
        limit = f"echo 0 > {self._setting} && exec {sys.executable} -m tests.launch_daemon --config {self.config}"
        command = ["unshare", "--user", "--map-root-user", "sh", "-c", limit]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def raised(self) -> None:
        """Somebody follows the advice."""
        assert self.process
        inside = ["nsenter", "--user", "--preserve-credentials", "-t", str(self.process.pid)]
        subprocess.run([*inside, "sh", "-c", f"echo 1000 > {self._setting}"], check=True)


def may_be_limited(what: str) -> None:
    """Skip where there are no namespaces with limits of their own."""
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", f"echo 0 > {SETTING.format(what=what)}"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"needs a user namespace with limits of its own: {tried.stderr.strip()[-200:]}")


@pytest.mark.parametrize("what", ["watches", "instances"])
def test_without_a_watch_files_are_taken_and_status_names_the_setting(tmp_path: Path, what: str) -> None:
    may_be_limited(what)
    with Limited(tmp_path, what) as one:
        assert one.wait_for("daemon.ready")["watch"] == "polling"
        one.drop(JOB)
        one.wait_for("job.closed")
        assert f"sysctl fs.inotify.max_user_{what}=" in status(tmp_path)["inbox"]["problem"]
        one.send(SIGTERM)
        assert one.finish() == 0
    assert len([line for line in one.lines if "inbox.watch_lost" in line]) <= 1


@pytest.mark.torture
@pytest.mark.parametrize("what", ["watches", "instances"])
def test_a_limit_that_was_raised_is_used_without_a_restart(tmp_path: Path, what: str) -> None:
    """It is tried again after a minute."""
    may_be_limited(what)
    with Limited(tmp_path, what) as one:
        one.wait_for("daemon.ready")
        one.raised()
        one.wait_for("inbox.watch_restored")
        one.drop(JOB)
        one.wait_for("job.closed")
        until(lambda: status(tmp_path)["inbox"]["problem"] is None, "status still complains")
        one.send(SIGTERM)
        assert one.finish() == 0
