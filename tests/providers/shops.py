"""Providers that buy, at services of the tests' own, with keys in a folder of secrets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stockgen.domain.protocols import Fit, Outcome, Provider, Shot
from stockgen.lanes.spec import ProviderSpec, Setup, build, furnished
from stockgen.providers._cloud.provider import Bought
from tests.clouds import Clouds

KEYS = ("OPENAI_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "CREDENTIALS_DIRECTORY")


def secrets(folder: Path, **keys: str) -> Path:
    """A folder of keys; names in small letters."""
    folder.mkdir(exist_ok=True)
    for name, key in keys.items():
        (folder / name).write_text(key)
        (folder / name).chmod(0o600)  # a file that others may read is not used
    return folder


def provider(name: str, home: Path, my: Path | None = None, **options: Any) -> Bought:
    """`openai` or `gemini`; `home` holds its keys."""
    module = f"stockgen.providers.{name}"
    built: Any = build(ProviderSpec(name, module, options), furnished(Setup(my=my, secrets=home), time.monotonic))
    return built


def at(clouds: Clouds, name: str, tmp: Path, **options: Any) -> Bought:
    """A provider whose service is `clouds`, with the right key."""
    home = secrets(tmp / "secrets", openai_api_key=clouds.openai_key, google_api_key=clouds.gemini_key)
    url = clouds.openai_url if name == "openai" else clouds.gemini_url
    return provider(name, home, **{"base_url": url, "timeout": 20, **options})


def shot(number: int = 1, side: int = 640, prompt: str = "a cup of tea", **more: Any) -> Shot:
    """One of a square picture, where nothing else is said."""
    given = {"width": side, "height": side, **more}
    return Shot(id=number, job="k7m2q", idea=1, prompt=prompt, seed=100 + number, **given)


def fits(one: Provider, count: int = 1, **more: Any) -> list[Fit]:
    """Of one stack."""
    return [one.fit(shot(number, **more)) for number in range(1, count + 1)]


def bought(one: Bought, batch: Sequence[Fit], spool: Path) -> list[Outcome]:
    """A batch with nobody listening; its connection is closed afterwards."""
    spool.mkdir(exist_ok=True)
    try:
        return list(one.render(batch, spool, lambda _shot, _step, _steps: None))
    finally:
        one.release()
