"""Text models behind the API that OpenAI made common: llama.cpp, LM Studio, vLLM, OpenAI itself, Gemini's end point."""

from __future__ import annotations

import base64
import os
import re
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from stockgen.answers.loops import looping
from stockgen.config.secrets import secret, shown
from stockgen.config.values import Address, Seconds
from stockgen.domain.errors import WriterAway, WriterLacks
from stockgen.domain.protocols import Brief, Home, Writer
from stockgen.writers._here import is_near
from stockgen.writers._http import Declined, Line

LOOK = 200  # characters between two looks for a loop
END = "[DONE]"
TRIES = 6  # one for each parameter that a server may not know, and one more
LETTERS = 3  # characters of a token, at least: Korean and JSON have fewer than English's four


SHOWN = "?"  # in place of a key that was written where its name should stand: it must not get into any message


def _name(value: Any) -> str:
    return str(value) if re.match(r"^([A-Z][A-Z0-9_]{0,63})?$", str(value)) else SHOWN


class Options(BaseModel):
    """What `writers: {openai_compatible: …}` may say; docs/writers.md has it in words.

    `url` ends where `/chat/completions` begins, mostly in `/v1`. `key`: the name of the key, not the key itself.
    `timeout`: seconds without a sign of life; `total`: for one whole answer, after which what has come is used.
    `context`: tokens of question and answer together; 0 = as many as the server likes. `vision`: whether it sees.
    `billed`: its owner knows that a server elsewhere may cost money, which nobody counts here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Address
    model: str = Field(min_length=1)
    key: Annotated[str, BeforeValidator(_name)] = ""
    timeout: Seconds = 120.0
    total: Seconds = 900.0
    context: int = Field(0, ge=0, le=10_000_000)
    embed: str = ""
    vision: bool = False
    billed: bool = False


class OpenaiCompatible:
    """One model of one server. What the server turns out not to take is not sent again."""

    def __init__(
        self,
        options: Options,
        environment: Mapping[str, str],
        monotonic: Callable[[], float] = time.monotonic,
        *,
        secrets: Path | None = None,
    ) -> None:
        self._secrets = secrets
        self.name = f"openai_compatible/{options.model}"
        self.sees = options.vision
        self.embeds = bool(options.embed)
        self._options = options
        self._environment = environment
        self._forms = ["json_schema", "json_object", ""]
        self._limit = "max_tokens"
        self._unknown: set[str] = set()
        self._line = Line(
            options.url,
            self.name,
            silence=options.timeout,
            total=options.total,
            headers=self._headers,
            monotonic=monotonic,
        )

    def missing(self) -> WriterLacks | None:
        """That its key is not there, or its model. Raises WriterAway where the server does not answer."""
        return self._lacking(self._options.model)

    def also_missing(self) -> Sequence[WriterLacks]:
        """Its model for likeness, where the server has none; it sees with the one that writes. Raises WriterAway."""
        lack = self._lacking(self._options.embed) if self._options.embed else None
        return [lack] if lack else []

    def write(self, brief: Brief) -> str:
        """The answer; one that runs into a loop is cut there. Raises WriterAway, WriterLacks."""
        self._ready(brief)
        for _ in range(TRIES):
            try:
                return self._written(self._request(brief))
            except Declined as declined:
                if declined.status not in (400, 422) or not self._learned(declined.said):
                    raise self._told(declined, self._options.model) from declined
        raise WriterAway("writer_error", writer=self.name, status=400, detail="")

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Vectors of the model `embed`. Raises WriterAway, WriterLacks."""
        model = self._options.embed
        if not model:
            raise WriterLacks("no_embedding", writer=self.name, texts=len(texts))
        if not texts:
            return []
        try:
            data = self._line.post("/embeddings", {"model": model, "input": list(texts)}).get("data")
        except Declined as declined:
            raise self._told(declined, model) from declined
        rows = [one for one in data or [] if isinstance(one, dict) and isinstance(one.get("embedding"), list)]
        vectors = [one["embedding"] for one in sorted(rows, key=lambda row: int(row.get("index") or 0))]
        if len(vectors) != len(texts) or len({len(one) for one in vectors}) != 1:
            raise self._line.unlike("embeddings")
        return vectors

    def on_card(self) -> int:
        """These servers don't tell; where one shares our card, it is seen as another program on it."""
        return 0

    def needs(self) -> int:
        """These servers load their model before we come."""
        return 0

    def release(self) -> None:
        """There is no such request in this API."""

    def _lacking(self, model: str) -> WriterLacks | None:
        """Its key or this model, where it is not there. Raises WriterAway."""
        lack = self._keyless()
        if lack is not None:
            return lack
        try:
            listed = self._line.get("/models").get("data")
        except Declined as declined:
            if declined.status in (404, 405):
                return None  # this server has no list; it will say at the first question
            told = self._told(declined, model)
            if isinstance(told, WriterLacks):
                return told
            raise told from declined
        names = [str(one.get("id")) for one in listed or [] if isinstance(one, dict)]
        known = {name.removeprefix("models/") for name in names}  # Gemini's list has the prefix, its names don't
        if not known or model.removeprefix("models/") in known:
            return None
        return WriterLacks("writer_model", writer=self.name, model=model, known=", ".join(sorted(known)[:8]))

    @property
    def _key(self) -> str:
        return secret(self._options.key, self._environment, self._secrets) if self._options.key else ""

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def _ready(self, brief: Brief) -> None:
        if brief.images and not self.sees:
            raise WriterLacks("writer_blind", writer=self.name)
        lack = self._keyless()
        if lack is not None:
            raise lack

    def _keyless(self) -> WriterLacks | None:
        if self._options.key == SHOWN:
            return WriterLacks("writer_key_shown", writer=self.name)
        if not (self._options.billed or is_near(self._options.url)):
            return WriterLacks("writer_may_cost", writer=self.name, url=self._options.url)
        open_file = shown(self._options.key, self._environment, self._secrets)
        if open_file:
            return WriterLacks("writer_key_open", writer=self.name, quoted=shlex.quote(str(open_file)))
        if self._options.key and not self._key:
            return WriterLacks("writer_key_missing", writer=self.name, key=self._options.key)
        return None

    def _request(self, brief: Brief) -> dict[str, Any]:
        content: Any = brief.text
        if brief.images:
            images = [{"type": "image_url", "image_url": {"url": _data_url(one)}} for one in brief.images]
            content = [{"type": "text", "text": brief.text}, *images]
        system = [{"role": "system", "content": brief.system}] if brief.system else []
        request: dict[str, Any] = {
            "model": self._options.model,
            "messages": [*system, {"role": "user", "content": content}],
            "stream": True,
            "temperature": brief.temperature,
            "seed": brief.seed,
            self._limit: self._longest(brief),
        }
        form = self._forms[0]
        if form == "json_schema" and brief.schema:
            schema = {"name": "answer", "schema": dict(brief.schema), "strict": False}
            request["response_format"] = {"type": form, "json_schema": schema}
        elif form:
            request["response_format"] = {"type": "json_object"}
        return {key: value for key, value in request.items() if key not in self._unknown}

    def _longest(self, brief: Brief) -> int:
        """Tokens left for the answer."""
        if not self._options.context:
            return brief.tokens
        question = (len(brief.text) + len(brief.system)) // LETTERS
        return max(1, min(brief.tokens, self._options.context - question))

    def _learned(self, said: str) -> bool:
        """Whether a refusal named something that can be left out or said otherwise."""
        text = said.casefold()
        if "max_completion_tokens" in text and self._limit == "max_tokens":
            self._limit = "max_completion_tokens"
            return True
        if len(self._forms) > 1 and any(
            word in text for word in ("response_format", "json_schema", "json_object", "grammar")
        ):
            del self._forms[0]
            return True
        named = [name for name in ("temperature", "seed", "stream") if name in text and name not in self._unknown]
        self._unknown.update(named[:1])
        return bool(named)

    def _written(self, request: Mapping[str, Any]) -> str:
        text, looked = "", 0
        unstreamed: list[str] = []
        for line in self._line.stream("/chat/completions", request):
            if not line.startswith("data:"):
                if not line.startswith((":", "event:", "id:", "retry:")):  # comments and names of events
                    unstreamed.append(line)
                continue
            data = line.removeprefix("data:").strip()
            if data == END:
                break
            text += self._said(data)
            if len(text) > looked + LOOK:
                looked = len(text)
                if looping(text):
                    break
        return text or (self._said("\n".join(unstreamed)) if unstreamed else "")

    def _said(self, data: str) -> str:
        part = self._line.parsed(data)
        if part.get("error"):
            error = part["error"]
            said = str(error.get("message", error) if isinstance(error, dict) else error)
            raise Declined(500, self._line.hide(said))
        return _text(part)

    def _told(self, declined: Declined, model: str) -> WriterAway | WriterLacks:
        status, said = declined.status, declined.said
        if status in (401, 403):
            return WriterLacks("writer_key_wrong", writer=self.name, key=self._options.key or "-")
        if status == 404 and "model" in said.casefold():
            return WriterLacks("writer_model", writer=self.name, model=model, known="-")
        if status == 400 and "context" in said.casefold():
            return WriterLacks("writer_context", writer=self.name, detail=said)
        if status in (429, 503):
            return WriterAway("writer_busy", writer=self.name)
        return WriterAway("writer_error", writer=self.name, status=status, detail=said)


def _text(part: Mapping[str, Any]) -> str:
    """What a piece of a stream, or a whole answer, says; some servers send it in parts of their own."""
    choices = part.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    said = choice.get("delta") or choice.get("message") or {}
    content = said.get("content") if isinstance(said, dict) else None
    if isinstance(content, list):
        return "".join(str(one.get("text") or "") for one in content if isinstance(one, dict))
    return str(content or "")


def _data_url(image: bytes) -> str:
    kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"


def build(options: Options, home: Home) -> Writer:
    """The writer; nobody is asked yet."""
    return OpenaiCompatible(options, os.environ, secrets=home.secrets)
