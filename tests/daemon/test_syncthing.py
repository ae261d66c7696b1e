"""A phone that shares the inbox and the outbox by Syncthing: a job file comes once, its note and pictures go back, and a
picture that is deleted there counts as dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import pytest

from tests.daemon.syncing import Syncthing, until
from tests.house import DaemonProcess

pytestmark = [pytest.mark.process, pytest.mark.slow]

JOB = "prompt: a calm sea\nsize: 64x64\ncount: 2\n"


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[tuple[Path, Syncthing]]:
    """Its folders, and its Syncthing, which is connected to the server's."""
    both = []
    for place in (tmp_path, tmp_path / "phone"):
        folders = {name: (place / name, "sendreceive") for name in ("inbox", "outbox")}
        for path, _ in folders.values():
            path.mkdir(parents=True, exist_ok=True)
        both.append(Syncthing(tmp_path / f"home-{place.name}", folders))
    server, one = both
    server.start(one)
    one.start(server)
    until(one.connected, "the two don't find each other")
    yield tmp_path / "phone", one
    server.stop()
    one.stop()


def test_a_job_file_comes_from_a_phone_once_and_its_pictures_go_there(
    tmp_path: Path, phone: tuple[Path, Syncthing]
) -> None:
    there, syncthing = phone
    with DaemonProcess(tmp_path, over={"providers": {"scripted": {"place": "net"}, "second": {}}}) as one:
        one.wait_for("daemon.ready")
        (there / "inbox" / "바다.yaml").write_text(JOB)
        syncthing.scan("inbox")
        one.wait_for("job.closed")
        until(lambda: len(list(there.glob("outbox/2*/*/images/*.jpg"))) == 2, "the pictures don't arrive")
        until(lambda: list(there.glob("inbox/accepted/*.note.txt")), "the note does not arrive")
        gone = min(there.glob("outbox/2*/*/images/*.jpg"))
        gone.unlink()
        syncthing.scan("outbox")
        mine = tmp_path / gone.relative_to(there)
        until(lambda: not mine.exists(), "the deletion does not arrive")
        one.send(SIGTERM)
        assert one.finish() == 0
    assert one.ledger().query("SELECT source_name FROM jobs") == [{"source_name": "바다.yaml"}]
    assert not [line for line in one.lines if "file.ignored" in line or "inbox.watch_lost" in line]
    assert not mine.exists()
    assert [path.name for path in (there / "inbox").iterdir() if path.is_file()] == []
