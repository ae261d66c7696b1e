"""`scripted`, well-behaved, that draws everything at half the size."""

from __future__ import annotations

from dataclasses import replace

from stockgen.domain.protocols import Fit, Shot
from stockgen.lanes.spec import Tools
from tests.providers_for_tests import scripted


class Options(scripted.Options):
    """As `scripted`'s."""

    name: str = "smaller"
    misbehave: bool = False


class Smaller(scripted.Scripted):
    """Half as wide, half as high."""

    def fit(self, shot: Shot) -> Fit:
        """What would be drawn."""
        fit = super().fit(shot)
        return replace(fit, request=fit.request | {"width": shot.width // 2, "height": shot.height // 2})


def build(options: Options, tools: Tools) -> Smaller:
    """As every plugin."""
    return Smaller(options, tools.host)
