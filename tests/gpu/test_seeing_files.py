"""What a pull of the parts that read pictures fetches: only what is used, and nothing that nobody asked for."""

from __future__ import annotations

import pytest

from stockgen.data import Shelf
from stockgen.data.catalog import load_catalog
from stockgen.gpu.pulling import dependents, needed, wanted
from stockgen.gpu.repository import RemoteFile, Repository

MODELS = load_catalog(Shelf())
# What the two repositories hold, as their pages on the hub list it (2026-11); sizes do not matter here.
HELD = {
    "sdxl-control-union": ["config.json", "config_promax.json", "diffusion_pytorch_model.safetensors",
                           "diffusion_pytorch_model_promax.safetensors", "README.md", "images/canny.webp"],
    "sdxl-ip-adapter": [
        "models/image_encoder/config.json", "models/image_encoder/model.safetensors",
        "models/image_encoder/pytorch_model.bin", "models/ip-adapter_sd15.safetensors",
        "sdxl_models/image_encoder/config.json", "sdxl_models/image_encoder/model.safetensors",
        "sdxl_models/ip-adapter_sdxl.safetensors", "sdxl_models/ip-adapter_sdxl_vit-h.bin",
        "sdxl_models/ip-adapter_sdxl_vit-h.safetensors", "sdxl_models/ip-adapter-plus_sdxl_vit-h.safetensors",
    ],
}  # fmt: skip
USED = {
    "sdxl-control-union": ["config.json", "diffusion_pytorch_model.safetensors"],
    "sdxl-ip-adapter": ["models/image_encoder/config.json", "models/image_encoder/model.safetensors",
                        "sdxl_models/ip-adapter_sdxl_vit-h.safetensors"],
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_only_what_is_used_is_fetched(name: str) -> None:
    weights = MODELS[name].weights
    assert weights is not None
    files = {path: RemoteFile(1) for path in HELD[name]}
    at = Repository(weights.source, weights.revision, files)
    assert sorted(wanted(at, weights.files, None)) == USED[name]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", HELD)
def test_they_are_fetched_alone_and_come_with_no_other_model(name: str) -> None:
    assert [one.name for one in needed(MODELS, name)] == [name]
    assert dependents(MODELS, name) == []
