"""The end points that OpenAI's clients use, as Ollama, llama.cpp, vLLM and Gemini have them too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.ollama import wire
from tests.ollama.state import Asked

if TYPE_CHECKING:
    from tests.ollama.server import Handler

PARAMETERS = ("max_tokens", "max_completion_tokens", "temperature", "seed", "stream")


def get(handler: Handler, asked: Asked) -> bool:
    """Answer a GET; False = there is no such end point."""
    if not asked.path.endswith("/models") or "models" in handler.state.refuses:
        return False
    if _admitted(handler, asked):
        listed = [
            {"id": name, "object": "model", "created": 1790000000, "owned_by": "x"} for name in handler.state.models
        ]
        handler.json(200, {"object": "list", "data": listed})
    return True


def post(handler: Handler, asked: Asked) -> bool:
    """Answer a POST; False = there is no such end point."""
    if asked.path.endswith("/chat/completions"):
        if _admitted(handler, asked) and _known(handler, asked) and _accepted(handler, asked):
            _chat(handler, asked)
        return True
    if asked.path.endswith("/embeddings"):
        if _admitted(handler, asked) and _known(handler, asked):
            _embeddings(handler, asked)
        return True
    return False


def _refuse(handler: Handler, status: int, message: str, code: str = "", param: str = "") -> None:
    body = {"message": message, "type": "invalid_request_error", "param": param or None, "code": code or None}
    handler.json(status, {"error": body})


def _admitted(handler: Handler, asked: Asked) -> bool:
    key = handler.state.key
    if key and asked.headers.get("authorization") != f"Bearer {key}":
        _refuse(handler, 401, "Incorrect API key provided.", "invalid_api_key")
        return False
    return True


def _known(handler: Handler, asked: Asked) -> bool:
    if asked.body.get("model") in handler.state.models:
        return True
    _refuse(handler, 404, f"The model `{asked.body.get('model')}` does not exist", "model_not_found")
    return False


def _accepted(handler: Handler, asked: Asked) -> bool:
    refuses = handler.state.refuses
    form = asked.body.get("response_format", {}).get("type", "")
    if form in refuses:
        _refuse(handler, 400, f"'response_format.type' '{form}' is not supported", param="response_format")
        return False
    for name in PARAMETERS:
        if name in asked.body and name in refuses:
            also = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
            text = f"Unsupported parameter: '{name}' is not supported with this model.{also}"
            _refuse(handler, 400, text, "unsupported_parameter", name)
            return False
    return True


def _chat(handler: Handler, asked: Asked) -> None:
    state, body = handler.state, asked.body
    fault = handler.fault
    text = "" if fault is not None and fault.kind == "empty" else state.answer(asked)
    limit = int(body.get("max_tokens") or body.get("max_completion_tokens") or -1)
    short = text if limit < 0 else text[: limit * wire.CHUNK]
    reason = "stop" if short == text else "length"
    head: dict[str, Any] = {
        "id": "chatcmpl-7",
        "created": 1790000000,
        "model": body["model"],
        "system_fingerprint": "fp_x",
    }
    if not body.get("stream") or state.unstreamed:
        message = {"role": "assistant", "content": short}
        choice: dict[str, Any] = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        usage = {"prompt_tokens": 26, "completion_tokens": 9, "total_tokens": 35}
        handler.json(200, head | {"object": "chat.completion", "choices": [choice], "usage": usage})
        return
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "content": ""},
        *({"content": one} for one in wire.parts(short)),
    ]
    chunks: list[dict[str, Any]] = [{"index": 0, "delta": one, "finish_reason": None} for one in deltas]
    chunks.append({"index": 0, "delta": {}, "finish_reason": reason})
    events = [_event(head | {"object": "chat.completion.chunk", "choices": [one]}) for one in chunks]
    if fault is not None and fault.kind == "error_line":
        events = [*events[: fault.after], _event({"error": {"message": fault.text}})]
    handler.stream("text/event-stream", [*events, b"data: [DONE]\n\n"])


def _event(value: Any) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def _embeddings(handler: Handler, asked: Asked) -> None:
    texts = asked.body.get("input", "")
    vectors = handler.state.vectors([texts] if isinstance(texts, str) else list(texts))
    data = [{"object": "embedding", "embedding": one, "index": at} for at, one in enumerate(vectors)]
    usage = {"prompt_tokens": 8, "total_tokens": 8}
    handler.json(200, {"object": "list", "data": data[::-1], "model": asked.body["model"], "usage": usage})
