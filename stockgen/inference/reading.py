"""What a single `.onnx` turns out to be: asked of the file itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stockgen.domain.errors import NotConfigured, NotPulled
from stockgen.inference.sessions import opened
from stockgen.inference.upscaling import scale_of

# The sides of pictures for which rembg has a session that takes a file of one's own.
CUSTOM = {1024: "dis_custom", 320: "u2net_custom"}
MULTIPLES = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class OnnxFinding:
    """A model that was found. `session` of one that finds what a picture is of; `scale`, `multiple` of one that
    enlarges; `bytes` of its file.
    """

    source: str
    role: Literal["matting", "upscaler"]
    bytes: int
    session: str = ""
    scale: int = 1
    multiple: int = 1


def in_onnx(path: Path) -> OnnxFinding:
    """What a file is. Raises NotPulled where it neither cuts out nor enlarges, NotConfigured without the packages."""
    name, size = path.name, path.stat().st_size
    try:
        session = opened(path, name)
        side = _matted(session)
        if side in CUSTOM:
            return OnnxFinding(str(path), "matting", size, session=CUSTOM[side])
        scale, multiple = _enlarged(session, name)
    except NotConfigured as error:
        if error.code == "no_onnx_packages":
            raise
        raise NotPulled("add_onnx", source=str(path), detail=str(error.facts.get("found") or path.name)) from error
    return OnnxFinding(str(path), "upscaler", size, scale=scale, multiple=multiple)


def _matted(session: Any) -> int:
    """The side of the squares that it makes a matte of; 0 = it makes none."""
    given, made = session.get_inputs(), session.get_outputs()[0].shape
    shape = given[0].shape if len(given) == 1 else []
    whole = len(shape) == len(made) == 4 and shape[1] == 3 and made[1] == 1
    return int(shape[2]) if whole and isinstance(shape[2], int) and shape[2] == shape[3] else 0


def _enlarged(session: Any, name: str) -> tuple[int, int]:
    """Its scale, and of what the sides must be multiples: found by asking for ever rounder ones."""
    last: NotConfigured | None = None
    for multiple in MULTIPLES:
        try:
            return scale_of(session, name, multiple), multiple
        except NotConfigured as error:
            last = last or error
    raise last or NotConfigured("onnx_unusable", model=name, detail="")
