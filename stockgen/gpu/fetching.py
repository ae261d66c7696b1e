"""One file from an address of the catalogue: a broken download goes on, and only what has the right sum is used."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stockgen.data.catalog import Model, Weights
from stockgen.domain.errors import NotPulled
from stockgen.files import make_folders, why
from stockgen.gpu.weights import Pulled, WeightsIndex

if TYPE_CHECKING:
    from requests import Response

FOLDER = "files"  # in the folder of the index
PIECE = 1 << 20  # bytes
TIMEOUT = (15.0, 60.0)  # seconds to connect, and without a byte
PARTIAL = 206
TOO_FAR = 416  # nothing lies behind what is asked for


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What pulling one file means. `target`: where it will lie; `bytes` of it; `coming`: those that are not here."""

    model: Model
    source: str
    sum: str
    target: Path
    bytes: int
    coming: int


class Addresses:
    """Fetches files into a folder. `again`: the command that a person is told to type once what was in the way is
    mended.

    Every method raises NotPulled with a sentence of what to do.
    """

    def __init__(self, again: str, index: WeightsIndex) -> None:
        self.again = again
        self._index = index

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._index.folder / FOLDER

    def planned(self, model: Model, weights: Weights) -> FilePlan | None:
        """What is to be fetched; None = it is all here."""
        target = self.folder / f"{model.name}{Path(urlsplit(weights.source).path).suffix}"
        kept = self._index.pulled(model.name)
        if kept and _size(Path(kept.path)) == kept.bytes and weights.sum in ("", kept.revision):
            return None
        begun = _size(partial(target))
        with self._asked(weights.source, begun) as answer:
            whole = _whole(answer, begun) or weights.bytes
        return FilePlan(model, weights.source, weights.sum, target, whole, max(0, whole - begun))

    def carry_out(self, plan: FilePlan, told: Callable[[int], None]) -> Pulled:
        """Fetch what is planned; it is written down only when it is there, whole. `told`: bytes since the last call."""
        with self._storage():
            make_folders(plan.target.parent)
            with partial(plan.target).open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # of two that pull the same, the second finds it here
                self._fetch(plan, told)
                found = self._judged(plan)
                os.fsync(file.fileno())
                partial(plan.target).replace(plan.target)
        pulled = Pulled(str(plan.target), found, plan.target.stat().st_size)
        self._index.record(plan.model.name, pulled)
        return pulled

    def removed(self, model: Model) -> int:
        """Forget a model and delete its file, and what a broken download left of it. Return the bytes freed."""
        kept = self._index.pulled(model.name)
        self._index.forget(model.name)
        files = [Path(kept.path)] if kept else []
        freed = 0
        for file in [*files, *self.folder.glob(f"{model.name}.*")]:
            freed += _size(file)
            file.unlink(missing_ok=True)
        return freed

    def _fetch(self, plan: FilePlan, told: Callable[[int], None]) -> None:
        path = partial(plan.target)
        begun = _size(path)
        with self._asked(plan.source, begun) as answer, path.open("r+b") as file:
            if answer.status_code == TOO_FAR:
                return
            file.seek(begun if answer.status_code == PARTIAL else 0)
            file.truncate()  # one that can't go on begins anew
            for piece in answer.iter_content(PIECE):
                file.write(piece)
                told(len(piece))

    def _judged(self, plan: FilePlan) -> str:
        """The sum of what has come. What is not as the catalogue says is thrown away."""
        path = partial(plan.target)
        kind, _, wanted = (plan.sum or "sha256:").partition(":")
        found = _digest(path, kind)
        if (wanted and found != wanted) or (plan.bytes and path.stat().st_size != plan.bytes):
            path.unlink()
            raise NotPulled("hub_damaged", source=plan.source, file=plan.target.name, command=self.again)
        return f"{kind}:{found}"

    @contextmanager
    def _asked(self, source: str, begun: int) -> Iterator[Response]:
        """The answer to a wish for what lies behind `begun` bytes; nothing of it is read yet."""
        import requests

        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begun}-"} if begun else {})
        try:
            with requests.get(source, headers=headers, stream=True, timeout=TIMEOUT) as answer:
                if any(not each.url.startswith("https://") for each in (*answer.history, answer)):
                    raise NotPulled("address_open", source=source)
                if not answer.ok and answer.status_code != TOO_FAR:
                    status = answer.status_code
                    raise NotPulled("address_trouble", source=source, status=status, command=self.again)
                yield answer
        except requests.RequestException as error:
            raise NotPulled("address_unreachable", source=source, command=self.again) from error

    @contextmanager
    def _storage(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno is None:
                raise
            raise NotPulled("hub_storage", path=str(self.folder), detail=why(error), command=self.again) from error


def partial(target: Path) -> Path:
    """Where a file grows until it is whole."""
    return target.with_name(f"{target.name}.incomplete")


def _whole(answer: Response, begun: int) -> int:
    """Bytes of the whole file, 0 = it is not told."""
    told = answer.headers.get("Content-Range", "").rpartition("/")[2]
    if told.isdecimal():
        return int(told)
    if answer.status_code == TOO_FAR:
        return begun
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else 0


def _digest(path: Path, kind: str) -> str:
    digest = hashlib.new(kind, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
