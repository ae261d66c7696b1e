"""A user's catalogue with the tiny models in it, as `my/catalog/tiny.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

SMALL = {"pixels": 64 * 64, "multiple": 8, "least": 32, "most": 256, "dtype": "float16"}
GUIDED = {"pipeline": "StableDiffusionXLPipeline", **SMALL, "steps": 5, "guidance": 5.0, "guided": True, "tokens": 75}
FEW = {"pipeline": "FluxPipeline", **SMALL, "multiple": 16, "steps": 2, "guidance": 0.0, "guided": False,
       "tokens": 64, "most_steps": 8, "dtype": "bfloat16"}  # fmt: skip
KLEIN = {**FEW, "pipeline": "Flux2KleinPipeline", "guidance": 1.0, "foreign": True}
Z_IMAGE = {**FEW, "pipeline": "ZImagePipeline", "foreign": True}
BYTES = {"encoders": 200_000, "denoiser": 400_000, "decoder": 200_000, "working": 100_000, "each": 100_000}


def entry(provider: str, path: Path, drawing: Mapping[str, Any] | None, **more: Any) -> dict[str, Any]:
    """One model in a local folder."""
    plain = {"title": {"en": "tiny", "ko": "작은"}, "provider": provider, "licence": "MIT", "sellable": True,
             "look": "diffusion", "source": "made by the tests", "weights": {"source": str(path)},
             "memory": BYTES}  # fmt: skip
    return plain | ({"drawing": dict(drawing)} if drawing else {}) | more


def write_catalog(my: Path, models: Path) -> None:
    """Name every tiny model: `tiny-sdxl`, `tiny-refiner`, `tiny-flux`, `tiny-nan`, `tiny-overflowing`,
    `tiny-flux2-klein`, `tiny-klein-base`, `tiny-z`, `tiny-z-image`, `tiny-z-guided`, and what sees for SDXL:
    `tiny-control`, `tiny-likeness`.
    """
    tree = {
        "tiny-sdxl": entry("sdxl", models / "sdxl", GUIDED),
        "tiny-refiner": entry("sdxl", models / "refiner", None, role="refiner"),
        "tiny-nan": entry("sdxl", models / "nan", GUIDED),
        "tiny-overflowing": entry("sdxl", models / "overflowing", GUIDED),
        "tiny-flux": entry("flux", models / "flux", FEW),
        "tiny-flux2-klein": entry("flux2_klein", models / "flux2_klein", KLEIN),
        "tiny-klein-base": entry("flux2_klein", models / "klein_base", KLEIN | {"guidance": 4.0, "guided": True}),
        "tiny-control": entry("sdxl", models / "control", None, role="control"),
        "tiny-likeness": entry("sdxl", models / "likeness", None, role="likeness"),
        "tiny-z": entry("diffusers", models / "z_image", Z_IMAGE),
        "tiny-z-image": entry("z_image", models / "z_image", Z_IMAGE),
        "tiny-z-guided": entry("z_image", models / "z_image", Z_IMAGE | {"guidance": 4.0, "guided": True}),
    }
    (my / "catalog").mkdir(parents=True, exist_ok=True)
    (my / "catalog" / "tiny.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
