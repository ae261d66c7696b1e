from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lanes.harness import Bench


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture(params=["thread", "process"])
def bench(request: pytest.FixtureRequest, spool: Path) -> Iterator[Bench]:
    """Each kind of lane in turn: a test that takes this is part of the contract of lanes."""
    made = Bench(request.param, spool)
    yield made
    made.close()


@pytest.fixture
def process(spool: Path) -> Iterator[Bench]:
    made = Bench("process", spool)
    yield made
    made.close()
