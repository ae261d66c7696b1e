"""What must be true of an outbox full of pictures and baskets, whoever filled it: everything that is wrong with one.

Nothing of stockgen is imported: files are read with csv, Pillow and exiftool, the ledger as a plain SQLite file. Market
rules are those of `tests/market_rules.py`; limits of pictures are written here once more from the markets' own pages.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sqlite3
import struct
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from tests.market_rules import wrong

PER_MOTIF = {"adobe_stock": 3, "miricanvas": 1, "magnific": 3, "vecteezy": 3, "dreamstime": 3, "123rf": 3}
# Smallest and largest megapixels, smallest and largest long side, smallest short side, least and most bytes; 0 = none.
LIMITS: Mapping[str, tuple[float, float, int, int, int, int, int]] = {
    "adobe_stock": (4, 100, 0, 0, 0, 0, 45_000_000),
    "miricanvas": (0, 0, 2500, 9800, 0, 0, 50_000_000),
    "magnific": (4, 100, 0, 10_000, 2000, 1_500_000, 250_000_000),
    "vecteezy": (4, 0, 0, 0, 0, 0, 50_000_000),
    "dreamstime": (3, 70, 0, 0, 0, 0, 1_000_000_000),
    "123rf": (6, 0, 0, 0, 0, 0, 30_000_000),
}
ELEMENTS = {"miricanvas": (0.0, 0.0, 1500, 9800, 0, 0, 50_000_000)}  # where they have limits of their own
SIDECAR = {
    *("schema", "stem", "job", "shot", "provider", "model", "licence", "sellable", "prompt", "negative_prompt", "seed"),
    *("width", "height", "steps", "guidance", "batch_size", "dtype", "versions", "attempts", "degraded", "checks"),
    *("title", "description", "tags", "category", "digital_source_type", "sha256", "created", "provenance"),
}
ATTEMPT = frozenset({"provider", "outcome", "seconds", "cost_usd", "reason"})
CHECK = frozenset({"name", "value", "threshold", "ok"})
NAME, TITLE, KEYWORDS, DESCRIPTION = range(4)
COLUMNS: Mapping[str, tuple[str, str | None, str, str | None]] = {
    "adobe_stock": ("Filename", "Title", "Keywords", None),
    "miricanvas": ("fileName", "elementName", "keywords", None),
    "magnific": ("File name", "Title", "Keywords", None),
    "vecteezy": ("Filename", "Title", "Keywords", "Description"),
    "dreamstime": ("Filename", "Image Name", "keywords", "Description"),
    "123rf": ("oldfilename", None, "keywords", "description"),
}
MARKS = frozenset({"ai generated", "_ai_generated"})  # keywords that a market wants of every picture
ALIKE = 8  # of the first ten keywords
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TAGS = ("XMP-dc:all", "XMP-iptcExt:all", "IPTC:all", "IFD0:ImageDescription", "ICC_Profile:ProfileDescription",
        "File:MIMEType", "Validate", "Warning", "Error")  # fmt: skip


@dataclass(frozen=True)
class Basket:
    """A folder for one upload, as it lies there."""

    path: Path

    @cached_property
    def market(self) -> str:
        return next(iter(self.path.glob("2_*.csv"))).stem.removeprefix("2_")

    @cached_property
    def table(self) -> bytes:
        return next(iter(self.path.glob("2_*.csv"))).read_bytes()

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        delimiter = ";" if self.market == "magnific" else ","
        return list(csv.DictReader(io.StringIO(self.table.decode("utf-8-sig"), newline=""), delimiter=delimiter))

    @cached_property
    def pictures(self) -> list[Path]:
        return sorted((self.path / "1_pictures").iterdir())

    def said(self, row: Mapping[str, str], column: int) -> str | None:
        """What the table says; None = this market's has no such column."""
        name = COLUMNS[self.market][column]
        return None if name is None else row[name]

    def keywords(self, row: Mapping[str, str]) -> list[str]:
        """As the market gets them."""
        return [word.strip() for word in (self.said(row, KEYWORDS) or "").split(",")]

    @cached_property
    def by_stem(self) -> dict[str, dict[str, str]]:
        return {Path(self.said(row, NAME) or "").stem: row for row in self.rows}


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """`root` holds `outbox/` and `.stockgen/`. `small`: the markets' limits of pixels and bytes are not asked for.

    `per_week`, `basket`: pictures that one market may get, and that go into one basket.
    """

    root: Path
    small: bool
    per_week: int
    basket: int
    found: list[str] = field(default_factory=list)

    @cached_property
    def ledger(self) -> sqlite3.Connection:
        base = sqlite3.connect(f"file:{self.root / '.stockgen' / 'ledger.db'}?mode=ro", uri=True)
        base.row_factory = sqlite3.Row
        return base

    @cached_property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @cached_property
    def baskets(self) -> list[Basket]:
        return [Basket(path) for path in sorted(self.outbox.glob("upload/*/*"))]

    @cached_property
    def files(self) -> dict[tuple[int, str], Path]:
        """(asset, role) → the file."""
        rows = self.ledger.execute("SELECT asset_id, role, path FROM files WHERE asset_id IS NOT NULL")
        return {(row["asset_id"], row["role"]): self.outbox / row["path"] for row in rows}

    @cached_property
    def assets(self) -> dict[str, sqlite3.Row]:
        """Stem → the picture, with the language of its order."""
        rows = self.ledger.execute(
            """SELECT a.*, s.id AS shot, json_extract(j.orders, '$[' || i.order_index || '].language') AS language
               FROM assets a JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
                 JOIN jobs j ON j.id = a.job_id"""
        )
        return {row["stem"]: row for row in rows}

    @cached_property
    def sidecars(self) -> dict[str, dict[str, Any]]:
        return {stem: json.loads(self.files[row["id"], "sidecar"].read_bytes()) for stem, row in self.assets.items()}

    def master(self, stem: str) -> Path:
        return self.files[self.assets[stem]["id"], "master"]

    @property
    def pictures(self) -> list[Path]:
        """All files that somebody may upload or look at."""
        return [*map(self.master, self.assets), *(path for basket in self.baskets for path in basket.pictures)]


