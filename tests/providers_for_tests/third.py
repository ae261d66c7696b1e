"""`scripted` once more: the last one of a chain."""

from __future__ import annotations

from stockgen.lanes.spec import Tools
from tests.providers_for_tests import scripted


class Options(scripted.Options):
    """As `scripted`'s."""

    name: str = "third"
    misbehave: bool = False


def build(options: Options, tools: Tools) -> scripted.Scripted:
    """As every plugin."""
    return scripted.Scripted(options, tools.host)
