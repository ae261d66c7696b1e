"""One server for all tables of a worker; a client of each SDK, as providers make them: no retries of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clouds import Clouds
from tests.clouds.sdk import gemini_client, openai_client


@pytest.fixture(scope="module")
def clouds() -> Iterator[Clouds]:
    """Calm and quick."""
    with Clouds() as server:
        yield server


@pytest.fixture(scope="module")
def chatgpt(clouds: Clouds) -> Iterator[Any]:
    """OpenAI's."""
    with openai_client(clouds) as client:
        yield client


@pytest.fixture(scope="module")
def google(clouds: Clouds) -> Iterator[Any]:
    """Google's."""
    with gemini_client(clouds) as client:
        yield client
