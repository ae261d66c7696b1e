"""What OpenAI's `POST /v1/images/generations` takes and what it rejects; lists of the SDK's ImageGenerateParams and of
the deprecations page, November 2026. Streaming, GIF and SVG are not spoken here and rejected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tests.clouds.billing import openai_tokens, text_tokens
from tests.clouds.settings import Settings
from tests.clouds.wish import Answer, Rejected, Wish, as_json

FREE = ("gpt-image-2", "gpt-image-2-2026-04-21", "gpt-image-2.5-sunburst", "gpt-image-2.5-sunburst-2026-09-08",
        "gpt-image-2.5-flare", "gpt-image-2.5-flare-2026-09-08", "gpt-image-2.6-sunburst",
        "gpt-image-2.6-flare")  # fmt: skip
FIXED = ("gpt-image-1-mini", "gpt-image-1.5", "chatgpt-image-latest")
RETIRED = ("dall-e-2", "dall-e-3", "gpt-image-1")
SIZES = ("1024x1024", "1024x1536", "1536x1024", "auto")
PIXELS = (655_360, 8_294_400)
EDGE, STEP, RATIO, LONGEST = 3840, 16, 3, 32_000
LEGACY = ("response_format", "style")  # of DALL-E only
KNOWN = ("prompt", "model", "n", "size", "quality", "background", "output_format", "output_compression", "moderation",
         "complexity", "user", "safety_identifier")  # fmt: skip
NEWER = re.compile(r"gpt-image-2\.[56]")
DEPRECATIONS = "https://platform.openai.com/docs/deprecations"


def error(status: int, message: str, code: str | None, param: str | None = None, kind: str = "invalid_request_error",
          headers: Mapping[str, str] | None = None, **more: Any) -> Answer:  # fmt: skip
    """As OpenAI writes its errors."""
    told = {"message": message, "type": kind, "param": param, "code": code, **more}
    return as_json(status, {"error": told}, headers)


def wish(body: Mapping[str, Any], settings: Settings) -> Wish:
    """The request that this is. Raises Rejected."""
    model = _text(body, "model", None)
    _known_model(model, settings)
    for name in body:
        if name not in KNOWN:
            raise _bad(f"Unknown parameter: '{name}'.", "unknown_parameter", name)
    prompt = _prompt(body)
    size = _size(model, _text(body, "size", "auto"))
    quality = _one_of(
        body, "quality", ("low", "medium", "high", "auto", *(("xhigh", "max") if NEWER.match(model) else ()))
    )
    kind = _one_of(body, "output_format", ("png", "webp", "jpeg"), "png")
    background = _background(body, model, kind, settings)
    _one_of(body, "moderation", ("low", "auto"))
    _compression(body, kind)
    if body.get("complexity") is not None and "2.6" not in model:
        raise _bad("Unknown parameter: 'complexity'.", "unknown_parameter", "complexity")
    rendered = "medium" if quality == "auto" else quality
    told = {"background": background, "output_format": kind, "quality": rendered, "size": f"{size[0]}x{size[1]}"}
    each = openai_tokens(model, size, rendered)
    return Wish(prompt, model, size, _count(body), kind, background == "transparent", text_tokens(prompt), each, told)


def gone(model: str) -> Answer:
    """That a model was shut."""
    return error(404, f"The model `{model}` has been deprecated, learn more here: {DEPRECATIONS}", "model_not_found")


def _bad(message: str, code: str, param: str) -> Rejected:
    return Rejected(error(400, message, code, param))


def _known_model(model: str, settings: Settings) -> None:
    if model in (*RETIRED, *settings.retired):
        raise Rejected(gone(model))
    if model not in (*FREE, *FIXED):
        told = f"The model `{model}` does not exist or you do not have access to it."
        raise Rejected(error(404, told, "model_not_found"))


def _text(body: Mapping[str, Any], name: str, default: str | None) -> str:
    value = body.get(name)
    if value is None:
        if default is None:
            raise _bad(f"Missing required parameter: '{name}'.", "missing_required_parameter", name)
        return default
    if not isinstance(value, str):
        found = _type_of(value)
        raise _bad(f"Invalid type for '{name}': expected a string, but got {found} instead.", "invalid_type", name)
    return value


def _type_of(value: Any) -> str:
    names: Mapping[type, str] = MappingProxyType({
        bool: "a boolean", int: "an integer", float: "a decimal number", list: "an array", dict: "an object",
        str: "a string",
    })  # fmt: skip
    return names[type(value)]


def _prompt(body: Mapping[str, Any]) -> str:
    prompt = _text(body, "prompt", None)
    if not prompt:
        told = (
            "Invalid 'prompt': empty string. Expected a string with minimum length 1, but got an empty string instead."
        )
        raise _bad(told, "empty_string", "prompt")
    if len(prompt) > LONGEST:
        told = f"Expected a string with maximum length {LONGEST}, but got a string with length {len(prompt)} instead."
        raise _bad(f"Invalid 'prompt': string too long. {told}", "string_above_max_length", "prompt")
    return prompt


def _one_of(body: Mapping[str, Any], name: str, values: tuple[str, ...], default: str = "auto") -> str:
    value = _text(body, name, default)
    if value not in values:
        known = ", ".join(f"'{one}'" for one in values[:-1]) + f", and '{values[-1]}'"
        raise _bad(f"Invalid value: '{value}'. Supported values are: {known}.", "invalid_value", name)
    return value


def _count(body: Mapping[str, Any]) -> int:
    value = body.get("n")
    if value is None:
        return 1
    if not isinstance(value, int) or isinstance(value, bool):
        told = f"Invalid type for 'n': expected an integer, but got {_type_of(value)} instead."
        raise _bad(told, "invalid_type", "n")
    if not 1 <= value <= 10:
        word, sign, end = ("below minimum", ">=", 1) if value < 1 else ("above maximum", "<=", 10)
        code = f"integer_{word.split()[0]}_{'min' if value < 1 else 'max'}_value"
        told = f"Invalid 'n': integer {word} value. Expected a value {sign} {end}, but got {value} instead."
        raise _bad(told, code, "n")
    return value


def _size(model: str, told: str) -> tuple[int, int]:
    if model in FIXED:
        _one_of({"size": told}, "size", SIZES)
    if told == "auto":
        return 1024, 1024
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", told)
    if not found:
        raise _bad(f"Invalid size '{told}'. Expected 'auto' or WIDTHxHEIGHT.", "invalid_value", "size")
    width, height = int(found[1]), int(found[2])
    for wrong, why in _SIZE_RULES:
        if wrong(width, height):
            raise _bad(f"Invalid size '{told}'. {why}", "invalid_value", "size")
    return width, height


_SIZE_RULES: tuple[tuple[Callable[[int, int], bool], str], ...] = (
    (lambda w, h: bool(w % STEP or h % STEP), "Width and height must both be divisible by 16."),
    (lambda w, h: max(w, h) > RATIO * min(w, h), "The aspect ratio must be between 1:3 and 3:1."),
    (lambda w, h: max(w, h) > EDGE, f"The longest edge must be at most {EDGE} pixels."),
    (lambda w, h: w * h < PIXELS[0], "Requested resolution is below the current minimum pixel budget."),
    (lambda w, h: w * h > PIXELS[1], "Requested resolution exceeds the current pixel budget."),
)


def _background(body: Mapping[str, Any], model: str, kind: str, settings: Settings) -> str:
    value = _one_of(body, "background", ("transparent", "opaque", "auto"))
    if value != "transparent":
        return "opaque"
    told = ""
    if model in settings.opaque:
        told = "Transparent background is not supported for this model."
    elif kind == "jpeg":
        told = "Transparent background is not supported for JPEG output format."
    if told:
        raise Rejected(error(400, told, "invalid_value", "background", "image_generation_user_error"))
    return value


def _compression(body: Mapping[str, Any], kind: str) -> None:
    value = body.get("output_compression")
    if value is not None and kind == "png" and value != 100:
        told = "Compression less than 100 is not supported for PNG output format"
        raise Rejected(error(400, told, "invalid_png_output_compression", None, "image_generation_user_error"))
