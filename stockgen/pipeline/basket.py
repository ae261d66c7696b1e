"""Baskets: a folder for one upload to one market. Same clicks for every file in it, within the quota.

A basket is built whole in staging, reserved in the ledger, and appears in the outbox by one rename. It is never
changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from stockgen.data.market import Click, Market, Quota
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.times import local
from stockgen.domain.words import Language, Remark
from stockgen.files import fsync_dir, make_folders, translated, write_new
from stockgen.ledger import Row
from stockgen.ledger.baskets import Entry
from stockgen.metadata.jpeg import with_metadata
from stockgen.pipeline.describe import Described, Rights, words
from stockgen.pipeline.wording import Worded, table, worded
from stockgen.pipeline.workshop import Workshop

LETTERS = "abcdefghijklmnopqrstuvwxyz"
CRLF_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A picture that is not in the basket, and why."""

    stem: str
    why: Remark


@dataclass(frozen=True, slots=True)
class Made:
    """A basket that lies in the outbox. `path` relative to it."""

    market: str
    path: str
    pictures: int


@dataclass(frozen=True, slots=True)
class Pick:
    """A picture that goes into a basket."""

    asset: Row
    told: Described
    words: Worded
    clicks: tuple[Click, ...]


class Baskets:
    """Builds baskets by command."""

    def __init__(self, work: Workshop, upload: str, rights: Rights, language: Language, timezone: str) -> None:
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._upload = upload
        self._rights = rights
        self._language = language
        self._timezone = timezone

    def make(self, market: Market, quota: Quota, tell: Mapping[int, Described]) -> tuple[list[Made], list[LeftOut]]:
        """Make baskets of what is ready for `market`, one for each group of equal clicks; tell what was left out.

        `tell`: asset id → what is known about it.
        """
        picks, left_out = self._picked(market, quota, tell)
        made = []
        for clicks, group in _grouped(picks).items():
            for start in range(0, len(group), quota.basket):
                made.append(self._publish(market, clicks, group[start : start + quota.basket]))
        return made, left_out

    def recover(self) -> None:
        """Complete what was being published when the program ended; a basket that never was is forgotten."""
        for row in self._ledger.baskets.unpublished():
            staged, target = self._staged(row["path"]), self._places.outbox / row["path"]
            if staged.exists() and not target.exists():
                self._appear(staged, target)
            self._ledger.baskets.published(row["id"])
        for left in self._places.staging.glob("basket-*"):
            shutil.rmtree(left)

    def _picked(self, market: Market, quota: Quota, tell: Mapping[int, Described]) -> tuple[list[Pick], list[LeftOut]]:
        room = quota.per_week - self._ledger.baskets.week_used(market.name, self._clock.wall())
        titles = self._ledger.baskets.titles(market.name)
        picks: list[Pick] = []
        left_out: list[LeftOut] = []
        for asset in self._ledger.baskets.candidates(market.name):
            pick = self._pick(asset, tell[asset["id"]], market)
            why = self._unfit(pick, market) or _badly_said(pick.words, market, titles)
            if why is None and len(picks) >= room:
                why = Remark("basket.quota", facts={"per_week": quota.per_week})
            if why is not None:
                left_out.append(LeftOut(asset["stem"], why))
                continue
            titles.add(pick.words.title)
            picks.append(pick)
        return picks, left_out

    def _pick(self, asset: Row, told: Described, market: Market) -> Pick:
        name = f"{asset['stem']}{Path(asset['path']).suffix}"
        return Pick(asset, told, worded(told.idea, market, name), market.clicks_for(told.look, asset["kind"]))

    def _unfit(self, pick: Pick, market: Market) -> Remark | None:
        """Why this market can't have the picture; None = it can."""
        asset = pick.asset
        master = self._places.outbox / asset["path"]
        if not master.exists():
            return Remark("basket.gone")
        if market.name not in pick.told.order.markets:
            return Remark("basket.not_meant", facts={"market": market.name})
        if asset["kind"] not in market.formats:
            return Remark("basket.kind", facts={"kind": asset["kind"]})
        if not market.pixels.take(asset["width"], asset["height"]) or master.stat().st_size > market.max_bytes:
            return Remark("basket.size", facts={"width": asset["width"], "height": asset["height"]})
        return None

    def _publish(self, market: Market, clicks: tuple[Click, ...], picks: Sequence[Pick]) -> Made:
        path = self._free_path(market, clicks)
        staged = self._staged(path)
        shutil.rmtree(staged, ignore_errors=True)
        entries = [Entry(asset=one.asset["id"], stem=one.asset["stem"], title=one.words.title) for one in picks]
        key = "-".join(click.id for click in clicks)
        try:
            self._fill(staged, market, clicks, picks)
            basket = self._ledger.baskets.reserve(market.name, key, path, entries, self._clock.wall())
        except Exception:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        try:
            self._appear(staged, self._places.outbox / path)
        except (StorageFull, StorageLost):
            if staged.exists():  # it never appeared: its pictures are free for the next try
                self._ledger.baskets.forget(basket)
                shutil.rmtree(staged, ignore_errors=True)
            raise
        self._ledger.baskets.published(basket)
        self._log.info("basket.made", market=market.name, path=path, pictures=len(picks))
        return Made(market.name, path, len(picks))

    def _fill(self, folder: Path, market: Market, clicks: Sequence[Click], picks: Sequence[Pick]) -> None:
        pictures, sheet = folder / "1_pictures", folder / f"2_{market.name}.csv"
        make_folders(pictures)
        for pick in picks:
            path = self._places.outbox / pick.asset["path"]
            with translated(path):
                master = path.read_bytes()
            said = replace(
                words(pick.told, self._rights, pick.asset["created_at"]),
                title={market.language: pick.words.title}, keywords=pick.words.keywords,
                default_language=market.language,
            )  # fmt: skip
            write_new(pictures / pick.words.file, with_metadata(master, said))
        fsync_dir(pictures)
        write_new(sheet, table([pick.words for pick in picks], market))
        write_new(folder / "0_READ_ME.txt", self._read_me(market, clicks, pictures.name, sheet.name, len(picks)))
        fsync_dir(folder)

    def _read_me(self, market: Market, clicks: Sequence[Click], pictures: str, csv: str, count: int) -> bytes:
        say = "\n".join(f"  [ ] {click.say.said(self._language)}" for click in clicks)
        lines = [market.titles.said(self._language), ""]
        for number, step in enumerate(market.steps, 1):
            text = step.said(self._language).format(pictures=pictures, csv=csv, count=count, clicks=say)
            lines.append(f"{number}. {text}")
        return (CRLF_BOM + "\n".join(lines) + "\n").replace("\n", "\r\n").encode()

    def _appear(self, staged: Path, target: Path) -> None:
        make_folders(target.parent)
        with translated(target):
            staged.rename(target)
        try:
            fsync_dir(target.parent)
        except (StorageFull, StorageLost):
            with suppress(OSError):  # a second fsync could lie: the name is made anew
                target.rename(staged)
            raise

    def _free_path(self, market: Market, clicks: Sequence[Click]) -> str:
        """`upload/adobe_stock-illustration/2026-11-28-a`: the first letter of the day that is free."""
        group = "-".join([market.name, *(click.id for click in clicks)])
        day = local(self._clock.wall(), self._timezone)
        taken = self._ledger.baskets.paths()
        for letter in (*LETTERS, *(a + b for a in LETTERS for b in LETTERS)):
            path = f"{self._upload}/{group}/{day:%Y-%m-%d}-{letter}"
            if path not in taken and not (self._places.outbox / path).exists():
                return path
        raise LookupError(f"no free basket name for {group}")

    def _staged(self, path: str) -> Path:
        return self._places.staging / f"basket-{path.replace('/', '_')}"


def _badly_said(said: Worded, market: Market, titles: Iterable[str]) -> Remark | None:
    """Why this market would refuse the words; None = it takes them. `titles`: those that it has already."""
    if len(said.keywords) < market.keywords.min:
        return Remark("basket.few_keywords", facts={"least": market.keywords.min})
    forbidden = market.title.forbidden_in(said.title)
    if forbidden:
        return Remark("basket.title_word", facts={"words": list(forbidden)})
    if said.title in titles:
        return Remark("basket.title_twice", facts={"title": said.title})
    return None


def _grouped(picks: Sequence[Pick]) -> dict[tuple[Click, ...], list[Pick]]:
    groups: dict[tuple[Click, ...], list[Pick]] = {}
    for pick in picks:
        groups.setdefault(pick.clicks, []).append(pick)
    return groups
