"""What tests of the pipeline share: commands, a pixel pool that is busy, shops for baskets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stockgen.app.build import open_app
from stockgen.domain.words import Remark
from stockgen.pipeline.commands import Command
from stockgen.pipeline.finish import POOL
from tests.house import House

# The providers for tests may be sold; the markets take small pictures, and one none of volcanoes.
CATALOG = "".join(
    f"{name}: {{title: {{en: {name}, ko: {name}}}, provider: {name}, licence: MIT, sellable: true, look: diffusion, "
    "source: tests}\n"
    for name in ("scripted", "second")
)
MARKET = (
    "pixels: {min_megapixels: 0.001, max_megapixels: 100}\nkeywords: {min: 2}\ntitle: {forbidden_words: [volcano]}\n"
)

KOREAN = "pixels: {min_long_side: 16}\nkeywords: {min: 2}\n"


def open_shop(root: Path) -> None:
    """Lay data over the shipped ones, before a House is opened at `root`."""
    for name, text in (("catalog/tests", CATALOG), ("markets/adobe_stock", MARKET), ("markets/miricanvas", KOREAN)):
        path = root / "my" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def command(one: House, name: str, **arguments: Any) -> tuple[Remark, ...]:
    """Carry out a command; return what is told."""
    number = one.app.ledger.query("SELECT count(*) AS n FROM commands")[0]["n"]
    answer = one.app.desk.apply(Command(id=f"c{number}", name=name, arguments=arguments))
    assert answer.result == "done", answer
    return answer.told


@contextmanager
def busy_pool(one: House) -> Iterator[None]:
    """Nothing is finished meanwhile: pictures stay `rendered`."""
    gate = threading.Event()
    for _ in range(POOL):
        one.app.engine.parts.pool.run(gate.wait, lambda _: None)
    try:
        yield
    finally:
        gate.set()


def rendered(one: House, job: str) -> None:
    """Work until all pictures of a job have rendered; to be used while the pool is busy."""
    one.work(lambda: {shot["state"] for shot in one.shots(job)} == {"rendered"})


def only_rendered(one: House, job: str) -> None:
    """Plan and render a job, and nothing more: the later stages have not been asked."""
    parts, clock = one.app.engine.parts, one.app.clock
    while {shot["state"] for shot in one.shots(job)} != {"rendered"}:
        parts.planner.step(clock.monotonic())
        parts.dispatcher.step(clock.monotonic(), (), True)
        one.woken.acquire(timeout=0.02)


def restart(one: House) -> None:
    """As `House.again`, without reading the data anew: for tests that die a hundred times."""
    old = one.app
    old.close(old.clock.monotonic() + 5.0)
    one.app = open_app(old.catalogue, old.clock, old.rng, one.woken.release, old.log)


def crash(one: House) -> None:
    """The program dies, whatever it has in hand, and is started again."""
    one.app.ledger.close()
    one.app.lock.release()
    one.app = one.open()


def attempts(one: House, job: str) -> list[tuple[str, str, str | None]]:
    """(provider, outcome, error) of all attempts of a job, in order."""
    rows = [row for shot in one.shots(job) for row in one.app.ledger.shots.attempts(shot["id"])]
    return [(row["provider"], row["outcome"], row["error_class"]) for row in sorted(rows, key=lambda row: row["id"])]


def states(one: House, job: str) -> list[tuple[str, str | None]]:
    """(state, reason) of a job's shots, in order."""
    return [(shot["state"], shot["reason"]) for shot in one.shots(job)]


def in_folder(one: House, folder: str) -> list[str]:
    """Names in a folder of the outbox."""
    path = one.outbox / folder
    return sorted(file.name for file in path.iterdir()) if path.is_dir() else []
