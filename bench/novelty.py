"""Whether an idea is new, among a hundred thousand: by titles, and by titles and vectors.

Titles are made of 5,000 made-up words, as unevenly common as words are (Zipf), and of a few that stand in most of them.
Vectors of 384 numbers are random; a model's would take as long. Memory is what the process holds more of once all was
read (Linux, resident).
"""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import structlog

from bench.figures import Aim, Effort, Figure, median, percentile
from stockgen.domain.protocols import Brief
from stockgen.domain.words import Idea, JobRequest, Order
from stockgen.ledger import Ledger
from stockgen.ledger.jobs import Source
from stockgen.pipeline.novelty import Novelty
from stockgen.pipeline.novelty.run import SLICE

SIZES: dict[Effort, int] = {"tiny": 300, "quick": 20_000, "full": 100_000}
AIM, HELD = 50.0, 15.0  # ms; MB, of titles
DIMS, WORDS, ROUNDS = 384, 5_000, 60
USUAL = ("soft", "misty", "golden", "calm", "minimalist", "background", "pattern", "watercolor")
LIGHTS = ("at sunrise", "at dusk", "in autumn", "on white", "under snow", "from above")


class Random384:
    """A writer that only gives vectors, at once."""

    name, sees, embeds = "bench/random", False, True

    def __init__(self) -> None:
        self._rng = np.random.default_rng(1)

    def missing(self) -> None:
        """Nothing."""

    def write(self, brief: Brief) -> str:
        """It has nothing to say."""
        return ""

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Random ones; always the same for the first text that it is asked."""
        vectors: list[list[float]] = self._rng.standard_normal((len(texts), DIMS)).tolist()
        return vectors

    def on_card(self) -> int:
        """None."""
        return 0

    def needs(self) -> int:
        """None."""
        return 0

    def release(self) -> None:
        """Nothing to let go."""


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    count = SIZES[effort]
    ledger = Ledger.opened(_made(folder / "state"))
    titles = Titles(Random(7))
    _planned(ledger, titles, count)
    np.zeros(1) @ np.zeros(1)  # numpy is there before memory is looked at: pictures that are compared need it anyway
    held = _held()
    words = Novelty(ledger, None, structlog.get_logger())
    build, rounds = _asked(words, titles)
    more = _held() - held
    loop = _waits(ledger)
    _measured(ledger)
    both = Novelty(ledger, Random384(), structlog.get_logger())
    first, others = _asked(both, titles)
    ledger.close()
    whole = f"{count:,} titles"
    return [
        Figure(measure=f"novelty among {whole}", value=median(rounds), unit="ms", aim=Aim(AIM),
               how=f"99 of 100: {percentile(rounds, 0.99):.1f} ms"),
        Figure(measure=f"read {whole}", value=build, unit="s", how="once in a night, in the writer's thread"),
        Figure(measure=f"memory of {whole}", value=max(more, 0.0), unit="MB", aim=Aim(HELD)),
        Figure(measure=f"the loop waits for a slice of {whole}", value=loop, unit="ms", how="one query of the ledger"),
        Figure(measure=f"novelty among {whole} and vectors", value=median(others), unit="ms", aim=Aim(AIM),
               how=f"{DIMS} numbers each, {count * DIMS / 1e6:.0f} MB; 99 of 100: {percentile(others, 0.99):.1f} ms"),
        Figure(measure=f"read {whole} and vectors", value=first, unit="s"),
    ]  # fmt: skip


class Titles:
    """Made-up titles, no two alike but by chance."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._words = sorted({self._word() for _ in range(2 * WORDS)})[:WORDS]
        rng.shuffle(self._words)
        self._weights = [1 / (rank + 10) for rank in range(len(self._words))]

    def one(self) -> str:
        """The next."""
        rng = self._rng
        nouns = rng.choices(self._words, self._weights, k=5)
        return " ".join([rng.choice(USUAL), *nouns, rng.choice(LIGHTS)])

    def _word(self) -> str:
        return "".join(self._rng.choice("bdfgklmnprstvz") + self._rng.choice("aeiou") for _ in range(3)) + "n"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _idea(title: str) -> Idea:
    return Idea(
        prompt=f"{title}, soft light", title={"en": title, "ko": "바다"}, description={"en": title, "ko": "바다"},
        tags={"en": ("sea",), "ko": ("바다",)}, category="landscapes",
    )  # fmt: skip


def _planned(ledger: Ledger, titles: Titles, count: int) -> None:
    request = JobRequest(orders=(Order(mode="exact", count=1, prompt="a sea"),))
    source = Source(kind="file", name="job.yaml", sha256="0" * 64, data=b"")
    with ledger.atomic():
        ledger.jobs.add("aaaaa", request, source, "2026-11/23_job_aaaaa", 0.0)
        for position in range(count):
            ledger.jobs.add_idea("aaaaa", position, 0, "exact", _idea(titles.one()), 0.0)


def _measured(ledger: Ledger) -> None:
    """A vector for every idea, as many nights leave them."""
    novelty = Novelty(ledger, Random384(), structlog.get_logger())
    novelty.near(_idea("a first idea"))  # the ledger knows the model from now on
    model = ledger.past.embedders()[0]["id"]
    rows = ledger.query("SELECT id FROM ideas")
    numbers = np.random.default_rng(2).integers(-127, 128, (len(rows), DIMS), dtype=np.int8)
    ledger.past.embed(model, [(row["id"], bytes(one.data)) for row, one in zip(rows, numbers, strict=True)])


def _asked(novelty: Novelty, titles: Titles) -> tuple[float, list[float]]:
    """Seconds of the first question, which reads the ledger; milliseconds of each of the others."""
    began = time.perf_counter()
    novelty.near(_idea(titles.one()))
    first, taken = time.perf_counter() - began, list[float]()
    for _ in range(ROUNDS):
        idea, began = _idea(titles.one()), time.perf_counter()
        novelty.near(idea)
        taken.append((time.perf_counter() - began) * 1e3)
    return first, taken


def _waits(ledger: Ledger) -> float:
    """Milliseconds of the longest query while the ledger is read."""
    last, taken = 0, list[float]()
    while True:
        began = time.perf_counter()
        rows = ledger.past.since(last, 1, SLICE)
        taken.append((time.perf_counter() - began) * 1e3)
        if not rows:
            return max(taken)
        last = rows[-1]["id"]


def _held() -> float:
    """MB of memory that this process holds now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize() / 1e6
