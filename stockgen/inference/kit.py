"""Which models can cut out and enlarge here, and what is missing for those that can't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from stockgen.data.catalog import Model
from stockgen.domain.errors import NotConfigured
from stockgen.gpu.weights import WeightsIndex
from stockgen.inference.words import Tool

LANCZOS = "lanczos"  # enlarges without a model
NEEDS: Mapping[str, tuple[str, ...]] = {"matting": ("rembg", "onnxruntime"), "upscaler": ("onnxruntime",)}


@dataclass(frozen=True, slots=True)
class Kit:
    """`models`: the catalogue's; `home`: a folder of the state for rembg."""

    models: Mapping[str, Model]
    weights: WeightsIndex
    home: Path

    def missing(self, name: str) -> NotConfigured | None:
        """What a person must add before a model can be used, with the command; None = it is ready, or none is needed.

        Looks, without loading anything.
        """
        if name in ("", LANCZOS):
            return None
        try:
            self.tool(name)
        except NotConfigured as error:
            return error
        return None

    def tool(self, name: str) -> Tool:
        """A model with its file. Raises NotConfigured."""
        model = self.models.get(name)
        if model is None or model.role not in NEEDS:
            raise NotConfigured("no_such_retoucher", model=name)
        if any(find_spec(package) is None for package in NEEDS[model.role]):
            raise NotConfigured("no_onnx_packages")
        path = self.weights.find(model)
        if model.matting:
            return Tool(name, path, session=model.matting.session)
        if model.upscaling:
            return Tool(name, path, scale=model.upscaling.scale, multiple=model.upscaling.multiple)
        raise NotConfigured("no_such_retoucher", model=name)
