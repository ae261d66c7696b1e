"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import House, broken_promises


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Builds a House; at the end its ledger must keep every promise."""
    built: list[House] = []

    def build(over: dict[str, Any] | None = None, **options: Any) -> House:
        one = House(tmp_path / f"house{len(built)}", over, **options)
        built.append(one)
        return one

    yield build
    for one in built:
        broken = broken_promises(one.app.ledger)
        one.close()
        assert broken == {}
