"""A real daemon beside a picture that is late: it neither waits for it when told to end, nor forgets the file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.house import DaemonProcess

pytestmark = pytest.mark.process

OVER: dict[str, Any] = {"inbox": {"settle": "100ms", "rescan": "1h"}, "log": {"level": "info", "format": "json"}}
JOB = "prompt: a village\nsize: 64x64\ncontrol: village.png\n"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(out, "PNG")
    return out.getvalue()


def lying(root: Path, folder: str = ".") -> list[str]:
    return sorted(path.name for path in (root / "inbox" / folder).iterdir() if path.is_file())


def test_a_file_without_its_picture_keeps_no_daemon_from_ending_and_is_taken_by_the_next(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, "--until-idle", over=OVER) as one:
        one.drop(JOB)
        assert one.finish() == 0
    assert lying(tmp_path) == ["job.yaml"]
    (tmp_path / "inbox" / "village.png").write_bytes(picture())
    with DaemonProcess(tmp_path, "--until-idle", over=OVER) as one:
        assert one.finish() == 0
    assert lying(tmp_path) == []
    assert len(list((tmp_path / "outbox").glob("2*/*/images/*"))) == 1


def test_a_picture_that_comes_late_is_heard_of_and_both_are_gone(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, over=OVER) as one:
        one.wait_for("daemon.ready")
        one.drop(JOB)
        assert one.wait_for("file.ignored")["reason"] == "waits for village.png"
        (tmp_path / "inbox" / "village.png").write_bytes(picture())
        job = one.wait_for("file.accepted")["job"]
        one.wait_for("job.closed")
    assert lying(tmp_path) == []
    assert f"{job}_village.png" in lying(tmp_path, "accepted")
