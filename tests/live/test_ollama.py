"""Against a real Ollama, where one answers at $OLLAMA_HOST or on this computer; skipped everywhere else.

Uses the smallest model that is pulled, or the one in $STOCKGEN_LIVE_MODEL.
"""

from __future__ import annotations

import os

import pytest
import requests

from stockgen.answers.asking import asked
from stockgen.domain.protocols import Brief
from stockgen.writers.ollama import Ollama, Options

URL = os.environ.get("OLLAMA_HOST", "") or "localhost:11434"
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
KEYS = {"title_en": TEXT, "title_ko": TEXT, "tags_en": TEXTS, "tags_ko": TEXTS, "prompt": TEXT}
SCHEMA = {
    "type": "object",
    "properties": {"ideas": {"type": "array", "items": {"type": "object", "properties": KEYS, "required": list(KEYS)}}},
    "required": ["ideas"],
}
ASKED = (
    "Invent 3 ideas for stock pictures about spring. Answer in JSON. title_en and tags_en are English; title_ko and "
    "tags_ko are Korean in Hangul; prompt describes the picture in English in 15 to 40 words."
)


def pulled() -> dict[str, int]:
    url = Options(url=URL, model="x").url
    try:
        listed = requests.get(f"{url}/api/tags", timeout=0.5).json()["models"]
    except (requests.RequestException, ValueError, KeyError):
        return {}
    return {one["name"]: one["size"] for one in listed if "embed" not in one["name"] and "minilm" not in one["name"]}


@pytest.fixture(scope="module")
def writer() -> Ollama:
    models = pulled()
    wanted = os.environ.get("STOCKGEN_LIVE_MODEL", "")
    if not models or (wanted and wanted not in models):
        pytest.skip("no Ollama answers here")
    model = wanted or min(models, key=lambda name: models[name])
    return Ollama(Options(url=URL, model=model, timeout="5m"))


@pytest.mark.timeout(900)
def test_a_real_model_gives_ideas_and_leaves_the_card(writer: Ollama) -> None:
    assert writer.missing() is None
    steps: list[str] = []
    ideas = asked(writer, Brief(text=ASKED, schema=SCHEMA, tokens=2048), steps.append)
    assert ideas
    assert all(idea.prompt and idea.title["en"] and idea.title["ko"] for idea in ideas)
    assert writer.needs() >= 0
    writer.release()
    assert writer.on_card() == 0


@pytest.mark.timeout(900)
def test_a_model_that_nobody_pulled_is_missing(writer: Ollama) -> None:
    lack = Ollama(Options(url=URL, model="stockgen-no-such-model:1b")).missing()
    assert lack is not None
    assert lack.facts["command"] == "ollama pull stockgen-no-such-model:1b"
