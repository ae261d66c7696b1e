"""`models try`: one picture from a real lane, without the daemon."""

from __future__ import annotations

import os
import signal

from PIL import Image

from tests.house import SOON


def test_a_picture_of_the_models_own_size_is_written(desk):
    desk.model("mine")
    said = desk("try", "mine", "a", "calm", "sea", "--json")
    assert said.code == 0
    with Image.open(desk.root / "try-mine.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (96, 96))
    assert said.json["prompt"] == "a calm sea"
    assert said.json["seconds"] >= 0 and said.json["facts"]["pid"] != 0


def test_it_goes_where_it_is_told_and_says_how_long_it_took(desk):
    desk.model("mine")
    said = desk("try", "mine", "--out", str(desk.root / "here.png"))
    assert (said.code, (desk.root / "here.png").exists(), "seconds" in said.out) == (0, True, True)
    assert not (desk.root / "try-mine.png").exists()


def test_a_provider_that_dies_or_fails_is_told_and_leaves_no_picture(desk):
    desk.model("mine")
    for word in ("poison", "refuse", "raise"):
        said = desk("try", "mine", word)
        assert (said.code, "Traceback" in said.err.partition("stockgen.lanes")[0]) == (1, False), word
    assert not (desk.root / "try-mine.png").exists()


def test_weights_that_are_not_here_come_with_the_command_that_brings_them(desk):
    desk.model("mine", "maker/xl", provider="diffusers")
    said = desk("try", "mine")
    assert said.code == 1
    assert not (desk.root / "try-mine.png").exists()


def test_ctrl_c_ends_the_lane_too(desk):
    desk.model("mine")
    process = desk.start("try", "mine", "slow")
    child = children_of(process.pid, desk)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SOON)
    assert process.returncode == 130
    assert not alive(child)


def children_of(pid: int, desk) -> int:
    """The first child that a process has; waits for it."""
    from pathlib import Path
    from threading import Event
    from time import monotonic

    end = monotonic() + SOON
    while monotonic() < end:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if found:
            return int(found[0])
        Event().wait(0.02)
    raise AssertionError("no child")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
