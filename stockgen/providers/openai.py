"""Pictures from OpenAI, or from any server that speaks its language: LocalAI, stable-diffusion.cpp, vLLM, a gateway."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stockgen.config.values import Address
from stockgen.data.cloud import Cloud, ListedSizes
from stockgen.domain.errors import BadPicture, QuotaSpent, Refused, RenderError
from stockgen.domain.protocols import Terms
from stockgen.lanes.spec import Tools
from stockgen.providers._cloud.pace import Spacing, Timeout
from stockgen.providers._cloud.provider import Bought
from stockgen.providers._cloud.purchase import Answer
from stockgen.providers._cloud.reading import (
    QUOTA,
    Reading,
    Sold,
    by_status,
    count,
    decoded,
    failed,
    gone,
    paid,
    part,
    rows,
    unreadable,
)
from stockgen.providers._cloud.redact import brief
from stockgen.providers._cloud.service import Offer

HOME = "https://api.openai.com/v1"
LONGEST = 32_000  # characters of a prompt (types/image_generate_params.py of openai 3.57)
MOST = 10  # pictures of one request, as above
# What Stable Diffusion XL was trained on, which most servers of one's own draw well.
USUAL = (
    "1024x1024", "1152x896", "896x1152", "1216x832", "832x1216", "1344x768", "768x1344", "1536x640", "640x1536",
)  # fmt: skip
REFUSED = frozenset({"moderation_blocked", "content_policy_violation", "content_filter"})
SPENT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
GONE = "model_not_found"
VIOLATIONS = re.compile(r"safety_violations=\[([\w, /-]{1,80})\]")

OneSize = Annotated[str, Field(pattern=r"^[1-9]\d{1,4}x[1-9]\d{1,4}$")]
KeyName = Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]{0,63})?$")]


class Options(BaseModel):
    """`model`: of the catalogue, where a job names none; at an address of one's own any name. `quality`: as the model
    has it; `moderation: low` lets more pass. `base_url`: a server in place of OpenAI; `key`: the name of the key for
    it, where it is not OPENAI_API_KEY, which goes only to models that cost money. `sizes`: what a model draws that the
    catalogue doesn't know.

    `timeout`: seconds for a whole answer. `parallel`: requests at the same time; `per_minute`: pictures begun within
    60 s, 0 = any number; `spacing`: pause between two requests, as `3s` or `2-5s`. `most`: pictures of one prompt in
    one request. `megapixels`: no more are bought for a picture, 0 = as many as the order takes; it is enlarged
    afterwards.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: Annotated[str, Field(min_length=1)] = "gpt-image-2"
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] = "medium"
    moderation: Literal["auto", "low"] = "auto"
    base_url: Address | Literal[""] = ""
    key: KeyName = ""
    sizes: Annotated[tuple[OneSize, ...], Field(min_length=1)] = USUAL
    timeout: Annotated[Timeout, Field(gt=0, le=3600)] = 180.0
    parallel: Annotated[int, Field(ge=1, le=32)] = 4
    per_minute: Annotated[int, Field(ge=0)] = 10
    spacing: Spacing = (0.0, 0.0)
    most: Annotated[int, Field(ge=1, le=MOST)] = 4
    megapixels: Annotated[float, Field(ge=0, le=100)] = 0.0


def build(options: Options, tools: Tools) -> Bought:
    """The provider for `options`. Raises ConfigError for faults in the user's catalogue."""
    offer = Offer(
        provider="openai",
        model=options.model,
        url=options.base_url or HOME,
        own=bool(options.base_url),
        keys=("OPENAI_API_KEY",),
        own_key=options.key,
        unlisted=Cloud(id=options.model, listed=ListedSizes(sizes=options.sizes, tokens={options.quality: 1})),
        timeout=options.timeout,
        terms=Terms(parallel=options.parallel, per_minute=options.per_minute, spacing=options.spacing),
        longest=LONGEST,
        most=options.most,
        pixels=round(options.megapixels * 1e6),
        quality=options.quality,
    )
    return Bought(offer, Images(options.quality, options.moderation), tools, os.environ)


