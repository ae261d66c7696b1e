"""docs/markets.md says of each market what its data say, so that nobody prepares pictures by an old page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config, load
from stockgen.data import Shelf
from stockgen.data.market import CsvForm, Fixed, Market, load_all
from stockgen.data.market_rules import PixelLimits, TextRules
from tests.packaging.conftest import ROOT

PAGE = (ROOT / "docs" / "markets.md").read_text(encoding="utf-8")
OPEN, CLOSED = load_all(Shelf())
BLOCKS: Mapping[str, str] = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", PAGE, re.M | re.S))


def _range(least: float, most: float, unit: str) -> str:
    """`4 to 100 MP`, `from 4 MP`, `at most 9,800 px`, or nothing."""
    if least and most:
        return f"{least:,g} to {most:,g} {unit}" if least < most else f"{least:,g} {unit}"
    return f"from {least:,g} {unit}" if least else f"at most {most:,g} {unit}" if most else ""


def _pixels(limits: PixelLimits) -> str:
    parts = [
        _range(limits.min_megapixels, limits.max_megapixels, "MP"),
        _range(limits.min_long_side, limits.max_long_side, "px long side"),
        _range(limits.min_short_side, 0, "px short side"),
    ]
    return ", ".join(part.replace(",", "") if part.endswith("MP") else part for part in parts if part)


def _chars(rules: TextRules | None) -> str:
    return "–" if rules is None else _range(rules.min_chars if rules.min_chars > 1 else 0, rules.max_chars, "")


def limits_row(market: Market) -> str:
    """A market's line of the first table."""
    kinds = ", ".join(f"{kind} ({form})" for kind, form in market.formats.items())
    pixels = "; ".join([_pixels(market.pixels), *(f"{kind}: {_pixels(one)}" for kind, one in market.pixels_of.items())])
    weight = _range(market.min_bytes / 1e6, market.max_bytes / 1e6, "MB")
    keywords = f"{market.keywords.min} to {market.keywords.max}"
    cells = [f"`{market.name}`", market.titles.en, kinds, pixels, weight, _chars(market.title),
             _chars(market.description), keywords, str(market.per_motif)]  # fmt: skip
    return f"| {' | '.join(cell.strip() for cell in cells)} |"


def table_row(market: Market) -> str:
    """A market's line of the table of tables."""
    columns = ", ".join(f"`{name}`" for name in market.csv.columns)
    fixed = [f"{name} {one.text}" for name, one in market.csv.columns.items() if isinstance(one, Fixed)]
    form = [
        {",": "comma", ";": "semicolon", "\t": "tab"}[market.csv.delimiter],
        {"needed": "quotes where needed", "rows": "rows in quotes", "all": "all in quotes"}[market.csv.quote],
        "UTF-8 with BOM" if market.csv.bom else "UTF-8",
        f"at most {market.csv.max_rows:,} rows" if market.csv.max_rows else "",
        f"{market.csv.max_bytes / 1e6:g} MB" if market.csv.max_bytes else "",
        f"always {', '.join(fixed)}" if fixed else "",
    ]
    return f"| `{market.name}` | {columns} | {'; '.join(part for part in form if part)} |"


@pytest.mark.parametrize("market", OPEN.values(), ids=OPEN)
def test_the_page_says_of_a_market_what_its_file_says(market: Market) -> None:
    assert limits_row(market) in PAGE.splitlines()
    assert table_row(market) in PAGE.splitlines()


def test_how_each_market_is_told_of_ai_stands_on_the_page() -> None:
    section = PAGE.partition("## How each is told")[2].partition("\n## ")[0]
    assert [name for name in OPEN if f"| `{name}` | " not in section] == []


def test_every_closed_market_stands_on_the_page_with_its_reason() -> None:
    rows = [f"| `{name}` | {one.titles.en} | {one.closed_reason.en} |" for name, one in CLOSED.items()]
    assert [row for row in rows if row not in PAGE.splitlines()] == []


def test_every_key_of_a_market_is_explained() -> None:
    keys = [
        *Market.model_fields,
        *PixelLimits.model_fields,
        *CsvForm.model_fields,
        "when",
        "shows",
        "unless",
        "look",
        "kind",
    ]
    assert [key for key in keys if key != "name" and not re.search(rf"`{key}\b", PAGE)] == []


def test_the_page_names_the_day_on_which_the_rules_were_looked_up() -> None:
    days = {f"{one.verified_at:%-d %B %Y}" for one in (*OPEN.values(), *CLOSED.values())}
    assert all(day in PAGE.replace("\n", " ") for day in days)


def test_the_config_that_is_shown_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(BLOCKS["config.yaml"], encoding="utf-8")
    Catalogue(load(tmp_path / "config.yaml"), tmp_path / "my").check()


def test_the_rules_of_ones_own_that_are_shown_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "my" / "markets").mkdir(parents=True)
    for path, text in BLOCKS.items():
        if path.startswith("my/"):
            (tmp_path / path).write_text(text, encoding="utf-8")
    catalogue = Catalogue(Config().placed(tmp_path), tmp_path / "my")
    catalogue.check()
    assert catalogue.markets["vecteezy"].formats == {"photo": "jpeg", "element": "png", "background": "jpeg"}
    assert catalogue.known.markets["가게"] == "myshop"
    assert catalogue.known.closed["dreamstime"]
