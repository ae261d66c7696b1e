"""Baskets that are made by themselves: at `baskets.at`, once each week, whatever the clock does meanwhile.

A moment that was missed while nothing ran is made up for once. What was made stands in the ledger under the name of its
moment, so no restart makes it again.
"""

from __future__ import annotations

from stockgen.app.build import App
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.times import iso, wall
from stockgen.domain.weekly import Weekly
from stockgen.pipeline.commands import make_baskets

SINCE = "baskets.since"  # a fact that survives a restart: `at`, and when it was first heard of
AGAIN = 30.0  # seconds after which an outbox that took no basket is tried again


class BasketTime:
    """Asked at every turn; the config may have been reloaded between two of them."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._done = 0.0  # wall seconds of the moment that nothing is left to do for
        self._not_before = 0.0  # monotonic seconds

    def step(self, now: float) -> None:
        """Make baskets if their moment has come and none were made at it. `now` monotonic seconds."""
        config = self._app.catalogue.config
        if config.baskets.at is None or now < self._not_before:
            return
        due = Weekly.parsed(config.baskets.at).last(self._app.clock.wall(), config.timezone)
        if due == self._done:
            return
        name = f"baskets {iso(due)}"
        if due >= self._since(config.baskets.at) and self._app.ledger.answer(name) is None:
            try:
                self._make(name, config.baskets.look)
            except (StorageFull, StorageLost) as error:
                self._not_before = now + AGAIN
                self._app.log.warning("basket.not_made", reason=str(error))
                return
        self._done = due

    def _make(self, name: str, look: float) -> None:
        told = make_baskets(self._app.desk, lain=look)
        self._app.ledger.record_command(name, "basket", {"look": look}, "done", told, self._app.clock.wall())

    def _since(self, at: str) -> float:
        """When this `at` was first heard of: what was due before was never asked for. A clock that was set back behind
        it must not put it off.
        """
        ledger, now = self._app.ledger, self._app.clock.wall()
        before, _, moment = ledger.noted(SINCE).partition("|")
        if before == at and wall(moment) <= now:
            return wall(moment)
        ledger.note(SINCE, f"{at}|{iso(now)}")
        return now
