"""Google's answers, field for field: ai.google.dev/api/generate-content; errors as people have pasted them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tests.clouds.faults import Fault
from tests.clouds.gemini_asks import LIVE, REMOVED, error, wish
from tests.clouds.settings import Settings
from tests.clouds.wish import Answer, Rejected, Wish, as_json

NAME = "gemini"
PATH = re.compile(r"/(v1|v1beta)/models/(?P<call>[^?]+)")  # the SDK says v1 since 3.0
MODELS = re.compile(r"/(v1|v1beta)/models")
JSON = "application/json; charset=UTF-8"
SERVICE = "generativelanguage.googleapis.com"
RPC = "type.googleapis.com/google.rpc."
LIMITS = "https://ai.google.dev/gemini-api/docs/rate-limits"
WORDS = "I can't draw that, but I can describe it for you."
WORD_TOKENS = 12

__all__ = ["MODELS", "NAME", "PATH", "allowed", "failed", "limited", "listed", "made", "read", "standard"]


def standard() -> dict[str, str]:
    """Headers that every answer has."""
    return {"Vary": "Origin", "X-Content-Type-Options": "nosniff"}


def allowed(headers: Mapping[str, str], path: str, settings: Settings) -> None:
    """Whether the key is right. Raises Rejected."""
    key = headers.get("x-goog-api-key", "") or path.partition("key=")[2].partition("&")[0]
    if not key:
        told = "Method doesn't allow unregistered callers (callers without established identity). Please use API Key "
        raise Rejected(
            error(403, told + "or other form of API consumer identity to call this API.", "PERMISSION_DENIED")
        )
    if key != settings.keys[NAME]:
        raise Rejected(_wrong_key())


def _wrong_key() -> Answer:
    told = "API key not valid. Please pass a valid API key."
    info = {"@type": f"{RPC}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com",
            "metadata": {"service": SERVICE}}  # fmt: skip
    local = {"@type": f"{RPC}LocalizedMessage", "locale": "en-US", "message": told}
    return error(400, told, "INVALID_ARGUMENT", [info, local])


def read(body: Mapping[str, Any], path: str, settings: Settings) -> Wish:
    """The request that this is. Raises Rejected."""
    found = PATH.match(path)
    assert found
    return wish(body, found[1], found["call"], settings)


def listed(settings: Settings) -> Answer:
    """`GET /v1beta/models`: those that are live, and one that writes."""
    live = [one for one in (*LIVE, "gemini-3.5-flash") if one not in settings.retired]
    models = [
        {"name": f"models/{one}", "version": "1", "displayName": one, "inputTokenLimit": 65536,
         "outputTokenLimit": 32768, "supportedGenerationMethods": ["generateContent", "countTokens"]}
        for one in live
    ]  # fmt: skip
    return as_json(200, {"models": models}, kind=JSON)


def made(wish: Wish, pictures: Sequence[str], fault: Fault) -> Answer:
    """With the picture, in base64."""
    kind = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}[wish.kind]
    parts = [{"inlineData": {"mimeType": kind, "data": one}} for one in pictures]
    candidate = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}
    return _whole(wish, {"candidates": [candidate]}, image=wish.each * len(pictures))


def _whole(wish: Wish, what: Mapping[str, Any], image: int = 0, words: int = 0) -> Answer:
    """With what comes with every 200."""
    total = wish.text + image + words
    usage: dict[str, Any] = {"promptTokenCount": wish.text}
    details = [{"modality": "IMAGE", "tokenCount": image}] if image else []
    if image + words:
        usage["candidatesTokenCount"] = image + words
    usage |= {"totalTokenCount": total, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": wish.text}]}
    if details:
        usage["candidatesTokensDetails"] = details
    ends = {"usageMetadata": usage, "modelVersion": wish.model, "responseId": uuid.uuid4().hex[:22]}
    return as_json(200, {**what, **ends}, kind=JSON)


def limited(wish: Wish, limit: int, seconds: float) -> Answer:
    """More than `limit` pictures a minute."""
    return _exhausted(wish, "PerMinute", limit, seconds)


def _exhausted(wish: Wish, span: str, limit: int, seconds: float) -> Answer:
    """Google tells a delay with a day's quota as well, though the day is not over by then."""
    metric = f"{SERVICE}/generate_requests_per_model" + ("_per_day" if span == "PerDay" else "")
    told = "You exceeded your current quota, please check your plan and billing details. For more information on this "
    told += f"error, head to: {LIMITS}. To monitor your current usage, head to: https://ai.dev/rate-limit. \n"
    told += (
        f"* Quota exceeded for metric: {metric}, limit: {limit}, model: {wish.model}\nPlease retry in {seconds:.9f}s."
    )
    violation = {"quotaMetric": metric, "quotaId": f"GenerateRequests{span}PerProjectPerModel",
                 "quotaDimensions": {"location": "global", "model": wish.model}, "quotaValue": str(limit)}  # fmt: skip
    details: list[Mapping[str, Any]] = [
        {"@type": f"{RPC}Help", "links": [{"description": "Learn more about Gemini API quotas", "url": LIMITS}]},
        {"@type": f"{RPC}QuotaFailure", "violations": [violation]},
        {"@type": f"{RPC}RetryInfo", "retryDelay": f"{max(1, round(seconds))}s"},
    ]
    return error(429, told, "RESOURCE_EXHAUSTED", details)