def faults(outbox: Outbox) -> list[str]:
    """Everything that is wrong."""
    told = read_back(outbox.pictures)
    found = [fault for stem in outbox.assets for fault in _asset(outbox, stem, told)]
    for basket in outbox.baskets:
        found += [f"{basket.path.parent.name}/{basket.path.name}: {fault}" for fault in _basket(outbox, basket, told)]
    found += _across(outbox)
    return found + _strays(outbox)


# -- pictures --------------------------------------------------------------------------------------------------


def _asset(outbox: Outbox, stem: str, told: Mapping[Path, Mapping[str, Any]]) -> Iterator[str]:
    """A master and its sidecar."""
    path, beside = outbox.master(stem), outbox.sidecars[stem]
    if lacking := SIDECAR - beside.keys():
        yield f"{stem}: the sidecar lacks {sorted(lacking)}"
    for name, keys in (("attempts", ATTEMPT), ("checks", CHECK)):
        yield from (f"{stem}: {name} are {one}" for one in beside[name] if not keys <= one.keys())
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != beside["sha256"]:
        yield f"{stem}: the sidecar is of other bytes"
    yield from (f"{stem}: {fault}" for fault in sound(data, (beside["width"], beside["height"])))
    language = outbox.assets[stem]["language"]
    other = "ko" if language == "en" else "en"
    words = told[path]
    asked = {
        "XMP-dc:Title": beside["title"][language], "XMP-dc:Description": beside["description"][language],
        "XMP-iptcExt:DigitalSourceType": beside["digital_source_type"],
    }  # fmt: skip
    for one, locale in (("en", "en-US"), ("ko", "ko-KR")):
        if one in (language, other) and beside["title"][one] != beside["title"][language]:
            asked |= {f"XMP-dc:Title-{locale}": beside["title"][one],
                      f"XMP-dc:Description-{locale}": beside["description"][one]}  # fmt: skip
    yield from (f"{stem}: master: {fault}" for fault in _differing(words, asked, beside["tags"][language]))
    yield from (f"{stem}: no {one} {key}" for key in ("title", "description", "tags") for one in ("en", "ko")
                if not beside[key][one])  # fmt: skip
    made_by = "algorithmicMedia" if beside["provider"] == "procedural" else "trainedAlgorithmicMedia"
    if beside["digital_source_type"] != SOURCE + made_by:
        yield f"{stem}: says {beside['digital_source_type']}"


