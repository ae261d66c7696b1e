"""Short words for asking whether ideas are new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stockgen.domain.words import Idea
from stockgen.pipeline.novelty import Novelty
from stockgen.writers.ollama import Ollama, Options
from tests.ledger.book import IDEA, NOW, Book
from tests.ollama import OllamaServer

MODEL = "all-minilm:latest"


def idea(title: str, prompt: str = "", korean: str = "") -> Idea:
    """An idea with this English title; its prompt is the title unless given."""
    return Idea(
        prompt=prompt or title, title={"en": title, "ko": korean or "사진"}, description=IDEA.description,
        tags=IDEA.tags, category=IDEA.category,
    )  # fmt: skip


class Log:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, dict[str, Any]]] = []

    def _keep(self, level: str) -> Callable[..., None]:
        return lambda event, /, **fields: self.events.append((level, event, fields))

    def __getattr__(self, level: str) -> Callable[..., None]:
        return self._keep(level)


class Desk:
    """A ledger, and whoever is asked about it; with a server's vectors if there is one."""

    def __init__(self, state: Path, server: OllamaServer | None = None) -> None:
        self.book = Book(state)
        self.log = Log()
        self.jobs = 0
        self.novelty = self.anew(server)

    def anew(self, server: OllamaServer | None = None, model: str = MODEL, name: str = "qwen2.5:14b") -> Novelty:
        """Another night."""
        options = {"url": server.url, "model": name, "embed": model, "timeout": "20s"} if server else {}
        writer = Ollama(Options.model_validate(options)) if server else None
        self.novelty = Novelty(self.book.ledger, writer, self.log)
        return self.novelty

    def near(self, title: str, prompt: str = "", korean: str = "") -> str | None:
        return self.novelty.near(idea(title, prompt, korean))

    def planned(self, *ideas: Idea | str) -> None:
        """A job of these, planned without anybody being asked."""
        self.jobs += 1
        given = [one if isinstance(one, Idea) else idea(one) for one in ideas]
        with self.book.ledger.atomic():  # one fsync for all
            self.book.job(f"j{self.jobs:04d}", len(given), ideas=given)

    def vectors(self) -> dict[str, tuple[int, bytes]]:
        """Prompt → (model, vector) of the ledger."""
        rows = self.book.ledger.query(
            "SELECT i.prompt, e.embedder_id, e.vector FROM embeddings e JOIN ideas i ON i.id = e.idea_id"
        )
        return {row["prompt"]: (row["embedder_id"], row["vector"]) for row in rows}


def meaning(*groups: str) -> Callable[[Sequence[str]], list[list[float]]]:
    """Vectors of a model that knows a few words: those of one group mean the same, and others nothing."""
    known = {word: at for at, group in enumerate(groups) for word in group.split()}

    def embed(texts: Sequence[str]) -> list[list[float]]:
        vectors = []
        for text in texts:
            vector = [0.0] * len(groups) + [0.05, 0.01]
            for word in text.casefold().replace(".", " ").split():
                if word in known:
                    vector[known[word]] = 1.0
            vectors.append(vector)
        return vectors

    return embed


__all__ = ["MODEL", "NOW", "Desk", "idea", "meaning"]
