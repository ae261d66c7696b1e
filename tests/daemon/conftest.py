"""A door for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.door import Door, HandClock
from tests.daemon.nights import Nights
from tests.house import House
from tests.pipeline.stage import open_shop


@pytest.fixture
def door(house: Callable[..., House]) -> Iterator[Callable[..., Door]]:
    """Builds a Door on a house of its own."""
    built: list[Door] = []

    def build(over: dict[str, Any] | None = None, **options: Any) -> Door:
        clock = HandClock()
        one = Door(house(over, thread=True, clock=clock), clock, **options)
        built.append(one)
        return one

    yield build
    for one in built:
        one.close()


@pytest.fixture
def nights(house: Callable[..., House], tmp_path: Path) -> Iterator[Callable[..., Nights]]:
    """Builds Nights, in a shop; keywords are those of the schedule."""
    built: list[Nights] = []
    open_shop(tmp_path / "house0")

    def build(over: dict[str, Any] | None = None, begin: str = "2026-11-26 12:00", **schedule: Any) -> Nights:
        built.append(Nights(house, over, begin, **schedule))
        return built[-1]

    yield build
    for one in built:
        one.schedules.close()