def sound(data: bytes, size: tuple[int, int]) -> Iterator[str]:
    """Whether an encoded picture is whole, of this size in pixels, sRGB and of 300 dpi."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            form, mode, found, dpi = picture.format, picture.mode, picture.size, picture.info.get("dpi", (0, 0))
    except (OSError, SyntaxError) as error:
        yield f"does not decode: {error}"
        return
    if (form, mode) not in (("JPEG", "RGB"), ("PNG", "RGBA")):
        yield f"{form} {mode}"
    if found != size:
        yield f"{found} instead of {size}"
    if [round(float(dots)) for dots in dpi] != [300, 300]:
        yield f"{dpi} dpi"


def read_back(paths: Sequence[Path]) -> dict[Path, dict[str, Any]]:
    """What exiftool reads in each file and warns of, in one call."""
    if not paths:
        return {}
    names = "".join(f"{path}\n" for path in paths).encode()
    asked = ["-json", "-validate", "-warning", "-error", "-a", "-G1", *(f"-{tag}" for tag in TAGS), "-@", "-"]
    done = subprocess.run(["exiftool", *asked], input=names, capture_output=True, check=False).stdout
    return {Path(one["SourceFile"]): one for one in json.loads(done)}


def _differing(words: Mapping[str, Any], asked: Mapping[str, str], keywords: Sequence[str]) -> Iterator[str]:
    """What a file says otherwise than was asked. JSON makes numbers and single items of what was text and list."""
    for tag in ("ExifTool:Warning", "ExifTool:Error"):
        if tag in words:
            yield f"{tag} {words[tag]!r}"
    if words.get("ExifTool:Validate") != "OK":
        yield f"validate: {words.get('ExifTool:Validate')!r}"
    if "sRGB" not in str(words.get("ICC_Profile:ProfileDescription", words.get("ICC-header:ProfileDescription"))):
        yield "no sRGB profile"
    iim = words["File:MIMEType"] == "image/jpeg"
    for tag, value in asked.items():
        if str(words.get(tag)) != value:
            yield f"{tag} is {words.get(tag)!r} instead of {value!r}"
    for tag in ("XMP-dc:Subject", *(["IPTC:Keywords"] if iim else [])):
        said = words.get(tag, [])
        if [str(one) for one in (said if isinstance(said, list) else [said])] != [*keywords]:
            yield f"{tag} is {said!r} instead of {list(keywords)!r}"
    short = asked.get("XMP-dc:Title", "")
    if iim and short and str(words.get("IPTC:ObjectName")) != short.encode()[:64].decode(errors="ignore").rstrip():
        yield f"IPTC:ObjectName is {words.get('IPTC:ObjectName')!r} instead of {short!r}"
    for tag in ("IFD0:ImageDescription", *(["IPTC:Caption-Abstract"] if iim else [])):
        if "XMP-dc:Description" in asked and str(words.get(tag)) != asked["XMP-dc:Description"]:
            yield f"{tag} is {words.get(tag)!r}"


# -- baskets ---------------------------------------------------------------------------------------------------


def _basket(outbox: Outbox, basket: Basket, told: Mapping[Path, Mapping[str, Any]]) -> Iterator[str]:
    market, pictures = basket.market, basket.pictures
    if sorted(path.name for path in basket.path.iterdir()) != ["0_READ_ME.txt", "1_pictures", f"2_{market}.csv"]:
        yield f"holds {sorted(path.name for path in basket.path.iterdir())}"
    if not re.fullmatch(rf"{market}(-[a-z0-9]+)*", basket.path.parent.name):
        yield "lies in another market's folder"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z]{1,2}", basket.path.name):
        yield "is not named by its day"
    drawn = [stem for stem, beside in outbox.sidecars.items() if beside["provider"] == "procedural"]
    yield from wrong(market, basket.table, frozenset(f"{stem}.jpg" for stem in drawn))
    names = sorted(path.stem if market == "miricanvas" else path.name for path in pictures)
    if names != sorted(basket.said(row, NAME) or "" for row in basket.rows):
        yield "its table and its pictures are not the same"
    if not 1 <= len(pictures) <= outbox.basket:
        yield f"holds {len(pictures)} pictures"
    yield from _read_me(basket)
    strange = [path.name for path in pictures if path.stem not in outbox.sidecars]
    yield from (f"{name}: its name is no picture's" for name in strange)
    pictures = [path for path in pictures if path.name not in strange]
    looks = {outbox.sidecars[path.stem]["provider"] == "procedural" for path in pictures}
    if len(looks) > 1:
        yield "drawn and generated pictures lie together"
    for path in pictures:
        yield from (f"{path.name}: {fault}" for fault in _copy(outbox, basket, path, told[path]))


def _read_me(basket: Basket) -> Iterator[str]:
    data = (basket.path / "0_READ_ME.txt").read_bytes()
    text = data.decode("utf-8-sig")
    if not data.startswith(b"\xef\xbb\xbf") or data.count(b"\n") != data.count(b"\r\n"):
        yield "the read-me is for no Windows editor"
    if "1_pictures" not in text or f"2_{basket.market}.csv" not in text or "{" in text:
        yield f"the read-me names no folder or table: {text!r}"
    if not re.search(rf"(?<!\d){len(basket.pictures)}(?!\d)", text):
        yield "the read-me counts other pictures"


def _copy(outbox: Outbox, basket: Basket, path: Path, words: Mapping[str, Any]) -> Iterator[str]:
    """A picture in a basket: the master's pixels, the market's words."""
    row, beside, data = basket.by_stem.get(path.stem), outbox.sidecars[path.stem], path.read_bytes()
    if row is None or len(path.name) > 30 or not re.fullmatch(r"[a-z0-9-]+\.(jpg|png)", path.name):
        yield "its name"
        return
    yield from sound(data, (beside["width"], beside["height"]))
    if pixels(data) != pixels(outbox.master(path.stem).read_bytes()):
        yield "other pixels than its master's"
    if not beside["sellable"] or beside["degraded"]:
        yield "it may not be sold"
    asked = {"XMP-iptcExt:DigitalSourceType": beside["digital_source_type"]}
    for tag, column in (("XMP-dc:Title", TITLE), ("XMP-dc:Description", DESCRIPTION)):
        said = basket.said(row, column)
        asked |= {tag: said} if said is not None else {}
    yield from _differing(words, asked, basket.keywords(row))
    yield from _limits(outbox, basket.market, path, (beside["width"], beside["height"]), len(data))


def _limits(outbox: Outbox, market: str, path: Path, size: tuple[int, int], weight: int) -> Iterator[str]:
    if outbox.small:
        return
    limits = ELEMENTS.get(market, LIMITS[market]) if path.suffix == ".png" else LIMITS[market]
    least_mp, most_mp, least_long, most_long, least_short, least, most = limits
    megapixels, long_side = size[0] * size[1] / 1e6, max(size)
    if not least_mp <= megapixels <= (most_mp or megapixels) or not least_long <= long_side <= (most_long or long_side):
        yield f"{size[0]} x {size[1]} pixels"
    if min(size) < least_short or not least <= weight <= most:
        yield f"{size[0]} x {size[1]} pixels, {weight} bytes"


def pixels(data: bytes) -> bytes:
    """What is the picture itself in a baseline JPEG or a PNG, as it is encoded."""
    if not data.startswith(b"\x89PNG"):
        return data[data.rindex(b"\xff\xda") :]
    at, found = 8, b""
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        found += data[at + 8 : at + 8 + length] if name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT") else b""
        at += 12 + length
    return found


# -- across baskets --------------------------------------------------------------------------------------------


def _across(outbox: Outbox) -> list[str]:
    """What must hold for everything that one market was given."""
    found = []
    by_market: dict[str, list[Basket]] = {}
    for basket in outbox.baskets:
        by_market.setdefault(basket.market, []).append(basket)
    for market, baskets in by_market.items():
        rows = [(stem, row, basket) for basket in baskets for stem, row in basket.by_stem.items()]
        if len(rows) > outbox.per_week:
            found.append(f"{market}: {len(rows)} pictures in a week")
        counted = (
            ("picture", Counter(stem for stem, _, _ in rows)),
            ("title", Counter((basket.said(row, TITLE) or "").casefold() for _, row, basket in rows)),
        )
        found += [f"{market}: a {what} {count} times: {one!r}" for what, each in counted for one, count in each.items()
                  if count > 1 and one]  # fmt: skip
        found += [f"{market}: {fault}" for fault in _first_ten([(s, b.keywords(row)) for s, row, b in rows])]
        found += [f"{market}: {fault}" for fault in _motifs(outbox, market, {stem for stem, _, _ in rows})]
    return found


def _first_ten(told: Sequence[tuple[str, Sequence[str]]]) -> Iterator[str]:
    first = [(stem, frozenset([word.casefold() for word in words if word not in MARKS][:10])) for stem, words in told]
    for at, (stem, words) in enumerate(first):
        for other, others in first[:at]:
            if len(words & others) >= ALIKE:
                yield f"{stem} and {other} begin with the same keywords: {sorted(words & others)}"


def _motifs(outbox: Outbox, market: str, stems: set[str]) -> Iterator[str]:
    rows = outbox.ledger.execute(
        """SELECT a.stem, i.motif_id FROM submissions x JOIN assets a ON a.id = x.asset_id
             JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id WHERE x.market = ?""",
        (market,),
    ).fetchall()
    if {row["stem"] for row in rows} != stems:
        yield "the ledger tells of other pictures than lie there"
    if any(row["motif_id"] is None for row in rows):
        yield "a picture without a motif"
    many = Counter(row["motif_id"] for row in rows)
    yield from (f"{count} of motif {one}" for one, count in many.items() if count > PER_MOTIF[market])


def _strays(outbox: Outbox) -> list[str]:
    """Files of jobs that the ledger does not know, and the other way round."""
    there = {str(path.relative_to(outbox.outbox)) for path in outbox.outbox.rglob("*") if path.is_file()}
    there = {path for path in there if path.partition("/")[0] not in ("upload", "reports", "ledger.db")}
    told = {row["path"] for row in outbox.ledger.execute("SELECT path FROM files")}
    stems = [row["stem"] for row in outbox.ledger.execute("SELECT stem FROM assets")]
    found = [f"stray: {path}" for path in there ^ told]
    return found + [f"stem {stem!r}" for stem in stems if not re.fullmatch(r"[a-z0-9-]{1,26}", stem)]
