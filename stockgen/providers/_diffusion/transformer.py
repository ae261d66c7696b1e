"""Pipelines around one transformer and a VAE (FLUX.1, FLUX.2 [klein], Z-Image) are loaded in one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stockgen.domain.protocols import Device
from stockgen.gpu.host import Loaded
from stockgen.providers._diffusion import loading
from stockgen.providers._diffusion.family import need_of
from stockgen.providers._diffusion.loading import Files

TRANSFORMER = "transformer"


def loaded(files: Files, place: Device, told: Callable[[], None], phases: Mapping[str, Sequence[str]]) -> Loaded:
    """A pipeline with all parts that its `phases` work with, in the computer's memory; the transformer is made small on
    the way where the catalogue says so, and then can't be streamed. `pipes` is the pipeline. Raises NotConfigured.
    """
    drawing = files.model.drawing
    assert drawing is not None
    dtype = place.dtype(drawing.dtype)
    with loading.readable(files):
        small = loading.quantised(drawing.quantize, dtype)
        kind = loading.placed(loading.pipeline_class(drawing.pipeline), place.name)
        given = loading.denoiser_from(files, TRANSFORMER, dtype)
        parts = loading.parts_of(files.folder, dtype, told, given, **{TRANSFORMER: small})
        pipe: Any = kind.from_pretrained(files.folder, **parts, local_files_only=True)
    loading.rescheduled(pipe, drawing.scheduler)
    loading.quiet(pipe)
    own = {name: getattr(pipe, name) for names in phases.values() for name in names}
    rigid = frozenset({TRANSFORMER} if small else ())
    return Loaded(own, pipe, replace(need_of(files.model, own, phases, drawing.batch), rigid=rigid))
