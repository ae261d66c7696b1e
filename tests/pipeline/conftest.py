"""A house whose pictures may be sold, at a market that takes small ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.house import House
from tests.pipeline.stage import open_shop


@pytest.fixture
def shop(house: Callable[..., House], tmp_path: Path) -> Callable[..., House]:
    def build(over: dict[str, Any] | None = None, **options: Any) -> House:
        open_shop(tmp_path / "house0")
        return house(over, **{"thread": True} | options)

    return build
