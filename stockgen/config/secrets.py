"""Keys of services: never in the config, never in a log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def secret(name: str, environment: Mapping[str, str]) -> str:
    """The key `name`, for example `OPENAI_API_KEY`; "" = there is none.

    A service's credential `$CREDENTIALS_DIRECTORY/stockgen_<name in small letters>` comes before the environment.
    """
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    file = Path(folder) / f"stockgen_{name.casefold()}"
    try:
        told = file.read_text("utf-8").strip() if folder and file.is_file() else ""
    except (OSError, UnicodeDecodeError):
        told = ""
    return told or environment.get(name, "").strip()
