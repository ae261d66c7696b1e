"""A job file with a picture beside it, through the whole program: inbox, plan, a process with a model, sidecar."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.gpu.test_seeing import SEES
from tests.house import DaemonProcess

pytestmark = pytest.mark.process


def test_a_picture_beside_the_job_file_is_drawn_by_and_a_photograph_is_told_that_it_is_no_map(
    models: Path, tmp_path: Path
) -> None:
    shutil.copytree(models / "my", tmp_path / "my")
    config = {"gpu": {"devices": ["cpu"]}, "providers": {"sdxl": SEES}, "chains": {"auto": ["sdxl"]}}
    with DaemonProcess(tmp_path, "--until-idle", over=config) as daemon:
        inbox = tmp_path / "inbox"
        inbox.mkdir(exist_ok=True)
        room = Image.new("RGB", (200, 150), "white")
        ImageDraw.Draw(room).rectangle((40, 30, 160, 120), fill="navy")
        room.save(inbox / "room.png")
        grain = np.random.default_rng(1).integers(0, 40, (90, 90, 3)) + np.array((180, 120, 40))
        Image.fromarray(grain.astype(np.uint8)).save(inbox / "photo.jpg")
        depth = "{image: photo.jpg, type: depth, strength: 0.4}"
        first = "{prompt: a quiet lake, count: 2, size: 64x64, control: room.png}"
        daemon.drop(f"- {first}\n- {{prompt: a red hill, size: 64x64, control: {depth}}}\n")
        assert daemon.finish() == 0  # 99 = it had imported torch
    told = [json.loads(path.read_bytes())["control"] for path in sorted(tmp_path.glob("outbox/*/*/info/*-*.json"))]
    seen = [(one["model"], one["type"], one["strength"]) for one in told]
    assert seen == [("tiny-control", "canny", 0.8)] * 2 + [("tiny-control", "depth", 0.4)]
    assert told[0]["image"] == told[1]["image"] != told[2]["image"]
    (note,) = (path.read_text(encoding="utf-8") for path in (tmp_path / "inbox" / "accepted").glob("*.txt"))
    assert any(said in note for said in ("it looks like something else", "맵처럼 보이지 않습니다"))
