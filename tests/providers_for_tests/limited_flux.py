"""`flux` on the same small device as `limited_sdxl`."""

from __future__ import annotations

from stockgen.lanes.spec import Tools
from stockgen.providers._diffusion.provider import Diffusion
from stockgen.providers.flux import Flux
from tests.providers_for_tests import limited_sdxl


class Options(limited_sdxl.Options):
    """As `limited_sdxl`'s."""


def build(options: Options, tools: Tools) -> Diffusion:
    """As every plugin."""
    return limited_sdxl.limited("limited_flux", options, tools, Flux())
