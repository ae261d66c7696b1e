"""The driver's answers, and that its absence is no error: most machines have no NVIDIA card."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from stockgen.gpu.cards import Usage
from stockgen.gpu.nvml import Nvml, program
from tests.gpu.fake_nvml import MIB

FAKE = "tests.gpu.fake_nvml"


def test_a_machine_without_the_library_has_no_cards_and_says_why() -> None:
    driver = Nvml("no_such_library")
    assert (driver.cards(), driver.usages({0}), driver.why) == ((), (), "no_library")


def test_a_library_without_a_driver_has_no_cards_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "driverless.py").write_text(
        "class NVMLError(Exception):\n    pass\n\n\ndef nvmlInit():\n    raise NVMLError('Driver Not Loaded')\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        driver = Nvml("driverless")
        assert (driver.cards(), driver.why, driver.detail) == ((), "no_driver", "Driver Not Loaded")
    finally:
        sys.path.remove(str(tmp_path))


def test_cards_are_told_with_their_memory_and_driver() -> None:
    told = [(one.index, one.name, one.total, one.free, one.driver) for one in Nvml(FAKE).cards()]
    assert told == [
        (0, "RTX 4090", 24_000 * MIB, 9_000 * MIB, "580.95"),
        (1, "RTX 3060", 12_000 * MIB, 9_000 * MIB, "580.95"),
    ]


def test_a_program_that_draws_and_computes_is_counted_once() -> None:
    assert Nvml(FAKE).usages({0, 1}) == (Usage(0, 4_000_001, "", 800 * MIB), Usage(0, 4_000_002, "", 0))


def test_a_driver_that_fails_is_asked_again_next_time() -> None:
    driver = Nvml(FAKE)
    assert (driver.usages({7}), driver.why) == ((), "failed")
    assert len(driver.cards()) == 2
    assert driver.why == ""


def test_programs_are_known_by_name() -> None:
    assert program(os.getpid())
    assert program(2**22 + 1) == ""
