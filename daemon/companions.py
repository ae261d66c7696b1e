"""The pictures that job files name, from when they are seen until they are out of the inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from daemon.folders import Folders
from daemon.moving import Moving
from daemon.pictures import A_TURN, Awaited, Pictures, Taken
from stockgen.app.build import App
from stockgen.domain.errors import JobFileError
from stockgen.ledger.jobs import remarks_of
from stockgen.pipeline.references import CONTROL, USED, Beside, References, named

SWEEP = 86_400.0  # seconds


class Companions:
    """What intake does with them. `pictures`: those that lie there; `moving`: those that jobs have taken."""

    def __init__(self, app: App, inbox: Path, folders: Folders, quiet: float) -> None:
        self._app = app
        self._references = References(app.places.references)
        self.pictures = Pictures(str(inbox), quiet, Beside(app.catalogue.my / CONTROL), self._references)
        self.moving = Moving(app, inbox, folders)
        self._next_sweep = 0.0

    def take(self, key: str, arrival: str, names: Sequence[str]) -> dict[str, Taken]:
        """Store the pictures that a job file names. Raises Unfinished where that takes another turn, Awaited where one
        is not there, JobFileError where it can't be used or was waited for long enough, StorageFull, StorageLost.
        """
        now = self._app.clock.monotonic()
        try:
            return self.pictures.take(key, names, now, A_TURN)
        except Awaited as error:
            self.pictures.check_patience(key, arrival, error.missing, now)
            raise

    def use(self, taken: Mapping[str, Taken], job: str) -> None:
        """A job of this batch has them; they leave the inbox with its file."""
        for one in taken.values():
            if one.key:
                self.moving.use(one.key, one.arrival, job)

    def came_again(self, key: str, job: str) -> None:
        """The pictures that came once more with a file whose job is open go with it; other pictures stay."""
        told = remarks_of(self._app.ledger.jobs.get(job)["remarks"])
        names = [one.facts["picture"] for one in told if one.code == USED]
        with suppress(Awaited, JobFileError):
            taken = self.pictures.take(key, names, self._app.clock.monotonic()) if names else {}
            kept = {order.control.image for order in self._app.ledger.jobs.orders(job) if order.control}
            self.use({name: one for name, one in taken.items() if one.stored in kept}, job)

    def sweep(self, now: float) -> None:
        """Once a day: throw away kept pictures that no job can ask for any more. `now` monotonic seconds."""
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP
            self._references.sweep(named(self._app.ledger), self._app.clock.wall())
