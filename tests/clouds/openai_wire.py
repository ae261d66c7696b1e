"""OpenAI's answers, field for field: types/images_response.py of its SDK 3.57; errors as people have pasted them."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.clouds.faults import Fault
from tests.clouds.openai_asks import FIXED, FREE, error, gone, wish
from tests.clouds.settings import Settings
from tests.clouds.wish import Answer, Rejected, Wish, as_json

NAME = "openai"
PATH = re.compile(r"/v1/images/generations")
MODELS = re.compile(r"/v1/models")
ORGANISATION = "org-tests0000000000000000"
BILLING = "https://platform.openai.com/docs/guides/error-codes/api-errors"
LIMITS = "https://platform.openai.com/account/rate-limits"
KEYS = "https://platform.openai.com/account/api-keys"

__all__ = ["MODELS", "NAME", "PATH", "allowed", "failed", "limited", "listed", "made", "read", "standard"]


def standard() -> dict[str, str]:
    """Headers that every answer has."""
    identity = f"req_{uuid.uuid4().hex}"
    return {"x-request-id": identity, "openai-organization": ORGANISATION, "openai-version": "2020-10-01"}


def allowed(headers: Mapping[str, str], path: str, settings: Settings) -> None:
    """Whether the key is right. Raises Rejected."""
    key = headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not key:
        told = "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        told += f"Bearer auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from {KEYS}."
        raise Rejected(error(401, told, None))
    if key != settings.keys[NAME]:
        raise Rejected(_wrong_key(key, settings))


def _wrong_key(key: str, settings: Settings) -> Answer:
    """The middle of the key is told as stars, unless the server is `unmasked`."""
    shown = key if settings.unmasked else f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"
    told = f"Incorrect API key provided: {shown}. You can find your API key at {KEYS}."
    return error(401, told, "invalid_api_key")


def read(body: Mapping[str, Any], path: str, settings: Settings) -> Wish:
    """The request that this is. Raises Rejected."""
    return wish(body, settings)


def listed(settings: Settings) -> Answer:
    """`GET /v1/models`: those that are live, and one that writes."""
    live = [one for one in (*FREE, *FIXED, "gpt-5.5") if one not in settings.retired]
    models = [{"id": one, "object": "model", "created": 1776729600, "owned_by": "system"} for one in live]
    return as_json(200, {"object": "list", "data": models})


def made(wish: Wish, pictures: Sequence[str], fault: Fault) -> Answer:
    """With the pictures, in base64."""
    image, text = wish.each * len(pictures), wish.text
    usage = {
        "input_tokens": text,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": text},
        "output_tokens": image,
        "output_tokens_details": {"image_tokens": image, "text_tokens": 0},
        "total_tokens": text + image,
    }
    data = [{"b64_json": one} for one in pictures]
    told = wish.told
    body = {"created": int(time.time()), "background": told["background"], "data": data}
    body |= {"output_format": told["output_format"], "quality": told["quality"], "size": told["size"], "usage": usage}
    return as_json(200, body)


def limited(wish: Wish, limit: int, seconds: float) -> Answer:
    """More than `limit` pictures a minute."""
    whole = max(1, round(seconds + 0.5))
    return _rate(wish, limit, f"{whole}s", {"retry-after": str(whole), "retry-after-ms": str(round(seconds * 1000))})


def _rate(wish: Wish, limit: int, when: str, headers: Mapping[str, str]) -> Answer:
    told = f"Rate limit reached for {wish.model} (for limit gpt-image) in organization {ORGANISATION} on input-images "
    told += f"per min: Limit {limit}, Used {limit}, Requested {wish.count}. Please try again in {when}. Visit {LIMITS} "
    told += "to learn more."
    return error(429, told, "rate_limit_exceeded", None, "input-images", headers)


def failed(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    """The answer that has no picture."""
    return _FAILED[fault.kind](fault, wish, settings)


def _empty(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    """Nothing was made, so nothing was used."""
    return as_json(200, {"created": int(time.time()), "data": [], **dict(wish.told)})


def _moderated(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    told = "Your request was rejected by the safety system. If you believe this is an error, contact us at "
    told += f"help.openai.com and include the request ID req_{uuid.uuid4().hex}. safety_violations=[{fault.detail}]."
    details = {"moderation_stage": "input", "categories": [fault.detail]}
    kind = "image_generation_user_error"
    return error(400, told, "moderation_blocked", None, kind, moderation_details=details)


def _policy(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    told = "Your request was rejected as a result of our safety system. Your prompt may contain text that is not "
    return error(400, told + "allowed by our safety system.", "content_policy_violation")


def _billing(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    kind = "image_generation_user_error"
    return error(400, "Billing hard limit has been reached.", "billing_hard_limit_reached", None, kind)


def _unverified(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    told = f"Your organization must be verified to use the model `{wish.model}`. Please go to: "
    told += "https://platform.openai.com/settings/organization/general and click on Verify Organization. If you just "
    return error(403, told + "verified, it can take up to 15 minutes for access to propagate.", None)


def _quota(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    told = "You exceeded your current quota, please check your plan and billing details. For more information on this "
    return error(429, told + f"error, read the docs: {BILLING}.", "insufficient_quota", None, "insufficient_quota")


def _internal(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    told = "The server had an error while processing your request. Sorry about that!"
    return error(500, told, None, None, "server_error")


def _overloaded(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    told = "The server is currently overloaded with other requests. Sorry about that! You can retry your request, or "
    told += "contact us through our help center at help.openai.com if the error persists."
    return error(503, told, None, None, "server_error")


_FAILED: Mapping[str, Callable[[Fault, Wish, Settings], Answer]] = {
    "empty_data": _empty, "moderation_blocked": _moderated, "content_policy_violation": _policy,
    "billing_hard_limit": _billing,
    "unverified": _unverified, "insufficient_quota": _quota, "internal": _internal, "overloaded": _overloaded,
    "invalid_api_key": lambda fault, wish, settings: _wrong_key(settings.keys[NAME], settings),
    "retired": lambda fault, wish, settings: gone(wish.model),
    "rate_limit": lambda fault, wish, settings: _rate(wish, 5, "12s", {}),
    "rate_limit_after": lambda fault, wish, settings: _rate(
        wish, 5, f"{fault.detail}s", {"retry-after": fault.detail}),
    "rate_limit_after_ms": lambda fault, wish, settings: _rate(
        wish, 5, f"{fault.detail}ms", {"retry-after-ms": fault.detail, "retry-after": str(round(fault.number / 1000))}),
}  # fmt: skip
