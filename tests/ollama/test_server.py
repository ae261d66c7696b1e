"""The tests' server speaks as the real one does: names, order and form as in Ollama's docs/api.md."""

from __future__ import annotations

import json
import re
from typing import Any

import requests

from tests.ollama import OllamaServer
from tests.ollama.vectors import letters

MODEL = "qwen2.5:14b"
LAST = ["total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count", "eval_duration"]
DETAILS = ["parent_model", "format", "family", "families", "parameter_size", "quantization_level"]


def post(server: OllamaServer, path: str, **body: Any) -> requests.Response:
    return requests.post(server.url + path, json=body, timeout=20)


def test_a_streamed_chat_is_lines_of_json_with_the_statistics_in_the_last() -> None:
    with OllamaServer("Hello <b>세계</b>") as server:
        response = post(server, "/api/chat", model=MODEL, messages=[{"role": "user", "content": "hi"}])
    assert response.headers["Content-Type"] == "application/x-ndjson"
    lines = response.content.decode().splitlines()
    parts = [json.loads(line) for line in lines]
    assert "\\u003cb\\u003e" in response.text
    assert not re.search(r'":\s|,\s"', lines[-1])
    assert list(parts[0]) == ["model", "created_at", "message", "done"]
    assert list(parts[-1]) == ["model", "created_at", "message", "done", "done_reason", *LAST]
    assert "".join(part["message"]["content"] for part in parts) == "Hello <b>세계</b>"
    assert [part["done"] for part in parts] == [False] * (len(parts) - 1) + [True]


def test_a_whole_answer_is_one_object() -> None:
    with OllamaServer("Hello") as server:
        response = post(server, "/api/generate", model=MODEL, prompt="hi", stream=False, options={"num_predict": 0})
        body = response.json()
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert list(body) == ["model", "created_at", "response", "done", "done_reason", "context", *LAST]
    assert (body["response"], body["done_reason"]) == ("", "length")


def test_models_are_listed_loaded_and_unloaded_as_asked() -> None:
    with OllamaServer("x") as server:
        (first, _) = requests.get(f"{server.url}/api/tags", timeout=20).json()["models"]
        assert list(first) == ["name", "model", "modified_at", "size", "digest", "details"]
        assert list(first["details"]) == DETAILS
        assert requests.get(f"{server.url}/api/ps", timeout=20).json() == {"models": []}
        assert post(server, "/api/generate", model=MODEL).json()["done_reason"] == "load"
        (loaded,) = requests.get(f"{server.url}/api/ps", timeout=20).json()["models"]
        names = ["name", "model", "size", "digest", "details", "expires_at", "size_vram", "context_length"]
        assert list(loaded) == names
        assert post(server, "/api/generate", model=MODEL, keep_alive=0).json()["done_reason"] == "unload"
        assert requests.get(f"{server.url}/api/ps", timeout=20).json() == {"models": []}
        assert requests.get(f"{server.url}/api/version", timeout=20).json()["version"]
        assert post(server, "/api/show", model=MODEL).json()["capabilities"] == ["completion"]


def test_vectors_and_faults_have_their_form() -> None:
    with OllamaServer("x", embed=letters) as server:
        body = post(server, "/api/embed", model="nomic-embed-text", input="why").json()
        assert list(body) == ["model", "embeddings", "total_duration", "load_duration", "prompt_eval_count"]
        assert body["embeddings"] == letters(["why"])
        gone = post(server, "/api/chat", model="none", messages=[{"role": "user", "content": "hi"}])
        assert (gone.status_code, gone.json()) == (404, {"error": "model 'none' not found"})
        assert post(server, "/api/nothing").text == "404 page not found"
