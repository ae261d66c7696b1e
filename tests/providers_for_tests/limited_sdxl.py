"""`sdxl` on a device with as little memory as the config says; see `tests.gpu.limited`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from stockgen.lanes.spec import Tools
from stockgen.providers._diffusion.family import Family
from stockgen.providers._diffusion.provider import Choice, Diffusion
from stockgen.providers.sdxl import Sdxl
from tests.gpu.limited import Limited


class Options(BaseModel):
    """`limit` bytes of the device; `row` bytes of activations for each row of a batch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    limit: int
    row: int = 0


def build(options: Options, tools: Tools) -> Diffusion:
    """As every plugin."""
    return limited("limited_sdxl", options, tools, Sdxl())


def limited(name: str, options: Options, tools: Tools, family: Family) -> Diffusion:
    """A provider whose process has one small device, which all providers of it share."""
    host = tools.host
    host._open_device = host._open_device or (lambda _name: Limited(options.limit, options.row))
    return Diffusion(Choice(name, options.model), family, tools)
