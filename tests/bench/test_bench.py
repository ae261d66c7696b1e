"""Measures still run and say something sane; how fast anything is, only `bench.run` on a quiet machine can say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.figures import Aim, Figure, percentile
from bench.results import written
from bench.run import MEASURES, measured

# Daemons with models: torch is imported again and again. By default tests/bench/test_gpu.py draws with one of them.
SLOW = ("efficiency", "swaps", "memory")


@pytest.mark.process
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.torture if name in SLOW else ()) for name in MEASURES]
)
def test_each_measure_runs_and_yields_sane_numbers(name: str, tmp_path: Path) -> None:
    figures = measured([name], "tiny", tmp_path)[name]
    assert name in ("warm", "loras") or any(one.aim for one in figures)  # theirs hold on a card
    assert sane(figures)


def sane(figures: Sequence[Figure]) -> bool:
    return bool(figures) and all(math.isfinite(one.value) and abs(one.value) < 1e5 for one in figures)


def test_an_aim_that_is_missed_is_not_told_as_met() -> None:
    assert Figure(measure="a", value=2.01, unit="", aim=Aim(2.0)).met is False
    assert Figure(measure="a", value=0.94, unit="", aim=Aim(0.95, at_least=True)).met is False
    assert Figure(measure="a", value=0.95, unit="", aim=Aim(0.95, at_least=True)).met is True


def facts(day: str) -> dict[str, str]:
    return {"date": day, "CPU": "some CPU", "load average": "0.1", "load average at the end": "0.2"}


def test_results_name_what_was_missed_and_the_machine() -> None:
    slow = {"slow": [Figure(measure="slow one", value=3.0, unit="s", aim=Aim(1.0))]}
    text = written(slow, facts("2026-11-01"), ["slow"])
    assert "Missed: slow one." in text
    assert "| slow one | 3.00 s | ≤ 1.00 s | NO |  |" in text
    assert "- CPU: some CPU" in text


def test_what_was_not_run_again_keeps_its_figures_and_its_day() -> None:
    def of(name: str, value: float) -> dict[str, list[Figure]]:
        return {name: [Figure(measure=f"{name} one", value=value, unit="s", aim=Aim(1.0))]}

    first = written(of("a", 3.0) | of("b", 0.5), facts("2026-11-01"), ["a", "b", "c"])
    again = written(of("a", 0.25), facts("2026-11-02"), ["a", "b", "c"], first)
    assert ("Missed: a one." in first, "Every aim is met." in again) == (True, True)
    assert [line for line in again.splitlines() if line.startswith(("## ", "2026", "| a one", "| b one"))] == [
        "## a", "2026-11-02, load average 0.1 → 0.2", "| a one | 0.25 s | ≤ 1.00 s | yes |  |",
        "## b", "2026-11-01, load average 0.1 → 0.2", "| b one | 0.50 s | ≤ 1.00 s | yes |  |", "## Machine",
    ]  # fmt: skip
    assert written({}, facts("2026-11-03"), ["a", "b"], again).count("## ") == 3


def test_the_slowest_of_few_is_their_99th_hundredth() -> None:
    assert percentile([1.0, 9.0, 2.0], 0.99) == 9.0
    assert percentile(list(range(1, 101)), 0.99) == 99
