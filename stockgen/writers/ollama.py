"""Text models of an Ollama server, through its own API: JSON schemas, streams, and what lies on the graphics card."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from stockgen.answers.loops import looping
from stockgen.config.values import Address, Seconds
from stockgen.domain.errors import WriterAway, WriterLacks
from stockgen.domain.protocols import Brief, Home, Writer
from stockgen.writers._here import is_here
from stockgen.writers._http import Declined, Line

MARGIN = 1.2  # of a model's file: its context and work space beside the weights, at 8192 tokens
LOOK = 200  # characters between two looks for a loop
GONE = 30.0  # seconds in which a model must have left the card
PAUSE = 0.2  # seconds between two looks whether it has


class Options(BaseModel):
    """What `writers: {ollama: …}` may say; docs/writers.md has it in words.

    `timeout`: seconds without a sign of life, loading the model included; `total`: seconds for one whole answer, after
    which what has come is used. `keep_alive`: how long Ollama keeps the model on the card afterwards. `context`: tokens
    of question and answer together. `shares_card`: whether the server uses this computer's cards; None = by its
    address.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Address = "http://localhost:11434"
    model: str = Field(min_length=1)
    timeout: Seconds = 120.0
    total: Seconds = 900.0
    keep_alive: Seconds = 300.0
    context: int = Field(8192, ge=512, le=1_048_576)
    embed: str = ""
    vision: str = ""
    shares_card: bool | None = None


