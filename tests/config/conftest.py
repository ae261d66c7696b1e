"""Short ways to read a config file and to hear what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.app.catalogue import PLUGINS, Catalogue
from stockgen.config import Config, load
from stockgen.domain.errors import ConfigError
from stockgen.messages import Messages

Read = Callable[..., Config]
Told = Callable[..., list[str]]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Puts a config.yaml into the test's folder."""

    def write(text: str | bytes) -> Path:
        path = tmp_path / "config.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def read(write) -> Read:
    return lambda text="": load(write(text))


@pytest.fixture
def told(write) -> Told:
    """The faults of a config as a person reads them; `language` en or ko."""

    def told(text: str | bytes, language: str = "en") -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(write(text))
        return [Messages(language).tell(remark) for remark in caught.value.remarks]

    return told


@pytest.fixture
def mismatches(write) -> Told:
    """The faults that only show when config, plugins and shipped data meet."""

    def mismatches(text: str) -> list[str]:
        path = write(text)
        with pytest.raises(ConfigError) as caught:
            Catalogue(load(path), path.parent / "my", (*PLUGINS, "tests.providers_for_tests")).check()
        return [Messages("en").tell(remark) for remark in caught.value.remarks]

    return mismatches
