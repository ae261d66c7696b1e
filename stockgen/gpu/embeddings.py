"""Encoded prompts, kept: the text encoders need not come back for words that were read before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST = 256 << 20  # bytes: 400 prompts of SDXL with their negatives, or 120 of FLUX (0.6 and 2 MB each)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A prompt as tensors by name (None where there is none), and what there is to tell of it."""

    tensors: Mapping[str, Any]
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """Bytes of its tensors."""
        return sum(one.numel() * one.element_size() for one in self.tensors.values() if one is not None)

    def parked(self) -> Encoded:
        """The same in the computer's memory."""
        return Encoded({name: one if one is None else one.to("cpu") for name, one in self.tensors.items()}, self.told)


class Embeddings:
    """The last so many bytes of encoded prompts, in the computer's memory. `key`: model, words, all that counts."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Encoded] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Encoded | None:
        """What was kept under `key`; None = encode it."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Hashable, encoded: Encoded) -> Encoded:
        """Keep it; return what is kept, which lies in the computer's memory."""
        before, own = self._kept.pop(key, None), encoded.parked()
        self._kept[key] = own
        self._bytes += own.bytes - (before.bytes if before else 0)
        while self._bytes > self._most and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.bytes
        return own
