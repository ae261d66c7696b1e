"""Families of drawings, one file each: `draw(drawing)` yields the picture's bands from top to bottom."""

from __future__ import annotations

FAMILIES: tuple[str, ...] = (
    "mesh",
    "geometric",
    "flow",
    "lowpoly",
    "terrazzo",
    "marble",
    "watercolor",
    "waves",
    "topographic",
    "halftone",
    "bokeh",
    "grain",
    "paper",
    "mandala",
    "check",
    "patchwork",
    "confetti",
    "radial",
)  # names in vocabulary/families.yaml and here
