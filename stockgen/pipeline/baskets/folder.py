"""A basket's folder: built whole in staging, reserved in the ledger, and in the outbox by one rename. Never changed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from stockgen.data.catalog import Model
from stockgen.data.market import Click, Market
from stockgen.domain.errors import BadPicture, StorageFull, StorageLost
from stockgen.domain.times import local
from stockgen.domain.words import Language, Remark
from stockgen.files import fsync_dir, make_folders, translated, write_new
from stockgen.ledger.baskets import Entry
from stockgen.metadata.embed import with_metadata
from stockgen.pipeline.baskets.choosing import LeftOut, Pick
from stockgen.pipeline.describe import Rights, described, words
from stockgen.pipeline.wording import table
from stockgen.pipeline.workshop import Workshop

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PICTURES = "1_pictures"  # the folder of a basket that is uploaded
CRLF_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Made:
    """A basket that lies in the outbox. `path` relative to it."""

    market: str
    path: str
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How baskets look: `upload`, the name of their folder in the outbox, who holds the rights, the language."""

    upload: str
    rights: Rights
    language: Language
    timezone: str


class Folders:
    """Puts pictures into the outbox for upload."""

    def __init__(self, work: Workshop, style: Style) -> None:
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._style = style

    def recover(self) -> None:
        """Complete what was being published when the program ended; a basket that never was is forgotten."""
        for row in self._ledger.baskets.unpublished():
            staged, target = self._staged(row["path"]), self._places.outbox / row["path"]
            if staged.exists() and not target.exists():
                self._appear(staged, target)
            self._ledger.baskets.published(row["id"])
        for left in self._places.staging.glob("basket-*"):
            shutil.rmtree(left)

    def publish(
        self, market: Market, clicks: tuple[Click, ...], picks: Sequence[Pick], catalog: Mapping[str, Model]
    ) -> tuple[Made | None, list[LeftOut]]:
        """Make one basket of these, and tell which could not be had at the last moment. None = not one was left.

        Raises StorageFull, StorageLost: then there is no basket, and its pictures are free.
        """
        path = self._free_path(market, clicks)
        staged = self._staged(path)
        shutil.rmtree(staged, ignore_errors=True)
        key = "-".join(click.id for click in clicks)
        try:
            packed, left_out = self._fill(staged, market, clicks, picks, catalog)
            if not packed:
                shutil.rmtree(staged, ignore_errors=True)
                return None, left_out
            basket = self._ledger.baskets.reserve(market.name, key, path, [*map(_entry, packed)], self._clock.wall())
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
        self._log.info("basket.made", market=market.name, path=path, pictures=len(packed))
        return Made(market.name, path, len(packed)), left_out

    def _fill(
        self, folder: Path, market: Market, clicks: Sequence[Click], picks: Sequence[Pick], catalog: Mapping[str, Model]
    ) -> tuple[list[Pick], list[LeftOut]]:
        pictures, sheet = folder / PICTURES, folder / f"2_{market.name}.csv"
        make_folders(pictures)
        packed: list[Pick] = []
        left_out: list[LeftOut] = []
        for pick in picks:
            try:
                data = self._packed(pick, market, catalog)
            except (FileNotFoundError, BadPicture) as error:
                gone = isinstance(error, FileNotFoundError)  # thrown away while we worked
                left_out.append(LeftOut(pick.asset["stem"], Remark("basket.gone" if gone else "basket.damaged")))
                continue
            write_new(pictures / pick.words.file, data)
            packed.append(pick)
        fsync_dir(pictures)
        write_new(sheet, table([pick.words for pick in packed], market))
        write_new(folder / "0_READ_ME.txt", self._read_me(market, clicks, pictures.name, sheet.name, len(packed)))
        fsync_dir(folder)
        return packed, left_out

    def _packed(self, pick: Pick, market: Market, catalog: Mapping[str, Model]) -> bytes:
        """The master with this market's words. Raises FileNotFoundError, BadPicture, StorageLost."""
        path, asset = self._places.outbox / pick.asset["path"], pick.asset
        try:
            with translated(path):
                master = path.read_bytes()
        except StorageLost as error:
            if isinstance(error.__cause__, FileNotFoundError) and path.parent.is_dir():
                raise error.__cause__ from error
            raise
        shot = self._ledger.shots.get(asset["shot_id"])
        attempt = self._ledger.shots.attempts(asset["shot_id"])
        told = described(self._ledger, shot, {one["provider"]: asset["look"] for one in attempt}, catalog)
        said = replace(
            words(told, self._style.rights, asset["created_at"]), title={market.language: pick.words.title},
            keywords=pick.words.all_keywords, default_language=market.language,
        )  # fmt: skip
        if pick.words.description:
            said = replace(said, description={market.language: pick.words.description})
        return with_metadata(master, said)

    def _read_me(self, market: Market, clicks: Sequence[Click], pictures: str, csv: str, count: int) -> bytes:
        say = "\n".join(f"  [ ] {click.say.said(self._style.language)}" for click in clicks)
        lines = [market.titles.said(self._style.language), ""]
        for number, step in enumerate(market.steps, 1):
            text = step.said(self._style.language).format(pictures=pictures, csv=csv, count=count, clicks=say)
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
        day = local(self._clock.wall(), self._style.timezone)
        taken = self._ledger.baskets.paths()
        for letter in (*LETTERS, *(a + b for a in LETTERS for b in LETTERS)):
            path = f"{self._style.upload}/{group}/{day:%Y-%m-%d}-{letter}"
            if path not in taken and not (self._places.outbox / path).exists():
                return path
        raise LookupError(f"no free basket name for {group}")

    def _staged(self, path: str) -> Path:
        return self._places.staging / f"basket-{path.replace('/', '_')}"


def _entry(pick: Pick) -> Entry:
    return Entry(asset=pick.asset["id"], stem=pick.asset["stem"], title=pick.words.title, keywords=pick.words.keywords)
