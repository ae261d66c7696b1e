"""One basket of 50 from 300 candidates: look at the outbox, choose by motif and words, write files with their words.

The candidates are what the shipped vocabulary makes of thirty subjects, ten ideas of each. All masters have the same
pixels, of a size that markets want. Beside it: looking and choosing alone where thousands wait, and how long it takes
to find an idea's motif among a hundred thousand.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Aim, Effort, Figure, median
from bench.pictures import described, painted
from bench.workshop import workshop
from stockgen.app.build import App
from stockgen.checks.sound import decoded
from stockgen.data.market import Quota
from stockgen.domain.words import JobRequest, Order
from stockgen.files import make_folders
from stockgen.finishes.encode import jpeg
from stockgen.ledger import Ledger
from stockgen.ledger.jobs import Source
from stockgen.metadata.jpeg import with_metadata
from stockgen.pipeline.baskets.choosing import Choosing, Terms
from stockgen.pipeline.baskets.making import Stall
from stockgen.pipeline.motifs import place
from stockgen.pipeline.places import job_folder

MARKET, MODEL = "adobe_stock", "sdxl-base"
SIDE, QUALITY, BASKET, EACH = 2500, 95, 50, 10
AIM = 10.0  # seconds
FIND = 50.0  # ms
ROUNDS = 100
SUBJECTS = (
    "cherry blossom", "coffee", "autumn leaves", "sea", "moon", "forest", "tea", "desk", "christmas", "rain", "tulip",
    "mountain", "snow", "sunflower", "beach", "gift box", "fireworks", "hydrangea", "vegetables", "spa", "suitcase",
    "tangerine", "paper", "city night", "bread", "book", "cat", "balloon", "river", "lotus",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """Pictures a side; candidates of the basket; candidates of choosing alone; motifs."""

    side: int
    few: int
    many: int
    motifs: int


SIZES: dict[Effort, Size] = {
    "tiny": Size(256, 20, 20, 200), "quick": Size(SIDE, 300, 2_000, 20_000), "full": Size(SIDE, 300, 10_000, 100_000),
}  # fmt: skip


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    size = SIZES[effort]
    with workshop(folder / "basket", 1, 64) as shop:
        app, master = shop.app, _master(folder, size.side)
        _made(app, master, size.few)
        seconds, pictures = _timed(lambda: _basket(app))
        how = f"{pictures} pictures of {master.stat().st_size / 1e6:.1f} MB"
        few = Figure(measure=f"basket from {size.few:,} candidates", value=seconds, unit="s", aim=Aim(AIM), how=how)
        _made(app, master, size.many)
        looked, _ = _timed(lambda: len(app.baskets.look().away))
        chosen, picks = _timed(lambda: _chosen(app))
        found = _place(app.ledger, size.motifs)
    return [
        few,
        Figure(measure=f"look at {size.many:,} pictures", value=looked, unit="s", how="nothing has changed"),
        Figure(measure=f"choose from {size.many:,} candidates", value=chosen, unit="s", how=f"{picks} chosen"),
        Figure(measure=f"find a motif among {size.motifs:,}", value=found, unit="ms", aim=Aim(FIND), how="median"),
    ]


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _basket(app: App) -> int:
    market = app.catalogue.markets[MARKET]
    app.baskets.look()
    made, _ = app.baskets.make(Stall(market, Quota(per_week=BASKET, basket=BASKET), app.catalogue.models))
    return sum(one.pictures for one in made)


def _chosen(app: App) -> int:
    terms = Terms(
        market=app.catalogue.markets[MARKET], now=app.clock.wall(), language="en", room=BASKET, per_week=BASKET
    )
    return len(Choosing(app.ledger, app.places.outbox, terms, app.catalogue.models).picked()[0])


def _place(ledger: Ledger, motifs: int) -> float:
    """Milliseconds for each of the last ideas, with its commit; the others are committed together."""
    with ledger.atomic():
        for number in range(motifs):
            _placed(ledger, number)
    taken: list[float] = []
    for number in range(motifs, motifs + ROUNDS):
        began = time.perf_counter()
        with ledger.atomic():
            _placed(ledger, number)
        taken.append((time.perf_counter() - began) * 1e3)
    return median(taken)


def _placed(ledger: Ledger, number: int) -> None:
    title = " ".join(f"word{number * step % 997}" for step in (1, 3, 7, 11, 13, 17, 19))
    place(ledger, 1, f"prompt {number}", "", title, 0.0)


def _master(folder: Path, side: int) -> Path:
    path = folder / "master.jpg"
    path.write_bytes(with_metadata(jpeg(decoded(painted(side, 1), side, side), QUALITY), described()))
    return path


def _made(app: App, master: Path, wanted: int) -> None:
    """Pictures of closed jobs, as the pipeline leaves them; `master` lies under all of their names."""
    there = app.ledger.query("SELECT count(*) AS n FROM assets")[0]["n"]
    per_job = EACH * len(SUBJECTS)
    for _ in range(there, wanted, per_job):
        orders = tuple(
            Order(mode="keyword", count=EACH, subject=subject, model=("paced",), markets=(MARKET,), kind="photo")
            for subject in SUBJECTS[: max(1, wanted // EACH)]
        )
        _closed(app, orders, master)


def _closed(app: App, orders: tuple[Order, ...], master: Path) -> None:
    job, now, ledger = app.ledger.jobs.new_id(app.rng), app.clock.wall(), app.ledger
    folder = job_folder("job", job, now, "UTC")
    source = Source(kind="file", name="job.yaml", sha256="0" * 64, data=b"")
    with ledger.atomic():
        ledger.jobs.add(job, JobRequest(orders=orders), source, folder, now)
        while ledger.jobs.unplanned():
            app.engine.parts.planner.step(app.clock.monotonic())
        for statement in _MADE:
            ledger.query(statement, job=job, folder=folder, model=MODEL, side=SIDE, bytes=master.stat().st_size)
    images = app.places.outbox / folder / "images"
    make_folders(images)
    make_folders(images.parent / "info")
    (images.parent / "info" / "job.json").write_text("{}")
    for row in ledger.query("SELECT path FROM files WHERE job_id = :job", job=job):
        os.link(master, app.places.outbox / row["path"])


_AT = "2026-01-01T00:00:00.000Z"
_MADE = (
    "UPDATE shots SET state = 'done', raw_path = '-', raw_sha256 = '-' WHERE job_id = :job",
    f"""INSERT INTO attempts (shot_id, provider, model, request, started_at, seconds, outcome, dropped)
        SELECT id, 'paced', :model, '{{}}', '{_AT}', 1.0, 'rendered', '{{}}' FROM shots WHERE job_id = :job""",
    f"""INSERT INTO assets (shot_id, job_id, number, stem, kind, state, look, degraded, phash, checks, sellable, width,
                            height, created_at)
        SELECT id, job_id, position + 1, printf('picture-%s-%03d', job_id, position + 1), 'photo', 'ready', 'diffusion',
               0, random(), '[]', 1, :side, :side, '{_AT}' FROM shots WHERE job_id = :job""",
    """INSERT INTO files (asset_id, job_id, role, path, staged, sha256, bytes, state)
       SELECT id, job_id, 'master', :folder || '/images/' || stem || '.jpg', stem, '-', :bytes, 'published'
       FROM assets WHERE job_id = :job""",
    f"UPDATE jobs SET state = 'closed', result = 'done', closed_at = '{_AT}' WHERE id = :job",
)
