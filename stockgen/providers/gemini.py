"""Pictures from Google's Gemini API."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stockgen.config.values import Address
from stockgen.domain.errors import BadPicture, NotConfigured, QuotaSpent, Refused, RenderError
from stockgen.domain.protocols import Terms
from stockgen.lanes.spec import Tools
from stockgen.providers._cloud.pace import Spacing, Timeout
from stockgen.providers._cloud.provider import Bought
from stockgen.providers._cloud.purchase import Answer
from stockgen.providers._cloud.reading import (
    HOUR,
    Reading,
    Sold,
    by_status,
    count,
    decoded,
    failed,
    paid,
    part,
    rows,
    unreadable,
    until_midnight,
)
from stockgen.providers._cloud.redact import brief
from stockgen.providers._cloud.service import Offer

HOME = "https://generativelanguage.googleapis.com"
LONGEST = 32_000  # characters; its own limit is counted in tokens and higher
# FinishReason of google-genai 3.6; every other one without a picture means that none came by chance.
REFUSED = frozenset({
    "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION", "MODEL_ARMOR", "ESCALATION",
})  # fmt: skip
BARRED = "PUP_LIMITED_DISABLED"  # the account, for what was asked of it before
WRONG_KEY = ("API_KEY_INVALID", "API key not valid", "API key expired", "API key not found")


class Options(BaseModel):
    """`model`: of the catalogue, where a job names none. `resolution`: of every picture; `auto` = the smallest that is
    as large as the order. `base_url`: a gateway in place of Google.

    `timeout`: seconds for a whole answer. `parallel`: requests at the same time; `per_minute`: pictures begun within
    60 s, 0 = any number; `spacing`: pause between two requests, as `3s` or `2-5s`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: Annotated[str, Field(min_length=1)] = "gemini-nano-banana-2.1"
    resolution: Literal["auto", "1K", "2K", "4K"] = "auto"
    base_url: Address | Literal[""] = ""
    timeout: Annotated[Timeout, Field(gt=0, le=3600)] = 180.0
    parallel: Annotated[int, Field(ge=1, le=32)] = 4
    per_minute: Annotated[int, Field(ge=0)] = 10
    spacing: Spacing = (0.0, 0.0)


