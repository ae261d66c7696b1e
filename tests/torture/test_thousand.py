"""A thousand pictures from real job files, and everything that six markets get of them, against rules that were written
without looking at ours (`tests/outbox_rules.py`): nothing is wrong with any of them.

By default some forty small ones and a few of full size; `make torture` makes the thousand.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.words import Remark
from stockgen.providers._procedural import FAMILIES
from tests.house import House, broken_promises, litter
from tests.outbox_rules import Basket, Outbox, faults
from tests.pipeline.stage import CATALOG, command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.exiftool,
    pytest.mark.skipif(not shutil.which("exiftool"), reason="the exiftool program is not installed"),
]
MARKETS = ("adobe_stock", "miricanvas", "magnific", "vecteezy", "dreamstime", "123rf")
BASKET = 20
WHERE = f"markets: [{', '.join(MARKETS)}]"
# Vecteezy takes photos and cut-outs; docs/markets.md tells how its owner lets it have backgrounds.
SMALL = "pixels: {min_megapixels: 0, min_long_side: 0, min_short_side: 0}\nmin_bytes: 0\n"
BACKGROUNDS = "formats: {background: jpeg}\n"
# What people ask for; the later ones are what `keyword` knows nothing of.
SUBJECTS = (
    "벚꽃", "cherry blossom", "rainy window", "단풍잎", "snow forest", "바다 노을", "coffee beans", "추석 보름달",
    "city skyline at night", "한옥 마당", "books on a desk", "딸기 케이크", "desert dunes", "크리스마스 트리",
    "lavender field", "떡국", "space nebula", "조각보", "marble", "물결", "wooden texture", "사과", "grapes", "라벤더",
    "green tea", "청자", "paper lantern", "구름", "sunflowers", "은하수", "quiet harbour", "한글날", "quantum spring",
)  # fmt: skip
PROMPTS = (
    "navy terrazzo chips on cream, sparse", "warm beige marble surface with thin golden veins",
    "부드러운 파스텔 수채화 물감 번짐", "bold orange halftone dots fading into white", "민트색 체크 원단, 겨울 분위기",
    "deep blue topographic lines, quiet mood", "soft pink bokeh lights for a wedding card", "보라색 만다라 문양",
)  # fmt: skip
TEMPLATES = (
    "{봄|여름|가을|겨울} __한국/음식__", "__season__ {lake|meadow|village}", "__색__ {2$$ and $$장미|튤립|국화}",
    "{quiet|busy|golden} __color__ {paper|silk|linen}",
)  # fmt: skip


def open_shop(root: Path, market: str) -> None:
    """Lay `market` over each market, so that Vecteezy takes backgrounds; the other provider's pictures may be sold."""
    texts = {f"markets/{name}": market + (BACKGROUNDS if name == "vecteezy" else "") for name in MARKETS}
    for name, text in (texts | {"catalog/tests": CATALOG}).items():
        if text:
            path = root / "my" / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def keywords(subjects: Iterable[str], count: int, rest: str) -> str:
    """One order a subject."""
    return "".join(f"- {{keywords: ['{one}'], count: {count}, {WHERE}, {rest}}}\n" for one in subjects)