class Ollama:
    """One model for words, perhaps one that sees and one that measures likeness, of one server."""

    def __init__(
        self,
        options: Options,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = f"ollama/{options.model}"
        self.sees = bool(options.vision)
        self.embeds = bool(options.embed)
        self._options = options
        self._monotonic = monotonic
        self._sleep = sleep
        self._thinks = True  # whether this server knows the parameter; found out at the first answer
        self._line = Line(
            options.url, self.name, silence=options.timeout, total=options.total, off="ollama_off", monotonic=monotonic
        )

    def missing(self) -> WriterLacks | None:
        """That the model is not pulled. Raises WriterAway where the server does not answer."""
        return None if self._size(self._options.model) is not None else self._unpulled(self._options.model)

    def also_missing(self) -> Sequence[WriterLacks]:
        """Its models for pictures and for likeness that are not pulled. Raises WriterAway."""
        pulled = dict(self._listed("/api/tags", "size"))
        named = dict.fromkeys(name for name in (self._options.vision, self._options.embed) if name)
        return [self._unpulled(name) for name in named if _full(name) not in pulled and name != self._options.model]

    def write(self, brief: Brief) -> str:
        """The answer; one that runs into a loop is cut there. Raises WriterAway, WriterLacks."""
        if brief.images and not self.sees:
            raise WriterLacks("writer_blind", writer=self.name)
        model = self._options.vision if brief.images else self._options.model
        try:
            return self._written(self._request(model, brief))
        except Declined as declined:
            if not (self._thinks and declined.status == 400 and "think" in declined.said):
                raise self._told(declined, model) from declined
        self._thinks = False
        try:
            return self._written(self._request(model, brief))
        except Declined as declined:
            raise self._told(declined, model) from declined

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Vectors of the model `embed`. Raises WriterAway, WriterLacks."""
        model = self._options.embed
        if not model:
            raise WriterLacks("no_embedding", writer=self.name, texts=len(texts))
        if not texts:
            return []
        body = {"model": model, "input": list(texts), "keep_alive": self._options.keep_alive}
        try:
            vectors = self._line.post("/api/embed", body).get("embeddings")
        except Declined as declined:
            raise self._told(declined, model) from declined
        if not isinstance(vectors, list) or len(vectors) != len(texts) or len({len(one) for one in vectors}) != 1:
            raise self._line.unlike("embeddings")
        return vectors

    def on_card(self) -> int:
        """What `/api/ps` says of our models. Raises WriterAway."""
        return sum(size for _, size in self._running()) if self._shares_card else 0

    def needs(self) -> int:
        """The larger file of its models for words and for pictures, and a margin. Raises WriterAway, WriterLacks."""
        if not self._shares_card:
            return 0
        size = self._size(self._options.model)
        if size is None:
            raise self._unpulled(self._options.model)
        seeing = self._size(self._options.vision) if self._options.vision else None
        return round(max(size, seeing or 0) * MARGIN)

    def release(self) -> None:
        """Let our models leave this computer's card and wait until they have. Raises WriterAway."""
        if not self._shares_card:
            return
        end = self._monotonic() + GONE
        for name, _ in self._running():
            try:
                self._line.post("/api/generate", {"model": name, "keep_alive": 0, "stream": False})
            except Declined as declined:
                raise self._told(declined, name) from declined
        while self._running():
            if self._monotonic() > end:
                raise WriterAway("writer_stays", writer=self.name, seconds=GONE)
            self._sleep(PAUSE)

    @property
    def _shares_card(self) -> bool:
        told = self._options.shares_card
        return is_here(self._options.url) if told is None else told

    def _request(self, model: str, brief: Brief) -> dict[str, Any]:
        user: dict[str, Any] = {"role": "user", "content": brief.text}
        if brief.images:
            user["images"] = [base64.b64encode(one).decode("ascii") for one in brief.images]
        system = [{"role": "system", "content": brief.system}] if brief.system else []
        request = {
            "model": model,
            "messages": [*system, user],
            "stream": True,
            "format": dict(brief.schema) or "json",
            "keep_alive": self._options.keep_alive,
            "options": {
                "num_ctx": self._options.context,
                "num_predict": brief.tokens,
                "temperature": brief.temperature,
                "seed": brief.seed,
            },
        }
        return request | ({"think": False} if self._thinks else {})

    def _written(self, request: Mapping[str, Any]) -> str:
        text, looked = "", 0
        for line in self._line.stream("/api/chat", request):
            part = self._line.parsed(line)
            if "error" in part:  # the stream had begun with 200, then its runner died
                raise Declined(500, self._line.hide(str(part["error"])))
            message = part.get("message")
            text += str(message.get("content") or "") if isinstance(message, dict) else ""
            if part.get("done"):
                break
            if len(text) > looked + LOOK:
                looked = len(text)
                if looping(text):
                    break
        return text

    def _told(self, declined: Declined, model: str) -> WriterAway | WriterLacks:
        said = declined.said
        if declined.status == 404 and "not found" in said and "model" in said:
            return self._unpulled(model)
        if "out of memory" in said or "system memory" in said:
            return WriterAway("writer_no_memory", writer=self.name, detail=said)
        if declined.status in (429, 503):
            return WriterAway("writer_busy", writer=self.name)
        return WriterAway("writer_error", writer=self.name, status=declined.status, detail=said)

    def _unpulled(self, model: str) -> WriterLacks:
        return WriterLacks("ollama_model", model=model, command=f"ollama pull {model}")

    def _size(self, model: str) -> int | None:
        """Bytes of a pulled model's file; None = it is not pulled."""
        return dict(self._listed("/api/tags", "size")).get(_full(model))

    def _running(self) -> list[tuple[str, int]]:
        """Our models that are loaded, with their bytes on cards."""
        ours = {_full(name) for name in (self._options.model, self._options.embed, self._options.vision) if name}
        return [(name, size) for name, size in self._listed("/api/ps", "size_vram") if name in ours]

    def listed(self) -> list[tuple[str, int]]:
        """Every model that the server has, with its bytes. Raises WriterAway."""
        return self._listed("/api/tags", "size")

    def _listed(self, path: str, key: str) -> list[tuple[str, int]]:
        try:
            models = self._line.get(path).get("models")
        except Declined as declined:
            raise self._told(declined, self._options.model) from declined
        if not isinstance(models, list | None):
            raise self._line.unlike(path)
        entries = [one for one in models or [] if isinstance(one, dict)]
        return [(str(one.get("name") or one.get("model")), int(one.get(key) or 0)) for one in entries]


def pulled(url: str, patience: str = "3s") -> list[str]:
    """The names of the models that a server has. Raises WriterAway where none answers in time."""
    options = Options.model_validate({"url": url, "model": "-", "timeout": patience, "total": patience})
    return [name for name, _ in Ollama(options).listed()]


def _full(model: str) -> str:
    """`qwen2.5` is `qwen2.5:latest`; a registry's port is no tag."""
    return model if ":" in model.rsplit("/", 1)[-1] else f"{model}:latest"


def build(options: Options, home: Home) -> Writer:
    """The writer; nobody is asked yet."""
    return Ollama(options)
