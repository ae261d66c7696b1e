"""What a test may set, while the server runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

OPENAI_KEY = "sk-proj-tests0123456789abcdefghijklmnopqrstuvwxyzT3st"
GEMINI_KEY = "AIzaTests0123456789abcdefghijklmnopqrst"


@dataclass(frozen=True)
class Settings:
    """`latency`, `jitter`: seconds from a request to its answer, more or less by up to so much, drawn by the prompt.
    `per_minute`: service → pictures in any `window` seconds. `keys`: service → the key that is right. `retired`: models
    beside those that are by now. `opaque`: models that refuse transparency. `unmasked`: OpenAI tells the whole wrong
    key back, as proxies do. `signed`: files have a box of Content Credentials. `by_prompt`: a part of a prompt → the
    fault that each such request has. `jpeg`: whether Gemini makes JPEG, as it does; else PNG.
    """

    latency: float = 0.0
    jitter: float = 0.0
    per_minute: Mapping[str, int] = field(default_factory=dict)
    window: float = 60.0
    keys: Mapping[str, str] = field(default_factory=lambda: {"openai": OPENAI_KEY, "gemini": GEMINI_KEY})
    retired: Sequence[str] = ()
    opaque: Sequence[str] = ("gpt-image-2.6-sunburst", "gpt-image-2.6-flare")
    unmasked: bool = False
    signed: bool = False
    by_prompt: Mapping[str, str] = field(default_factory=dict)
    jpeg: bool = True

    def changed(self, **to: Any) -> Self:
        """With other values. Raises ValueError for a name that there is not."""
        unknown = to.keys() - {one.name for one in fields(self)}
        if unknown:
            raise ValueError(f"no setting {', '.join(sorted(unknown))}")
        return replace(self, **to)


@dataclass(frozen=True)
class Storm:
    """A share of the requests goes wrong, each by one of `kinds`: drawn by seed, prompt, and how often that prompt was
    asked, so whatever order they arrive in.
    """

    share: float
    seed: int
    kinds: Sequence[str]
    services: Sequence[str]
