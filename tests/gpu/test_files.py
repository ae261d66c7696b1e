"""Weights in every form in which people have them: a folder, one file, a new denoiser over a base, half precision."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from stockgen.domain.errors import NotConfigured
from stockgen.providers._diffusion import loading
from tests.gpu import originals, tiny
from tests.gpu.checkpoint import write_checkpoint
from tests.gpu.conftest import Studio, off, pixels
from tests.gpu.entries import FEW, GUIDED, KLEIN, Z_IMAGE, entry
from tests.gpu.limited import Limited
from tests.gpu.test_work import ROUNDING

Make = Callable[[str, dict[str, Any]], Studio]


@pytest.fixture
def add(models: Path, tmp_path: Path) -> Make:
    """A studio whose catalogue has one more model."""

    def make(name: str, one: dict[str, Any]) -> Studio:
        my = tmp_path / "my" / "catalog"
        my.mkdir(parents=True, exist_ok=True)
        shutil.copy(models / "my" / "catalog" / "tiny.yaml", my)
        (my / "more.yaml").write_text(yaml.safe_dump({name: one}))
        (tmp_path / "spool").mkdir(exist_ok=True)
        return Studio(my.parent, tmp_path / "spool", Limited(1 << 40))

    return make


def picture(one: Studio, name: str, model: str) -> bytes:
    (outcome,) = one.draw(one.provider(name, model=model), 1)
    return pixels(outcome)


def test_a_fine_tune_in_a_single_file_is_drawn_as_its_folder_would_be(add: Make, tmp_path: Path) -> None:
    torch.manual_seed(7)
    pipeline = tiny.sdxl()
    pipeline.save_pretrained(tmp_path / "folder", safe_serialization=True)
    file = write_checkpoint(pipeline, tmp_path / "dream.safetensors")
    one = add("dream", entry("sdxl", file, GUIDED, base="tiny-sdxl"))
    whole = picture(one, "sdxl", "dream")
    other = add("folder", entry("sdxl", tmp_path / "folder", GUIDED))
    assert off(whole, picture(other, "sdxl", "folder")) <= ROUNDING
    assert off(whole, picture(other, "sdxl", "tiny-sdxl")) > ROUNDING


@pytest.mark.parametrize(
    ("name", "kind", "part", "drawing"),
    [
        ("sdxl", "sdxl", "unet", GUIDED), ("flux", "flux", "transformer", FEW),
        ("flux2_klein", "flux2_klein", "transformer", KLEIN), ("z_image", "z_image", "transformer", Z_IMAGE),
    ],
)  # fmt: skip
def test_a_new_denoiser_is_laid_over_its_base(
    add: Make, tmp_path: Path, name: str, kind: str, part: str, drawing: Any
) -> None:
    tiny.build(kind, tmp_path / "other", seed=5)
    folder = tmp_path / "lightning"
    folder.mkdir()
    shutil.copy(tmp_path / "other" / part / "diffusion_pytorch_model.safetensors", folder / "four_steps.safetensors")
    more = {
        "base": f"tiny-{name.replace('_', '-')}",
        "weights": {"source": str(folder), "files": ["four_steps.safetensors"]},
    }
    one = add("quick", entry(name, folder, drawing, **more))
    picture(one, name, "quick")
    with one.host.lend("quick", 0, pytest.fail) as stack:
        want = loading.pipeline_class(drawing["pipeline"]).from_pretrained(tmp_path / "other")
        assert torch.equal(next(stack.parts[part].parameters()), next(getattr(want, part).parameters()))
        assert not torch.equal(next(stack.parts["vae"].parameters()), next(want.vae.parameters()))


@pytest.mark.parametrize(
    ("name", "drawing", "original"),
    [("flux2_klein", KLEIN, originals.klein), ("z_image", Z_IMAGE, originals.z_image)],
)
def test_a_denoiser_as_its_makers_name_the_weights_is_drawn_as_its_folder_would_be(
    add: Make, tmp_path: Path, name: str, drawing: Any, original: Any
) -> None:
    from safetensors.torch import load_file, save_file

    tiny.build(name, tmp_path / "other", seed=5)
    weights = load_file(tmp_path / "other" / "transformer" / "diffusion_pytorch_model.safetensors")
    save_file({key: one.contiguous() for key, one in original(weights).items()}, tmp_path / "tuned.safetensors")
    base = f"tiny-{name.replace('_', '-')}"
    one = add("tuned", entry(name, tmp_path / "tuned.safetensors", drawing, base=base))
    picture(one, name, "tuned")
    with one.host.lend("tuned", 0, pytest.fail) as stack:
        loaded = stack.parts["transformer"].state_dict()
        assert {key for key, weight in weights.items() if not torch.equal(weight, loaded[key])} == set()


def test_a_denoiser_that_lacks_weights_is_told_and_not_drawn_with(add: Make, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    tiny.build("z_image", tmp_path / "other")
    weights = load_file(tmp_path / "other" / "transformer" / "diffusion_pytorch_model.safetensors")
    del weights["layers.1.attention.to_q.weight"]
    save_file(weights, tmp_path / "half.safetensors")
    one = add("half", entry("z_image", tmp_path / "half.safetensors", Z_IMAGE, base="tiny-z-image"))
    with pytest.raises(NotConfigured) as caught:
        picture(one, "z_image", "half")
    assert caught.value.code == "weights_unusable"


def test_the_catalogues_scheduler_values_come_before_the_folders(add: Make, models: Path) -> None:
    trailing = {**GUIDED, "scheduler": {"timestep_spacing": "trailing"}}
    one = add("trailing", entry("sdxl", models / "sdxl", trailing))
    assert picture(one, "sdxl", "trailing") != picture(one, "sdxl", "tiny-sdxl")


def test_a_repaired_vae_takes_the_place_of_the_folders_own(add: Make, models: Path, tmp_path: Path) -> None:
    tiny.build("sdxl", tmp_path / "other", seed=5)
    one = add("fixed", entry("sdxl", models / "sdxl", GUIDED, vae="repaired"))
    more = tmp_path / "my" / "catalog" / "vae.yaml"
    more.write_text(yaml.safe_dump({"repaired": entry("sdxl", tmp_path / "other" / "vae", None, role="vae")}))
    one = Studio(tmp_path / "my", one.spool, Limited(1 << 40))
    assert picture(one, "sdxl", "fixed") != picture(one, "sdxl", "tiny-sdxl")


def test_folders_that_hold_only_the_half_precision_files_are_read(add: Make, tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "half"
    shutil.copytree(models / "sdxl", folder)
    for path in folder.rglob("*.safetensors"):
        path.rename(path.with_name(f"{path.stem}.fp16.safetensors"))
    one = add("half", entry("sdxl", folder, GUIDED))
    assert picture(one, "sdxl", "half") == picture(one, "sdxl", "tiny-sdxl")


def test_pickled_weights_are_never_read(add: Make, tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(models / "sdxl", folder)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save({}, weights.with_suffix(".bin"))
    weights.unlink()
    one = add("pickled", entry("sdxl", folder, GUIDED))
    with pytest.raises(NotConfigured) as caught:
        picture(one, "sdxl", "pickled")
    assert caught.value.code == "weights_unusable"


@pytest.mark.parametrize("wrong", [{"_class_name": "os"}, {"_class_name": "NoSuchPipeline"}, {}])
def test_a_folder_can_not_name_code_of_its_own(add: Make, tmp_path: Path, models: Path, wrong: dict[str, Any]) -> None:
    import json

    folder = tmp_path / "strange"
    shutil.copytree(models / "z_image", folder)
    index = json.loads((folder / "model_index.json").read_text())
    index = {**{key: value for key, value in index.items() if key != "_class_name"}, **wrong}
    (folder / "model_index.json").write_text(json.dumps(index))
    one = add("strange", entry("diffusers", folder, FEW))
    with pytest.raises(NotConfigured):
        picture(one, "diffusers", "strange")


def test_four_bit_weights_without_a_card_are_refused_in_words(add: Make, models: Path) -> None:
    one = add("small", entry("flux", models / "flux", {**FEW, "quantize": "nf4"}))
    with pytest.raises(NotConfigured) as caught:
        picture(one, "flux", "small")
    assert "GPU is needed" in str(caught.value)