class Images:
    """OpenAI's image API; see `Service`."""

    package = distribution = "openai"

    def __init__(self, quality: str, moderation: str) -> None:
        self._quality, self._moderation = quality, moderation

    def client(self, url: str, key: str, http: Any) -> Any:
        """One that asks once."""
        import openai

        return openai.OpenAI(api_key=key or "none", base_url=url, max_retries=0, http_client=http)

    def wishes(self, paid: bool, transparent: bool) -> Mapping[str, Any]:
        """A server of one's own is told to answer with the picture itself, which OpenAI always does."""
        told = {"quality": self._quality, "transparent": transparent}
        if self._moderation != "auto":
            told["moderation"] = self._moderation
        return told if paid else {**told, "response_format": "b64_json"}

    def ask(self, client: Any, request: Mapping[str, Any], count: int) -> None:
        """Its answer is not taken apart here: what was recorded is."""
        more = {key: request[key] for key in ("quality", "moderation", "response_format") if request.get(key)}
        if more.get("quality") == "auto":
            del more["quality"]
        if request["transparent"]:
            more["background"] = "transparent"
        if "response_format" not in more:
            more["output_format"] = "png"
        client.images.with_raw_response.generate(
            model=request["model"],
            prompt=request["prompt"],
            size=f"{request['width']}x{request['height']}",
            n=count,
            **more,
        )

    def read(self, answer: Answer, sold: Sold, key: str) -> Reading:
        """Pictures in base64 with their tokens, or an error with its code."""
        tree = answer.tree()
        if not 200 <= answer.status < 300:
            return failed(answer, _error(answer, sold, key), sold)
        if not isinstance(tree, dict) or not isinstance(tree.get("data"), list):
            return unreadable(sold, brief(answer.headers.get("content-type", "")))
        usage = part(tree, "usage")
        facts = {"tokens": {"text": count(usage, "input_tokens"), "out": count(usage, "output_tokens")}}
        if isinstance(quality := tree.get("quality"), str):
            facts["quality"] = brief(quality, key)  # type: ignore[assignment]
        return Reading(
            pictures=[decoded(row.get("b64_json"), sold) for row in rows(tree["data"])],
            error=BadPicture("no_picture"),
            cost=paid(sold, _price(usage, sold)),
            facts=facts,
        )


def _price(usage: Any, sold: Sold) -> float | None:
    """What the tokens of an answer cost; None = it names none."""
    prices = sold.prices
    if prices is None or not isinstance(usage, dict) or not count(usage, "total_tokens"):
        return None
    image = count(usage, "input_tokens_details", "image_tokens")
    text = max(0, count(usage, "input_tokens") - image)
    cached = min(text, count(usage, "input_tokens_details", "cached_tokens")) if prices.cached is not None else 0
    words = count(usage, "output_tokens_details", "text_tokens") if prices.words is not None else 0
    out = max(0, count(usage, "output_tokens") - words)
    return (
        (text - cached) * prices.text
        + cached * (prices.cached or 0.0)
        + image * prices.image
        + out * prices.out
        + words * (prices.words or 0.0)
    )


def _error(answer: Answer, sold: Sold, key: str) -> RenderError:
    """An error by its code, where it has one that says more than its status."""
    tree, who = answer.tree(), sold.provider
    code, kind = str(part(tree, "error", "code") or ""), str(part(tree, "error", "type") or "")
    detail = brief(part(tree, "error", "message") or part(tree, "message") or part(tree, "detail") or code, key)
    if code in REFUSED:
        why = part(tree, "error", "moderation_details", "categories")
        named = (
            ", ".join(map(str, why))
            if isinstance(why, list)
            else "".join(VIOLATIONS.findall(str(part(tree, "error", "message")))[:1])
        )
        return Refused("cloud_refused", provider=who, detail=brief(named or code, key))
    if code in SPENT or kind in SPENT:
        return QuotaSpent("cloud_quota", provider=who, closed_for=QUOTA)
    if code == GONE and answer.status != 403:
        return gone(sold, detail)
    return by_status(answer, sold, detail)
