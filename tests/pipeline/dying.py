"""Stand-ins that die at a chosen step, as a process does at `kill -9`: nothing is caught, nothing is tidied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, cast

from stockgen.ledger import Ledger
from stockgen.pipeline.baskets.folder import Style
from stockgen.pipeline.baskets.making import Baskets
from stockgen.pipeline.close import Closer
from stockgen.pipeline.describe import Rights
from stockgen.pipeline.finisher import Finisher, Helpers, Settings
from stockgen.pipeline.places import Places
from stockgen.pipeline.publish import Publisher
from stockgen.pipeline.rest import Rests
from stockgen.pipeline.workshop import Workshop
from tests.house import House

NOBODYS = Rights(creator="", copyright="", prompt_in_file=False)


class Died(BaseException):
    """The process is no more."""


class Fate:
    """Counts the steps and strikes at one of them."""

    def __init__(self, last: int) -> None:
        self._left = last
        self.struck = False

    def step(self) -> None:
        if self._left == 0:
            self.struck = True
            raise Died
        self._left -= 1


class DyingPlaces:
    """Each look at where something lies is a step: before each touch of a file."""

    def __init__(self, places: Places, fate: Fate) -> None:
        self._places, self._fate = places, fate

    def __getattr__(self, name: str) -> Any:
        self._fate.step()
        return getattr(self._places, name)


class _Table:
    """A part of the ledger; each call is two steps: one before it does anything, one after it is committed."""

    def __init__(self, table: object, fate: Fate) -> None:
        self._table, self._fate = table, fate

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._table, name)

        def stepped(*given: Any, **named: Any) -> Any:
            self._fate.step()
            result = call(*given, **named)
            self._fate.step()
            return result

        return stepped


class DyingLedger:
    """The real ledger, with a step before and after each call."""

    def __init__(self, ledger: Ledger, fate: Fate) -> None:
        self._ledger = ledger
        self.jobs, self.shots = _Table(ledger.jobs, fate), _Table(ledger.shots, fate)
        self.claims, self.retries = _Table(ledger.claims, fate), _Table(ledger.retries, fate)
        self.assets, self.baskets = _Table(ledger.assets, fate), _Table(ledger.baskets, fate)
        self.tries = _Table(ledger.tries, fate)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


class Doomed:
    """A house's later stages over dying stand-ins."""

    def __init__(self, one: House, fate: Fate) -> None:
        self._one, self._app, self._fate = one, one.app, fate
        ledger = cast(Ledger, DyingLedger(one.app.ledger, fate))
        places = cast(Places, DyingPlaces(one.app.places, fate))
        self._work = Workshop(ledger, places, one.app.clock, one.app.log)
        self._publisher = Publisher(self._work, "review")

    def finish(self) -> None:
        """Finish and publish what has rendered."""
        app, pool, parts = self._app, self._app.engine.parts.pool, self._app.engine.parts
        settings = Settings(quality=95, thresholds={}, distance=0.0, rights=NOBODYS)
        sound = Workshop(app.ledger, app.places, app.clock, app.log)
        finisher = Finisher(sound, self._publisher, pool, parts.dispatcher.chains, app.catalogue.models, settings,
                            Helpers(spares=parts.spares))  # fmt: skip
        finisher.step(app.clock.monotonic())
        self._deliver(lambda: not finisher.working)

    def close(self) -> None:
        """Write and publish the papers of what has ended."""
        app, pool = self._app, self._app.engine.parts.pool
        closer = Closer(self._work, self._publisher, pool)
        closer.step(app.clock.monotonic())
        self._deliver(lambda: not closer.busy)

    def split(self) -> None:
        """End what has waited for a second and can't be begun; the rest is a job of its own."""
        rests = Rests(self._work, 1.0, Random(0), "UTC")
        rests.step(self._app.clock.monotonic(), False, lambda _: False)

    def baskets(self) -> Baskets:
        """Baskets that die."""
        return Baskets(self._work, "review", Style(upload="upload", rights=NOBODYS, language="en", timezone="UTC"))

    def _deliver(self, done: Callable[[], bool]) -> None:
        while not done():
            self._one.woken.acquire(timeout=0.02)
            self._app.engine.parts.pool.deliver()
            if self._fate.struck:  # in a thread of the pool
                raise Died


def fates() -> Iterator[Fate]:
    """One fate after another, each a step later, until nothing is left to strike at."""
    for last in range(500):
        fate = Fate(last)
        yield fate
        if not fate.struck:
            return
    raise AssertionError("no end of steps")


def tree(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