def failed(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    """The answer that has no picture."""
    return _FAILED[fault.kind](fault, wish, settings)


def _blocked(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    return _whole(wish, {"promptFeedback": {"blockReason": fault.detail}})


def _candidate(wish: Wish, reason: str, message: str = "", **content: Any) -> Answer:
    one: dict[str, Any] = {**content, "finishReason": reason, "index": 0}
    if message:
        one["finishMessage"] = message
    words = WORD_TOKENS if content.get("content", {}).get("parts") else 0
    return _whole(wish, {"candidates": [one]}, words=words)


def _finished(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    return _candidate(wish, fault.detail, _MESSAGES.get(fault.detail, ""), content={})


_UNSAFE = "The model output could not be generated. This output contains sensitive words that violate Google's "
_UNSAFE += "Responsible AI practices. If you think this was an error, send feedback. Support code: 42876398."
_NOTHING = "Unable to show the generated image. The model could not generate the image based on the prompt provided. "
_NOTHING += "You will not be charged for this request. Try rephrasing the prompt."
_MESSAGES: Mapping[str, str] = MappingProxyType({
    "IMAGE_SAFETY": _UNSAFE, "IMAGE_PROHIBITED_CONTENT": _UNSAFE, "IMAGE_RECITATION": _UNSAFE, "IMAGE_OTHER": _NOTHING,
    "NO_IMAGE": _NOTHING,
})  # fmt: skip


def _invalid(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    return error(400, "Request contains an invalid argument.", "INVALID_ARGUMENT")


def _denied(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    told = "Generative Language API has not been used in project 000000000000 before or it is disabled. Enable it by "
    told += f"visiting https://console.developers.google.com/apis/api/{SERVICE}/overview then retry."
    info = {"@type": f"{RPC}ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com",
            "metadata": {"service": SERVICE}}  # fmt: skip
    return error(403, told, "PERMISSION_DENIED", [info])


def _internal(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    told = "An internal error has occurred. Please retry or report in "
    return error(500, told + "https://developers.generativeai.google/guide/troubleshooting", "INTERNAL")


def _deadline(fault: Fault, wish: Wish, settings: Settings) -> Answer:
    return error(504, "The request timed out. Please try again.", "DEADLINE_EXCEEDED")


_FAILED: Mapping[str, Callable[[Fault, Wish, Settings], Answer]] = MappingProxyType({
    "blocked": _blocked, "finished": _finished, "invalid_argument": _invalid, "permission_denied": _denied,
    "internal": _internal, "deadline": _deadline,
    "empty_parts": lambda fault, wish, settings: _candidate(wish, "STOP", content={"parts": [], "role": "model"}),
    "no_content": lambda fault, wish, settings: _candidate(wish, "STOP"),
    "text_only": lambda fault, wish, settings: _candidate(
        wish, "STOP", content={"parts": [{"text": WORDS}], "role": "model"}),
    "api_key_invalid": lambda fault, wish, settings: _wrong_key(),
    "retired": lambda fault, wish, settings: error(404, REMOVED.format(model=wish.model), "NOT_FOUND"),
    "per_minute": lambda fault, wish, settings: _exhausted(wish, "PerMinute", 10, fault.number),
    "per_day": lambda fault, wish, settings: _exhausted(wish, "PerDay", 250, 37.4),
    "overloaded": lambda fault, wish, settings: error(
        503, "The model is overloaded. Please try again later.", "UNAVAILABLE"),
})  # fmt: skip
