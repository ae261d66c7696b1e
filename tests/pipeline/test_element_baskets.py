"""Elements on their way to markets, with the markets' real demands."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from stockgen.metadata.png import pixel_data
from tests.house import House, broken_promises, litter
from tests.market_rules import wrong
from tests.outbox_rules import Outbox, faults
from tests.pipeline.stage import command
from tests.pipeline.test_elements import CUTTER, make

CATALOG = (
    "cutter: {title: {en: cutter, ko: cutter}, provider: cutter, licence: MIT, sellable: true, look: diffusion, "
    "source: tests}\n"
)
MARKETS = "[adobe_stock, miricanvas, magnific, vecteezy, dreamstime, 123rf]"
CAT = (
    f"prompt: a sleeping cat sticker\ntitle: Cat sticker\nmarkets: {MARKETS}\n"
    "tags: [cat, sleeping, sticker, cute, 고양이, 잠]\ncategory: animals\n"
)
DOG = (
    "prompt: a happy dog sticker\ntitle: Dog sticker\nmarkets: [miricanvas]\ntags: [dog, happy, 강아지]\n"
    "category: animals\n"
)
LARGE, SMALL = 2000, 1504  # pixels a side: 4 MP, as photo sites ask for; and what Miricanvas takes of elements only


@dataclass(frozen=True)
class Sold:
    """A shop that has made an element for all markets and one for Miricanvas, and baskets.

    `left_out`: (market, beginning of a stem) → reason.
    """

    one: House
    large: Path
    small: Path
    left_out: dict[tuple[str, str], str]

    def basket(self, market: str) -> Path:
        (found,) = self.one.outbox.glob(f"upload/{market}*/*")
        return found


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sold]:
    root = tmp_path_factory.mktemp("elements") / "house"
    (root / "my" / "catalog").mkdir(parents=True)
    (root / "my" / "catalog" / "tests.yaml").write_text(CATALOG)
    over = CUTTER | {"checks": {"duplicate": {"distance": 1}}}  # one outline makes elements more alike than pictures
    one = House(root, over, thread=True)
    (large,) = one.pictures(make(one, "element", f"{LARGE}x{LARGE}", text=CAT))
    (small,) = one.pictures(make(one, "element", f"{SMALL}x{SMALL}", text=DOG))
    told = [told for market in one.app.catalogue.markets for told in command(one, "basket", market=market)]
    left_out = {
        (said.facts["market"], stem[:3]): said.facts["why"].code
        for said in told
        if said.code == "basket.left_out"
        for stem in said.facts["stems"]
    }
    yield Sold(one, large, small, left_out)
    one.close()


def test_an_element_is_as_large_as_was_asked_and_within_the_markets_limits(sold: Sold) -> None:
    for path, side in ((sold.large, LARGE), (sold.small, SMALL)):
        with Image.open(path) as master:
            assert (master.mode, max(master.size), path.suffix) == ("RGBA", side, ".png")
        assert len(path.name) <= 30
        assert path.stat().st_size < 45_000_000


def test_each_market_gets_what_it_takes_and_tells_why_it_does_not_take_the_rest(sold: Sold) -> None:
    """Adobe Stock takes cut-outs as PNG; the dog was meant for Miricanvas alone."""
    no_elements = {(market, "cat"): "basket.kind" for market in ("magnific", "dreamstime", "123rf")}
    markets = {market for market, _ in no_elements} | {"adobe_stock", "vecteezy"}
    assert sold.left_out == no_elements | {(market, "dog"): "basket.not_meant" for market in markets}
    found = {
        path.parent.name: len(list((path / "1_pictures").iterdir())) for path in sold.one.outbox.glob("upload/*/*")
    }
    assert found == {"adobe_stock-ai-illustration": 1, "miricanvas-ai-png": 2, "vecteezy-ai-png": 1}


@pytest.mark.parametrize("market", ["adobe_stock", "miricanvas", "vecteezy"])
def test_an_element_in_a_basket_has_every_pixel_of_its_master_also_the_clear_ones(sold: Sold, market: str) -> None:
    copy = (sold.basket(market) / "1_pictures" / sold.large.name).read_bytes()
    master = sold.large.read_bytes()
    assert pixel_data(copy) == pixel_data(master)
    assert copy != master
    with Image.open(io.BytesIO(copy)) as picture:
        alpha = picture.getchannel("A")
        assert (picture.mode, alpha.getpixel((0, 0)), alpha.getpixel((LARGE // 2, LARGE // 2))) == ("RGBA", 0, 255)


def test_the_tables_are_right_byte_for_byte(sold: Sold) -> None:
    """The cat's rows, from its sidecar and the keywords that the ledger keeps."""
    stem, ledger = sold.large.stem, sold.one.app.ledger
    beside = json.loads((sold.large.parents[1] / "info" / f"{stem}.json").read_bytes())
    told = ledger.query("SELECT market, keywords FROM submissions WHERE stem = :stem", stem=stem)
    words = {row["market"]: json.loads(row["keywords"]) for row in told}
    expected = {
        "miricanvas": f'"{stem}","","{beside["title"]["ko"]} Cat sticker","{",".join(words["miricanvas"])}","Premium",'
        '"PNG element"',
        "vecteezy": f'{stem}.png,AI generated cat sticker,"{beside["description"]["en"]}","ai generated, '
        f'{", ".join(words["vecteezy"])}",pro',
        "adobe_stock": f'{stem}.png,Cat sticker,"{", ".join(words["adobe_stock"])}",1,',
    }
    for market, row in expected.items():
        table = next(sold.basket(market).glob("2_*.csv")).read_bytes()
        assert [line for line in table.split(b"\r\n") if stem.encode() in line] == [row.encode()]
        assert wrong(market, table) == []


