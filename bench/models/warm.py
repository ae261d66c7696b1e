"""Seconds a picture with the model loaded anew for each ÷ seconds a picture with the model warm in our provider.

Both in one process that has imported torch already, one picture at a time, in alternating rounds. Anew, as articles
show it: `from_pretrained`, call, save as PNG. Warm: one call of the provider, into a durable file in the spool; the
first picture of a round, which loads, is not counted, and everything is released before the other's turn, so that they
never share the memory. With tiny models loading costs little: the ratio shows only that both ways run. The aim holds
for real weights on a card.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Aim, Effort, Figure, median
from bench.models.kits import Ground, Kit, tiny
from bench.models.studio import Studio

AIM = 5.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many rounds, after one that is not counted; pictures of a round drawn warm; how large tiny models draw."""

    rounds: int
    warm: int
    side: int = 256
    steps: int = 20


SIZES: dict[Effort, Size] = {"tiny": Size(1, 1, 64, 2), "quick": Size(3, 2), "full": Size(9, 3)}
CARD: dict[Effort, Size] = {"tiny": Size(1, 1), "quick": Size(1, 2), "full": Size(3, 4)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """With a tiny model on the CPU."""
    size = SIZES[effort]
    ground = tiny(folder / "models", effort, size.side, size.steps)
    return [_ratio(ground, ground.models[0], size, folder)]


def on_card(effort: Effort, folder: Path, ground: Ground) -> list[Figure]:
    """With each model of a ground."""
    return [_ratio(ground, kit, CARD[effort], folder) for kit in ground.models]


def _ratio(ground: Ground, kit: Kit, size: Size, folder: Path) -> Figure:
    taken = ground.away(rounds, ground, kit, size, folder / f"spool-{kit.kind}")
    anew, warm = (median([pair[which] for pair in taken]) for which in (0, 1))
    how = f"{anew:.2f} ÷ {warm:.2f} s a picture, medians of {size.rounds} rounds, {kit.side}², {kit.steps} steps"
    ratio = median([one / other for one, other in taken])
    name = f"loading {kit.kind} for each picture ÷ warm"
    return Figure(measure=name, value=ratio, unit="", aim=Aim(AIM, at_least=True) if ground.aims else None, how=how)


def rounds(ground: Ground, kit: Kit, size: Size, spool: Path) -> list[tuple[float, float]]:
    """Seconds a picture anew and warm, of each round that counts."""
    studio = Studio(ground, spool)
    return [(_anew(kit, ground.device, spool), _warm(studio, kit, size.warm)) for _ in range(size.rounds + 1)][1:]


def _anew(kit: Kit, device: str, spool: Path) -> float:
    from bench.models.plain import drawn, loaded
    from stockgen.gpu.device import device_of

    began = time.perf_counter()
    drawn(loaded(kit, device), kit, [0])[0].save(spool / "anew.png")
    taken = time.perf_counter() - began
    device_of(device).empty()
    return taken


def _warm(studio: Studio, kit: Kit, pictures: int) -> float:

    studio.draw(kit)
    seconds = [studio.draw(kit).seconds for _ in range(pictures)]
    studio.host.release()
    return median(seconds)
