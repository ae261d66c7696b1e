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
    figures = measured([name], "tiny", tmp_path)
    assert name in ("warm", "loras") or any(one.aim for one in figures)  # theirs hold on a card
    assert sane(figures)


def sane(figures: Sequence[Figure]) -> bool:
    return bool(figures) and all(math.isfinite(one.value) and abs(one.value) < 1e5 for one in figures)


def test_an_aim_that_is_missed_is_not_told_as_met() -> None:
    assert Figure(measure="a", value=2.01, unit="", aim=Aim(2.0)).met is False
    assert Figure(measure="a", value=0.94, unit="", aim=Aim(0.95, at_least=True)).met is False
    assert Figure(measure="a", value=0.95, unit="", aim=Aim(0.95, at_least=True)).met is True


def test_results_name_what_was_missed_and_the_machine() -> None:
    text = written([Figure(measure="slow one", value=3.0, unit="s", aim=Aim(1.0))], {"CPU": "some CPU"})
    assert "Missed: slow one." in text
    assert "| slow one | 3.00 s | ≤ 1.00 s | NO |  |" in text
    assert "- CPU: some CPU" in text


def test_the_slowest_of_few_is_their_99th_hundredth() -> None:
    assert percentile([1.0, 9.0, 2.0], 0.99) == 9.0
    assert percentile(list(range(1, 101)), 0.99) == 99
