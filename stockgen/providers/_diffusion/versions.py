"""Which libraries drew a picture: with others it may come out a little different."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DRAWING = ("torch", "diffusers", "transformers")


def versions() -> dict[str, str]:
    """Name → version of each library that is installed."""
    found = {}
    for name in DRAWING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
