"""The same promises of every writer: Ollama, OpenAI's API, answers from a file, and a chain of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stockgen.domain.protocols import Home, Writer
from stockgen.pipeline.writer_chain import WriterChain
from stockgen.writers import canned, ollama, openai_compatible
from tests.ollama import OllamaServer
from tests.ollama.vectors import letters
from tests.writers import contract

NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there


def build(kind: str, url: str, folder: Path) -> Writer:
    home = Home(folder, folder / "secrets")
    full = {"model": "qwen2.5:14b", "embed": "nomic-embed-text:latest", "timeout": "20s"}
    if kind == "ollama":
        return ollama.build(ollama.Options(url=url, vision="qwen2.5:14b", **full), home)
    if kind == "ollama_words_only":
        return ollama.build(ollama.Options(url=url, model="qwen2.5:14b"), home)
    if kind == "openai":
        return openai_compatible.build(openai_compatible.Options(url=f"{url}/v1", vision=True, **full), home)
    if kind == "openai_words_only":
        return openai_compatible.build(openai_compatible.Options(url=f"{url}/v1/", model="qwen2.5:14b"), home)
    if kind == "canned":
        if url != NOWHERE:
            (folder / "answers.txt").write_text(contract.ANSWER, encoding="utf-8")
        return canned.build(canned.Options(answers=Path("answers.txt")), home)
    return WriterChain([build(name, url, folder) for name in ("canned", "openai", "ollama")], lambda: 0.0)


KINDS = ("ollama", "ollama_words_only", "openai", "openai_words_only", "canned", "chain")


@pytest.fixture(params=KINDS)
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Writer]:
    with OllamaServer(answers=contract.ANSWER, embed=letters) as server:
        yield build(request.param, server.url, tmp_path)


def test_it_is_ready_and_writes(writer: Writer) -> None:
    contract.is_ready_and_writes(writer)


def test_it_measures_or_says_that_it_can_not(writer: Writer) -> None:
    contract.measures_or_says_that_it_can_not(writer)


def test_it_looks_or_says_that_it_can_not(writer: Writer) -> None:
    contract.looks_or_says_that_it_can_not(writer)


def test_it_tells_of_the_card(writer: Writer) -> None:
    contract.tells_of_the_card(writer)


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_server_it_fails_with_nothing_but_our_errors(kind: str, tmp_path: Path) -> None:
    contract.fails_with_nothing_but_our_errors(build(kind, NOWHERE, tmp_path))
