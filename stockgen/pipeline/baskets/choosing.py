"""Which pictures go into baskets, and why the others don't: the best first, within quota, motif caps, and what a market
takes. Every candidate ends up in one of the two lists.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stockgen.data.catalog import Model
from stockgen.data.market import Click, Market
from stockgen.domain.times import wall
from stockgen.domain.words import Language, Order, Remark
from stockgen.ledger import Ledger, Row
from stockgen.ledger.jobs import idea_of
from stockgen.pipeline.baskets.alike import KEYWORDS, TITLES, Heard, leading, orders, telling
from stockgen.pipeline.baskets.near import merged
from stockgen.pipeline.describe import worn
from stockgen.pipeline.wording import About, Worded, refusal, worded

# Seconds for which a market gets nothing of a motif that it has refused: its siblings would be refused as well, and by
# then other pictures lie between them. A number of ours; no market publishes one.
COOLING = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A picture that is in no basket, and why."""

    stem: str
    why: Remark


@dataclass(frozen=True, slots=True)
class Pick:
    """A picture that goes into a basket. `asset`: a row of `candidates`."""

    asset: Row
    words: Worded
    clicks: tuple[Click, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one making of baskets keeps to. `now` wall seconds; `language` is that of people; `room`: pictures that the
    market may still get this week, of `per_week`; `closed_by`: wall seconds until which a job must have been closed,
    None = any time will do.
    """

    market: Market
    now: float
    language: Language
    room: int
    per_week: int
    closed_by: float | None = None


class Choosing:
    """Goes through the candidates of one market. `catalog`: what may be sold today."""

    def __init__(self, ledger: Ledger, outbox: Path, terms: Terms, catalog: Mapping[str, Model]) -> None:
        self._ledger, self._outbox, self._catalog = ledger, outbox, catalog
        self._terms, self._market = terms, terms.market
        self._orders: dict[str, list[Order]] = {}
        self._titles = dict[str, str]()  # folded → stem
        self._alike = Heard(TITLES, of_union=True)
        self._leading = Heard(KEYWORDS, of_union=False)

    def picked(self) -> tuple[list[Pick], list[LeftOut]]:
        """Look at every candidate once."""
        candidates = self._ledger.baskets.candidates(self._market.name)
        history = self._ledger.baskets.told(self._market.name)
        for row in history:
            self._hear(row["stem"], row["title"], json.loads(row["keywords"] or "[]"))
        motif = merged([*history, *candidates])
        since = self._terms.now - COOLING
        cooling = {motif(one) for one in self._ledger.marks.cooling(self._market.name, since)}
        taken = Counter(motif(row["motif_id"]) for row in history)
        picks: list[Pick] = []
        left_out: list[LeftOut] = []
        for row in candidates:
            own = motif(row["motif_id"])
            one = self._judged(row, taken[own], len(picks), own is not None and own in cooling)
            if isinstance(one, Remark):
                left_out.append(LeftOut(row["stem"], one))
                continue
            taken[own] += 1
            self._hear(row["stem"], one.words.title, one.words.keywords)
            picks.append(one)
        return picks, left_out

    def _judged(self, row: Row, of_motif: int, picked: int, cooling: bool) -> Pick | Remark:
        why = self._unfit(row)
        if why is None and of_motif >= self._market.per_motif:
            why = Remark("basket.motif", facts={"per_motif": self._market.per_motif})
        if why is None and cooling:
            why = Remark("basket.cooling")
        if why is None and picked >= self._terms.room:
            why = Remark("basket.quota", facts={"per_week": self._terms.per_week})
        return why or self._said(row)

    def _unfit(self, row: Row) -> Remark | None:
        """Why this market can't have the picture; None = it can. The cheap questions first."""
        market, order, model = self._market, self._order(row), self._catalog.get(row["model"])
        if market.name not in order.markets:
            return Remark("basket.not_meant", facts={"market": market.name})
        if (unsold := self._unsold(row, model)) is not None:
            return unsold
        if self._terms.closed_by is not None and wall(row["closed_at"]) > self._terms.closed_by:
            return Remark("basket.too_new")
        if row["kind"] not in market.formats:
            return Remark("basket.kind", facts={"kind": row["kind"]})
        return self._misshapen(row)

    def _unsold(self, row: Row, model: Model | None) -> Remark | None:
        """Why it may not be sold: for its model, or for what was laid over that, now or when it was made."""
        if model is None or not model.sellable:
            return Remark("basket.not_sellable", facts={"model": row["model"]})
        loras = worn(json.loads(row["loras"] or "[]"), self._catalog)
        if names := [one.name for one in loras if not one.sellable]:
            return Remark("basket.lora_not_sellable", facts={"loras": names})
        if not row["sellable"]:
            return Remark("basket.lora_was_not", facts={"loras": [one.name for one in loras]})
        return None

    def _misshapen(self, row: Row) -> Remark | None:
        market, size = self._market, self._bytes(row)
        if size is None:
            return Remark("basket.gone")
        if not market.limits(row["kind"]).take(row["width"], row["height"]):
            return Remark("basket.size", facts={"width": row["width"], "height": row["height"]})
        if size < market.min_bytes:
            return Remark("basket.light", facts={"least": f"{market.min_bytes / 1e6:.1f}"})
        if size > market.max_bytes:
            return Remark("basket.heavy", facts={"most": f"{market.max_bytes / 1e6:.0f}"})
        return None

    def _said(self, row: Row) -> Pick | Remark:
        """The picture with this market's words, or why there are none that it takes."""
        market, idea = self._market, idea_of(row)
        about = self._about(row)
        said = worded(idea, market, f"{row['stem']}{Path(row['path']).suffix}", about=about)
        why = refusal(idea, said, market, self._terms.language, about=about)
        if why is not None:
            return why
        if (other := self._titles.get(said.title.casefold())) is not None:
            return Remark("basket.title_twice", facts={"title": said.title, "other": other})
        if (other := self._alike.like(telling(said.title))) is not None:
            return Remark("basket.title_alike", facts={"other": other})
        for keywords in orders(said.keywords):
            other = self._leading.like(leading(keywords))
            if other is None:
                clicks = market.clicks_for(about.look, about.kind, idea)
                return Pick(row, replace(said, keywords=keywords), clicks)
        return Remark("basket.keywords_alike", facts={"other": other})

    def _about(self, row: Row) -> About:
        model = self._catalog[row["model"]]
        return About(kind=row["kind"], look=row["look"], tier=self._order(row).tier, model=model.title.en,
                     prompt=row["told"] or row["prompt"])  # fmt: skip

    def _hear(self, stem: str, title: str, keywords: Sequence[str]) -> None:
        self._titles.setdefault(title.casefold(), stem)
        self._alike.add(telling(title), stem)
        if keywords:
            self._leading.add(leading(keywords), stem)

    def _order(self, row: Row) -> Order:
        if row["job"] not in self._orders:
            self._orders[row["job"]] = self._ledger.jobs.orders(row["job"])
        return self._orders[row["job"]][row["order_index"]]

    def _bytes(self, row: Row) -> int | None:
        """The size of its file; None = it is not there."""
        try:
            return os.stat(f"{self._outbox}/{row['path']}").st_size  # noqa: PTH116 - thousands of Paths are slow
        except OSError:
            return None


def grouped(picks: Iterable[Pick]) -> dict[tuple[Click, ...], list[Pick]]:
    """Pictures that need the same clicks, together, in order."""
    groups: dict[tuple[Click, ...], list[Pick]] = {}
    for pick in picks:
        groups.setdefault(pick.clicks, []).append(pick)
    return groups
