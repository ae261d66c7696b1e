"""Pictures a second through the daemon against the same work in a bare loop, in alternating rounds.

The provider takes 250 ms a picture, in which the CPU mostly waits, as it does for a GPU: 1024² pixels, drawn once and
written anew each time. Every picture becomes a 2500² JPEG for Adobe Stock. The bare loop renders in a thread, one
picture after the other, and gives each to the same pool and the same `finish`: no ledger, no process, no outbox. Both
are timed from the end of one picture to the end of the last; the first few, which load libraries, are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.figures import Aim, Effort, Figure, median, percentile
from bench.finishing import QUALITY, WANTED
from bench.loop import ends, places_in
from bench.pictures import KINDS, SIDE, described
from bench.providers.paced import Options, Paced
from bench.site import Daemon, Line
from stockgen.domain.protocols import Shot
from stockgen.files import make_folders, sha256_file
from stockgen.pipeline.finish import Task
from stockgen.pipeline.places import Places

SECONDS = 0.25  # a picture
WARM = KINDS + 1  # pictures at the start that are not counted
FLAT = 12.0  # config's checks.flat.spread
AIM = 0.95


@dataclass(frozen=True, slots=True)
class Size:
    """How many pictures count, how often."""

    pictures: int
    rounds: int


SIZES: dict[Effort, Size] = {"tiny": Size(2, 1), "quick": Size(24, 1), "full": Size(80, 3)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    size = SIZES[effort]
    pairs, gaps = [], []
    for number in range(size.rounds):
        bare = _rate(_bare(folder / f"bare-{number}", size.pictures + WARM))
        lines = _daemon(folder / f"daemon-{number}", size.pictures + WARM)
        pairs.append((_rate([line.at for line in lines if line.event == "shot.published"]), bare))
        gaps += _gaps(lines)
    ours, other = (median([pair[which] for pair in pairs]) for which in (0, 1))
    how = f"{ours:.2f} ÷ {other:.2f} pictures a second, median of {size.rounds} rounds of {size.pictures} pictures"
    efficiency = median([one / other for one, other in pairs])
    return [
        Figure(measure="pipeline efficiency", value=efficiency, unit="", aim=Aim(AIM, at_least=True), how=how),
        Figure(measure="lane idle between pictures", value=median(gaps) * 1e3, unit="ms",
               how=f"median; 95 of 100 below {percentile(gaps, 0.95) * 1e3:.0f} ms"),
    ]  # fmt: skip


def _rate(ends: list[float]) -> float:
    """Pictures a second, from when each picture ended."""
    counted = sorted(ends)[WARM - 1 :]
    return (len(counted) - 1) / (counted[-1] - counted[0])


def _daemon(root: Path, pictures: int) -> list[Line]:
    """What the real daemon told about each picture of one job."""
    over = {"chains": {"auto": ["paced"]}, "providers": {"paced": {"seconds": SECONDS}}}
    with Daemon(root, over) as daemon:
        job = f"prompt: misty hills at dawn\ncount: {pictures}\nsize: {WANTED}x{WANTED}\nmarkets: [adobe_stock]\n"
        (daemon.inbox / "job.yaml").write_text(job, encoding="utf-8")
        return daemon.until(dict.fromkeys(("shot.claimed", "shot.rendered", "shot.published"), pictures))


def _gaps(lines: list[Line]) -> list[float]:
    """Seconds from claim to claim less what the provider took: what its lane spent on nothing."""
    claimed = [line.at for line in lines if line.event == "shot.claimed"]
    took = [float(line.facts["seconds"]) for line in lines if line.event == "shot.rendered"]
    return [after - before - busy for before, after, busy in zip(claimed, claimed[1:], took, strict=False)][WARM:]


def _bare(root: Path, pictures: int) -> list[float]:
    """When the loop had finished each picture, monotonic seconds."""
    places, paced = places_in(root), Paced(Options(seconds=SECONDS))
    return ends((_rendered(paced, number, places) for number in range(pictures)), places)


def _rendered(paced: Paced, number: int, places: Places) -> Task:
    """Render one picture into the spool, and say how it is to be finished."""
    shot = Shot(id=number, job="bare", idea=0, prompt="", seed=number, width=WANTED, height=WANTED)
    folder = places.spool / str(number)
    make_folders(folder)
    [outcome] = paced.render([paced.fit(shot)], folder, lambda shot, step, steps: None)
    assert outcome.file
    return Task(
        shot=number, raw=f"{number}/{outcome.file.name}", sha256=sha256_file(outcome.file), drawn=(SIDE, SIDE),
        wanted=(WANTED, WANTED), quality=QUALITY, thresholds={"flat": FLAT}, metadata=described(),
    )  # fmt: skip
