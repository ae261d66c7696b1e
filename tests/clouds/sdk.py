"""The real SDKs against the tests' server. They are imported here only when a client is made: each takes a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.clouds import Clouds

GPT, BANANA = "gpt-image-2", "gemini-nano-banana-2.1"


@dataclass(frozen=True)
class Told:
    """What came out of a call: `name` is that of the answer's or of the exception's class, with its module."""

    name: str
    value: Any = None
    error: Any = None
    parents: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def openai_client(clouds: Clouds, timeout: float = 20.0, key: str = "") -> Any:
    """As a provider makes it; seconds."""
    import openai

    return openai.OpenAI(base_url=clouds.openai_url, api_key=key or clouds.openai_key, max_retries=0, timeout=timeout)


def gemini_client(clouds: Clouds, timeout: float = 20.0, key: str = "", version: str = "v1") -> Any:
    """As a provider makes it; seconds. `version`: the SDK's own default since 3.0 is v1."""
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=clouds.gemini_url, timeout=round(timeout * 1000), api_version=version)
    return genai.Client(api_key=key or clouds.gemini_key, http_options=options)


def ask_openai(client: Any, prompt: str, **more: Any) -> Told:
    """One request for pictures."""
    wish = {"model": GPT, "prompt": prompt, "size": "1024x1024", "quality": "low"} | more
    return told(lambda: client.images.generate(**wish))


def ask_gemini(client: Any, prompt: str, model: str = BANANA, **image: Any) -> Told:
    """One request for a picture."""
    from google.genai import types

    wanted = types.ImageConfig(**image) if image else None
    config = types.GenerateContentConfig(response_modalities=["IMAGE"], image_config=wanted)
    return told(lambda: client.models.generate_content(model=model, contents=prompt, config=config))


def told(call: Any) -> Told:
    """What `call` returns or raises."""
    try:
        value = call()
    except Exception as error:  # noqa: BLE001 - which one it is, is what is asked
        response = getattr(error, "response", None)
        headers = {name.lower(): value for name, value in response.headers.items()} if response is not None else {}
        return Told(named(type(error)), None, error, tuple(named(one) for one in type(error).__mro__), headers)
    return Told(named(type(value)), value)


def named(kind: type) -> str:
    """Module and name, the module without its private parts."""
    module = ".".join(part for part in kind.__module__.split(".") if not part.startswith("_"))
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"
