"""A phone that shares the inbox and the outbox by Syncthing: a job file comes once, its note and pictures go back, and
a picture that is deleted there counts as dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import pytest

from tests.daemon.syncing import Syncthing, until
from tests.house import ROOT, DaemonProcess

pytestmark = [pytest.mark.process, pytest.mark.slow]

OVER = {"providers": {"scripted": {"place": "net"}, "second": {}}}
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


@pytest.mark.torture
def test_a_phone_that_ignores_masters_gets_sheets_and_reports_alone(
    tmp_path: Path, phone: tuple[Path, Syncthing]
) -> None:
    """By the patterns of docs/recipes.md, which stand on the phone."""
    there, syncthing = phone
    found = re.search(r"```gitignore\n(.*?)```", (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (there / "outbox" / ".stignore").write_text(found.group(1))
    syncthing.scan("outbox")
    with DaemonProcess(tmp_path, "--until-idle", over=OVER) as one:
        one.drop(JOB)
        assert one.finish() == 0
    until(lambda: list(there.glob("outbox/2*/*/sheet-1.jpg")), "the sheet does not arrive")
    late = tmp_path / "outbox" / "late.txt"
    late.write_text("what comes last")
    until((there / "outbox" / late.name).exists, "nothing arrives any more")
    files = {path.name for path in (there / "outbox").rglob("*") if path.is_file()}
    assert files == {".stignore", "sheet-1.jpg", late.name}


def test_a_job_file_comes_from_a_phone_once_and_its_pictures_go_there(
    tmp_path: Path, phone: tuple[Path, Syncthing]
) -> None:
    there, syncthing = phone
    with DaemonProcess(tmp_path, over=OVER) as one:
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
