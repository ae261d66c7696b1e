"""Pictures a second through the daemon ÷ the same pipeline in a bare loop, in alternating rounds.

Daemon: a real process with its lane, one job. Bare: plain diffusers in a process of its own, the same sizes, steps and
number at a time; each picture is written as PPM and finished by the same pool and the same `finish`: no ledger, no
lane, no outbox. Both are timed from the start of the first batch that counts to the end of the last picture; the
batches before, which load, are not counted. A tiny model draws 256² here, one picture in more than a quarter of a
second on one thread.

Twice: pictures as they are drawn, where finishing takes next to nothing and what is seen is what the daemon costs; and
as 2500² JPEG for Adobe Stock. There the bare loop's threads wait for each other, the daemon's processes do not, so the
ratio may be above one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Aim, Effort, Figure, median
from bench.finishing import WANTED
from bench.models.bare import WARM, Course, looped
from bench.models.kits import PROMPT, Ground, Kit, tiny
from bench.site import Line

AIM, AIM_CARD = 0.95, 0.98
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Size:
    """How many batches count in a round, how many rounds; `enlarged` pixels a side; how tiny models draw."""

    batches: int
    rounds: int
    enlarged: int = WANTED
    side: int = 256
    steps: int = 32
    batch: int = 4


SIZES: dict[Effort, Size] = {"tiny": Size(1, 1, 0, 64, 2, 2), "quick": Size(4, 1), "full": Size(6, 3)}
CARD: dict[Effort, Size] = {"tiny": Size(1, 1, 0), "quick": Size(4, 1), "full": Size(12, 3)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """With a tiny model on the CPU."""
    size = SIZES[effort]
    ground = tiny(folder / "models", effort, size.side, size.steps, size.batch)
    return _ratios(ground, ground.models[0], size, AIM, folder)


def on_card(effort: Effort, folder: Path, ground: Ground) -> list[Figure]:
    """With each model of a ground; all of it must fit on the card at once, or there is no bare loop to compare with."""
    held = [kit for kit in ground.models if ground.holds(kit)]
    figures = [one for kit in held for one in _ratios(ground, kit, CARD[effort], AIM_CARD, folder)]
    return figures + [_left_out(kit) for kit in ground.models if kit not in held]


def _left_out(kit: Kit) -> Figure:
    how = "left out: plain diffusers needs so much, and the card has less"
    return Figure(measure=f"{kit.kind} in a bare loop", value=kit.most / GIB, unit="GiB", how=how)


def _ratios(ground: Ground, kit: Kit, size: Size, aim: float, folder: Path) -> list[Figure]:
    """As they are drawn, and enlarged where the size says so."""
    sides = [side for side in (kit.side, size.enlarged) if side]
    limit = Aim(aim, at_least=True)
    return [_ratio(ground, kit, size, side, limit, folder / f"{kit.kind}-{side}") for side in sides]


def _ratio(ground: Ground, kit: Kit, size: Size, wanted: int, aim: Aim, folder: Path) -> Figure:
    pairs = []
    for number in range(size.rounds):
        root = folder / str(number)
        bare = ground.away(looped, ground.device, kit, size.batches, wanted, root / "bare")
        pairs.append((_daemon(ground, kit, size.batches, wanted, root / "daemon").rate(), bare.rate()))
    ours, other = (median([pair[which] for pair in pairs]) for which in (0, 1))
    how = (
        f"{ours:.2f} ÷ {other:.2f} pictures a second, median of {size.rounds} rounds of {size.batches * kit.batch} "
        f"pictures, {kit.batch} at a time"
    )
    name = f"{kit.kind} {wanted}² through the daemon ÷ bare loop"
    return Figure(measure=name, value=median([one / two for one, two in pairs]), unit="", aim=aim, how=how)


def _daemon(ground: Ground, kit: Kit, batches: int, wanted: int, root: Path) -> Course:
    pictures = (WARM + batches) * kit.batch
    job = f"prompt: {PROMPT}\ncount: {pictures}\nsize: {wanted}x{wanted}\nmodel: {kit.name}\n"
    with ground.daemon(root) as daemon:
        market = "markets: [adobe_stock]\n" if wanted >= WANTED else ""
        (daemon.inbox / "job.yaml").write_text(job + market, encoding="utf-8")
        return course(daemon.until(dict.fromkeys(("shot.claimed", "shot.rendered", "shot.published"), pictures)))


def course(lines: Sequence[Line]) -> Course:
    """What a log tells: claims with nothing rendered between them are one batch."""
    begins, pictures, last = [], [], ""
    for line in [one for one in lines if one.event != "shot.published"]:
        if line.event == "shot.claimed" != last:
            begins.append(line.at)
            pictures.append(0)
        pictures[-1] += line.event == "shot.claimed"
        last = line.event
    return Course(begins, pictures, [one.at for one in lines if one.event == "shot.published"])
