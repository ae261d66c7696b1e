"""What the tests' server knows: its models, which are loaded, what was asked, what to answer, what to do wrong."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.ollama.vectors import Embed, minilm

GIB = 1 << 30
MODELS = {"qwen2.5:14b": 9 * GIB, "nomic-embed-text:latest": GIB // 4}

Kind = Literal["drop", "slow", "hang", "html", "status", "error_line", "garbage", "empty"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with one request.

    `drop`: the connection ends after `after` chunks. `slow`: `seconds` between chunks. `hang`: nothing comes any more
    after `after` chunks. `html`: a proxy's page. `status`: that HTTP status, `text` as Ollama's error. `error_line`:
    an error within the stream, as Ollama sends it when its runner dies. `garbage`: no JSON. `empty`: an answer without
    any text.
    """

    kind: Kind
    after: int = 0
    status: int = 500
    text: str = "llama runner process has terminated: cudaMalloc failed: out of memory"
    seconds: float = 0.05
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came. `body`: its JSON, {} = none."""

    method: str
    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """What the model is asked: the prompt, or the text of the last message."""
        if "prompt" in self.body:
            return str(self.body["prompt"])
        messages = self.body.get("messages") or [{}]
        content = messages[-1].get("content", "")
        if isinstance(content, str):
            return content
        return " ".join(part.get("text", "") for part in content)


Answer = str | Callable[[Asked], str]


class State:
    """Shared by the handler's threads and the test."""

    def __init__(
        self,
        answers: Sequence[Answer] | Answer,
        models: Mapping[str, int] | None,
        *,
        embed: Embed | None,
        refuses: frozenset[str],
        key: str,
        linger: int,
        thinking: str,
        unstreamed: bool,
    ) -> None:
        listed = [answers] if isinstance(answers, str) or callable(answers) else list(answers)
        self._answers: deque[Answer] = deque(listed or ["{}"])
        self.models = {named(name): size for name, size in (MODELS if models is None else models).items()}
        self.embed = embed
        self.refuses = refuses
        self.key = key
        self.thinking = thinking
        self.unstreamed = unstreamed
        self.linger = linger
        self.loaded: dict[str, int] = {}
        self.leaving: dict[str, int] = {}
        self.requests: list[Asked] = []
        self.faults: deque[tuple[str, Fault]] = deque()
        self.closing = threading.Event()
        self.hung_up = threading.Event()
        self.written = 0
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> str:
        """The next answer; the last one is given for ever."""
        with self._lock:
            now = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        return now(asked) if callable(now) else now

    def fault(self, path: str) -> Fault | None:
        """What is to go wrong with a request of `path`, once."""
        with self._lock:
            for one in self.faults:
                if one[0] in path:
                    self.faults.remove(one)
                    return one[1]
        return None

    def vectors(self, texts: Sequence[str]) -> list[list[float]]:
        """Of the function that the test gave, else of a real model."""
        return (self.embed or minilm())(texts)

    def load(self, name: str) -> None:
        """A model comes onto the card, with a tenth more than its file for the context."""
        self.leaving.pop(name, None)
        self.loaded[name] = self.models[name] * 11 // 10

    def unload(self, name: str) -> None:
        """It leaves: at once, or after it was looked for `linger` more times."""
        if self.linger and name in self.loaded:
            self.leaving[name] = self.linger
        else:
            self.loaded.pop(name, None)

    def look(self) -> dict[str, int]:
        """What is loaded now; each look lets those that are leaving come nearer to the door."""
        for name in list(self.leaving):
            self.leaving[name] -= 1
            if self.leaving[name] < 0:
                del self.leaving[name]
                self.loaded.pop(name, None)
        return dict(self.loaded)


def named(name: str) -> str:
    """`qwen2.5` is `qwen2.5:latest`."""
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"
