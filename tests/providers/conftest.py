"""Services of pictures in a process of the tests' own, and no keys of whoever runs the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clouds import Clouds
from tests.providers.shops import KEYS


@pytest.fixture(scope="session")
def services() -> Iterator[Clouds]:
    with Clouds() as clouds:
        yield clouds


@pytest.fixture
def clouds(services: Clouds) -> Iterator[Clouds]:
    """Calm, whatever the test before has left."""
    yield services
    services.script("openai")
    services.script("gemini")
    services.calm()
    services.configure(latency=0.0, jitter=0.0, per_minute={}, by_prompt={}, signed=False, retired=[], jpeg=True)


@pytest.fixture(autouse=True)
def no_keys_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
