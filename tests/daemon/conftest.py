"""A door for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.daemon.door import Door, HandClock
from tests.house import House


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
