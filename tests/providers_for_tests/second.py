"""`scripted` under another name and well-behaved unless asked: the next one of a chain."""

from __future__ import annotations

from stockgen.lanes.spec import Tools
from tests.providers_for_tests import scripted


class Options(scripted.Options):
    """As `scripted`'s."""

    name: str = "second"
    misbehave: bool = False


def build(options: Options, tools: Tools) -> scripted.Scripted:
    """As every plugin."""
    return scripted.Scripted(options, tools.host)
