"""A sidecar tells what was really asked of the model, so that the picture can be made again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from stockgen.data.catalog import Model
from stockgen.domain.words import Order
from stockgen.pipeline.describe import Described, Rights, loaded, sidecar, words, worn
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


def lora(**over: Any) -> Model:
    plain = {"name": "ink", "title": {"en": "Ink", "ko": "먹"}, "provider": "sdxl", "licence": "MIT", "sellable": True,
             "look": "diffusion", "source": "a test", "role": "lora", "lora": {}}  # fmt: skip
    return Model(**plain | over)


@pytest.mark.parametrize(("known", "told"), [
    (lora(), ("MIT", True)), (lora(licence="CC-BY-NC-4.0", sellable=False), ("CC-BY-NC-4.0", False)),
    (None, ("unknown", False)),
])  # fmt: skip
def test_a_picture_is_for_sale_only_if_everything_that_was_laid_over_its_model_is(
    known: Model | None, told: tuple[str, bool]
) -> None:
    base = Model(**lora().model_dump() | {"name": "sdxl-base", "role": "model", "lora": None})
    loras = worn([("ink", 0.6)], {"ink": known} if known else {})
    this = replace(described(prompt="a calm sea"), model=base, loras=loras)
    written = json.loads(sidecar(this, "sea-k7m2q-001", {}, (), "2026-11-26T00:00:00.000Z"))
    assert written["loras"] == [{"name": "ink", "weight": 0.6, "licence": told[0], "sellable": told[1]}]
    assert (this.sellable, written["sellable"]) == (told[1], told[1])
    assert "loras" not in json.loads(sidecar(described(), "sea-k7m2q-001", {}, (), "2026-11-26T00:00:00.000Z"))


@pytest.mark.parametrize(("over", "free"), [({}, True), ({"sellable": False}, False)])
@pytest.mark.parametrize("role", ["control", "likeness", "refiner", "base", "vae"])
def test_a_part_that_may_not_be_sold_takes_its_pictures_along(role: str, over: dict[str, Any], free: bool) -> None:
    plain = lora().model_dump() | {"role": "model", "lora": None}
    part = Model(**plain | {"name": "part", "role": "model"} | over)
    own = {role: "part"} if role in ("base", "vae") else {}
    base = Model(**plain | {"name": "sdxl-base"} | own)
    asked = {} if own else {"parts": {role: "part"}}
    this = replace(described(prompt="a calm sea"), model=base, parts=loaded(asked, base, {"part": part}))
    assert this.sellable is free


def test_a_part_that_nobody_knows_is_not_for_sale_and_a_model_that_sees_for_itself_is() -> None:
    base = Model(**lora().model_dump() | {"name": "klein", "role": "model", "lora": None})
    unknown, itself = (loaded({"parts": {"likeness": name}}, base, {}) for name in ("gone", "own"))
    this = replace(described(prompt="a calm sea"), model=base)
    assert (replace(this, parts=unknown).sellable, replace(this, parts=itself).sellable) == (False, True)
