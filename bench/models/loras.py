"""Another LoRA over a warm model ÷ the model loaded anew.

Through our provider, one picture at a time, with two LoRAs of random numbers, rank 16, for all attention layers of the
denoiser. Swap: the first picture with a LoRA after one with the other, less the next with the same. Anew: the first
picture after everything was released, less the next, from files that the disk's cache may hold. Medians of rounds.
With tiny models loading costs little, and the difference of two short pictures is rough: there the figures show only
that it runs. The aim, a tenth, is ours, for real weights on a card.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Aim, Effort, Figure, median
from bench.models.kits import Ground, Kit, tiny
from bench.models.studio import Studio

AIM = 0.1
RANK = 16
LAYERS = ("to_q.weight", "to_k.weight", "to_v.weight", "to_out.0.weight")
DENOISER = {"sdxl": "unet", "flux": "transformer"}
WRITTEN = {"sdxl": "stable-diffusion-xl-v1-base/lora", "flux": "flux-1-dev/lora"}  # shapes of small models tell nothing


@dataclass(frozen=True, slots=True)
class Size:
    """How many rounds; how tiny models draw."""

    rounds: int
    side: int = 128
    steps: int = 4


SIZES: dict[Effort, Size] = {"tiny": Size(1, 64, 2), "quick": Size(5), "full": Size(15)}
CARD: dict[Effort, Size] = {"tiny": Size(1), "quick": Size(3), "full": Size(7)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """With tiny models on the CPU."""
    size = SIZES[effort]
    return _all(tiny(folder / "models", effort, size.side, size.steps), size, folder)


def on_card(effort: Effort, folder: Path, ground: Ground) -> list[Figure]:
    """With the models of a ground."""
    return _all(ground, CARD[effort], folder)


def _all(ground: Ground, size: Size, folder: Path) -> list[Figure]:
    return [one for kit in ground.models for one in ground.away(_measured, ground, kit, size, folder / kit.kind)]


def _measured(ground: Ground, kit: Kit, size: Size, folder: Path) -> list[Figure]:
    names = [f"{kit.kind}-{number}" for number in range(2)]
    for number, name in enumerate(names):
        _write(kit, ground.my / "loras" / f"{name}.safetensors", number)
    studio = Studio(ground, folder / "spool")
    studio.draw(kit, loras=names[:1])  # imports everything
    anew = median([_lost(studio, kit, names[0], release=True) for _ in range(size.rounds)])
    swap = median([_lost(studio, kit, names[number % 2], release=False) for number in range(1, 2 * size.rounds + 1)])
    studio.host.release()
    how = f"{swap:.3f} ÷ {anew:.2f} s, medians of {size.rounds} rounds, rank {RANK}"
    return [
        Figure(measure=f"another LoRA over {kit.kind}", value=swap, unit="s", how="first picture less the next"),
        Figure(measure=f"another LoRA ÷ loading {kit.kind} anew", value=swap / anew if anew else 0.0, unit="",
               aim=Aim(AIM) if ground.aims else None, how=how),
    ]  # fmt: skip


def _lost(studio: Studio, kit: Kit, name: str, *, release: bool) -> float:
    """Seconds that the first picture takes longer than the next."""
    if release:
        studio.host.release()
    first, second = (studio.draw(kit, loras=[name]).seconds for _ in range(2))
    return max(0.0, first - second)


def _write(kit: Kit, file: Path, seed: int) -> None:
    """A LoRA for a kit's denoiser, from the names and shapes of its weights alone."""
    import torch
    from safetensors.torch import save_file

    part, random = DENOISER[kit.kind], torch.Generator().manual_seed(seed)
    tensors = {}
    for name, (rows, columns) in _shapes(kit.folder / part):
        layer = f"{part}.{name.removesuffix('.weight')}"
        tensors[f"{layer}.lora_A.weight"] = 0.01 * torch.randn(RANK, columns, generator=random)
        tensors[f"{layer}.lora_B.weight"] = 0.01 * torch.randn(rows, RANK, generator=random)
    file.parent.mkdir(exist_ok=True)
    half = {name: one.to(torch.bfloat16) for name, one in tensors.items()}
    save_file(half, file, {"modelspec.architecture": WRITTEN[kit.kind]})


def _shapes(folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    from stockgen.gpu.headers import header_of

    for file in sorted(folder.glob("*.safetensors")):
        for name, tensor in header_of(file).tensors.items():
            if name.endswith(LAYERS) and len(tensor.shape) == 2:
                yield name, tensor.shape
