"""A repository of models as plain data, its folder in the cache, and the token that opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stockgen.keyring import secret


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """`sha256` "" = a small file that lies in the repository itself."""

    bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at one commit. `files`: path → size; `licence` as its card names it, "" = it names none.

    `made_from`: the repositories that its card says it is a fine-tune, merge or quantisation of.
    """

    source: str
    commit: str
    files: Mapping[str, RemoteFile]
    licence: str = ""
    licence_url: str = ""
    gated: bool = False
    made_from: tuple[str, ...] = ()


def token_of(environment: Mapping[str, str], kept: Path | None = None) -> str | None:
    """The token of the hub, `HF_TOKEN`, from wherever keys are; None = huggingface_hub's own login, if there is one."""
    return secret("HF_TOKEN", environment, kept) or None


def sweep(repository: Path) -> int:
    """Delete files of a repository that belong to no commit: what a broken download left. Return the bytes freed."""
    needed = {link.resolve() for link in repository.glob("snapshots/*/**/*") if link.is_symlink()}
    freed = 0
    for blob in repository.glob("blobs/*"):
        if blob.resolve() not in needed:
            freed += blob.stat().st_size
            blob.unlink()
    return freed


def repository_folder(cache: Path, source: str) -> Path:
    """Where a cache keeps a repository."""
    return cache / folder_name(source)


def folder_name(source: str) -> str:
    """What a cache calls a repository."""
    return f"models--{source.replace('/', '--')}"
