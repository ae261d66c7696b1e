"""`models try`: one picture from a real lane, without the daemon."""

from __future__ import annotations

import signal
import threading
import time

from PIL import Image

from tests.house import SOON
from tests.processes import children, gone, noted


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
        assert (said.code, "No picture came" in said.err, "stockgen doctor" in said.err) == (1, True, True), word
    assert not (desk.root / "try-mine.png").exists()


def test_weights_that_are_not_here_come_with_the_command_that_brings_them(desk):
    desk.model("mine", "maker/xl", provider="diffusers")
    said = desk("try", "mine")
    assert (said.code, "stockgen" in said.err, "Traceback" in said.err) == (1, True, False)
    assert not (desk.root / "try-mine.png").exists()


def test_ctrl_c_ends_the_lane_too(desk):
    desk.model("mine")
    process = desk.start("try", "mine", "slow")
    with noted(first_children(process.pid)) as handles:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SOON)
        assert process.returncode == 130
        assert handles and gone(handles, SOON)


def first_children(pid: int) -> list[int]:
    """What a process has started, once it has started something."""
    end = time.monotonic() + SOON
    while not (found := children(pid)):
        assert time.monotonic() < end
        threading.Event().wait(0.02)
    return found