def build(options: Options, tools: Tools) -> Bought:
    """The provider for `options`. Raises ConfigError for faults in the user's catalogue."""
    offer = Offer(
        provider="gemini",
        model=options.model,
        url=options.base_url or HOME,
        own=bool(options.base_url),
        keys=("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        timeout=options.timeout,
        terms=Terms(parallel=options.parallel, per_minute=options.per_minute, spacing=options.spacing),
        longest=LONGEST,
        resolution="" if options.resolution == "auto" else options.resolution,
    )
    return Bought(offer, Content(), tools, os.environ)


class Content:
    """Google's `generateContent`; see `Service`."""

    package = "google.genai"
    distribution = "google-genai"

    def client(self, url: str, key: str, http: Any) -> Any:
        """One that asks once, and Gemini's own API whatever the environment says."""
        from google import genai
        from google.genai import types

        options = types.HttpOptions(base_url=url, httpx_client=http)
        return genai.Client(vertexai=False, api_key=key, http_options=options)

    def wishes(self, paid: bool, transparent: bool) -> Mapping[str, Any]:
        """Nothing: it knows no qualities."""
        return {}

    def ask(self, client: Any, request: Mapping[str, Any], count: int) -> None:
        """One picture at a time is all that it draws."""
        from google.genai import types

        image = types.ImageConfig(aspect_ratio=request["ratio"], image_size=request["resolution"])
        client.models.generate_content(
            model=request["model"],
            contents=request["prompt"],
            config=types.GenerateContentConfig(response_modalities=["IMAGE"], image_config=image),
        )

    def read(self, answer: Answer, sold: Sold, key: str) -> Reading:
        """The first picture of a candidate with its tokens, or why there is none."""
        tree = answer.tree()
        if not 200 <= answer.status < 300:
            return failed(answer, _error(answer, sold, key), sold)
        if not isinstance(tree, dict) or not ("candidates" in tree or "promptFeedback" in tree):
            return unreadable(sold, brief(answer.headers.get("content-type", "")))
        usage = part(tree, "usageMetadata")
        candidate = next(iter(rows(tree.get("candidates"))), {})
        found = [one for one in map(_data, rows(part(candidate, "content", "parts"))) if one]
        told = _price(usage, sold)
        error = None if found else _none(tree, candidate, sold)
        return Reading(
            pictures=[decoded(one, sold) for one in found[:1]],
            error=error or BadPicture("no_picture"),
            cost=paid(sold, 0.0 if told is None and isinstance(error, Refused) else told),
            facts={"tokens": {"text": count(usage, "promptTokenCount"), "out": count(usage, "candidatesTokenCount")}},
        )


def _data(piece: Mapping[str, Any]) -> Any:
    """The picture of a part; what it drew while it was thinking is none."""
    return None if piece.get("thought") else part(piece, "inlineData", "data") or part(piece, "inline_data", "data")


def _none(tree: Mapping[str, Any], candidate: Mapping[str, Any], sold: Sold) -> RenderError:
    """Why a whole answer holds no picture."""
    who = sold.provider
    blocked, finished = part(tree, "promptFeedback", "blockReason"), str(candidate.get("finishReason") or "")
    if blocked or finished in REFUSED:
        return Refused("cloud_refused", provider=who, detail=brief(blocked or finished))
    if finished == BARRED:
        return NotConfigured("cloud_forbidden", provider=who, detail=finished, closed_for=HOUR)
    return BadPicture("cloud_no_image", provider=who, detail=brief(finished or "-"))


def _price(usage: Any, sold: Sold) -> float | None:
    """What the tokens of an answer cost; None = it names none."""
    prices = sold.prices
    if prices is None or not isinstance(usage, dict):
        return None
    text, out = count(usage, "promptTokenCount"), count(usage, "candidatesTokenCount")
    cached = min(text, count(usage, "cachedContentTokenCount")) if prices.cached is not None else 0
    details = rows(usage.get("candidatesTokensDetails"))
    drawn = sum(count(row, "tokenCount") for row in details if str(row.get("modality", "")).upper() == "IMAGE")
    written = max(0, out - drawn) if details else 0  # without details all of it counts as a picture
    words = prices.out if prices.words is None else prices.words
    return (
        (text - cached) * prices.text
        + cached * (prices.cached or 0.0)
        + (out - written) * prices.out
        + (written + count(usage, "thoughtsTokenCount")) * words
    )


def _error(answer: Answer, sold: Sold, key: str) -> RenderError:
    """An error by its details, where they say more than its status."""
    tree, who = answer.tree(), sold.provider
    tree = next(iter(rows(tree)), None) if isinstance(tree, list) else tree
    status, said = part(tree, "error", "status"), str(part(tree, "error", "message") or "")
    details, detail = rows(part(tree, "error", "details")), brief(said, key)
    reasons = {str(one.get("reason", "")) for one in details}
    if "API_KEY_INVALID" in reasons or any(sign in said for sign in WRONG_KEY):
        return NotConfigured("cloud_key_refused", provider=who, closed_for=HOUR)
    if status == "FAILED_PRECONDITION" and answer.status == 400:  # a country, or an account without billing
        return NotConfigured("cloud_forbidden", provider=who, detail=detail, closed_for=HOUR)
    if answer.status == 429 and any("PerDay" in quota for quota in _quotas(details)):
        return QuotaSpent("cloud_quota_day", provider=who, closed_for=until_midnight(answer))
    return by_status(answer, sold, detail, _retry(details))


def _quotas(details: list[dict[str, Any]]) -> list[str]:
    """The names of the quotas that are used up."""
    return [str(one.get("quotaId", "")) for detail in details for one in rows(detail.get("violations"))]


def _retry(details: list[dict[str, Any]]) -> float | None:
    """Seconds of a RetryInfo, as `30s` or `12.5s`."""
    told = (str(one["retryDelay"]) for one in details if one.get("retryDelay"))
    try:
        return next((float(text.removesuffix("s")) for text in told), None)
    except ValueError:
        return None
