"""One cheap picture of each real service. It costs about 0.05 USD, so it needs a key and STOCKGEN_LIVE_SPEND=1."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.providers.shops import bought, fits, provider

CHEAP: dict[str, dict[str, Any]] = {
    "openai": {"quality": "low", "megapixels": 0.7},
    "gemini": {"resolution": "1K"},
}
NAMES = {"openai": ("OPENAI_API_KEY",), "gemini": ("GOOGLE_API_KEY", "GEMINI_API_KEY")}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("service", sorted(CHEAP))
def test_a_real_service_draws_what_was_ordered_for_less_than_its_quote(service: str, tmp_path: Path) -> None:
    if not os.environ.get("STOCKGEN_LIVE_SPEND") or not any(os.environ.get(name) for name in NAMES[service]):
        pytest.skip("needs a key and STOCKGEN_LIVE_SPEND=1")
    one = provider(service, tmp_path, **CHEAP[service])
    (fit,) = fits(one, side=512, prompt="a single green leaf on white paper, soft daylight")
    (outcome,) = bought(one, [fit], tmp_path / "spool")
    assert outcome.error is None
    assert outcome.file is not None
    with Image.open(outcome.file) as picture:
        picture.load()
        assert picture.size == (fit.request["width"], fit.request["height"])
    assert outcome.cost is not None
    assert 0 < outcome.cost <= fit.quote
    assert [one.error for one in one.redeem(tmp_path / "spool")] == [None]
