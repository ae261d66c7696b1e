"""Folders and files of weights → torch modules, one part after the other; nothing is fetched, nothing is unpickled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stockgen.data.catalog import Model
from stockgen.domain.errors import NotConfigured
from stockgen.providers._diffusion.trouble import is_out_of_memory, is_poison

LIBRARIES = ("diffusers", "transformers")  # whose classes a folder may name; anything else could run code of its own
WHOLE = ("model.diffusion_model.", "first_stage_model.", "conditioner.")  # keys of a checkpoint with all its parts


@dataclass(frozen=True, slots=True)
class Files:
    """Where the weights of one stack lie. `base`: the pipeline that `model` is a new denoiser for, if it is;
    `references`: the folder of the pictures that requests name; `beside`: role → the model that is loaded with it.
    """

    model: Model
    path: Path
    base: Path | None = None
    vae: Path | None = None
    refiner: Path | None = None
    control: Path | None = None
    likeness: Path | None = None
    references: Path | None = None
    beside: Mapping[str, Model] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder with a whole pipeline."""
        return self.base or self.path


@contextmanager
def readable(files: Files) -> Iterator[None]:
    """Raises NotConfigured `weights_unusable` where what lies there can't be loaded, `no_packages` where torch is
    missing.
    """
    try:
        hush()
        from safetensors import SafetensorError
    except ImportError as error:
        raise NotConfigured("no_packages") from error
    try:
        yield
    except ImportError as error:
        raise NotConfigured("no_packages") from error
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RuntimeError, SafetensorError) as error:
        if is_out_of_memory(error) or is_poison(error):
            raise
        detail = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise NotConfigured("weights_unusable", model=files.model.name, detail=detail) from error


def index_of(folder: Path) -> dict[str, tuple[str, str]]:
    """The parts of a pipeline's folder: name → (library, class); those that it leaves empty are not named."""
    plain = json.loads((folder / "model_index.json").read_bytes())
    return {name: (one[0], one[1]) for name, one in plain.items() if isinstance(one, list) and one[0]}


def pipeline_class(name: str) -> Any:
    """The class of diffusers that a folder or a catalogue entry names. Raises AttributeError where there is none."""
    import diffusers

    found = getattr(diffusers, name, None)
    if not (isinstance(found, type) and issubclass(found, diffusers.DiffusionPipeline)):
        raise AttributeError(f"no pipeline of diffusers: {name}")  # noqa: TRY004 - a name that a folder gives
    return found


def parts_of(
    folder: Path, dtype: Any, told: Callable[[], None], given: Mapping[str, Any], **options: Mapping[str, Any]
) -> dict[str, Any]:
    """Load the parts of a folder that hold weights, but those that are `given`; all together, by name.

    `told` is called after each part, because a large one takes minutes on a slow disk. `options`: more arguments for
    the loading of one part.
    """
    import torch

    parts = dict(given)
    for name, (library, kind) in index_of(folder).items():
        found = _class(library, kind)
        if name not in parts and found is not None and issubclass(found, torch.nn.Module):
            parts[name] = module(found, folder / name, dtype, **options.get(name, {}))
            told()
    return parts


def module(kind: Any, folder: Path, dtype: Any, **more: Any) -> Any:
    """One part, ready to be used and never to be trained, in the computer's memory."""
    variant = {} if _plain(folder) else {"variant": "fp16"}
    made = kind.from_pretrained(folder, dtype=dtype, local_files_only=True, use_safetensors=True, **variant, **more)
    return made.eval().requires_grad_(False)


def placed(pipeline: Any, place: str) -> Any:
    """The same pipeline class, but it works where it is told, not where the first of its parts happens to be: while it
    denoises its text encoders lie elsewhere.
    """
    import torch

    where = property(lambda _self: torch.device(place))
    return type(pipeline.__name__, (pipeline,), {"_execution_device": where})


def rescheduled(pipeline: Any, values: Mapping[str, Any]) -> None:
    """Lay the catalogue's values over those of the pipeline's own scheduler."""
    if values:
        pipeline.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config, **values)