def test_whoever_uploads_them_is_told_that_they_are_elements(sold: Sold) -> None:
    said = {
        market: (sold.basket(market) / "0_READ_ME.txt").read_text("utf-8-sig") for market in ("miricanvas", "vecteezy")
    }
    assert '[ ] The content type must be "PNG element" (PNG 요소).' in said["miricanvas"]
    assert "Background" not in said["miricanvas"]
    assert "[ ] They are PNGs with a transparent background." in said["vecteezy"]
    assert "JPG" not in said["vecteezy"]


@pytest.mark.exiftool
@pytest.mark.skipif(not shutil.which("exiftool"), reason="the exiftool program is not installed")
def test_nothing_is_wrong_with_all_that_lies_in_the_outbox(sold: Sold) -> None:
    """Every file passes exiftool's validation and says what its table or its sidecar says."""
    outbox = Outbox(root=sold.one.root, small=False, per_week=100, basket=50)
    assert faults(outbox) == []
    assert len(outbox.pictures) == 2 + 4
    assert broken_promises(sold.one.app.ledger) == {}
    assert litter(sold.one.root) == []


@pytest.mark.parametrize(("left", "sold"), [("nothing", 0), ("all", 0), ("disc", 1)])
def test_an_empty_picture_and_one_with_its_ground_are_never_sold_whoever_keeps_them(
    tmp_path: Path, left: str, sold: int
) -> None:
    root = tmp_path / "house"
    (root / "my" / "catalog").mkdir(parents=True)
    (root / "my" / "catalog" / "tests.yaml").write_text(CATALOG)
    one = House(root, CUTTER | {"providers": {"cutter": {"place": "net", "left": left}}}, thread=True)
    job = make(one, "element")
    (found,) = [*one.outbox.glob(f"review/cutout/*-{job}-*"), *one.pictures(job)]
    assert one.app.ledger.query("SELECT sellable FROM assets WHERE job_id = :job", job=job) == [{"sellable": sold}]
    (beside,) = one.folder(job).glob(f"info/{found.stem}.json")
    assert json.loads(beside.read_bytes())["sellable"] is bool(sold)
    one.close()
