"""How often the model changes in a queue that alternates between two, with affinity and without.

One job of 40 pictures, one of one model, one of the other, and so on, in a real daemon. With: `limits.lookahead` 32, so
a lane finds more for the model that is warm; at most one change is wanted for each such window of the queue, and one at
the end. Without: a look-ahead of one, so pictures are drawn in the order of the job. Counted are changes between one
`shot.claimed` and the next. Seconds a picture run from the second batch to the last picture, with the loading of the
second model. Tiny models share the memory, so there a change costs nothing, and only larger batches are gained.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.figures import Aim, Effort, Figure
from bench.models.efficiency import course
from bench.models.kits import PROMPT, Ground, tiny

LOOKAHEAD = 32  # config's limits.lookahead
AIM = 3


@dataclass(frozen=True, slots=True)
class Size:
    """How many shots, and how tiny models draw."""

    shots: int
    side: int = 128
    steps: int = 4


SIZES: dict[Effort, Size] = {"tiny": Size(8, 64, 2), "quick": Size(40), "full": Size(40)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """With two tiny models on the CPU."""
    size = SIZES[effort]
    return on_card(effort, folder, tiny(folder / "models", effort, size.side, size.steps))


def on_card(effort: Effort, folder: Path, ground: Ground) -> list[Figure]:
    """With the two models of a ground."""
    shots = SIZES[effort].shots
    near, near_seconds = _queue(ground, shots, 1, folder / "without")
    far, far_seconds = _queue(ground, shots, LOOKAHEAD, folder / "with")
    queue = f"{shots} shots, two models in turn"
    return [
        Figure(measure=f"changes of model, {queue}", value=far, unit="", aim=Aim(AIM), how=f"look-ahead {LOOKAHEAD}"),
        Figure(measure="changes without affinity", value=near, unit="", how="look-ahead 1, the order of the job"),
        Figure(measure="time with affinity ÷ without", value=far_seconds / near_seconds, unit="",
               how=f"{far_seconds:.2f} ÷ {near_seconds:.2f} s a picture"),
    ]  # fmt: skip


def _queue(ground: Ground, shots: int, lookahead: int, root: Path) -> tuple[int, float]:
    """Changes of model, and seconds a picture."""
    names = [ground.models[number % 2].name for number in range(shots)]
    side = ground.models[0].side
    orders = [f"- {{prompt: {PROMPT} {number}, model: {name}, count: 1, size: {side}x{side}}}\n"
              for number, name in enumerate(names)]  # fmt: skip
    with ground.daemon(root, lookahead) as daemon:
        (daemon.inbox / "job.yaml").write_text("".join(orders), encoding="utf-8")
        lines = daemon.until(dict.fromkeys(("shot.claimed", "shot.rendered", "shot.published"), shots))
    made = [line.facts["provider"] for line in lines if line.event == "shot.claimed"]
    return sum(one != other for one, other in pairwise(made)), 1 / course(lines).rate(1)