def is_whole(file: Path) -> bool:
    """Whether this is a single `.safetensors` with a whole checkpoint, not only a denoiser; reads its header alone."""
    from safetensors import safe_open

    if file.suffix != ".safetensors":
        return False

    with safe_open(file, framework="pt") as opened:
        return all(any(key.startswith(prefix) for key in opened.keys()) for prefix in WHOLE[:2])  # noqa: SIM118


def _plain(folder: Path) -> bool:
    """Whether there are weights that are not a variant, such as `model.fp16.safetensors`."""
    return any(path.name.count(".") == 1 for path in folder.glob("*.safetensors"))


def _class(library: str, kind: str) -> Any:
    """A part's class; None for what belongs to neither library, such as a safety checker of its pipeline's own."""
    import importlib

    return getattr(importlib.import_module(library), kind, None) if library in LIBRARIES else None


def whole(pipeline: Any, file: Path, layout: Path, dtype: Any) -> Any:
    """A pipeline from a single checkpoint file; `layout`: a folder of the same architecture, for its configs and
    tokenizers, which such files lack.
    """
    return pipeline.from_single_file(file, config=str(layout), dtype=dtype, local_files_only=True)


def denoiser_from(files: Files, part: str, dtype: Any) -> dict[str, Any]:
    """The denoiser of a model that is one file over a base; {} where the model brings a whole folder.

    Takes diffusers' own names of weights and those of the original programs, also out of a whole checkpoint.
    """
    if files.base is None:
        return {}
    kind = _class(*index_of(files.base)[part])
    made = kind.from_single_file(
        str(_single(files.path, files.model)), config=str(files.base), subfolder=part, dtype=dtype,
        local_files_only=True,
    )  # fmt: skip
    if any(weight.is_meta for weight in made.parameters()):  # diffusers passes over names that it does not know
        raise ValueError(f"{files.path.name} lacks weights of the {part} of {files.base.name}")
    return {part: made.eval().requires_grad_(False)}


def quantised(how: str, dtype: Any) -> dict[str, Any]:
    """Arguments for loading a part that is made small on the way: `nf4` (4 bits, bitsandbytes), "" = as it is."""
    if not how:
        return {}
    import diffusers

    config: Any = diffusers.BitsAndBytesConfig  # its constructor has no types
    return {"quantization_config": config(load_in_4bit=True, bnb_4bit_quant_type=how, bnb_4bit_compute_dtype=dtype)}


def quiet(pipeline: Any) -> None:
    """No bars on a log."""
    pipeline.set_progress_bar_config(disable=True)


def hush() -> None:
    """No remarks of libraries about what we don't use (torchvision, kernels), and no bars while they load."""
    import logging

    for name in ("bitsandbytes", "diffusers", "transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)
    from diffusers.utils import logging as ours
    from transformers.utils import logging as theirs

    for each in (ours, theirs):
        each.set_verbosity_error()
        each.disable_progress_bar()


def arranged(module: Any, place: str) -> None:
    """Convolutions on a card work faster on pixels that lie channel by channel; lossless (fal, diffusers docs)."""
    import torch

    if place.startswith("cuda"):
        module.to(memory_format=torch.channels_last)


def _single(path: Path, model: Model) -> Path:
    """The one `.safetensors` among what was fetched for a new denoiser."""
    if path.is_file():
        return path
    named = model.weights.files if model.weights else ()
    found = sorted({file for pattern in (*named, "*.safetensors") for file in path.glob(pattern) if file.is_file()})
    found = [file for file in found if file.suffix == ".safetensors"]
    if len(found) != 1:
        raise ValueError(f"one .safetensors was expected in {path}, not {len(found)}")
    return found[0]


def named_pipeline(folder: Path) -> Any:
    """The class that a folder says it is. Raises AttributeError where diffusers has none of that name."""
    return pipeline_class(str(json.loads((folder / "model_index.json").read_bytes())["_class_name"]))
