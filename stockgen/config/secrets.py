"""Keys of services: never in the config, never in a log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def secret(name: str, environment: Mapping[str, str], kept: Path | None = None) -> str:
    """The key `name`, for example `OPENAI_API_KEY`; "" = there is none.

    A service's credential `$CREDENTIALS_DIRECTORY/stockgen_<name in small letters>` comes before the environment, and
    that before the file `<name in small letters>` in the folder `kept`.
    """
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    given = _read(Path(folder) / f"stockgen_{name.casefold()}") if folder else ""
    own = environment.get(name, "").strip()
    return given or own or (_read(kept / name.casefold()) if kept else "")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip() if file.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""
