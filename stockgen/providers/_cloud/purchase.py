"""What is bought, on disk: the order before it is sent, the answer as it comes, byte by byte.

A spool folder holds one purchase. `order.json` is there, durable, before the request leaves; `answer.part` grows with
every piece that arrives and becomes `answer.http` when the last one has. So whatever a crash leaves tells whether
something was ordered, and what had come of it: an answer that is whole is never bought again.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stockgen.domain.protocols import Fit
from stockgen.files import fsync_dir, translated, write_durably

ORDER = "order.json"
PART = "answer.part"
WHOLE = "answer.http"
_END = b"\n\n"  # between head and body


@dataclass(frozen=True, slots=True)
class Order:
    """One request: the shots that it is for, in the order in which pictures answer them, and what was asked.

    `request`: that of the first of them, which all share; `model`: of the catalogue; `quote`: of one picture.
    """

    shots: tuple[int, ...]
    provider: str
    model: str
    request: Mapping[str, Any]
    quote: int

    @classmethod
    def of(cls, batch: Sequence[Fit]) -> Self:
        """The order for a batch of one stack."""
        first = batch[0]
        shots = tuple(fit.shot.id for fit in batch)
        return cls(shots, first.provider, first.model, dict(first.request), first.quote)

    def write(self, spool: Path) -> None:
        """Make it durable, and let nothing that lies there pass for its answer. Raises StorageFull, StorageLost."""
        for name in (WHOLE, PART):
            with translated(spool / name):
                (spool / name).unlink(missing_ok=True)
        tree = {
            "shots": self.shots, "provider": self.provider, "model": self.model, "request": dict(self.request),
            "quote": self.quote,
        }  # fmt: skip
        write_durably(spool / ORDER, json.dumps(tree, ensure_ascii=False).encode())

    @classmethod
    def read(cls, spool: Path) -> Self | None:
        """The order of a folder; None = nothing was sent from it."""
        try:
            tree = json.loads((spool / ORDER).read_bytes())
            return cls(tuple(tree["shots"]), tree["provider"], tree["model"], tree["request"], tree["quote"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered, whole. `headers`: names in small letters; `body`: bytes as they came."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def tree(self) -> Any:
        """The body as JSON; None = it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @classmethod
    def read(cls, spool: Path) -> Self | None:
        """The answer that lies in a folder; None = none came, or not all of it."""
        for name in (WHOLE, PART):
            try:
                with (spool / name).open("rb") as file:  # by lines: a body of 60 MB is not held twice
                    head, found = file.readline(), file.readline() == b"\n"
                    answer = cls.opened(head, file.read())
            except (OSError, ValueError, KeyError, TypeError):
                continue
            if found and (name == WHOLE or answer.complete):
                return answer.unpacked
        return None

    @classmethod
    def opened(cls, head: bytes, body: bytes) -> Self:
        """An answer from how `Till` writes it. Raises ValueError, KeyError, TypeError for anything else."""
        tree = json.loads(head)
        return cls(int(tree["status"]), dict(tree["headers"]), body)

    @property
    def complete(self) -> bool:
        """Whether nothing of the body is missing, where nobody has said so: no beginning of a JSON text is one."""
        length = self.headers.get("content-length", "")
        return self.unpacked.tree() is not None or (length.isdigit() and len(self.body) == int(length))

    @property
    def unpacked(self) -> Self:
        """With a body that can be read, where a server packed it though it was asked not to."""
        if self.headers.get("content-encoding", "").strip().lower() not in ("gzip", "deflate"):
            return self
        try:
            body = zlib.decompress(self.body, zlib.MAX_WBITS | 32)  # 32: whichever of the two it is
        except zlib.error:
            return self
        return replace(self, headers={**self.headers, "content-encoding": ""}, body=body)


class Till:
    """Where the answer of one purchase is written as it comes; a context, which gives up what is not whole."""

    def __init__(self, spool: Path, status: int, headers: Mapping[str, str]) -> None:
        self._spool = spool
        part = spool / PART
        with translated(part):
            self._file = part.open("wb", buffering=0)
        head = {"status": status, "headers": {name.lower(): value for name, value in headers.items()}}
        self.add(json.dumps(head).encode() + _END)

    def add(self, piece: bytes) -> None:
        """Write a piece; once this returns it outlives this process, though not yet the computer."""
        with translated(self._spool / PART):
            left = memoryview(piece)
            while left:
                left = left[self._file.write(left) :]

    def whole(self) -> None:
        """Nothing more comes: make it outlive the computer. Raises StorageFull, StorageLost."""
        part = self._spool / PART
        with translated(part):
            os.fsync(self._file.fileno())
            self._file.close()
            part.replace(self._spool / WHOLE)
        fsync_dir(self._spool)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
