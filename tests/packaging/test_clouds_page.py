"""docs/clouds.md says what is really bought, for how much, and what became of names: nobody plans with an old page."""

from __future__ import annotations

import re
from pathlib import Path
from time import monotonic

import pytest
import yaml

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config, load
from stockgen.data import Shelf
from stockgen.data.catalog import load_catalog
from stockgen.domain.protocols import Shot
from stockgen.lanes.spec import ProviderSpec, Setup, build, furnished
from tests.packaging.conftest import ROOT

PAGE = (ROOT / "docs" / "clouds.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n# config.yaml\n(.*?)^```", PAGE, re.M | re.S)
PRICES = re.findall(
    r"^\| `([\w.-]+)`(?:, `quality: (\w+)`)?.*? \| ([^|]+) \| \$([\d.]+) \| \$([\d.]+) \(([\d,]+) won\)", PAGE, re.M
)
GONE = re.findall(r"^\| (`[^|]+`) \| (\d{4}-\d\d-\d\d) \| `([\w.-]+)` \|$", PAGE, re.M)
MODELS = load_catalog(Shelf())
SHOT = Shot(id=1, job="a", idea=1, prompt="a calm sea at dawn, soft light", seed=1, width=3000, height=2000)


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] for block in BLOCKS])
def test_every_config_that_is_shown_is_accepted(block: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(block, encoding="utf-8")
    Catalogue(load(tmp_path / "config.yaml"), tmp_path / "my").check()


def test_the_price_of_a_picture_is_the_one_that_is_reserved(tmp_path: Path) -> None:
    tools = furnished(Setup(secrets=tmp_path), monotonic)
    assert len(PRICES) >= 8
    for model, quality, asked, quote, likely, won in PRICES:
        name = MODELS[model].provider
        options = {"model": model} | ({"quality": quality} if quality else {})
        provider = build(ProviderSpec(name, f"stockgen.providers.{name}", options), tools)
        fit = provider.fit(SHOT)
        size = re.search(r"(\d+) × (\d+)", asked)
        assert size and (fit.request["width"], fit.request["height"]) == (int(size[1]), int(size[2])), model
        assert fit.quote / 1e6 == pytest.approx(float(quote), abs=0.0015), model
        assert float(likely) == pytest.approx(fit.quote / 1e6 / 1.25, rel=0.06), model
        assert int(won) == pytest.approx(float(likely) * Config().money.krw_per_usd, rel=0.03), model


def test_every_name_that_is_gone_stands_on_the_page_with_its_successor() -> None:
    told = {name: (day, after) for names, day, after in GONE for name in re.findall(r"`([^`]+)`", names)}
    assert told == {
        name: (f"{one.cloud.retires:%Y-%m-%d}", one.cloud.successor)
        for name, one in MODELS.items() if one.cloud and one.cloud.retires
    }  # fmt: skip


def test_the_entry_of_ones_own_that_is_shown_is_laid_over_the_list(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml\n# my/catalog/openai.yaml\n(.*?)^```", PAGE, re.M | re.S)
    (tmp_path / "my" / "catalog").mkdir(parents=True)
    (tmp_path / "my" / "catalog" / "openai.yaml").write_text(block, encoding="utf-8")
    cloud = Catalogue(Config().placed(tmp_path), tmp_path / "my").models["gpt-image-2"].cloud
    told = yaml.safe_load(block)["gpt-image-2"]["cloud"]
    assert cloud and (cloud.retires, cloud.successor) == (told["retires"], told["successor"])
    assert cloud.free is not None
