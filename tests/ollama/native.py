"""Ollama's own end points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ollama import wire
from tests.ollama.state import Asked, named

if TYPE_CHECKING:
    from tests.ollama.server import Handler

NDJSON = "application/x-ndjson"


def get(handler: Handler, asked: Asked) -> bool:
    """Answer a GET; False = there is no such end point."""
    state = handler.state
    if asked.path == "/":
        handler.send(200, b"Ollama is running", "text/plain; charset=utf-8")
    elif asked.path == "/api/tags":
        handler.json(200, wire.tags(state.models))
    elif asked.path == "/api/ps":
        handler.json(200, wire.ps(state.look()))
    elif asked.path == "/api/version":
        handler.json(200, {"version": "0.12.10"})
    else:
        return False
    return True


def post(handler: Handler, asked: Asked) -> bool:
    """Answer a POST; False = there is no such end point."""
    kind = asked.path.removeprefix("/api/")
    if asked.path not in ("/api/chat", "/api/generate", "/api/embed", "/api/show"):
        return False
    model = str(asked.body.get("model", ""))
    if not model:
        handler.json(400, {"error": "model is required"})
    elif named(model) not in handler.state.models:
        handler.json(404, {"error": f"model '{model}' not found"})
    elif kind == "show":
        handler.json(200, wire.show(named(model)))
    elif kind == "embed":
        _embed(handler, asked, model)
    else:
        _write(handler, asked, kind, model)
    return True


def _embed(handler: Handler, asked: Asked, model: str) -> None:
    texts = asked.body.get("input", "")
    handler.state.load(named(model))
    listed = [texts] if isinstance(texts, str) else list(texts)
    handler.json(200, wire.embedded(model, handler.state.vectors(listed) if listed else []))


def _write(handler: Handler, asked: Asked, kind: str, model: str) -> None:
    state, body = handler.state, asked.body
    if "think" in body and ("think" in state.refuses or (body["think"] and not state.thinking)):
        handler.json(400, {"error": f'"{model}" does not support thinking'})
        return
    if "format" in body and "format" in state.refuses:
        handler.json(500, {"error": "failed to load model vocabulary required for format"})
        return
    if not body.get("prompt") and not body.get("messages"):
        leaves = body.get("keep_alive") in (0, "0", "0s")
        (state.unload if leaves else state.load)(named(model))
        handler.json(200, wire.short_answer(kind, model, "unload" if leaves else "load"))
        return
    state.load(named(model))
    fault = handler.fault
    text = "" if fault is not None and fault.kind == "empty" else state.answer(asked)
    limit = int(body.get("options", {}).get("num_predict", -1))
    thinking = "" if body.get("think") is False else state.thinking
    _send(handler, asked, text, limit, thinking)
    if body.get("keep_alive") == 0:
        state.unload(named(model))


def _send(handler: Handler, asked: Asked, text: str, limit: int, thinking: str) -> None:
    kind, model = asked.path.removeprefix("/api/"), asked.body["model"]
    if asked.body.get("stream") is False or handler.state.unstreamed:
        handler.json(200, wire.whole(kind, model, text, limit, thinking))
        return
    lines: list[Any] = list(wire.streamed(kind, model, text, limit, thinking))
    if handler.fault is not None and handler.fault.kind == "error_line":
        lines = [*lines[: handler.fault.after], {"error": handler.fault.text}]
    handler.stream(NDJSON, [wire.go_json(line) + b"\n" for line in lines])
