"""What the real SDKs make of every answer and fault: the facts that the providers are written by.

The tables below are those facts. Besides:
- Neither SDK's timeout ends an answer that comes byte by byte: it counts from one read to the next.
- `openai` does not decode base64; `google.genai` does, and raises pydantic's ValidationError where it can't.
- `openai` returns a `str` where a 200 is HTML; `google.genai` raises json's JSONDecodeError.
- `google.genai` raises errors of the network as they are, of httpx2; `openai` wraps them, with `__cause__`.
- `google.genai` calls the API's v1 by default since 3.0, with v1beta if told; it never tells a `finishMessage`.
- `openai.APITimeoutError` is an `APIConnectionError`: catch it first. Neither has a `status_code`; `code` is None.
- `google.genai`'s errors hold the whole body in `.details`; of an HTML page `.status` is the reason phrase.
- A wrong key is 401 at OpenAI and 400 INVALID_ARGUMENT at Google, to be known by details' reason API_KEY_INVALID.
- Google tells a retryDelay with a spent day too; only the quotaId tells which it is.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.clouds import Clouds
from tests.clouds.faults import GEMINI, OPENAI, of
from tests.clouds.sdk import Told, ask_gemini, ask_openai, gemini_client, openai_client

IMAGES, CONTENT = "openai.types.images_response.ImagesResponse", "google.genai.types.GenerateContentResponse"
SILENT, HASTY, PATIENT = ("hang", "stall"), 0.5, 20.0

# fault → exception (or answer), HTTP status, code, type, headers that tell when to ask again
OF_OPENAI: list[tuple[str, str, int | None, str | None, str | None, dict[str, str]]] = [
    ("ok", IMAGES, None, None, None, {}),
    ("slow:0.1", IMAGES, None, None, None, {}),
    ("hang", "openai.APITimeoutError", None, None, None, {}),
    ("stall", "openai.APITimeoutError", None, None, None, {}),
    ("reset", "openai.APIConnectionError", None, None, None, {}),
    ("drop", "openai.APIConnectionError", None, None, None, {}),
    ("truncated", IMAGES, None, None, None, {}),
    ("cut", IMAGES, None, None, None, {}),
    ("wrong_size", IMAGES, None, None, None, {}),
    ("webp", IMAGES, None, None, None, {}),
    ("html_200", "str", None, None, None, {}),
    ("html_502", "openai.InternalServerError", 502, None, None, {}),
    ("internal", "openai.InternalServerError", 500, None, "server_error", {}),
    ("overloaded", "openai.InternalServerError", 503, None, "server_error", {}),
    ("empty_data", IMAGES, None, None, None, {}),
    ("fewer", IMAGES, None, None, None, {}),
    ("moderation_blocked", "openai.BadRequestError", 400, "moderation_blocked", "image_generation_user_error", {}),
    ("content_policy_violation", "openai.BadRequestError", 400, "content_policy_violation",
     "invalid_request_error", {}),
    ("billing_hard_limit", "openai.BadRequestError", 400, "billing_hard_limit_reached",
     "image_generation_user_error", {}),
    ("invalid_api_key", "openai.AuthenticationError", 401, "invalid_api_key", "invalid_request_error", {}),
    ("unverified", "openai.PermissionDeniedError", 403, None, "invalid_request_error", {}),
    ("retired", "openai.NotFoundError", 404, "model_not_found", "invalid_request_error", {}),
    ("rate_limit", "openai.RateLimitError", 429, "rate_limit_exceeded", "input-images", {}),
    ("rate_limit_after:7", "openai.RateLimitError", 429, "rate_limit_exceeded", "input-images", {"retry-after": "7"}),
    ("rate_limit_after_ms:1500", "openai.RateLimitError", 429, "rate_limit_exceeded", "input-images",
     {"retry-after": "2", "retry-after-ms": "1500"}),
    ("insufficient_quota", "openai.RateLimitError", 429, "insufficient_quota", "insufficient_quota", {}),
]  # fmt: skip

CLIENT, SERVER = "google.genai.errors.ClientError", "google.genai.errors.ServerError"
# fault → exception (or answer), code, status
OF_GEMINI: list[tuple[str, str, int | None, str | None]] = [
    ("ok", CONTENT, None, None), ("slow:0.1", CONTENT, None, None), ("cut", CONTENT, None, None),
    ("wrong_size", CONTENT, None, None), ("webp", CONTENT, None, None),
    ("hang", "httpx2.ReadTimeout", None, None), ("stall", "httpx2.ReadTimeout", None, None),
    ("reset", "httpx2.ReadError", None, None), ("drop", "httpx2.RemoteProtocolError", None, None),
    ("truncated", "pydantic_core.ValidationError", None, None),
    ("html_200", "json.decoder.JSONDecodeError", None, None),
    ("html_502", SERVER, 502, "Bad Gateway"), ("internal", SERVER, 500, "INTERNAL"),
    ("overloaded", SERVER, 503, "UNAVAILABLE"), ("deadline", SERVER, 504, "DEADLINE_EXCEEDED"),
    ("invalid_argument", CLIENT, 400, "INVALID_ARGUMENT"), ("api_key_invalid", CLIENT, 400, "INVALID_ARGUMENT"),
    ("permission_denied", CLIENT, 403, "PERMISSION_DENIED"), ("retired", CLIENT, 404, "NOT_FOUND"),
    ("per_minute:30", CLIENT, 429, "RESOURCE_EXHAUSTED"), ("per_day", CLIENT, 429, "RESOURCE_EXHAUSTED"),
    ("blocked:SAFETY", CONTENT, None, None), ("finished:IMAGE_SAFETY", CONTENT, None, None),
    ("empty_parts", CONTENT, None, None), ("no_content", CONTENT, None, None), ("text_only", CONTENT, None, None),
]  # fmt: skip


@pytest.mark.parametrize("row", OF_OPENAI, ids=lambda row: row[0])
def test_what_openai_makes_of(clouds: Clouds, row: tuple[Any, ...]) -> None:
    fault, name, status, code, kind, again = row
    clouds.script("openai", fault)
    with openai_client(clouds, HASTY if fault in SILENT else PATIENT) as client:
        found = ask_openai(client, f"a fox with {fault}")
    assert (found.name, getattr(found.error, "status_code", None)) == (name, status)
    assert (getattr(found.error, "code", None), getattr(found.error, "type", None)) == (code, kind)
    assert {header: value for header, value in found.headers.items() if "retry" in header} == again


@pytest.mark.parametrize("row", OF_GEMINI, ids=lambda row: row[0])
def test_what_google_makes_of(clouds: Clouds, row: tuple[Any, ...]) -> None:
    fault, name, code, status = row
    clouds.script("gemini", fault)
    with gemini_client(clouds, HASTY if fault in SILENT else PATIENT) as client:
        found = ask_gemini(client, f"a fox with {fault}", aspect_ratio="3:2")
    assert (found.name, getattr(found.error, "code", None)) == (name, code)
    assert getattr(found.error, "status", None) == status


def test_no_fault_is_left_out_of_the_tables() -> None:
    for service, table in ((OPENAI, OF_OPENAI), (GEMINI, OF_GEMINI)):
        assert {row[0].partition(":")[0] for row in table} | {"drip"} == {*of(service)}


@pytest.mark.parametrize("service", [OPENAI, GEMINI])
def test_no_timeout_of_an_sdk_ends_an_answer_that_comes_byte_by_byte(service: str) -> None:
    found: list[Told] = []
    with Clouds() as server:
        server.script(service, "drip:0.05")
        client = openai_client(server, 1.0) if service == OPENAI else gemini_client(server, 1.0)
        ask = ask_openai if service == OPENAI else ask_gemini
        caller = threading.Thread(target=lambda: found.append(ask(client, "a fox")))
        caller.start()
        assert server.wait(images=1)
        caller.join(2.5)
        still = caller.is_alive()
    caller.join(20)
    client.close()
    assert (still, len(found)) == (True, 1)


def test_models_are_listed_without_those_that_are_gone(clouds: Clouds, chatgpt: Any, google: Any) -> None:
    clouds.configure(retired=["gpt-image-2", "gemini-3-pro-image"])
    names = [one.id for one in chatgpt.models.list()] + [one.name for one in google.models.list()]
    clouds.configure(retired=[])
    assert "gpt-image-2.6-flare" in names
    assert "models/gemini-nano-banana-2.1" in names
    assert not {"gpt-image-2", "dall-e-3", "models/gemini-3-pro-image"} & {*names}


def test_errors_of_the_network_keep_their_cause_at_openai(clouds: Clouds, chatgpt: Any) -> None:
    clouds.script("openai", "drop", "reset")
    causes = [type(ask_openai(chatgpt, "a fox").error.__cause__).__name__ for _ in range(2)]
    assert causes == ["RemoteProtocolError", "ReadError"]


def test_a_server_that_is_away_refuses_connections() -> None:
    with Clouds() as server, openai_client(server) as one, gemini_client(server) as other:
        server.stop()
        assert [ask_openai(one, "a fox").name, ask_gemini(other, "a fox").name] == [
            "openai.APIConnectionError", "httpx2.ConnectError"]  # fmt: skip