def orders(count: int, size: str) -> list[tuple[str, str]]:
    """Job files of all sorts: about 26 times `count` pictures where it is large."""
    small = f"size: {size}"
    each = max(1, count * 2 // 5)
    drawn, painted = f"model: procedural, {small}", f"model: scripted, {small}"
    korean, english = SUBJECTS[::2][:count], SUBJECTS[1::2][:count]
    exact = [f"- {{prompt: '{one}', count: {min(3, count)}, {WHERE}, {drawn}}}\n" for one in PROMPTS[: 2 * count]]
    families = [f"- {{prompt: '{one} background, calm colours', count: 1, {WHERE}, {drawn}}}\n" for one in FAMILIES]
    return [
        ("봄 소재.yaml", keywords(korean, each, f"{drawn}, language: ko")),
        ("subjects.yaml", keywords(english, each, drawn)),
        ("photos.yaml", keywords(korean, each, painted)),
        ("랜덤.yaml", f"{{mode: random, count: {count * 3}, {WHERE}, {drawn}}}\n"),
        ("templates.yaml", keywords(TEMPLATES[: count + 1], max(1, count // 2), drawn)),
        ("wild.yaml", keywords(TEMPLATES[:1], count, f"{painted}, language: ko")),
        ("exact.yaml", "".join(exact)),
        ("families.yaml", "".join(families[:: 1 if count > 5 else 2])),
        ("tagged.yaml", f"- {{keywords: [snow, 눈], count: {max(1, count // 2)}, {WHERE}, {drawn}, "
                        "tags: 'winter, snow, 겨울, AI, café', tier: Standard}\n"),
    ]  # fmt: skip


def made(one: House, jobs: Iterable[tuple[str, str]]) -> None:
    """Accept all of them at once, as a night's files, and work until every job is closed."""
    for name, text in jobs:
        one.order(text, name)
    one.work()
    for market in MARKETS:
        command(one, "basket", market=market)


def settings(per_week: int) -> dict[str, Any]:
    """A program that draws, and a model's stand-in; `per_week` for each market."""
    return {
        "providers": {"procedural": {}, "scripted": {"place": "net", "misbehave": False}},
        "chains": {"auto": ["procedural"]},
        "markets": {name: {"per_week": per_week, "basket": BASKET} for name in MARKETS},
        "rights": {"creator": "홍길동", "copyright": "© 홍길동 & Söhne"},
        "log": {"level": "warning", "format": "json"},
    }


def judged(one: House, *, small: bool, per_week: int) -> Counter[str]:
    """Fail where anything is wrong; return how many pictures there are, and how many each market got."""
    outbox = Outbox(root=one.root, small=small, per_week=per_week, basket=BASKET)
    found = faults(outbox)
    assert found == [], f"{len(found)} faults:\n" + "\n".join(found[:200])
    assert broken_promises(one.app.ledger) == {}
    assert litter(one.root) == []
    given = Counter[str]()
    for basket in outbox.baskets:
        given[basket.market] += len(basket.pictures)
    states = Counter(row["state"] for row in outbox.assets.values())
    return given + Counter({"pictures": len(outbox.assets)}) + states


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    root = tmp_path_factory.mktemp("forty") / "house"
    open_shop(root, SMALL)
    one = House(root, settings(40))
    made(one, orders(2, "120x80"))
    yield one
    one.close()


def test_some_forty_pictures_and_all_that_markets_get_of_them(forty: House) -> None:
    given = judged(forty, small=True, per_week=40)
    assert given["pictures"] >= 35
    assert all(12 <= given[market] <= 40 for market in MARKETS), given
    looks = {(one.market, "-ai" in one.path.parent.name) for one in baskets_of(forty)}
    assert len(looks) == 2 * len(MARKETS)  # what a model made, and what a program drew


def baskets_of(one: House) -> list[Basket]:
    return Outbox(root=one.root, small=True, per_week=0, basket=0).baskets


def basket_of(root: Path, market: str) -> Path:
    return min(root.glob(f"outbox/upload/{market}*/*"))


def spoil_a_title(root: Path) -> None:
    """Of the second row: that of the first."""
    (table,) = basket_of(root, "123rf").glob("2_*.csv")
    head, first, second, *rest = table.read_bytes().split(b"\r\n")
    cells = [first.split(b'","')[2], second.split(b'","')[2]]
    table.write_bytes(b"\r\n".join([head, first, second.replace(cells[1], cells[0]), *rest]))


def spoil_a_picture(root: Path) -> None:
    """Half of it."""
    picture = min((basket_of(root, "dreamstime") / "1_pictures").iterdir())
    picture.write_bytes(picture.read_bytes()[: picture.stat().st_size // 2])


def spoil_words(root: Path) -> None:
    """The master's words stay in a basket's file."""
    picture = min((basket_of(root, "adobe_stock") / "1_pictures").iterdir())
    (master,) = root.glob(f"outbox/20*/*/images/{picture.name}")
    picture.write_bytes(master.read_bytes())


def spoil_pixels(root: Path) -> None:
    """Another picture's."""
    one, other, *_ = sorted((basket_of(root, "magnific") / "1_pictures").iterdir())
    one.write_bytes(other.read_bytes())


def spoil_a_name(root: Path) -> None:
    """One that no table tells of."""
    picture = min((basket_of(root, "vecteezy") / "1_pictures").iterdir())
    picture.with_name("Copy of a picture.jpg").write_bytes(picture.read_bytes())


def spoil_keywords(root: Path) -> None:
    """All rows begin with the same ones."""
    (table,) = basket_of(root, "miricanvas").glob("2_*.csv")
    head, first, second, *rest = table.read_bytes().split(b"\r\n")
    words = [line.split(b'","')[3] for line in (first, second)]
    table.write_bytes(b"\r\n".join([head, first, second.replace(words[1], words[0]), *rest]))


SPOILED: dict[Callable[[Path], None], tuple[str, ...]] = {
    spoil_a_title: ("description twice", "XMP-dc:Description is"),
    spoil_a_picture: ("does not decode", "ExifTool:"),
    spoil_words: ("instead of",),
    spoil_pixels: ("other pixels than its master's",),
    spoil_a_name: ("its table and its pictures are not the same", "its name"),
    spoil_keywords: ("begin with the same keywords", "XMP-dc:Subject is"),
}


def test_the_rules_see_what_is_wrong(forty: House, tmp_path: Path) -> None:
    """Each fault, in a copy that has them all, in another market each."""
    shutil.copytree(forty.root, tmp_path / "house")
    for spoil in SPOILED:
        spoil(tmp_path / "house")
    found = faults(Outbox(root=tmp_path / "house", small=False, per_week=5, basket=BASKET))
    expected = [*(text for texts in SPOILED.values() for text in texts), "pixels", "pictures in a week"]
    assert [text for text in expected if not any(text in fault for fault in found)] == []


def test_pictures_of_full_size_are_what_each_market_really_takes(house: Callable[..., House], tmp_path: Path) -> None:
    open_shop(tmp_path / "house0", "")
    one = house(settings(50))
    made(one, [("full.yaml", keywords(["marble"], 1, "model: procedural"))])
    given = judged(one, small=False, per_week=50)
    others = [market for market in MARKETS if market != "magnific"]
    assert {market: given[market] for market in others} == dict.fromkeys(others, 1)
    (told, _) = command(one, "basket", market="magnific")  # a drawn picture has less than its 1.5 MB
    assert told.facts["why"] == Remark("basket.light", facts={"least": "1.5"})


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_a_thousand_pictures_and_all_that_markets_get_of_them(
    house: Callable[..., House], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_shop(tmp_path / "house0", SMALL)
    one = house(settings(2000))
    made(one, orders(40, "240x160"))
    given = judged(one, small=True, per_week=2000)
    with capsys.disabled():
        sys.stderr.write(f"{dict(given)}\n")
    requests = one.app.ledger.query("SELECT request FROM attempts WHERE provider = 'procedural'")
    assert {json.loads(row["request"])["family"] for row in requests} == {*FAMILIES}
    assert given["pictures"] >= 1000
    assert all(given[market] >= 50 for market in MARKETS), given
