"""What Google's `generateContent` takes for a picture and what it rejects (ai.google.dev/gemini-api/docs)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tests.clouds.billing import GEMINI_TOKENS, text_tokens
from tests.clouds.settings import Settings
from tests.clouds.wish import Answer, Rejected, Wish, as_json

LIVE = tuple(GEMINI_TOKENS)
RETIRED = re.compile(r"imagen-.*|gemini-2\.[05]-flash.*image.*|gemini-3\.1-flash-image.*|gemini-3-pro-image-preview")
REMOVED = (
    "This model models/{model} is no longer available. Please update your code to use a newer model for the latest "
)
REMOVED += "features and improvements."
UNKNOWN = (
    "models/{model} is not found for API version {version}, or is not supported for generateContent. Call ListModels "
)
UNKNOWN += "to see the list of available models and their supported methods."
# Width and height at 1K; 2K and 4K are twice and four times that.
ASPECTS: Mapping[str, tuple[int, int]] = MappingProxyType({
    "1:1": (1024, 1024), "2:3": (848, 1264), "3:2": (1264, 848), "3:4": (896, 1200), "4:3": (1200, 896),
    "4:5": (928, 1152), "5:4": (1152, 928), "9:16": (768, 1376), "16:9": (1376, 768), "21:9": (1584, 672),
})  # fmt: skip
TIMES = MappingProxyType({"1K": 1, "2K": 2, "4K": 4})
TOP = ("contents", "generationConfig", "safetySettings", "systemInstruction", "tools", "toolConfig", "cachedContent",
       "serviceTier", "store", "labels")  # fmt: skip
CONFIG = ("responseModalities", "imageConfig", "temperature", "topP", "topK", "candidateCount", "maxOutputTokens",
          "stopSequences", "seed", "mediaResolution", "thinkingConfig", "responseMimeType")  # fmt: skip
IMAGE = ("aspectRatio", "imageSize")


def error(status: int, message: str, name: str, details: Sequence[Mapping[str, Any]] = ()) -> Answer:
    """As Google writes its errors."""
    told: dict[str, Any] = {"code": status, "message": message, "status": name}
    if details:
        told["details"] = list(details)
    return as_json(status, {"error": told}, kind="application/json; charset=UTF-8")


def wish(body: Mapping[str, Any], version: str, call: str, settings: Settings) -> Wish:
    """The request that this is; `call` is the end of its address, `MODEL:METHOD`. Raises Rejected."""
    model, _, method = call.partition(":")
    _known_model(version, model, method, settings)
    config = body.get("generationConfig") or {}
    image = config.get("imageConfig") or {}
    _no_others(body, TOP, "")
    _no_others(config, CONFIG, "generation_config")
    _no_others(image, IMAGE, "generation_config.image_config")
    if "IMAGE" not in [one.upper() for one in config.get("responseModalities", ["TEXT", "IMAGE"])]:
        raise _invalid("This server makes pictures only: responseModalities lacks IMAGE.")
    if config.get("candidateCount", 1) != 1:
        raise _invalid("Multiple candidates is not enabled for this model")
    prompt = _prompt(body)
    size, each = _size(image, model)
    kind = "jpeg" if settings.jpeg else "png"
    return Wish(prompt, model, size, 1, kind, False, text_tokens(prompt), each)


def _invalid(message: str) -> Rejected:
    return Rejected(error(400, message, "INVALID_ARGUMENT"))


def _known_model(version: str, model: str, method: str, settings: Settings) -> None:
    if RETIRED.fullmatch(model) or model in settings.retired:
        raise Rejected(error(404, REMOVED.format(model=model), "NOT_FOUND"))
    if model not in LIVE or method != "generateContent":
        raise Rejected(error(404, UNKNOWN.format(model=model, version=version), "NOT_FOUND"))


def _no_others(part: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for name in part:
        if name not in known:
            at = f" at '{where}'" if where else ""
            told = f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
            violation = {"field": where, "description": told}
            details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
            raise Rejected(error(400, told, "INVALID_ARGUMENT", details))


def _prompt(body: Mapping[str, Any]) -> str:
    contents = body.get("contents") or []
    if not contents:
        raise _invalid("* GenerateContentRequest.contents: contents is not specified\n")
    words = [part["text"] for part in contents[-1].get("parts", []) if part.get("text")]
    if not words:
        raise _invalid("Unable to submit request because it must have a text parameter.")
    return "\n".join(words)


def _size(image: Mapping[str, Any], model: str) -> tuple[tuple[int, int], int]:
    """In pixels; and tokens."""
    aspect, named = image.get("aspectRatio", "1:1"), image.get("imageSize", "1K")
    tokens = GEMINI_TOKENS[model]
    if aspect not in ASPECTS:
        raise _invalid(f"aspect_ratio must be one of {', '.join(repr(one) for one in ASPECTS)}.")
    if named not in tokens:
        raise _invalid(f"image_size must be one of {', '.join(repr(one) for one in tokens)}.")
    width, height = ASPECTS[aspect]
    return (width * TIMES[named], height * TIMES[named]), tokens[named]
