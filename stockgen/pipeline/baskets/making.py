"""Making baskets for one market after another: look at the outbox, choose, build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stockgen.data.catalog import Model
from stockgen.data.market import Market, Quota
from stockgen.ledger import Row
from stockgen.pipeline.baskets.choosing import Choosing, LeftOut, Terms, grouped
from stockgen.pipeline.baskets.folder import Folders, Made, Style
from stockgen.pipeline.baskets.opinions import gone
from stockgen.pipeline.baskets.outbox import Seen, look
from stockgen.pipeline.motifs import place_old
from stockgen.pipeline.wording import fitting
from stockgen.pipeline.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Stall:
    """A market, what it may get, and what may be sold there today."""

    market: Market
    quota: Quota
    catalog: Mapping[str, Model]


class Baskets:
    """Builds baskets, by command and by itself. `review`: name of that folder in the outbox."""

    def __init__(self, work: Workshop, review: str, style: Style) -> None:
        self._ledger, self._places, self._clock = work.ledger, work.places, work.clock
        self._review = review
        self._folders = Folders(work, style)
        self._language = style.language

    def look(self) -> Seen:
        """See what people did with the pictures since the last time."""
        return look(self._ledger, self._places.outbox, self._review, self._clock.wall())

    def gone(self, pictures: Sequence[Row]) -> list[int]:
        """The numbers of those pictures whose file is not where we know it."""
        return gone(self._ledger, self._places.outbox, pictures)

    def make(self, stall: Stall, lain: float = 0.0) -> tuple[list[Made], list[LeftOut]]:
        """Make baskets of what is ready for a market, one for each group of equal clicks, and tell what was left out.

        `lain`: seconds for which a picture's contact sheet must have lain in the outbox. Raises StorageFull,
        StorageLost; baskets that were made before stay.
        """
        now, market, quota = self._clock.wall(), stall.market, stall.quota
        place_old(self._ledger, now)
        room = max(0, quota.per_week - self._ledger.baskets.week_used(market.name, now))
        closed_by = now - lain if lain else None
        terms = Terms(market=market, now=now, language=self._language, room=room, per_week=quota.per_week,
                      closed_by=closed_by)  # fmt: skip
        picks, left_out = Choosing(self._ledger, self._places.outbox, terms, stall.catalog).picked()
        made: list[Made] = []
        for clicks, group in grouped(picks).items():
            while group:
                most = min(quota.basket, fitting([pick.words for pick in group], market))
                one, late = self._folders.publish(market, clicks, group[:most], stall.catalog)
                made += [one] if one else []
                left_out += late
                group = group[most:]
        return made, left_out

    def recover(self) -> None:
        """Complete what was being published when the program ended; a basket that never was is forgotten."""
        self._folders.recover()
