"""A sidecar tells what was really asked of the model, so that the picture can be made again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stockgen.domain.words import Order
from stockgen.pipeline.describe import Described, Rights, sidecar, words
from tests.ledger.book import IDEA

SHOT = {"id": 1, "job_id": "k7m2q", "prompt": "a calm sea, 8k", "seed": 1, "degraded": 0,
        "wish": '{"negative_prompt": "people"}'}  # fmt: skip
RIGHTS = Rights(creator="", copyright="", prompt_in_file=True)


def described(**request: Any) -> Described:
    attempt = {"facts": "{}", "provider": "sdxl", "model": "sdxl-base", "request": json.dumps(request)}
    return Described(SHOT, IDEA, Order(mode="keyword", count=1), attempt, "diffusion", None)


@pytest.mark.parametrize(
    ("request_", "prompt", "negative"),
    [
        ({"prompt": "a calm sea", "negative_prompt": "people, boats"}, "a calm sea", "people, boats"),
        ({"width": 64}, "a calm sea, 8k", "people"),
    ],
)
def test_the_prompt_is_the_one_that_was_sent(request_: dict[str, Any], prompt: str, negative: str) -> None:
    this = described(**request_)
    told = json.loads(sidecar(this, "sea-k7m2q-001", {}, (), "2026-11-26T00:00:00.000Z"))
    assert (told["prompt"], told["negative_prompt"]) == (prompt, negative)
    assert words(this, RIGHTS, "2026-11-26T00:00:00.000Z").prompt == prompt
