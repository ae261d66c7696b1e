"""A process that leaks is replaced before it takes the machine down, and a good one is left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stockgen.pipeline.wear import Wear, worn

GIB = 1 << 30


@pytest.mark.parametrize(("made", "anon", "loaded", "total", "why"), [
    (99, 8 * GIB, 6 * GIB, 64 * GIB, ""),
    (100, 8 * GIB, 6 * GIB, 64 * GIB, "pictures"),
    (5, 10 * GIB, 6 * GIB, 64 * GIB, "grown"),
    (5, 10 * GIB - 1, 6 * GIB, 64 * GIB, ""),
    (5, 14 * GIB, 12 * GIB, 16 * GIB, "large"),
    (5, 13 * GIB, 12 * GIB, 16 * GIB, ""),
    (5, 0, 6 * GIB, 16 * GIB, ""),  # unknown
    (5, 30 * GIB, 0, 0, ""),
])  # fmt: skip
def test_when_a_lane_is_worn(made: int, anon: int, loaded: int, total: int, why: str) -> None:
    assert worn(made, 100, anon, loaded, total).partition(":")[0] == why


def kernel(folder: Path, anon: int) -> Wear:
    """What a kernel tells of process 7."""
    (folder / "7").mkdir(exist_ok=True)
    (folder / "7" / "status").write_text(f"Name:\tpython\nVmRSS:\t99 kB\nRssAnon:\t {anon >> 10} kB\n")
    (folder / "meminfo").write_text(f"MemTotal:       {64 * GIB >> 10} kB\nMemFree: 1 kB\n")
    return Wear(folder)


def test_growth_is_counted_from_the_last_model_that_was_loaded(tmp_path: Path) -> None:
    wear = kernel(tmp_path, 1 * GIB)
    assert wear.note(1, "sdxl", 7, 100) == ""
    kernel(tmp_path, 20 * GIB)
    assert wear.note(1, "flux", 7, 100) == ""  # a larger model is no leak
    kernel(tmp_path, 24 * GIB)
    assert wear.note(1, "flux", 7, 100).startswith("grown")


def test_pictures_add_up_over_batches() -> None:
    wear = Wear()
    assert wear.note(3, "a", os.getpid(), 4) == ""
    assert wear.note(1, "a", os.getpid(), 4) == "pictures: 4"


def test_a_process_that_has_just_ended_is_not_worn() -> None:
    assert Wear().note(1, "a", 2**22 + 1, 4) == ""


def test_what_is_laid_over_a_model_is_no_model_that_was_loaded(tmp_path: Path) -> None:
    wear = kernel(tmp_path, 1 * GIB)
    assert wear.note(1, "sdxl", 7, 100) == ""
    kernel(tmp_path, 20 * GIB)
    assert wear.note(1, "sdxl|ink@1", 7, 100).startswith("grown")
