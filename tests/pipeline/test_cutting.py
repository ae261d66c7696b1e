"""From a job file to a basket: a thing that was drawn on a plain ground is cut out, cropped, enlarged and checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stockgen.domain.errors import JobFileError
from tests.house import House, broken_promises, litter
from tests.pipeline.stage import command
from tests.retouchers import CutsByColour

CATALOG = (
    "plain: {title: {en: plain, ko: plain}, provider: plain, licence: MIT, sellable: true, look: diffusion, "
    "source: tests}\n"
    "scripted: {title: {en: scripted, ko: scripted}, provider: scripted, licence: MIT, sellable: true, "
    "look: diffusion, source: tests}\n"
)
JOB = "subject: 머그컵\nkind: element\nmarkets: [miricanvas, adobe_stock]\ncount: 2\n"


def config(**options: Any) -> dict[str, Any]:
    plain = {"place": "net", "side": 1024, **options}
    providers = {"plain": plain, "scripted": {"place": "net"}}
    return {"chains": {"auto": ["plain"]}, "providers": providers, "checks": {"duplicate": {"distance": 0}}}


def opened(root: Path, **options: Any) -> House:
    (root / "my" / "catalog").mkdir(parents=True)
    (root / "my" / "catalog" / "tests.yaml").write_text(CATALOG)
    return House(root, config(**options), thread=True, catalogue=CutsByColour)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    one = opened(tmp_path_factory.mktemp("cutting") / "house")
    yield one
    one.close()


@pytest.fixture(scope="module")
def made(shop: House) -> str:
    return shop.make(JOB)


def test_the_master_is_what_its_markets_ask_for(shop: House, made: str) -> None:
    """Miricanvas: 1,500 pixels on the long side, a tight crop, 120 dpi; Adobe Stock: 4 million pixels."""
    paths = shop.pictures(made)
    assert len(paths) == 2
    for path in paths:
        with Image.open(path) as master:
            assert (path.suffix, master.mode, round(master.info["dpi"][0])) == (".png", "RGBA", 300)
            assert max(master.size) >= 1500
            assert master.width * master.height >= 4_000_000
            alpha = np.asarray(master.getchannel("A"))
        rows, columns = np.nonzero(alpha.any(1))[0], np.nonzero(alpha.any(0))[0]
        borders = [rows[0], columns[0], alpha.shape[0] - 1 - rows[-1], alpha.shape[1] - 1 - columns[-1]]
        assert max(borders) <= 0.011 * max(alpha.shape)
        assert alpha[alpha.shape[0] // 2, round(alpha.shape[1] * 0.8)] == 0  # through the handle
        assert path.stat().st_size < 45_000_000


def test_its_sidecar_says_who_cut_it_out_and_how_well(shop: House, made: str) -> None:
    (path, _) = shop.pictures(made)
    beside = json.loads((shop.folder(made) / "info" / f"{path.stem}.json").read_bytes())
    checks = {one["name"]: one for one in beside["checks"]}
    assert {"empty", "touching", "several", "small", "residue", "halo"} <= checks.keys()
    assert "clipped" not in checks
    assert all(one["ok"] for one in checks.values())
    assert beside["retouched"]["cutout"] == "birefnet-general"
    assert (beside["retouched"]["width"], beside["retouched"]["height"]) == (beside["width"], beside["height"])


def test_it_is_described_as_what_it_is(shop: House, made: str) -> None:
    (path, _) = shop.pictures(made)
    beside = json.loads((shop.folder(made) / "info" / f"{path.stem}.json").read_bytes())
    assert "isolated" in beside["tags"]["en"]
    assert {"요소", "누끼"} <= set(beside["tags"]["ko"])
    for words in (*beside["title"].values(), *beside["tags"]["en"], *beside["tags"]["ko"]):
        assert "background" not in words.casefold()
        assert "배경" not in words


def test_its_baskets_say_that_they_are_elements_and_hold_nothing_else(shop: House, made: str) -> None:
    """Two mugs are too much alike for Miricanvas, which takes one of a motif."""
    shop.make("prompt: a sea\nkind: background\nmarkets: [miricanvas]\nmodel: scripted\n")
    command(shop, "basket", market="miricanvas")
    command(shop, "basket", market="adobe_stock")
    (basket,) = shop.outbox.glob("upload/miricanvas-ai-png/*")
    assert [one.suffix for one in (basket / "1_pictures").iterdir()] == [".png"]
    table = next(basket.glob("2_*.csv")).read_text("utf-8-sig")
    assert table.count('"PNG element"') == 1
    (other,) = shop.outbox.glob("upload/adobe_stock-*/*")
    assert {one.suffix for one in (other / "1_pictures").iterdir()} == {".png"}
    assert broken_promises(shop.app.ledger) == {}
    assert litter(shop.root) == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"outline": "two"}, "several"), ({"outline": "cut_off"}, "touching"), ({"side": 256}, "small")],
)
def test_what_is_not_one_whole_thing_large_enough_goes_to_a_person(
    tmp_path: Path, options: dict[str, Any], reason: str
) -> None:
    one = opened(tmp_path / "house", **{"side": 512, **options})
    job = one.make("prompt: a cup\nkind: element\nsize: 1100x1100\n")
    assert one.pictures(job) == []
    (found,) = one.outbox.glob(f"review/*/*-{job}-*")
    assert found.parent.name == reason
    one.close()


def test_what_can_not_be_cut_out_is_told_before_anything_is_made(tmp_path: Path) -> None:
    """No model that cuts out is here, and the provider draws a background."""
    one = House(tmp_path / "house", config(), thread=True)
    with pytest.raises(JobFileError) as refused:
        one.order(JOB)
    (told,) = refused.value.remarks
    assert told.facts["why"].code == "error.no_cutout"
    assert "stockgen models pull birefnet-general" in one.app.catalogue.say.tell(told)
    one.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("prompt: a cup on a table\nkind: element\n", "plan.cut_exact"),
        ("subject: 숲\nkind: element\n", "plan.no_thing"),
        ("subject: 머그컵\nkind: illustration\ntransparent: yes\n", "plan.sold_as_element"),
    ],
)
def test_its_author_is_told_what_cutting_out_means(shop: House, text: str, code: str) -> None:
    request = shop.app.catalogue.read(text.encode(), "job.yaml")
    assert code in {remark.code for remark in request.remarks}


def test_an_ordinary_thing_is_told_nothing_of_it(shop: House) -> None:
    codes = {remark.code for remark in shop.app.catalogue.read(JOB.encode(), "job.yaml").remarks}
    assert not codes & {"plan.cut_exact", "plan.no_thing", "plan.sold_as_element"}
