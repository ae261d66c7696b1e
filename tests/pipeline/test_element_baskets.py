"""Elements on their way to markets, with the markets' real demands: jobs can't ask for them yet, all else is ready."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stockgen.domain.errors import JobFileError
from stockgen.metadata.png import pixel_data
from tests.house import House, broken_promises, litter
from tests.market_rules import wrong
from tests.outbox_rules import Outbox, faults, read_back
from tests.pipeline.stage import command
from tests.pipeline.test_elements import CUTTER, make

CATALOG = (
    "cutter: {title: {en: cutter, ko: cutter}, provider: cutter, licence: MIT, sellable: true, look: diffusion, "
    "source: tests}\n"
)
MARKETS = "[adobe_stock, miricanvas, magnific, vecteezy, dreamstime, 123rf]"
CAT = (
    f"prompt: a sleeping cat sticker\ntitle: Sleeping cat sticker\nmarkets: {MARKETS}\n"
    "tags: [cat, sleeping, sticker, cute, 고양이, 잠]\ncategory: animals\n"
)
LARGE, SMALL = 2000, 1504  # pixels a side: 4 MP, as photo sites ask for; and a side that only Miricanvas takes


@dataclass(frozen=True)
class Sold:
    """A shop that has made a large and a small element, and baskets of them. `left_out`: (market, stem) → reason."""

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
    (small,) = one.pictures(make(one, "element", f"{SMALL}x{SMALL}", text=CAT.replace("leeping cat", "itting dog")))
    told = [told for market in one.app.catalogue.markets for told in command(one, "basket", market=market)]
    left_out = {
        (said.facts["market"], stem): said.facts["why"].code
        for said in told
        if said.code == "basket.left_out"
        for stem in said.facts["stems"]
    }
    yield Sold(one, large, small, left_out)
    one.close()


def test_no_job_can_ask_for_an_element_yet(sold: Sold) -> None:
    for text in ("kind: element\nprompt: a cat\n", "종류: 누끼\n프롬프트: 고양이\n"):
        with pytest.raises(JobFileError) as refused:
            sold.one.order(text)
        assert [remark.code.rpartition(".")[2] for remark in refused.value.remarks] == ["later_value"]


def test_x(sold: Sold) -> None:
    print(sold.left_out, sold.large.name)
    for path in sorted(sold.one.outbox.rglob("upload/*/*/*")):
        print(path)
        if path.is_file():
            print(path.read_bytes())
    print(faults(Outbox(root=sold.one.root, small=False, per_week=100, basket=50)))
    assert 0
