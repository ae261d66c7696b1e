"""`scripted` under another name and well-behaved unless asked: the next one of a chain."""

from __future__ import annotations

from stockgen.data import Shelf
from tests.providers_for_tests import scripted


class Options(scripted.Options):
    """As `scripted`'s."""

    name: str = "second"
    misbehave: bool = False


def build(options: Options, shelf: Shelf) -> scripted.Scripted:
    """As every plugin."""
    return scripted.Scripted(options)
